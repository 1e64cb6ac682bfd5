"""Fuzzes the translation of bodies, led by coverage: `make fuzz`, or with `-runs=N`."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["app.platforms", "app.domain"]):
    from tests.security import fuzzing


def test_one_input(data: bytes) -> None:
    """Take a real body, spoil it as the bytes say, or take the bytes as they are."""
    provider = atheris.FuzzedDataProvider(data)

    def choose(count: int) -> int:
        return int(provider.ConsumeIntInRange(0, count - 1))

    topic = fuzzing.NAMES[choose(len(fuzzing.NAMES))]
    how = choose(3)
    if how == 0:
        fuzzing.check(topic, provider.ConsumeBytes(provider.remaining_bytes()))
        return
    seed = fuzzing.SEEDS[choose(len(fuzzing.SEEDS))]
    if choose(2):
        seed = fuzzing.BODIES[topic]
    raw = bytearray(fuzzing.spoilt(seed, choose))
    if how == 1:
        for _ in range(choose(4)):
            raw[choose(len(raw))] = choose(256)
    fuzzing.check(topic, bytes(raw))


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
