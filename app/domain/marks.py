"""Marks by which one person is known again: normal forms, which are only kept hashed.

A mark is a text such as `phone/151234567`; whoever keeps it makes a keyed hash of it.
"""

from __future__ import annotations

import re
import unicodedata

# Providers who deliver to the same box whatever follows a plus.
_PLUS = frozenset(
    "fastmail.com gmail.com hotmail.com icloud.com live.com mac.com mailbox.org me.com "
    "msn.com outlook.com posteo.de proton.me yandex.com zoho.com".split()
)
# Of these, dots make no difference either.
_DOTS = frozenset(("gmail.com", "proton.me"))
_OTHER_NAMES = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
    "ya.ru": "yandex.com",
    "yandex.ru": "yandex.com",
}
# As many digits as tell a subscriber with or without the country's code.
_PHONE_DIGITS = 9
_PHONE_DIGITS_MIN = 7
_STREETS = {
    "avenue": "ave",
    "boulevard": "blvd",
    "court": "ct",
    "drive": "dr",
    "lane": "ln",
    "platz": "pl",
    "road": "rd",
    "square": "sq",
    "straat": "str",
    "strasse": "str",
    "street": "st",
}
# German and Dutch write these together with the name.
_ENDINGS = ("platz", "straat", "strasse")
# What stands before the number of a dwelling, in the languages of many stores, and how
# that number may be written; two parts of one must end what stands between commas.
_DWELLING_WORDS = (
    "apartamento apartement apartment appartement appt apt apto boite bte bus flat int "
    "interno room rm ste suite top tur unit whg wohnung wohnungsnr wohnungsnummer"
).replace(" ", "|")
_SIGNS = "#|no|nr|number|nummer"
_NUMBER = (
    r"(?P<number>[0-9]+ [a-z](?= ,|$)|[a-z] [0-9]+(?= ,|$)"
    r"|[0-9]+[a-z]?(?!\S)|[a-z][0-9]*(?!\S))"
)
_DWELLING = re.compile(rf"(?<!\S)(?:#|{_DWELLING_WORDS})(?: (?:{_SIGNS}))* {_NUMBER}")
_LONE_NUMBER = re.compile(rf"(?:(?:{_SIGNS}) )*{_NUMBER}")
_GLUED = re.compile(rf"(?<!\S)({_DWELLING_WORDS}|{_SIGNS})(?=[0-9])")


def mail_mark(email: str | None) -> str | None:
    """Return the box that a mail address is delivered to.

    >>> mail_mark("A.da+shop@GoogleMail.com"), mail_mark("a.da+shop@example.com")
    ('mail/ada@gmail.com', 'mail/a.da+shop@example.com')
    """
    box, at, domain = _plain(email).rpartition("@")
    if not (box and at and domain):
        return None
    domain = _OTHER_NAMES.get(domain, domain)
    if domain in _PLUS:
        box = box.partition("+")[0] or box
    if domain in _DOTS:
        box = box.replace(".", "") or box
    return f"mail/{box}@{domain}"


def phone_mark(phone: str | None) -> str | None:
    """Return the last digits of a phone number, however it is written.

    >>> phone_mark("+49 (0)151 2345-678"), phone_mark("0151 2345678"), phone_mark("12")
    ('phone/512345678', 'phone/512345678', None)
    """
    digits = "".join(each for each in _plain(phone) if each.isdecimal())
    if len(digits) < _PHONE_DIGITS_MIN:
        return None
    return f"phone/{digits[-_PHONE_DIGITS:]}"


def address_mark(
    line: str | None, more: str | None, postcode: str | None, country: str | None
) -> str | None:
    """Return street, dwelling, postcode and country, with usual words in full or short.

    The number of a dwelling may be in either line, and either may be the street. All
    else of the second line is left out: it is made up too easily.

    >>> address_mark("1, Élm Street", "c/o Ada", "K2H 7A8", "ca")
    'address/1elmst/k2h7a8/ca'
    >>> address_mark("Hauptstraße 5", "Whg. 04", "10115", "DE")
    'address/hauptstr5/10115/de/4'
    >>> address_mark("Flat 4b, 1 Elm St", None, "AB1", "GB")
    'address/1elmst/ab1/gb/4b'
    """
    (first, number), (second, other) = _parted(line), _parted(more)
    if first and not other and (lone := _LONE_NUMBER.fullmatch(second)):
        other = lone["number"]
    street = "".join(map(_shortened, re.findall("[a-z0-9]+", first or second)))
    code = "".join(re.findall(r"[a-z0-9]+", _unaccented(postcode)))
    if not (street and code):
        return None
    whole = f"address/{street}/{code}/{_plain(country)}"
    dwelling = re.sub("(?<![0-9])0+(?=[0-9])", "", (number or other).replace(" ", ""))
    return f"{whole}/{dwelling}" if dwelling else whole


def _parted(line: str | None) -> tuple[str, str]:
    """Return the words of a line without its dwelling, and that one's number."""
    told = re.sub("[;/\n]", ",", _unaccented(line))
    words = re.sub("[^a-z0-9#,]+", " ", re.sub("([#,])", r" \1 ", told)).strip()
    words = _GLUED.sub(r"\1 ", words)
    found = _DWELLING.search(words)
    if found is None:
        return words.strip(" ,"), ""
    rest = f"{words[: found.start()]} {words[found.end() :]}"
    return rest.strip(" ,"), found["number"]


def _shortened(word: str) -> str:
    ending = next((each for each in _ENDINGS if word.endswith(each)), word)
    return word.removesuffix(ending) + _STREETS.get(ending, ending)


def payment_mark(
    company: str | None, number: str | None, *more: str | int | None
) -> str | None:
    """Return a card as far as the store may tell it: who issued it, its last digits.

    >>> payment_mark("Visa", "•••• •••• •••• 4242", 2, 2030)
    'payment/visa/4242/2/2030'
    >>> payment_mark("Visa", None)
    """
    digits = "".join(each for each in _plain(number) if each.isdecimal())
    if not (company and digits):
        return None
    known = [str(each) for each in more if each is not None]
    return "/".join(["payment", _plain(company), digits, *known])


def device_mark(device: str) -> str:
    """Return the mark of a browser, by the id that it made up for itself."""
    return f"device/{device}"


def _plain(text: str | None) -> str:
    return unicodedata.normalize("NFKC", text or "").strip().casefold()


def _unaccented(text: str | None) -> str:
    apart = unicodedata.normalize("NFKD", _plain(text))
    return "".join(each for each in apart if not unicodedata.combining(each))
