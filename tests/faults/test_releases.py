"""Two releases at once: one takes the other's place under load, and gives it back."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, product

from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from app.jobs import QUEUE
from tests.faults.bounds import ANSWERED_S_MAX, EFFECT_P50_S_MAX, EFFECT_S_MAX
from tests.faults.conftest import Shop
from tests.faults.releases import LATER, THIS, Deployed, deploy_and_roll_back

# Of connections that an old web process had not taken when it ended, the system tells
# the store that they are broken; it delivers again.
BROKEN_MAX = 10
BROKEN = {"ConnectionResetError", "RemoteDisconnected"}

_EFFECTS = """
    select extract(epoch from finished_at - received_at)::float8 from inbox
    where domain = %(domain)s order by 1
"""


def test_two_releases_side_by_side_lose_nothing_and_nobody_waits(shop: Shop):
    deployed: list[Deployed] = []
    failed = _failed(shop)

    shop.sell_during(lambda: deployed.append(deploy_and_roll_back(shop.site)))

    assert {} == shop.wrong()
    # Each worked on what the other had kept.
    assert set(product((THIS, LATER), repeat=2)) == deployed[0].crossed
    assert all(deployed[0].ended), "some had to be killed"
    assert failed == _failed(shop)
    answers = list(shop.journal.read())
    told = Counter(each.answer for each in answers)
    assert set(told) <= {200, 503, *BROKEN}
    assert sum(told[each] for each in BROKEN) <= BROKEN_MAX
    # A slow machine has stores come again as well, but not most of them.
    assert told[503] < told[200] / 10
    kept_at = sorted(each.at for each in answers if each.answer == 200)
    assert ANSWERED_S_MAX > max(after - before for before, after in pairwise(kept_at))
    effects = [took for (took,) in shop.site.rows(_EFFECTS, domain=shop.domain)]
    assert effects[len(effects) // 2] < EFFECT_P50_S_MAX
    assert effects[-1] < EFFECT_S_MAX


def _failed(shop: Shop) -> set[str]:
    """The jobs on which a worker failed."""
    with shop.site.redis_client() as client:
        registry = FailedJobRegistry(QUEUE, client, serializer=JSONSerializer)
        return set(registry.get_job_ids(cleanup=False))
