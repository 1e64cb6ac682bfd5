"""What the headers of a message say, of either family, whatever is in them."""

from datetime import UTC, datetime

import pytest

from app.platforms.shopify import Shopify
from app.platforms.shopify.platform import normal_domain


@pytest.mark.parametrize("family", ["x-shopify-", "shopify-"])
def test_the_headers_of_both_families_say_the_same(family):
    told = Shopify().delivery(
        {
            f"{family}shop-domain": " Test.MyShopify.com/",
            f"{family}topic": "Orders/Paid ",
            f"{family}webhook-id": "d1",
            f"{family}event-id": "e1",
            f"{family}triggered-at": "2026-11-01T10:00:00.123456789Z",
        }
    )

    assert ("test.myshopify.com", "orders/paid") == (told.domain, told.topic)
    assert ("d1", "e1") == (told.delivery_id, told.event_id)
    assert datetime(2026, 11, 1, 10, 0, 0, 123456, UTC) == told.triggered_at


def test_no_headers_say_nothing():
    told = Shopify().delivery({})

    assert ("", "", None, None, None) == (
        told.domain,
        told.topic,
        told.delivery_id,
        told.event_id,
        told.triggered_at,
    )


@pytest.mark.parametrize("time", ["soon", "", "2026-11-01T10:00:00", "9" * 5000, "\0"])
def test_a_time_that_is_none_is_not_known(time):
    assert Shopify().delivery({"x-shopify-triggered-at": time}).triggered_at is None


def test_a_domain_is_kept_in_one_way_of_writing():
    assert 1 == len({normal_domain(each) for each in ("A.b.", "a.B/", " a.b ")})
