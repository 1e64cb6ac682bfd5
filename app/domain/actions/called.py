"""What an action is called that is known by the name of its reports alone."""

from __future__ import annotations

from app.domain.actions import ACTION_RULES


def called(action: str, language: str) -> str:
    """Return what shoppers read of an action.

    >>> called("social-mastodon", "en"), called("review", "de"), called("walk-in", "de")
    ('Follow us on Mastodon', 'Eine Bewertung schreiben', 'Walk in')
    """
    rules = (kind.of_action(action) for kind in ACTION_RULES)
    rule = next((each for each in rules if each), None)
    return rule.name(language) if rule else action.replace("-", " ").capitalize()
