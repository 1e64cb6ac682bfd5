"""German."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from app.domain.languages.german_reasons import REASONS
from app.domain.languages.language import Language
from app.domain.languages.symbols import SYMBOLS
from app.domain.money import Money

_MONTHS = (
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
).split()
_DAYS = "montags dienstags mittwochs donnerstags freitags samstags sonntags".split()
# Keeps a number and its unit on one line.
_SPACE = "\u00a0"


class German(Language):
    """Says all in German, to shoppers whom the widget calls “du”."""

    name: ClassVar[str] = "Deutsch"
    point_forms: ClassVar[str] = "# Punkt|# Punkte"
    time_forms: ClassVar[str] = "einmal|#-mal"
    last_day: ClassVar[str] = "einschließlich #"
    days_of_week: ClassVar[Sequence[str]] = _DAYS
    percents: ClassVar[str] = f"#{_SPACE}%"
    thousands: ClassVar[str] = "."
    decimal_point: ClassVar[str] = ","
    conjunction: ClassVar[str] = "und"
    disjunction: ClassVar[str] = "oder"
    quotes: ClassVar[tuple[str, str]] = ("„", "“")

    sentences: ClassVar[Mapping[str, str]] = {
        **REASONS,
        "part.earning": "So sammelst du Punkte",
        "part.more": "Noch mehr Punkte",
        "part.waiting": "Ab wann du sie einlösen kannst",
        "part.expiry": "Wie lange Punkte gelten",
        "part.returns": "Wenn du etwas zurückgibst",
        "part.rewards": "Was du für Punkte bekommst",
        "part.friends": "Freunde werben",
        "part.tiers": "Stufen",
        "earn": "Du bekommst {what}.",
        "while_they_last": "solange der Vorrat reicht",
        "stacking.offers": "Angebote",
        "stacking.offers_and_tiers": "Angebote und Stufen",
        "stacking.add": (
            "gelten mehrere {what} gleichzeitig, werden sie zusammengezählt."
        ),
        "stacking.multiply": (
            "gelten mehrere {what} gleichzeitig, werden sie miteinander multipliziert."
        ),
        "stacking.best": (
            "gelten mehrere {what} gleichzeitig, zählt nur der größte Vorteil."
        ),
        "stacking.no_bonus": "Extrapunkte für eine Bestellung werden nie vervielfacht.",
        "counting.tax": "Steuern",
        "counting.shipping": "Versandkosten",
        "counting.gift_cards": "den Kauf von Gutscheinen",
        "counting.nothing": "Für {what:listed} gibt es keine Punkte.",
        "counting.products": "Für Produkte {which} gibt es keine Punkte.",
        "limits.order": "Punkte gibt es für Bestellungen ab {least:money}.",
        "limits.an_order": "{points:points} je Bestellung",
        "limits.a_day": "{points:points} am Tag",
        "limits.in_all": "{points:points} insgesamt",
        "limits.most": "Bestellungen bringen dir höchstens {limits:listed}.",
        "limits.actions": "Solche Aktionen bringen dir höchstens {limits:listed}.",
        "waiting.paid": (
            "Du kannst deine Punkte einlösen, sobald die Bestellung bezahlt ist."
        ),
        "waiting.fulfilled": (
            "Du kannst deine Punkte einlösen, sobald die Bestellung versandt ist."
        ),
        "waiting.paid_for": (
            "Du kannst deine Punkte einlösen, sobald die Bestellung seit "
            "{days:plural einem Tag|# Tagen} bezahlt ist."
        ),
        "waiting.fulfilled_for": (
            "Du kannst deine Punkte einlösen, sobald die Bestellung seit "
            "{days:plural einem Tag|# Tagen} versandt ist."
        ),
        "expiry.never": "Punkte verfallen nie.",
        "expiry.after": (
            "Punkte verfallen {months:plural # Monat|# Monate}, nachdem du sie "
            "gesammelt hast{rounded}."
        ),
        "expiry.inactive": (
            "Punkte verfallen, wenn du {months:plural # Monat|# Monate} lang nichts "
            "getan hast{rounded}."
        ),
        "expiry.kept": (
            "Eine bezahlte Bestellung, eine eingelöste Prämie oder eine Aktion von dir "
            "hält sie gültig."
        ),
        "expiry.exact": "",
        "expiry.month_end": ", und zwar am Ende des Monats",
        "expiry.fixed_day": ", und zwar am Ende des nächsten {on:yearly}",
        "returns.unlimited": (
            "Gibst du etwas zurück, werden die Punkte dafür wieder abgezogen; hast du "
            "sie schon ausgegeben, werden sie mit deinen nächsten Punkten verrechnet."
        ),
        "returns.within_balance": (
            "Gibst du etwas zurück, werden die Punkte dafür wieder abgezogen, soweit "
            "du sie noch hast."
        ),
        "returns.only_pending": (
            "Gibst du etwas zurück, bevor du die Punkte dafür einlösen kannst, werden "
            "sie wieder abgezogen; danach behältst du sie."
        ),
        "returns.undone": (
            "Fällt durch eine Rückgabe {what:either} weg, werden die Punkte dafür "
            "in jedem Fall abgezogen; hast du sie schon ausgegeben, werden sie mit "
            "deinen nächsten Punkten verrechnet."
        ),
        "undone.card": "eine volle Stempelkarte",
        "undone.challenge": "eine geschaffte Aufgabe",
        "undone.tier": "eine Stufe",
        "all": "{words:listed}",
        "or": "{one} oder {other}",
        "either": "{words:either}",
        "products.tagged": "mit dem Tag {tags:quoted}",
        "products.of_collections": (
            "aus {collections:plural einer ausgewählten Kollektion|"
            "# ausgewählten Kollektionen}"
        ),
        "products.chosen": "aus unserer Auswahl",
        "conditions.products": "für Produkte {which}",
        "conditions.order_of": "von Produkten {which}",
        "conditions.amount": "ab {least:money}",
        "conditions.order": "bei deiner {order:ordinal} Bestellung",
        "conditions.orders_from": "ab deiner {order:ordinal} Bestellung",
        "conditions.orders_to": "bis zu deiner {order:ordinal} Bestellung",
        "conditions.orders": (
            "von deiner {first:ordinal} bis zu deiner {last:ordinal} Bestellung"
        ),
        "conditions.channels": "beim Einkauf {channels:either}",
        "conditions.weekdays": "{days:weekdays}",
        "conditions.tiers": "in der Stufe {tiers:either}",
        "conditions.customers": "für ausgewählte Kunden",
        "conditions.starts": "ab {at:day}",
        "conditions.ends": "bis {at:end}",
        "channel.web": "online",
        "channel.pos": "in unserem Laden",
        "channel.other": "über {name}",
        "reward.buys": "Für {points:points}: {what}.",
        "reward.only_tiers": "nur für die Stufe {only_tiers:either}",
        "reward.only_customer_tags": "nur für ausgewählte Kunden",
        "reward.only_after_orders": (
            "nach {only_after_orders:plural "
            "# bezahlten Bestellung|# bezahlten Bestellungen}"
        ),
        "reward.order_amount_min": "für Bestellungen ab {order_amount_min:money}",
        "reward.per_member_max": "{per_member_max:times} je Mitglied",
        "reward.stock": "solange der Vorrat reicht: insgesamt {stock:number}",
        "reward.starts_at": "ab {starts_at:day}",
        "reward.ends_at": "bis {ends_at:end}",
        "reward.valid_days": (
            "einzulösen innerhalb von {valid_days:plural # Tag|# Tagen}"
        ),
        "reward.unused_returns": (
            "die Punkte kommen nicht zurück, wenn du es nicht nutzt"
        ),
        "reward.back_whole": (
            "die Punkte kommen nur zurück, wenn du die ganze Bestellung zurückgibst"
        ),
        "reward.back_never": (
            "die Punkte kommen nicht zurück, wenn du die Bestellung zurückgibst"
        ),
        "action.titled": "„{title}“",
        "action.gift": "{points:points} für {what}",
        "action.per_day": ", höchstens {times:times} am Tag",
        "action.per_member": "{times:plural , einmalig|, höchstens #-mal insgesamt}",
        "action.approved": ", sobald der Shop zugestimmt hat",
        "birthday.known": "wenn wir ihn dann seit {days:plural # Tag|# Tagen} kennen",
        "birthday.tier": (
            "Zum Geburtstag gibt es Punkte, wenn wir ihn dann seit "
            "{days:plural # Tag|# Tagen} kennen."
        ),
        "brought.points": "{points:points}",
        "brought.reward": "die Prämie „{reward}“ kostenlos",
        "card.item": "{brings} für {stamps:plural jeden|je #} Artikel",
        "card.visit": "{brings} für {stamps:plural jede Bestellung|je # Bestellungen}",
        "card.of": "{card} {which}",
        "card.with": "{card} mit Artikeln {which}",
        "card.amount": "{card} ab {least:money} je Bestellung",
        "card.told": "{card} („{title}“).",
        "challenge.told": "{brings} für „{title}“{window}: {steps}.",
        "challenge.starts": " ab {at:day}",
        "challenge.ends": " bis {at:end}",
        "challenge.steps": "{done:number} von {target:number}",
        "surprise.always": "Nach {occasion} gibt es immer {brings} („{title}“){most}.",
        "surprise.sometimes": (
            "Nach {occasion} gibt es ab und zu {brings} („{title}“){most}."
        ),
        "surprise.order": "einer Bestellung",
        "surprise.order_with": "einer Bestellung mit Artikeln {which}",
        "surprise.amount": "{occasion} ab {least:money}",
        "surprise.any_action": "einer Aktion",
        "surprise.action": "der Aktion „{action}“",
        "surprise.times": ", höchstens {times:times} je Mitglied",
        "referral.order": "erste Bestellung",
        "referral.order_from": "erste Bestellung ab {least:money}",
        "referral.paid": (
            "Du bekommst {points:points} für jede geworbene Person, deren {order} "
            "bezahlt ist{gift}."
        ),
        "referral.stands": (
            "Du bekommst {points:points} für jede geworbene Person, deren {order} "
            "{days:plural # Tag|# Tage} lang Bestand hat{gift}."
        ),
        "referral.gift": "; sie bekommt {gift}",
        "referral.valid": ", einzulösen innerhalb von {days:plural # Tag|# Tagen}",
        "referral.most": (
            "Punkte gibt es für höchstens "
            "{friends:plural # geworbene Person|# geworbene Personen} im Monat."
        ),
        "tier.told": "Stufe {tier}.",
        "tier.for": "{tier}, für {way}",
        "tier.brings": "{tier}: {perks:listed}",
        "tier.rolling": "{needs} innerhalb von {months:plural # Monat|# Monaten}",
        "tier.calendar_year": "{needs} innerhalb eines Kalenderjahres",
        "tier.membership": (
            "eine gekaufte Mitgliedschaft von {months:plural # Monat|# Monaten}"
        ),
        "tier.subscription": (
            "ein Abo ({months:plural # Monat|# Monate} mit jeder Zahlung)"
        ),
        "tier.invited": "eine Einladung von uns",
        "tier.earn_times": "{times:number}-fache Punkte",
        "tier.percent_off": "{percent:percent} Rabatt auf jede Bestellung",
        "tier.ships_free": "kostenloser Versand",
        "tier.entry_points": "{points:points} einmalig zur Begrüßung",
        "tier.birthday_points": "{points:points} zum Geburtstag",
        "tier.returns": "Was du zurückgibst, zählt nicht mehr für deine Stufe.",
        "tier.falls": (
            "Erfüllst du eine Stufe nicht mehr, bist du in der Stufe, die du erfüllst."
        ),
        "tier.one_down": (
            "Erfüllst du eine Stufe nicht mehr, gehst du "
            "{days:plural jeden Tag|alle # Tage} eine Stufe nach unten."
        ),
        "tier.kept": (
            "Erfüllst du eine Stufe nicht mehr, behältst du sie noch "
            "{days:plural # Tag|# Tage}."
        ),
        "tier.granted": (
            "Endet {what:either}, behältst du die Stufe dafür noch "
            "{days:plural # Tag|# Tage}."
        ),
        "granted.membership": "deine Mitgliedschaft",
        "granted.subscription": "dein Abo",
        "granted.invitation": "deine Einladung",
        "tier.next": "{missing} bis {tier}",
        "tier.stay": "{missing} bis zum {at:day}, um {tier} zu behalten",
        "history.order": "Bestellung {number}",
        "history.adjust": "Korrektur durch den Shop",
        "history.redeem": "Prämie",
        "history.refund": "Prämie zurückgegeben",
        "history.stamps": "Stempelkarte",
        "history.challenge": "Aufgabe",
        "history.gift": "Überraschung",
        "history.referral": "Erste Bestellung einer geworbenen Person",
        "history.tier-birthday": "Geburtstag",
        "history.tier": "Geschenk einer Stufe",
        "earning.purchase.in_words": "{rate:points} je {unit:money} Einkaufswert",
        "earning.multiplier.in_words": "{times:number}-fache Punkte{conditions}",
        "earning.bonus.in_words": "{points:points} extra{conditions}",
        "earning.bonus.with_order": (
            "{points:points} extra bei einer Bestellung{conditions}"
        ),
        "earning.bonus.keep": (
            " (du behältst sie alle, wenn du nur einen Teil davon zurückgibst)"
        ),
        "earning.bonus.all_or_nothing": (
            " (alle werden abgezogen, wenn du etwas davon zurückgibst)"
        ),
        "reward.amount_off.name": "{amount:money} Rabatt",
        "reward.percent_off.name": "{percent:percent} Rabatt",
        "reward.free_shipping.name": "Kostenloser Versand",
        "reward.free_product.name": "Ein kostenloses Produkt",
        "reward.points_as_money.name": "{amount:money} Rabatt je {step:points}",
        "reward.points_as_money.points_max": "höchstens {points_max:points} auf einmal",
        "reward.points_as_money.order_share_max": (
            "für höchstens {order_share_max:percent} einer Bestellung"
        ),
        "reward.store_credit.name": "{amount:money} Guthaben",
        "reward.gift_card.name": "Gutschein über {amount:money}",
        "reward.goods.name": "Eine Prämie vom Shop",
        "reward.goods.agreed": "sobald der Shop zugestimmt hat",
        "reward.goods.slots": (
            "an einem Termin nach Wahl, zu stornieren bis "
            "{cancel_hours:plural # Stunde|# Stunden} vorher"
        ),
        "reward.service.name": "{service}",
        "reward.donation.name": "{amount:money} für {cause}",
        "reward.giveaway_entry.name": "Ein Los für {prize}",
        "action.joining.name": "Ein Kundenkonto eröffnen",
        "action.joining.deed": "das Eröffnen eines Kundenkontos",
        "action.birthday.name": "Dein Geburtstag",
        "action.birthday.deed": "deinen Geburtstag",
        "action.anniversary.name": "Jahrestag deines Beitritts",
        "action.anniversary.deed": "jedes Jahr seit deinem Beitritt",
        "action.newsletter.name": "Den Newsletter abonnieren",
        "action.newsletter.deed": "das Abonnieren des Newsletters",
        "action.social.name": "Uns auf {network} folgen",
        "action.social.deed": "das Folgen auf {network}",
        "action.review.name": "Eine Bewertung schreiben",
        "action.review.deed": "das Schreiben einer Bewertung",
        "action.survey.name": "Eine Umfrage ausfüllen",
        "action.survey.deed": "das Ausfüllen einer Umfrage",
        "action.event.name": "Eine Veranstaltung besuchen",
        "action.event.deed": "den Besuch einer Veranstaltung",
        "action.custom.name": "{name}",
        "action.custom.deed": "„{name}“",
        "step.orders.in_words": "{orders:plural # Bestellung|# Bestellungen} aufgeben",
        "step.orders.with": (
            "{orders:plural # Bestellung|# Bestellungen} mit Artikeln {which} aufgeben"
        ),
        "step.spend.in_words": "für {amount:money} einkaufen",
        "step.spend.with": "für {amount:money} Artikel {which} kaufen",
        "step.spend.so_far": "{done:money} von {target:money}",
        "step.action.in_words": "{action}{times:plural |, #-mal}",
        "tier.spending.in_words": "{amount:money} Einkaufswert",
        "tier.spending.missing": "noch {amount:money} Einkaufswert",
        "tier.points.in_words": (
            "{points:plural # gesammelten Punkt|# gesammelte Punkte}"
        ),
        "tier.points.missing": "noch {points:points}",
        "tier.orders.in_words": "{orders:plural # Bestellung|# Bestellungen}",
        "tier.orders.missing": "noch {orders:plural # Bestellung|# Bestellungen}",
        "tier.engagement.in_words": "eine Wertung von {score:number}",
        "tier.engagement.counted": "eine Wertung von {score:number} ({parts:listed})",
        "tier.engagement.missing": (
            "noch {score:plural # Wertungspunkt|# Wertungspunkte}"
        ),
        "tier.engagement.per_order": "{score:number} für jede Bestellung",
        "tier.engagement.per_amount": "{score:number} je {unit:money} Einkaufswert",
        "tier.engagement.per_point": "{score:number} für jeden gesammelten Punkt",
        "tier.engagement.per_action": (
            "{score:number} für jede Aktion, die Punkte gebracht hat"
        ),
    }

    def money(self, value: Money) -> str:
        """Return, for example, `1.200,00 €`, or `5,00 CHF` without a sign."""
        sign = SYMBOLS.get(value.currency, value.currency)
        return f"{self.digits(value.amount)}{_SPACE}{sign}"

    def ordinal(self, value: int) -> str:
        """Return, for example, `2.`."""
        return f"{self.number(value)}."

    def day(self, at: datetime) -> str:
        """Return a day, with the time unless that is midnight."""
        time = "" if (at.hour, at.minute) == (0, 0) else f", {at:%H:%M} Uhr"
        return f"{self.day_of_year(at)} {at.year}{time}"

    def day_of_year(self, on: date) -> str:
        """Return, for example, `31. Dezember`."""
        return f"{on.day}. {_MONTHS[on.month - 1]}"
