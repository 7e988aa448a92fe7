"""Log lines as JSON: those of our own code and those of others, each with the id of its request or task."""

from __future__ import annotations

from typing import Any

import structlog

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
]


def logging_at(level: str) -> dict[str, Any]:
    """Django's LOGGING for lines of this level and above; also sets structlog up, which writes through it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": json_lines}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        # Every refusal is an answer, not an event: only faults of ours are logged.
        # What an attack is found by is said at any level.
        "loggers": {"django.request": {"level": "ERROR"}, "security": {"level": "INFO"}},
        "root": {"handlers": ["console"], "level": level},
    }


def json_lines() -> structlog.stdlib.ProcessorFormatter:
    """One object a line. A traceback names lines of code, never the values of variables: those may be somebody's."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )
