"""django-hordak: transfers from an equity account to a customer's, one by one.

Each is a transaction row and two legs, checked by the package's own database triggers,
in a transaction of its own. It runs in an environment of its own: Django is not ours.
"""

from __future__ import annotations

import os
import sys
import time

import django
from django.conf import settings

CUSTOMERS = 1_000

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "mptt", "hordak"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PEER_DATABASE"],
            "HOST": os.environ["PEER_HOST"],
            "PORT": os.environ["PEER_PORT"],
            "USER": os.environ["PEER_USER"],
            "CONN_MAX_AGE": None,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    SECRET_KEY="none",
    HORDAK_CURRENCIES=["USD"],
    CURRENCIES=["USD"],
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from hordak.models import Account  # noqa: E402
from moneyed import Money  # noqa: E402


def _account(name: str, kind: str) -> Account:
    return Account.objects.create(name=name, type=kind, currencies=["USD"])


def main() -> None:
    """Make the tables and accounts, then answer each line with a round's rate."""
    call_command("migrate", verbosity=0)
    program = _account("program", "EQ")
    customers = [_account(f"customer {n}", "LI") for n in range(CUSTOMERS)]
    points = Money(414, "USD")
    print("ready", flush=True)
    done = 0
    for line in sys.stdin:
        began, before, seconds = time.perf_counter(), done, float(line)
        while time.perf_counter() - began < seconds:
            with transaction.atomic():
                program.transfer_to(customers[done % CUSTOMERS], points)
            done += 1
        print((done - before) / (time.perf_counter() - began), flush=True)


main()
