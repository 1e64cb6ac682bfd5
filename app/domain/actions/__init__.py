"""The kinds of actions that earn: one file a kind, listed here."""

from app.domain.actions.anniversary import Anniversary
from app.domain.actions.base import Action, ActionRule, Most, State
from app.domain.actions.birthday import Birthday
from app.domain.actions.custom import Custom
from app.domain.actions.event import Event
from app.domain.actions.joining import Joining
from app.domain.actions.newsletter import Newsletter
from app.domain.actions.reported import Reported
from app.domain.actions.review import Review
from app.domain.actions.social import Social
from app.domain.actions.survey import Survey

ACTION_RULES: tuple[type[ActionRule], ...] = (
    Joining,
    Birthday,
    Anniversary,
    Newsletter,
    Social,
    Review,
    Survey,
    Event,
    Custom,
)

__all__ = [
    "ACTION_RULES",
    "Action",
    "ActionRule",
    "Anniversary",
    "Birthday",
    "Custom",
    "Event",
    "Joining",
    "Most",
    "Newsletter",
    "Reported",
    "Review",
    "Social",
    "State",
    "Survey",
]
