"""What would run as script, or change a page, if it were not taken as text."""

from __future__ import annotations

from typing import Any

from tests.builders.shopify import ADA, a_line, an_order

# As long as a name may be.
ATTACKS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror='window.hacked=1'>",
    "<svg onload=window.hacked=1>",
    "\"><iframe srcdoc='<script>parent.hacked=1</script>'>",
    "</style><style>*{display:none}</style>",
    "{{ 7 * 7 }}{% include 'x' %}${7*7}",
    "' autofocus onfocus=window.hacked=1 x='",
    "javascript:window.hacked=1",
)
# Run in a page before all else.
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""


def messages(attack: str, number: int) -> list[tuple[str, Any]]:
    """What a store says of an order, its buyer and its goods, in every text of it."""
    person = dict.fromkeys(("first_name", "last_name", "note", "phone", "tags"), attack)
    place = dict.fromkeys(("name", "address1", "city", "country", "company"), attack)
    ada = ADA | person | {"default_address": place}
    line = a_line(
        "40.00",
        id=110 + number,
        product_id=210 + number,
        **dict.fromkeys(("title", "name", "sku", "vendor", "variant_title"), attack),
    )
    said = ("name", "note", "tags", "source_name", "landing_site")
    order = an_order(
        line,
        id=5100 + number,
        customer=ada,
        billing_address=place,
        discount_codes=[{"code": attack, "amount": "0.00", "type": "fixed_amount"}],
        **dict.fromkeys(said, attack),
    )
    at = f"2026-11-01T10:00:{number:02}Z"
    product = dict.fromkeys(("title", "body_html", "vendor", "product_type"), attack)
    told = {"id": 210 + number, "tags": attack, "variants": [], "updated_at": at}
    tagged = {
        "customerId": "gid://shopify/Customer/7001",
        "tags": [attack],
        "occurredAt": at,
    }
    return [
        ("products/update", product | told),
        ("customers/update", ada | {"updated_at": at}),
        ("orders/paid", order),
        ("customer.tags_added", tagged),
    ]
