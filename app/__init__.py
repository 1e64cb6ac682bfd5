"""Tallymark: loyalty points that can be proved."""
