"""Finding plugins and adding them to a registry: bundled ones, installed ones, and folders of one's own, all alike.

Whatever goes wrong with one of them puts that one into quarantine, with the reason; the others are loaded.
"""

import importlib
import importlib.util
import logging
import pkgutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from slackdesk.errors import ConfigurationError, SlackdeskError
from slackdesk.migrations import core_metadata
from slackdesk.plugin.deadline import within
from slackdesk.plugin.declaration import API_VERSION, Plugin, PluginMistake
from slackdesk.plugin.errors import PluginError, PluginTooSlow, said
from slackdesk.plugin.registry import Found, Origin, Registry, Status, is_enabled, read_config

log = logging.getLogger(__name__)

BUNDLED = "slackdesk_plugins"
FOLDERS = "slackdesk_plugin_dirs"
"""The package to which plugins in folders belong."""
ENTRY_POINT_GROUP = "slackdesk.plugins"

IMPORT_SECONDS = 10.0
"""A module that takes longer to import hangs."""


_hung: dict[str, str] = {}
"""Place → reason of what hung. Processes that are forked from this one do not wait for it again."""


@dataclass(frozen=True)
class Candidate:
    """Something that may be a plugin: its name, and how to get at the declared object."""

    name: str
    origin: Origin
    place: str
    get: Callable[[], Any]


def load(
    settings: Mapping[str, Mapping[str, Any]],
    folders: Sequence[Path] = (),
    *,
    strict: bool = False,
    queues: Collection[str] | None = None,
) -> Registry:
    """All plugins that can be found. ``settings`` is plugin name → section of the policy file, ``queues`` its queues.

    With ``strict`` the first mistake is raised instead of quarantining the plugin.
    """
    found: dict[str, Found] = {}
    for candidate in candidates(folders):
        one = _load_one(candidate, settings.get(candidate.name, {}), queues, found.values(), strict=strict)
        key = candidate.name if candidate.name not in found else f"{candidate.name} ({candidate.place})"
        found[key] = one
    return Registry(list(found.values()))


def candidates(folders: Sequence[Path]) -> Iterator[Candidate]:
    """What may be a plugin: the bundled ones, then the installed ones, then those in folders; each by name."""
    bundled = importlib.import_module(BUNDLED)
    for module in sorted(pkgutil.iter_modules(bundled.__path__), key=lambda one: one.name):
        name = f"{BUNDLED}.{module.name}"
        yield Candidate(module.name, Origin.BUNDLED, name, partial(_imported, name))
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda one: one.name):
        yield Candidate(point.name, Origin.ENTRY_POINT, point.value, point.load)
    for folder in folders:
        yield from _in_folder(folder)


def in_path(path: Path) -> Candidate:
    """The plugin in a folder with ``__init__.py``, or in a single file."""
    is_package = path.is_dir()
    source = path / "__init__.py" if is_package else path
    return Candidate(
        path.stem, Origin.FOLDER, str(path), lambda: _attribute(_import_file(path.stem, source, is_package))
    )


def _in_folder(folder: Path) -> Iterator[Candidate]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        log.error("desk.plugin_dirs: the folder %s cannot be read: %s", folder, error.strerror)
        return
    for path in paths:
        if (path / "__init__.py").is_file() or (path.suffix == ".py" and path.is_file()):
            yield in_path(path)


def _load_one(
    candidate: Candidate,
    section: Mapping[str, Any],
    queues: Collection[str] | None,
    earlier: Collection[Found],
    *,
    strict: bool,
) -> Found:
    def became(status: Status, reason: str = "", plugin: Plugin | None = None, wrong: object = None) -> Found:
        problem = wrong if isinstance(wrong, ConfigurationError) else None
        return Found(candidate.name, candidate.origin, candidate.place, status, reason, plugin, problem)

    try:
        require_own_name(candidate, earlier)
        if not is_enabled(section, candidate.name):
            return became(Status.DISABLED, f"plugins.{candidate.name}.enabled = false")
        plugin = _declared(candidate, section, queues)
        require_own_words(plugin, [one.plugin for one in earlier if one.plugin is not None])
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = _reason(error)
        is_explained = isinstance(error, SlackdeskError)
        if strict and isinstance(error, ConfigurationError):
            raise
        if strict:
            raise PluginError(f"the plugin {candidate.name} does not run: {reason}") from error
        log.error("the plugin %s does not run: %s", candidate.name, reason, exc_info=None if is_explained else error)
        return became(Status.QUARANTINED, reason, wrong=error)
    return became(Status.ACTIVE, plugin=plugin)


def _declared(candidate: Candidate, section: Mapping[str, Any], queues: Collection[str] | None) -> Plugin:
    if candidate.place in _hung:
        raise PluginTooSlow(_hung[candidate.place])

    def declare() -> Plugin:
        plugin = candidate.get()
        check_declaration(candidate.name, plugin)
        read_config(plugin, section, queues)
        checked: Plugin = plugin
        return checked

    try:
        return within(IMPORT_SECONDS, f"importing {candidate.name}", declare)
    except PluginTooSlow as slow:
        _hung[candidate.place] = str(slow)
        raise


def require_own_name(candidate: Candidate, earlier: Iterable[Found]) -> None:
    """Raise PluginMistake for a name that another plugin has, or whose tables could be taken for another's."""
    for other in earlier:
        if other.name == candidate.name:
            raise PluginMistake(f"another plugin of this name was found first, in {other.place}; rename one")
        if f"{other.name}_".startswith(f"{candidate.name}_") or candidate.name.startswith(f"{other.name}_"):
            raise PluginMistake(f"its tables could be taken for those of the plugin {other.name}; rename one")


def require_own_words(plugin: Plugin, others: Iterable[Plugin]) -> None:
    """Raise PluginMistake for a word that another plugin has: nobody could tell whose it is."""
    for other in others:
        for point, own, theirs in (
            ("/desk", plugin.commands, other.commands),
            ("/ticket", plugin.verbs, other.verbs),
            ("slackdesk", plugin.command_lines, other.command_lines),
        ):
            for word in set(own) & set(theirs):
                raise PluginMistake(f"{plugin.name}: `{point} {word}` belongs to the plugin {other.name}; rename one")


def check_declaration(name: str, plugin: object) -> None:
    """Raise PluginMistake unless this is a plugin of that name, for this version of the API, that holds together."""
    if not isinstance(plugin, Plugin):
        raise PluginMistake(f"{name}: plugin = {plugin!r}: write plugin = Plugin(name={name!r}, …)")
    if plugin.name != name:
        raise PluginMistake(f"{name}: name = {plugin.name!r}: it has to be that of the folder, {name!r}")
    if plugin.api != API_VERSION:
        raise PluginMistake(
            f"{name}: api = {plugin.api!r}: this slackdesk has API {API_VERSION}; install a version of it for that"
        )
    if (plugin.tables is None) != (plugin.migrations is None):
        raise PluginMistake(f"{name}: tables and migrations belong together; give both or neither")
    for table in plugin.tables.tables if plugin.tables is not None else ():
        if not plugin.owns(table):
            raise PluginMistake(f"{name}: table {table!r}: the tables of a plugin begin with {name}_")
    for table in core_metadata().tables:
        if plugin.owns(f"{table}_"):
            raise PluginMistake(f"{name}: its tables could be taken for the desk's own table {table}; rename it")


def _reason(error: BaseException) -> str:
    return str(error) if isinstance(error, SlackdeskError) else said(error)


def _imported(name: str) -> Any:
    return _attribute(importlib.import_module(name))


def _attribute(module: Any) -> Any:
    if not hasattr(module, "plugin"):
        raise PluginMistake(f"{module.__name__} has no attribute plugin; write plugin = Plugin(…)")
    return module.plugin


def _import_file(name: str, source: Path, is_package: bool) -> Any:
    package = sys.modules.setdefault(FOLDERS, ModuleType(FOLDERS))  # without it, its plugins could import no parts
    package.__path__ = []
    module_name = f"{FOLDERS}.{name}"
    known = sys.modules.get(module_name)
    if known is not None and getattr(known, "__file__", None) == str(source):
        return known
    locations = [str(source.parent)] if is_package else None
    spec = importlib.util.spec_from_file_location(module_name, source, submodule_search_locations=locations)
    if spec is None or spec.loader is None:
        raise PluginMistake(f"{name}: {source} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[module_name]
        raise
    return module
