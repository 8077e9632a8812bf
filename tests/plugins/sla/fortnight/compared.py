"""What was expected, against what was read."""

from collections.abc import Iterator, Sequence

from .model import Line
from .plan import Deed
from .played import Read


def differences(lines: Sequence[Line], read: Sequence[Read], done: Sequence[Deed]) -> list[str]:
    """What was read and not expected, and the other way round, each with the story of its ticket; best none."""
    missing, left = sorted(lines, key=lambda line: line.minute), list[str]()
    for one in (one for one in read if not one.more):
        found = next((line for line in missing if _is_place_of(line, one) and _is_told_by(line, one)), None)
        if found is None:
            left.append("\n".join([f"nobody expected {one}", *_story(one.ticket, lines, read, done)]))
        else:
            missing.remove(found)
    for one in (one for one in read if one.more):
        counted = [line for line in missing if _is_place_of(line, one)][: one.more]
        if len(counted) < one.more:
            left.append(f"only {len(counted)} were expected for {one}")
        missing = [line for line in missing if line not in counted]
    return left + ["\n".join([f"nobody read {line}", *_story(line.ticket, lines, read, done)]) for line in missing]


def _is_place_of(line: Line, one: Read) -> bool:
    return one.minute in (line.minute, line.earliest) and (line.place, line.head) == (one.place, one.head)


def _is_told_by(line: Line, one: Read) -> bool:
    return (line.ticket, line.about, line.is_named) == (one.ticket, one.about, one.is_named)


def _story(ticket: int, lines: Sequence[Line], read: Sequence[Read], done: Sequence[Deed]) -> Iterator[str]:
    """Everything about one ticket, in order."""
    told = [
        (deed.at, f"{deed.actor} does {deed.verb} {deed.value} {deed.queue}") for deed in done if deed.ticket == ticket
    ]
    told += [(one.minute, f"  read in {one.place}: {one.head} {one.about}") for one in read if one.ticket == ticket]
    told += [
        (line.minute, f"  due in {line.place}: {line.head} {line.about}") for line in lines if line.ticket == ticket
    ]
    for at, words in sorted(told):
        yield f"  {at:%a %d %H:%M:%S} {words}"
