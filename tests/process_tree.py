"""Processes as the kernel shows them (proc(5)). Linux only."""

from pathlib import Path


def descendants(process_id: int) -> list[int]:
    """This process and all below it."""
    found = [process_id]
    for task in Path(f"/proc/{process_id}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except (FileNotFoundError, ProcessLookupError):  # it has ended in between
            continue
        for child in children:
            found += descendants(int(child))
    return found


def is_running(process_id: int) -> bool:
    """Whether there is such a process that has not ended (a zombie has)."""
    try:
        return _status_fields(process_id)[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def parent_of(process_id: int) -> int:
    """The process id of its parent."""
    return int(_status_fields(process_id)[1])


def _status_fields(process_id: int) -> list[str]:
    """State, parent and so on: what stands behind the name in parentheses."""
    return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
