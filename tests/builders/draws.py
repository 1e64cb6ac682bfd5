"""A draw that was held, known by its commitment whatever the store is."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert

from app.domain.giveaway import Published, commitment, draw
from app.storage import tables
from tests.builders.line import TestLine

SEED = "a seed"
COMMITMENT = commitment(SEED)
PROMISED_AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
DRAWN_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def hold_a_draw(line: TestLine) -> None:
    """Have the store draw among two entries."""
    held = draw("spa", SEED, ["ab" * 16, "cd" * 16], 1)
    with line.in_program() as connection:
        connection.execute(
            insert(tables.giveaway).values(
                program_id=line.store.program_id,
                reward_id="spa",
                number=1,
                commitment=COMMITMENT,
                committed_at=PROMISED_AT,
                drawn_at=DRAWN_AT,
                document=Published(held, PROMISED_AT, DRAWN_AT).document(),
            )
        )
