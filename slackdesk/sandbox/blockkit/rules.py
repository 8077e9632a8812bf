"""What the tables of blocks and elements are made of: a rule looks at one JSON value and reports what is wrong.

Every rule takes any JSON value whatever and never raises. The texts are those of Slack's `response_metadata.messages`.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]


class Report:
    """The problems found so far in one document, and the surface that a message or a view is meant for."""

    def __init__(self, surface: Surface | None = None) -> None:
        self.surface = surface
        self.problems: list[str] = []

    def add(self, problem: str, pointer: str) -> None:
        """Adds a problem; `pointer` is the JSON pointer of the value that is wrong."""
        self.problems.append(f"[ERROR] {problem} [json-pointer:{pointer}]")


Rule = Callable[[object, str, Report], None]
Check = Callable[[dict[str, Any], str, Report], None]
"""A rule across the fields of one object; it may not trust the types of the fields."""


def check_length(length: int, least: int, most: int | None, pointer: str, report: Report) -> None:
    """Reports a text that has fewer than `least` or more than `most` characters."""
    if length < least:
        report.add(f"must be more than {least - 1} characters", pointer)
    elif most is not None and length > most:
        report.add(f"must be less than {most + 1} characters", pointer)


def string(least: int = 0, most: int | None = None) -> Rule:
    """A string of `least` to `most` characters."""

    def rule(value: object, pointer: str, report: Report) -> None:
        if isinstance(value, str):
            check_length(len(value), least, most, pointer, report)
        else:
            report.add("must provide a string", pointer)

    return rule


def pattern(expression: str, description: str) -> Rule:
    """A string that matches the whole of a regular expression."""
    compiled = re.compile(expression)

    def rule(value: object, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add("must provide a string", pointer)
        elif not compiled.fullmatch(value):
            report.add(f"must be {description}", pointer)

    return rule


def url(most: int, schemes: str = "https?") -> Rule:
    """An absolute URL of at most `most` characters; `schemes` is a regular expression."""
    compiled = re.compile(rf"(?:{schemes}):(?://)?[^\s/:][^\s]*", re.IGNORECASE)

    def rule(value: object, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add("must provide a string", pointer)
        elif len(value) > most:
            check_length(len(value), 0, most, pointer, report)
        elif not compiled.fullmatch(value):
            report.add("must be a valid URL", pointer)

    return rule


def one_of(*values: str) -> Rule:
    """One of a few strings."""

    def rule(value: object, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add("must provide a string", pointer)
        elif value not in values:
            report.add(f"value must be one of: {', '.join(values)}", pointer)

    return rule


def boolean(value: object, pointer: str, report: Report) -> None:
    """True or false."""
    if not isinstance(value, bool):
        report.add("must provide a boolean", pointer)


def integer(least: int, most: int | None = None) -> Rule:
    """A whole number from `least` to `most`."""

    def rule(value: object, pointer: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report.add("must provide an integer", pointer)
        elif value < least:
            report.add(f"must be greater than or equal to {least}", pointer)
        elif most is not None and value > most:
            report.add(f"must be less than or equal to {most}", pointer)

    return rule


def number(value: object, pointer: str, report: Report) -> None:
    """A number, whole or not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.add("must provide a number", pointer)


def positive_number(value: object, pointer: str, report: Report) -> None:
    """A number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.add("must provide a number", pointer)
    elif not value > 0:
        report.add("must be greater than 0", pointer)


def mapping(value: object, pointer: str, report: Report) -> None:
    """Any JSON object."""
    if not isinstance(value, dict):
        report.add("must provide an object", pointer)


def array(item: Rule, least: int = 0, most: int | None = None) -> Rule:
    """A list of `least` to `most` items, each under the rule `item`."""

    def rule(value: object, pointer: str, report: Report) -> None:
        if not isinstance(value, list):
            report.add("must provide an array", pointer)
            return
        if len(value) < least:
            report.add(f"no fewer than {least} items allowed", pointer)
        if most is not None and len(value) > most:
            report.add(f"no more than {most} items allowed", pointer)
        for index, member in enumerate(value):
            item(member, f"{pointer}/{index}", report)

    return rule


def record(
    required: Mapping[str, Rule],
    optional: Mapping[str, Rule] | None = None,
    checks: Sequence[Check] = (),
    *,
    closed: bool = True,
) -> Rule:
    """An object with these fields, and no others where it is `closed`."""
    fields = {**required, **(optional or {})}

    def rule(value: object, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
            return
        for name in required:
            if name not in value:
                report.add(f"missing required field: {name}", pointer)
        for name, member in value.items():
            if name in fields:
                fields[name](member, f"{pointer}/{name}", report)
            elif closed:
                report.add(f"invalid additional property: {name}", pointer)
        for check in checks:
            check(value, pointer, report)

    return rule


def by_type(kinds: Mapping[str, Rule], allowed: Callable[[Report], Collection[str]] | None = None) -> Rule:
    """An object whose `type` says which rule of `kinds` it is under; `allowed` narrows the types for a surface."""

    def rule(value: object, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
        elif "type" not in value:
            report.add("missing required field: type", pointer)
        elif not isinstance(value["type"], str):
            report.add("must provide a string", f"{pointer}/type")
        elif value["type"] not in kinds or (allowed is not None and value["type"] not in allowed(report)):
            report.add(f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            kinds[value["type"]](value, pointer, report)

    return rule


def kind(name: str, rule_by_name: Mapping[str, Rule]) -> Rule:
    """An object that has to be of the one type `name`."""
    return by_type({name: rule_by_name[name]})


def exactly_one(*names: str) -> Check:
    """Exactly one of these fields is there."""

    def check(value: dict[str, Any], pointer: str, report: Report) -> None:
        if sum(name in value for name in names) != 1:
            report.add(f"exactly one of these fields is required: {', '.join(names)}", pointer)

    return check


def at_least_one(*names: str) -> Check:
    """At least one of these fields is there."""

    def check(value: dict[str, Any], pointer: str, report: Report) -> None:
        if not any(name in value for name in names):
            report.add(f"missing required field: {' or '.join(names)}", pointer)

    return check


def in_order(least: str, most: str) -> Check:
    """Two whole numbers, the field `least` not above the field `most`."""

    def check(value: dict[str, Any], pointer: str, report: Report) -> None:
        low, high = value.get(least), value.get(most)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            report.add(f"{least} must not be greater than {most}", pointer)

    return check
