"""Two releases at once: one takes the other's place under load, and gives it back."""

from __future__ import annotations

from itertools import pairwise, product

from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from app.jobs import QUEUE
from tests.faults.conftest import Shop
from tests.faults.releases import LATER, THIS, deploy_and_roll_back
from tests.faults.sender import ANSWER_S

# Of connections that an old web process had not taken when it ended, the system tells
# the store that they are broken; it delivers again.
BROKEN_MAX = 10
BROKEN = {"ConnectionResetError", "RemoteDisconnected"}

# The bells of one are answered by the other; without, the clock would be all there is.
EFFECT_P50_S_MAX = 1.0
EFFECT_S_MAX = 10.0

_EFFECTS = """
    select extract(epoch from finished_at - received_at)::float8 from inbox
    where domain = %(domain)s order by 1
"""


def test_two_releases_side_by_side_lose_nothing_and_nobody_waits(shop: Shop):
    crossed: set[tuple[str, str]] = set()
    failed = _failed(shop)

    shop.sell_during(lambda: crossed.update(deploy_and_roll_back(shop.site)))

    assert {} == shop.wrong()
    # Each worked on what the other had kept.
    assert set(product((THIS, LATER), repeat=2)) == crossed
    assert failed == _failed(shop)
    answers = list(shop.journal.read())
    others = [each.answer for each in answers if each.answer != 200]
    assert set(others) <= BROKEN
    assert len(others) <= BROKEN_MAX
    kept_at = sorted(each.at for each in answers if each.answer == 200)
    assert ANSWER_S > max(after - before for before, after in pairwise(kept_at))
    effects = [took for (took,) in shop.site.rows(_EFFECTS, domain=shop.domain)]
    assert effects[len(effects) // 2] < EFFECT_P50_S_MAX
    assert effects[-1] < EFFECT_S_MAX


def _failed(shop: Shop) -> set[str]:
    """The jobs on which a worker failed."""
    with shop.site.redis_client() as client:
        registry = FailedJobRegistry(QUEUE, client, serializer=JSONSerializer)
        return set(registry.get_job_ids(cleanup=False))
