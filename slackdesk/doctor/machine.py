"""The machine: its data folder, its time zones, its languages, its clock beside others."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from slackdesk.doctor.finding import Finding, ok, problem, warning
from slackdesk.i18n import languages, later, translator

MEGABYTE = 1024**2
FREE_MEGABYTES_LITTLE = 1024
FREE_MEGABYTES_TOO_LITTLE = 100

MOUNTS = Path("/proc/self/mounts")
NETWORK_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ocfs2", "gfs2", "vboxsf"}
)
"""Source: https://sqlite.org/faq.html#q5 and https://sqlite.org/wal.html (all processes on one host)."""

SKEW_WARNING_SECONDS = 10.0
SKEW_PROBLEM_SECONDS = 300.0
"""Slack's signatures are refused beyond it, and a message that may have arrived is not found again."""


def disk(key: str, folder: Path, free_bytes: int | None = None) -> Finding:
    """Room in a folder that the setting ``key`` names; ``free_bytes`` as the system tells unless it is given."""
    place = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    megabytes = (shutil.disk_usage(place).free if free_bytes is None else free_bytes) // MEGABYTE
    if megabytes >= FREE_MEGABYTES_LITTLE:
        return ok("disk", f"{megabytes} MB are free in {place}.")
    say = problem if megabytes < FREE_MEGABYTES_TOO_LITTLE else warning
    return say(
        "disk",
        later("Only {megabytes} MB are free; when none is left, nothing can be saved."),
        later("Delete what is not needed on that disk, or move the data to a larger one."),
        key=key,
        value=place,
        megabytes=megabytes,
    )


def filesystem(folder: Path, mounts: str | None = None) -> Finding:
    """Whether SQLite's locks work there; ``mounts`` are the lines of /proc/self/mounts unless they are given."""
    if mounts is None:
        mounts = MOUNTS.read_text() if MOUNTS.exists() else ""
    place = folder.absolute()
    kinds = {Path(fields[1].replace(r"\040", " ")): fields[2] for fields in map(str.split, mounts.splitlines())}
    mounted_at = next((one for one in (place, *place.parents) if one in kinds), None)
    kind = kinds[mounted_at] if mounted_at is not None else "unknown"
    if kind not in NETWORK_FILESYSTEMS and not kind.startswith("fuse."):
        return ok("database.filesystem", f"The SQLite file is on a local file system ({kind}).")
    return problem(
        "database.filesystem",
        later("The SQLite file is on a network file system ({kind}), where locks do not hold; it may be destroyed."),
        later("Move the file to a local disk, or set DATABASE_URL to a PostgreSQL database."),
        key="DATABASE_URL",
        value=place,
        kind=kind,
    )


def time_zones(names: Iterable[str]) -> Finding:
    """Whether the machine has the data of these time zones."""
    missing = [name for name in dict.fromkeys(names) if not _is_known(name)]
    if not missing:
        return ok("time_zones", "The data of the time zones is there.")
    return problem(
        "time_zones",
        later("This machine has no data of the time zone {zone}, so that UTC would be used."),
        later("Install the data with `pip install --force-reinstall tzdata`, then start the desk again."),
        key="timezone",
        value=missing[0],
        zone=missing[0],
    )


def catalogues(locale: str) -> Finding:
    """Whether every sentence can be said in the language of the desk."""
    for language in languages():
        translator(language)("New")
    if locale in languages():
        return ok("languages", f"Languages: {', '.join(languages())}.")
    return warning(
        "languages",
        later("There are no sentences in the language “{locale}”; channels read English."),
        later("Write one of these languages: {known}."),
        key="desk.locale",
        value=locale,
        locale=locale,
        known=", ".join(languages()),
    )


def clock(check: str, ahead_seconds: float, other: str) -> Finding:
    """How far this machine's clock is ahead of another one, ``other`` by name."""
    seconds = round(abs(ahead_seconds))
    if seconds < SKEW_WARNING_SECONDS:
        return ok(check, f"The clocks of this machine and of {other} agree.")
    return (problem if seconds >= SKEW_PROBLEM_SECONDS else warning)(
        check,
        later("The clock of this machine is {seconds} s ahead of the clock of {other}.")
        if ahead_seconds > 0
        else later("The clock of this machine is {seconds} s behind the clock of {other}."),
        later("Correct this machine's clock and let it follow a time server, such as by `timedatectl set-ntp true`."),
        seconds=seconds,
        other=other,
    )


def _is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True
