"""One thing that was looked at, and what was found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from slackdesk.i18n import Translate


class Severity(StrEnum):
    """How bad it is; the worst first."""

    PROBLEM = "problem"
    """Something does not work now, or would not after the next start."""
    WARNING = "warning"
    """It works, but somebody should look."""
    OK = "ok"


@dataclass(frozen=True)
class Finding:
    """What was found by one check.

    ``what`` and ``remedy`` are English sentences with ``{names}``, filled from ``values``; those of a finding that is
    ok have none. ``key`` and ``value`` say where: a setting, a key of the policy, or nothing. No value is a secret.
    """

    check: str
    severity: Severity
    what: str
    remedy: str = ""
    key: str = ""
    value: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def texts(self, t: Translate, quote: Callable[[str], str] = str) -> tuple[str, str]:
        """What was found, and the remedy, in a language; ``quote`` makes values fit where they are shown."""
        if self.severity is Severity.OK:
            return self.what, ""
        values = {key: quote(value) if isinstance(value, str) else value for key, value in self.values.items()}
        return t(self.what, **values), t(self.remedy, **values)

    def as_json(self, t: Translate) -> dict[str, str]:
        """For machines: ``check``, ``severity``, ``key``, ``value``, and both texts."""
        what, remedy = self.texts(t)
        return {
            "check": self.check,
            "severity": self.severity.value,
            "key": self.key,
            "value": self.value,
            "what": what,
            "remedy": remedy,
        }


def ok(check: str, what: str) -> Finding:
    """Nothing to do; ``what`` is a whole sentence for the command line."""
    return Finding(check, Severity.OK, what)


def problem(check: str, what: str, remedy: str, *, key: str = "", value: object = "", **values: Any) -> Finding:
    """Something does not work."""
    return Finding(check, Severity.PROBLEM, what, remedy, key, str(value), values)


def warning(check: str, what: str, remedy: str, *, key: str = "", value: object = "", **values: Any) -> Finding:
    """Something works, but not as it should."""
    return Finding(check, Severity.WARNING, what, remedy, key, str(value), values)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Problems first, then warnings, else as they were found."""
    return sorted(findings, key=lambda finding: list(Severity).index(finding.severity))


def count(findings: Iterable[Finding], severity: Severity) -> int:
    """How many of them are that bad."""
    return sum(finding.severity is severity for finding in findings)
