"""Every sentence that a person reads, in that person's language.

A sentence is its own English template with ``{names}``; other languages have a gettext catalogue in
``slackdesk/locale/<language>/LC_MESSAGES/slackdesk.po``. What a catalogue lacks is said in English.
"""

import gettext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

NEAR = timedelta(days=6)
"""Up to this far away a weekday alone says which day is meant."""


@dataclass(frozen=True)
class Translate:
    """Says sentences in one language: ``t("Claimed by {person}", person=…)``."""

    locale: str
    folder: Path | None = None
    """Of more catalogues, ``<language>/LC_MESSAGES/plugin.po``, in which a sentence is looked for first."""

    def __call__(self, template: str, /, **values: object) -> str:
        """The sentence, with ``values`` in the places of its ``{names}``. Raises KeyError when one is missing."""
        return _catalogue(self.locale, self.folder).gettext(template).format(**values)

    def template(self, template: str) -> str:
        """The sentence with its ``{names}``, for whoever fills them later."""
        return _catalogue(self.locale, self.folder).gettext(template)

    def also_from(self, folder: Path) -> "Translate":
        """The same language, with the catalogues of a plugin."""
        return Translate(self.locale, folder)

    def plural(self, one: str, many: str, count: int, /, **values: object) -> str:
        """``one`` or ``many`` in the form that the language has for ``count``, which is also a value, ``{count}``."""
        return _catalogue(self.locale, self.folder).ngettext(one, many, count).format(count=count, **values)

    def instant(self, instant: datetime, *, now: datetime, timezone: str) -> str:
        """An instant as the reader's wall shows it: ``Mon 11:00``, with the date when it is more than 6 days away."""
        local, today = instant.astimezone(zone(timezone)), now.astimezone(zone(timezone))
        time = format_skeleton("Hm", local, tzinfo=local.tzinfo, locale=self._babel)
        if abs(instant - now) <= NEAR:
            return f"{format_date(local, 'EEE', self._babel)} {time}"
        day = "EEE d MMM" if local.year == today.year else "EEE d MMM y"
        return f"{format_date(local, day, self._babel)} {time}"

    def duration(self, length: timedelta) -> str:
        """Hours and minutes, ``2 h 30 min``; seconds, ``10 s``, below a minute. A negative length counts as none."""
        t, seconds = self, max(0, round(length.total_seconds()))
        hours, minutes = divmod(seconds // 60, 60)
        if seconds < 60:
            return t("{seconds} s", seconds=seconds)
        if not hours:
            return t("{minutes} min", minutes=minutes)
        if not minutes:
            return t("{hours} h", hours=hours)
        return t("{hours} h {minutes} min", hours=hours, minutes=minutes)

    @property
    def _babel(self) -> Locale:
        # Without a catalogue the sentences around it are English, and so is a day of the week.
        return Locale.parse(self.locale if _path(self.locale) is not None else "en")


def translator(locale: str) -> Translate:
    """For a language or a locale of Slack: ``id``, ``id-ID``, ``en_GB``…"""
    return Translate(language(locale))


def later(template: str) -> str:
    """Marks a sentence that is kept as data and said later, so that it is found when sentences are gathered."""
    return template


def language(locale: str) -> str:
    """The language part of a locale; ``en`` when there is none."""
    return locale.replace("_", "-").partition("-")[0].lower() or "en"


@cache
def languages() -> tuple[str, ...]:
    """The languages in which sentences can be said."""
    folders = (folder.name for folder in (files("slackdesk") / "locale").iterdir())
    return ("en", *sorted(name for name in folders if _path(name) is not None))


def load_languages() -> None:
    """Read all catalogues and calendars now: for a process that forks others, which then have them at once.

    Measured: reading the Indonesian catalogue takes 35 ms, a calendar 17 ms, and each job of a worker is a new process.
    """
    now = datetime.now(UTC)
    for each in languages():
        translator(each).instant(now, now=now, timezone="UTC")
        translator(each)("Status")


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of that name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not found, a folder, not a name of a zone
        return ZoneInfo("UTC")


@cache
def _path(language: str) -> Traversable | None:
    path = files("slackdesk") / "locale" / language / "LC_MESSAGES" / "slackdesk.po"
    return path if language.isalpha() and path.is_file() else None


@cache
def _catalogue(language: str, folder: Path | None = None) -> gettext.NullTranslations:
    if folder is not None:
        own = folder / language / "LC_MESSAGES" / "plugin.po"
        if not language.isalpha() or not own.is_file():
            return _catalogue(language)
        found = _compiled(own, language)
        found.add_fallback(_catalogue(language))
        return found
    path = _path(language)
    return gettext.NullTranslations() if path is None else _compiled(path, language)


def _compiled(path: Traversable, language: str) -> gettext.NullTranslations:
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)  # leaves out what is fuzzy
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
