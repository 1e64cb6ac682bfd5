"""The points that an app may spend in a store: they run out and come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.sandbox.settings import Plan
from app.sandbox.store_data import Rows


@dataclass(frozen=True)
class Bucket:
    """The points that one app has left, as they were at a moment."""

    plan: Plan
    app: str
    left: float
    at: datetime

    def taken(self, points: float) -> Bucket:
        """Return it with so many fewer points; below nothing they are given back."""
        left = min(self.plan.most, self.left - points)
        return Bucket(self.plan, self.app, left, self.at)

    def status(self) -> dict[str, float]:
        """Say how full it is, as the store tells the app."""
        return {
            "maximumAvailable": self.plan.most,
            "currentlyAvailable": float(int(self.left)),
            "restoreRate": self.plan.each_second,
        }


def look(rows: Rows, plan: Plan, app: str, now: datetime) -> Bucket:
    """Return an app's bucket with what has come back since it was last used."""
    saved = rows.setting(_named(app), None)
    if not isinstance(saved, dict):
        return Bucket(plan, app, plan.most, now)
    waited_s = (now - datetime.fromisoformat(saved["at"])).total_seconds()
    left = saved["left"] + max(0.0, waited_s) * plan.each_second
    return Bucket(plan, app, min(plan.most, left), now)


def keep(rows: Rows, bucket: Bucket) -> None:
    """Keep what is left."""
    kept = {"left": bucket.left, "at": bucket.at.isoformat()}
    rows.save_setting(_named(bucket.app), kept)


def _named(app: str) -> str:
    return f"points of {app}"
