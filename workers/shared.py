"""What we remember of the discounts that many codes of a store hang on."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.redemptions import common_code
from app.platforms.shopify.shared_discounts import SharedDiscounts
from app.storage import shared_discounts
from app.storage.database import Database
from app.storage.stores import Store


@dataclass(frozen=True)
class KeptDiscounts(SharedDiscounts):
    """Remembers in the database, in a transaction of its own each time.

    Nothing is lost with what it forgets: the store finds it by its first code.
    """

    database: Database
    store: Store
    secret_key: str = field(repr=False)

    def first_code(self, terms: str) -> str:
        """Return the code that the discount of these terms is made with."""
        return common_code(self.secret_key, self.store.store_id, terms)

    def find(self, terms: str) -> str | None:
        """Return what the store calls the discount, None where none is known."""
        with self.database.program(self.store.program_id) as connection:
            return shared_discounts.find(connection, self.store, terms)

    def keep(self, terms: str, store_ref: str) -> None:
        """Remember what the store calls the discount."""
        with self.database.program(self.store.program_id) as connection:
            shared_discounts.keep(connection, self.store, terms, store_ref)

    def forget(self, terms: str) -> None:
        """Forget a discount that is not there any more."""
        with self.database.program(self.store.program_id) as connection:
            shared_discounts.forget(connection, self.store, terms)
