"""Receives what stores send: verify, keep, wake, answer."""
