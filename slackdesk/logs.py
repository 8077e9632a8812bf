"""How a process writes its log: to stderr, each line with the name of the process."""

import logging
import multiprocessing
import sys

LINE = "%(asctime)s %(levelname)s %(processName)s %(name)s: %(message)s"

QUIETER = {"alembic": logging.WARNING, "slack_bolt": logging.WARNING, "slack_sdk": logging.CRITICAL}
"""Libraries that tell more than an operator wants to know; what slack_sdk reports is raised, too, and told by us."""


def configure_logging(process_name: str | None = None) -> None:
    """Write the log of this process, and of those that are forked from it; ``process_name`` stands in each line."""
    if process_name is not None:
        multiprocessing.current_process().name = process_name
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_is_of_interest)
    logging.basicConfig(level=logging.INFO, format=LINE, handlers=[handler], force=True)


def _is_of_interest(record: logging.LogRecord) -> bool:
    """At the handler, because Bolt sets the level of its loggers by itself."""
    return record.levelno >= QUIETER.get(record.name.partition(".")[0], logging.NOTSET)
