"""The languages in which shoppers are told of a programme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def sentence(
    tag: str, code: str, values: Mapping[str, Any], english: str | None = None
) -> str:
    """Return the sentence of a code with its values, in English where one lacks it.

    What is not of us brings its English with it. Raises KeyError where nobody knows it.

    >>> sentence("de", "store_away", {}), sentence("de", "of.others", {}, "Grow a tree")
    ('der Shop war nicht zu erreichen', 'Grow a tree')
    """
    language, fallback = LANGUAGES[tag], LANGUAGES[ENGLISH]
    if code in language.sentences:
        return language.say(language.sentences[code], values)
    return fallback.say(english or fallback.sentences[code], values)
