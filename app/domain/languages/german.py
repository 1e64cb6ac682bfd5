"""German."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from app.domain.languages.language import Language

_MONTHS = (
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
).split()


class German(Language):
    """Says reasons in German, to shoppers whom the widget calls “du”."""

    sentences: ClassVar[Mapping[str, str]] = {
        "not_yet_offered": "zu haben ab {at:day}",
        "offered_no_more": "zu haben war das bis {at:end}",
        "for_other_tiers": "nur für Mitglieder mit der Stufe {tiers:listed}",
        "for_other_customers": "nur für Kunden mit dem Tag {tags:quoted}",
        "too_few_orders": "nur für Mitglieder ab {orders:orders}",
        "had_so_often": "jedes Mitglied kann das {times:times} haben",
        "none_left": "davon ist nichts mehr da",
        "no_dates": "dafür gibt es keine Termine",
        "no_date_chosen": "wähle einen der Termine",
        "no_date_left": "alle Termine sind vergeben oder vorbei",
        "not_its_date": "am {at:day} gibt es keinen Termin",
        "date_is_over": "der Termin am {at:day} ist vorbei",
        "date_is_full": "der Termin am {at:day} ist ausgebucht",
        "too_few_points": "{points:points} zu wenig",
        "worth_too_little": "so wenige Punkte sind weniger wert als die kleinste Münze",
        "other_price": "das kostet {points:points}",
        "below_least": "mindestens {points:points} auf einmal",
        "above_most": "höchstens {points:points} auf einmal",
        "not_in_steps": "Punkte gehen in Schritten von {step:number}",
        "no_such_reward": "die Prämie gibt es nicht mehr",
        "taken_already": "das hast du schon genommen",
        "card_not_full": "diese Stempelkarte ist noch nicht voll",
        "challenge_not_done": "diese Aufgabe ist noch nicht geschafft",
        "not_won": "das hast du nicht gewonnen",
        "not_agreed": "der Shop hat nicht zugestimmt",
        "no_answer_in_time": "der Shop hat nicht vor dem Termin geantwortet",
        "gift_refused": "vom Shop abgelehnt",
        "cancelled": "storniert",
        "not_used_in_time": "nicht rechtzeitig eingelöst",
        "was_used": "vor dem Ende noch eingelöst",
        "card_was_used": "der Gutschein ist schon benutzt: was noch darauf ist, bleibt",
        "store_not_open": "der Shop lässt uns noch keine Prämien erstellen",
        "not_allowed": "der Shop lässt uns keine Prämien dieser Art erstellen",
        "store_away": "der Shop war nicht zu erreichen",
        "store_has_left": "der Shop macht bei dem Programm nicht mehr mit",
        "said_not_made": "der Shop sagt, dass er sie nicht erstellt hat",
        "discount_ended": "der Shop hat diesen Rabatt beendet",
        "product_not_sold": "der Shop verkauft dieses Produkt nicht",
        "code_not_fit": "der Code eines Gutscheins hat 8 bis 20 Buchstaben und Ziffern",
        "customer_forgotten": "das Kundenkonto ist gelöscht",
        "no_friends_codes": "dieser Shop nimmt keine Codes von Freunden",
        "code_of_nobody": "den Code hat niemand: vergleiche ihn mit dem deiner Freunde",
        "own_code": "das ist dein eigener Code: gib ihn Freunden",
        "ordered_before": "du hast schon bestellt: er ist für die erste Bestellung",
        "brought_before": "dich hat schon jemand anders geworben",
        "code_refused": "der Shop hat ihn abgelehnt: frage dort nach",
    }

    def number(self, value: int) -> str:
        """Return a whole number as people write it."""
        return f"{value:,}".replace(",", ".")

    def points(self, value: int) -> str:
        """Return so many points."""
        return f"{self.number(value)} {'Punkt' if value == 1 else 'Punkte'}"

    def orders(self, value: int) -> str:
        """Return so many paid orders, as they stand in their sentence."""
        what = "bezahlten Bestellung" if value == 1 else "bezahlten Bestellungen"
        return f"{self.number(value)} {what}"

    def times(self, value: int) -> str:
        """Return how often."""
        return f"{self.number(value)}-mal"

    def day(self, at: datetime) -> str:
        """Return a day, with the time unless that is midnight."""
        time = "" if (at.hour, at.minute) == (0, 0) else f", {at:%H:%M} Uhr"
        return f"{at.day}. {_MONTHS[at.month - 1]} {at.year}{time}"

    def end(self, at: datetime) -> str:
        """Return the moment before which something holds, or its last day."""
        if (at.hour, at.minute) != (0, 0):
            return self.day(at)
        return f"einschließlich {self.day(at - timedelta(days=1))}"

    def listed(self, names: Iterable[str]) -> str:
        """Return all of some names."""
        *most, last = names
        return f"{', '.join(most)} oder {last}" if most else last

    def quoted(self, names: Iterable[str]) -> str:
        """Return names of which any will do."""
        return " oder ".join(f"„{name}“" for name in sorted(names))
