"""Turns kept messages into points: the only room that writes the ledger."""
