"""What a check says, and where in the plugin it is."""

from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a plugin. ``line`` is None where no single line is to blame."""

    text: str
    file: Path | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = "" if self.file is None else f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return place + self.text


def finding_of(error: BaseException, folder: Path, during: str) -> Finding:
    """What was raised first, at the innermost line of the plugin's own files."""
    first = error
    while first.__cause__ is not None:
        first = first.__cause__
    what = f"{type(first).__name__}: {first}"
    text = during if what in during else f"{during}: {what}"
    for frame in reversed(extract_tb(first.__traceback__)):
        if Path(frame.filename).is_relative_to(folder):
            return Finding(text, Path(frame.filename), frame.lineno)
    return Finding(text, folder)
