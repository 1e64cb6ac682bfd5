"""A person is known again by an address, however its words are written."""

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
]
# One dwelling in ways that people have to write it, in the first line or the second.
FIRST = ["{}, Apt {}", "{} #{}", "{}; Apartment No. {}", "{} Whg.{}", "{} / Unit {}"]
BEFORE = ["Flat {1}, {0}", "Apt #{1} {0}", "Whg. Nr. {1}, {0}"]
SECOND = ["Apt {}", "apt. #{}", "#{}", "Wohnung Nr. {}", "Whg {}", "{}", "Suite 0{}"]
SECOND += ["c/o Ada, Apt{}", "Unit {} / 2nd floor", "Appt. {}", "No. {}", "Top {}"]
STREETS = st.text("abcdemnorsuäöü", min_size=2).map(lambda name: f"{name} Street 12")
NUMBERS = st.from_regex("[1-9][0-9]{0,2}[a-d]?", fullmatch=True)


@given(
    name=st.text("abcdemnorsuäöü", min_size=1),
    ending=st.sampled_from(ENDINGS),
    number=st.integers(1, 999),
)
def test_an_ending_in_full_and_a_short_one_are_the_same_street(name, ending, number):
    full, short = (
        address_mark(f"{name}{each} {number}", None, "10115", "DE") for each in ending
    )

    assert full == short != address_mark(f"{name}{ending[0]} 1000", None, "10115", "DE")


@given(street=STREETS, number=NUMBERS, data=st.data())
def test_a_dwelling_is_the_same_however_and_wherever_it_is_written(
    street, number, data
):
    ways = [(way.format(street, number), None) for way in FIRST + BEFORE]
    ways += [(street, way.format(number)) for way in SECOND]
    ways += [(f"Apt {number}", street), (street, f"Apt {number.upper()}")]
    one, other = data.draw(st.lists(st.sampled_from(ways), min_size=2, max_size=2))

    assert _mark(*one) == _mark(*other) != _mark(street)


@given(street=STREETS, numbers=st.lists(NUMBERS, min_size=2, max_size=2, unique=True))
def test_two_dwellings_of_one_house_are_two_addresses(street, numbers):
    one, other = (_mark(street, f"Apt {number}") for number in numbers)

    assert one != other


@given(street=STREETS, more=st.sampled_from(["c/o Ada", "2nd floor", "ring twice", ""]))
def test_what_names_no_dwelling_makes_no_other_house(street, more):
    assert _mark(street) == _mark(street, more) is not None


def test_words_of_a_street_that_look_like_those_of_a_dwelling_stay():
    streets = "12 Flats Lane", "12 Unit Street", "12 Topham Rd", "No. 12 Suite Square"
    marks = {_mark(street) for street in streets}

    assert len(streets) == len(marks)
    assert all(mark.endswith("/ab12cd/gb") for mark in marks)


def test_a_letter_beside_the_number_may_stand_apart_from_it():
    ways = "Apt 4b", "Apt. 4 B", "#4-B", "4 b", "Whg 04b"

    assert 1 == len({_mark("12 Mill Lane", way) for way in ways})
    assert _mark("12 Mill Lane", "Flat B4") == _mark("Flat B 4, 12 Mill Lane")


def _mark(line, more=None):
    return address_mark(line, more, "AB1 2CD", "GB")
