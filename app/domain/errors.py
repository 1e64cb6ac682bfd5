"""Operating errors: what goes wrong outside, each explained by its docstring."""


class TallymarkError(Exception):
    """Something outside Tallymark went wrong."""

    def __init__(self, message: str | None = None) -> None:
        """Say `message`, or what the class's docstring says."""
        super().__init__(message or (type(self).__doc__ or "").strip())


class UnreadableMessage(TallymarkError):
    """The message cannot be understood, and trying again will not help."""


class OfAnotherRelease(TallymarkError):
    """Another release of this app wrote the message, and can understand it."""


class InvalidProgram(TallymarkError):
    """The programme document has mistakes; each is listed with its place."""


class ProgramOvertaken(TallymarkError):
    """Somebody has saved a newer version of the programme: look at that one first."""


class UnknownStore(TallymarkError):
    """No store with that domain is installed: add it with `tallymark store add`."""


class UnknownMember(TallymarkError):
    """No such customer has been seen in that store."""


class UnknownRedemption(TallymarkError):
    """There is no such redemption, or none that this can be done with."""


class UnknownReferral(TallymarkError):
    """There is no such referral."""


class UnknownOrder(TallymarkError):
    """No such order has been seen in that store."""


class PromiseNotKept(TallymarkError):
    """The seed is not the promised one: give TALLYMARK_SECRET_KEY its former value."""


class SettingsMissing(TallymarkError):
    """Settings are missing from the environment."""


class MigratedThroughPooler(TallymarkError):
    """The tables are old: migrate by a MIGRATION_DATABASE_URL past the pooler."""


class BrokenLedger(TallymarkError):
    """The ledger does not add up: run `tallymark verify` to see where."""
