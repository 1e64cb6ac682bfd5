"""Logs: one line of JSON an event, without personal data."""

from __future__ import annotations

import logging
import sys

import structlog

# What makes a line of an event.
LINE: tuple[structlog.types.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(),
)


def set_up_logs() -> None:
    """Write events of level info and above to standard error, as JSON lines."""
    structlog.configure(
        processors=[*LINE],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
