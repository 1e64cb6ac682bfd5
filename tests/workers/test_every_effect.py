"""Every effect in a store, at every call that changes something, meets every fault.

Never points without their reward, never a reward without its points, never two. The
table is made of what there is: a new kind of reward, or a new document that changes
something in a store, fails here until it has its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest

from app.platforms.shopify.admin_api import document_text
from app.storage.database import Database
from tests.builders.line import TestLine
from tests.builders.open_store import served
from tests.builders.shown_store import Shop, hear_of
from tests.test_shopify_app import DOCUMENTS
from tests.workers.interruptions import FAULTS, Effect, Fault, watched
from tests.workers.page_effects import MembersShown, StoreSetUp
from tests.workers.reward_effects import (
    DOCUMENTS_OF,
    KINDS,
    SAMPLES,
    CardEndedInPart,
    CreditTakenOff,
    RewardEnded,
    RewardGivenUp,
    RewardMade,
)

# Documents that change something of which it does not matter how often.
NO_EFFECT = {
    "begin_bulk": "has the store write a file that is read; another is another reading",
    "make_subscription": "a second one for the same address is refused by the store",
}


EFFECTS: list[Effect] = [
    *(how(kind) for kind in KINDS for how in (RewardMade, RewardEnded, RewardGivenUp)),
    CardEndedInPart(),
    CreditTakenOff(),
    MembersShown(),
    StoreSetUp(),
]


# Where no call changes anything, none can be done without our knowing it.
TABLE = [
    (effect, fault)
    for effect in EFFECTS
    for fault in FAULTS
    if effect.documents or fault is Fault
    if fault not in effect.spared
]


@pytest.fixture(scope="module")
def sites(
    new_database_url: Callable[[], str],
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Shop]]:
    """A store for the rows of each kind.

    In one for all of them, each row would fold anew what Ada did in those before it.
    """
    with ExitStack() as opened:

        @cache
        def site_of(kind: str) -> Shop:
            home = tmp_path_factory.mktemp("effects")
            database = Database(new_database_url())
            return opened.enter_context(_opened(database, redis_url, home))

        yield site_of


@contextmanager
def _opened(database: Database, redis_url: str, home: Path) -> Iterator[Shop]:
    """A store that is open to the app, where Ada is known; in the end all holds."""
    line = TestLine(database, redis_url, home)
    with served(home / "shop") as opened:
        made = Shop(line, opened)
        made.open()
        made.setting_up.work()
        assert made.store
        line.store = made.store
        hear_of(made, opened.ada.id)
        yield made
        assert (None, []) == (line.audit(), line.violations())
        made.close()
    assert [] == line.against_rules()
    line.close()
    database.close()


def test_every_document_that_changes_something_has_a_row_or_a_reason_for_none():
    """And so has every kind of reward that a store makes."""
    changing = {
        path.stem
        for path in DOCUMENTS.iterdir()
        if document_text(path.stem).startswith("mutation")
    }
    rows = {document for effect in EFFECTS for document in effect.documents}

    assert rows | NO_EFFECT.keys() == changing
    assert not rows & NO_EFFECT.keys()
    assert [*SAMPLES] == [*DOCUMENTS_OF] == KINDS


@pytest.mark.parametrize(("effect", "fault"), TABLE, ids=lambda one: one.name)
def test_an_effect_happens_once_whatever_comes_between(
    sites: Callable[[str], Shop], effect: Effect, fault: type[Fault]
):
    site = sites(effect.kind)
    for document in effect.documents[fault.at]:
        effect.arrange(site)
        with watched(effect, site) as calls:
            met = fault(calls)
            met.run(document)
        # Without a fault its calls are those that its row says.
        if fault is Fault:
            assert set(calls.changing) >= set(effect.documents)
        effect.catch_up(site)
        met.check()
    if not effect.documents:
        effect.arrange(site)
        with watched(effect, site) as calls:
            effect.work(site)
        assert calls.changing == []
        effect.check(site)
