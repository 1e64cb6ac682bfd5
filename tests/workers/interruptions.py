"""What comes between a call of a store and our note of it, whatever the call is."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import requests

from app.access import Access
from app.config import Settings
from app.platforms.base import StoreAway
from app.platforms.shopify.admin_api import AdminApi, document_text
from app.platforms.shopify.scopes import SCOPES
from app.platforms.shopify.tokens import TokenEndpoint, Tokens
from tests.builders import dying
from tests.builders.shown_store import Shop

Call = Callable[[], requests.Response]
FIRST, EACH, LAST = slice(1), slice(None), slice(-1, None)


class Effect(ABC):
    """What the app does in a store, so that it happens once, whatever else does.

    `documents` are those of its calls that change something there, in their order.
    """

    name: str
    # What it is done to; a store in which much was done to one thing answers slowly.
    kind: str
    documents: tuple[str, ...]
    # So often is it looked at again, before nothing is left to do.
    looks = 2
    # Faults that would be a second one beside the one that the effect is about.
    spared: tuple[type[Fault], ...] = ()

    @abstractmethod
    def arrange(self, site: Shop) -> None:
        """Have it be due, once more."""

    @abstractmethod
    def carry_out(self, settings: Settings, way: Access) -> None:
        """Be a new worker that does what is due."""

    @abstractmethod
    def free(self, site: Shop) -> None:
        """Let leases and waits end."""

    @abstractmethod
    def check(self, site: Shop) -> None:
        """Raise unless it has happened, once, and its points are where they belong."""

    def check_denied(self, site: Shop) -> None:
        """Do the same where the store did not allow some of it for a time."""
        self.check(site)

    def before(self, site: Shop, document: str) -> None:  # noqa: B027
        """Do what people do just before a call, where that is part of it."""

    def work(self, site: Shop) -> None:
        """Be a new worker, in this process."""
        self.carry_out(site.settings, site.way)

    def catch_up(self, site: Shop) -> None:
        """Be the workers that come after."""
        for _ in range(self.looks):
            self.free(site)
            self.work(site)


@dataclass
class Calls:
    """The calls of an effect that change something, and what meets one of them."""

    effect: Effect
    site: Shop
    changing: list[str] = field(default_factory=list)
    document: str = ""
    meets: Callable[[Call], requests.Response] | None = None

    def made(self, document: str, call: Call) -> requests.Response:
        """Make a call, or what becomes of it."""
        if document_text(document).startswith("mutation"):
            self.changing.append(document)
        if self.meets is None or document != self.document:
            return self._after_people(document, call)
        meets, self.meets = self.meets, None
        return meets(lambda: self._after_people(document, call))

    def _after_people(self, document: str, call: Call) -> requests.Response:
        self.effect.before(self.site, document)
        return call()


@contextmanager
def watched(effect: Effect, site: Shop) -> Iterator[Calls]:
    """Watch every call of the Admin API in this process."""
    calls, sent = Calls(effect, site), AdminApi._sent

    def watch(
        self: AdminApi, document: str, body: Mapping[str, object], token: str
    ) -> requests.Response:
        return calls.made(document, lambda: sent(self, document, body, token))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(AdminApi, "_sent", watch)
        yield calls


class Fault:
    """Something that comes in between, at one call; here nothing does."""

    name = "nothing"
    # At which of an effect's calls it is another matter.
    at = LAST

    def __init__(self, calls: Calls) -> None:
        self.calls, self.effect, self.site = calls, calls.effect, calls.site

    def run(self, document: str) -> None:
        """Have a worker do what is due, while this happens at a call."""
        self.calls.document, self.calls.meets = document, self.meet
        self.effect.work(self.site)
        assert self.calls.meets is None, f"{document} was not asked for"

    def meet(self, call: Call) -> requests.Response:
        """Make the call, and what is wrong with it."""
        return call()

    def check(self) -> None:
        """Raise unless all is as it has to be once nothing is left to do."""
        self.effect.check(self.site)


class KilledBefore(Fault):
    """Kill -9 between our note of what is to be done and the call."""

    name = "killed between intent and call"
    # Before any other call there is what there was after the one before it.
    at = FIRST
    is_after = False

    def run(self, document: str) -> None:
        """Have a process of its own die there, and nobody else do it yet."""
        place = dying.Place(document, self.is_after)
        effect, site = self.effect, self.site
        dying.dies_at(
            place,
            effect.carry_out,
            site.settings,
            lambda called: effect.before(site, called),
        )
        changed = len(self.calls.changing)
        effect.work(site)
        assert len(self.calls.changing) == changed, "its lease has not ended"


class KilledBetween(KilledBefore):
    """Kill -9 between the store's answer and our record."""

    name = "killed between call and record"
    at = EACH
    is_after = True


class AnswerLost(Fault):
    """A time-out after the store has committed."""

    name = "time-out after commit"
    at = EACH

    def meet(self, call: Call) -> requests.Response:
        """Have it done, and hear nothing of it."""
        call()
        raise StoreAway("ReadTimeout")


class DoneTwice(Fault):
    """The same job, all of which another worker does just before this call."""

    name = "duplicate job"
    at = EACH

    def meet(self, call: Call) -> requests.Response:
        """Have it done by another worker first."""
        self.effect.free(self.site)
        self.effect.work(self.site)
        return call()


class TokenExpired(Fault):
    """The token ends midway, right before this call."""

    name = "token expired midway"

    def meet(self, call: Call) -> requests.Response:
        """Ask with a token that is over."""
        self.site.shop.store.app.expire_tokens()
        return call()


class BothRenew(Fault):
    """Two workers at the same job, whose token has ended, renew it at once."""

    name = "two workers renew at once"

    def run(self, document: str) -> None:
        """Have both come to their end, and the tokens be renewed once."""
        self._errors: list[BaseException] = []
        renewals, renewed = [], TokenEndpoint.renewed

        def counted(self: TokenEndpoint, url: str, refresh: str) -> Tokens:
            renewals.append(url)
            return renewed(self, url, refresh)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TokenEndpoint, "renewed", counted)
            super().run(document)
            self._other.join(30)
        assert not self._other.is_alive()
        assert self._errors == []
        assert len(renewals) == 1

    def meet(self, call: Call) -> requests.Response:
        """Have another worker begin while this one asks in vain."""
        self.site.shop.store.app.expire_tokens()
        self.effect.free(self.site)
        self._other = threading.Thread(target=self._work)
        self._other.start()
        return call()

    def _work(self) -> None:
        try:
            self.effect.work(self.site)
        except BaseException as error:
            self._errors.append(error)


class ScopesTakenBefore(Fault):
    """The owner takes what the app may do away, before anything is changed."""

    name = "scopes taken before the first call"
    at = FIRST

    def run(self, document: str) -> None:
        """Have others be refused as well, until all of it is allowed again."""
        super().run(document)
        self.effect.free(self.site)
        self.effect.work(self.site)
        self.site.shop.store.app.set_scopes(SCOPES)

    def meet(self, call: Call) -> requests.Response:
        """Be refused, and whatever is asked after that."""
        self.site.shop.store.app.set_scopes([])
        return call()

    def check(self) -> None:
        """A refusal may be the end of it, where nothing is there then."""
        self.effect.check_denied(self.site)


class ScopesTakenBetween(ScopesTakenBefore):
    """The owner takes them away between a change and the next call, whatever it is."""

    name = "scopes taken between two calls"
    at = EACH

    def meet(self, call: Call) -> requests.Response:
        """Have it done, and be refused whatever is asked after that."""
        answer = call()
        self.site.shop.store.app.set_scopes([])
        return answer


FAULTS = (
    Fault,
    KilledBefore,
    KilledBetween,
    AnswerLost,
    DoneTwice,
    TokenExpired,
    BothRenew,
    ScopesTakenBefore,
    ScopesTakenBetween,
)
