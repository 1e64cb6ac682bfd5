"""The languages in which shoppers are told why something cannot be had."""

from __future__ import annotations

from app.domain.languages.english import English
from app.domain.languages.german import German
from app.domain.languages.language import Language

ENGLISH = "en"
LANGUAGES: dict[str, Language] = {ENGLISH: English(), "de": German()}


def language_of(tag: str | None) -> str:
    """Return our language for the tag of a page, English where we lack it.

    >>> language_of("de-AT"), language_of("DE_de"), language_of("pl"), language_of(None)
    ('de', 'de', 'en', 'en')
    """
    primary = (tag or "").replace("_", "-").partition("-")[0].lower()
    return primary if primary in LANGUAGES else ENGLISH
