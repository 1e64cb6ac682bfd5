"""A person is known again by an address, however its ending is written."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.marks import address_mark

ENDINGS = [
    ("straße", "str."),
    ("Strasse", "STR"),
    (" Straße", "-Str."),
    ("platz", "pl."),
    ("straat", "str"),
    (" Street", " St."),
    (" AVENUE", " ave"),
    (" Road", " Rd"),
    (" Lane Apartment 7", " Ln, Apt 7"),
]


@given(
    name=st.text("abcdemnorsuäöü", min_size=1),
    ending=st.sampled_from(ENDINGS),
    number=st.integers(1, 999),
)
def test_an_ending_in_full_and_a_short_one_are_the_same_street(name, ending, number):
    full, short = (
        address_mark(f"{name}{each} {number}", "10115", "DE") for each in ending
    )

    assert full == short != address_mark(f"{name}{ending[0]} 1000", "10115", "DE")
