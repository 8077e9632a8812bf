"""Finding plugins and adding them to a registry: bundled ones, installed ones, and folders of one's own, all alike.

Whatever goes wrong with one of them puts that one into quarantine, with the reason; the others are loaded.
"""

import importlib
import importlib.util
import logging
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from slackdesk.errors import ConfigurationError, SlackdeskError
from slackdesk.plugin.deadline import alarm, in_main_thread
from slackdesk.plugin.declaration import API_VERSION, Plugin, PluginMistake
from slackdesk.plugin.registry import Found, Origin, Registry, Status, is_enabled, read_config

log = logging.getLogger(__name__)

BUNDLED = "slackdesk_plugins"
ENTRY_POINT_GROUP = "slackdesk.plugins"

IMPORT_SECONDS = 10.0
"""A module that takes longer to import hangs."""


@dataclass(frozen=True)
class Candidate:
    """Something that may be a plugin: its name, and how to get at the declared object."""

    name: str
    origin: Origin
    place: str
    get: Callable[[], Any]


def load(settings: Mapping[str, Mapping[str, Any]], folders: Sequence[Path] = (), *, strict: bool = False) -> Registry:
    """All plugins that can be found. ``settings`` is plugin name → section of the policy file.

    With ``strict`` the first mistake is raised instead of quarantining the plugin.
    """
    found: dict[str, Found] = {}
    for candidate in candidates(folders):
        one = _load_one(candidate, settings.get(candidate.name, {}), strict=strict)
        if candidate.name in found:
            reason = f"another plugin of this name was found first, in {found[candidate.name].place}; rename one"
            log.error("the plugin %s of %s does not run: %s", candidate.name, candidate.place, reason)
            one = Found(candidate.name, candidate.origin, candidate.place, Status.QUARANTINED, reason)
            found[f"{candidate.name} ({candidate.place})"] = one
        else:
            found[candidate.name] = one
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
    if not folder.is_dir():
        log.error("desk.plugin_dirs: there is no folder %s", folder)
        return
    for path in sorted(folder.iterdir()):
        if (path / "__init__.py").is_file() or (path.suffix == ".py" and path.is_file()):
            yield in_path(path)


def _load_one(candidate: Candidate, section: Mapping[str, Any], *, strict: bool) -> Found:
    def became(status: Status, reason: str = "", plugin: Plugin | None = None, wrong: object = None) -> Found:
        problem = wrong if isinstance(wrong, ConfigurationError) else None
        return Found(candidate.name, candidate.origin, candidate.place, status, reason, plugin, problem)

    try:
        if not is_enabled(section, candidate.name):
            return became(Status.DISABLED, f"plugins.{candidate.name}.enabled = false")
        with _limit(candidate.name):
            plugin = candidate.get()
        check_declaration(candidate.name, plugin)
        read_config(plugin, section)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if strict:
            raise
        reason = _reason(error)
        is_explained = isinstance(error, SlackdeskError | PluginMistake)
        log.error("the plugin %s does not run: %s", candidate.name, reason, exc_info=None if is_explained else error)
        return became(Status.QUARANTINED, reason, wrong=error)
    return became(Status.ACTIVE, plugin=plugin)


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
        if not table.startswith(f"{name}_"):
            raise PluginMistake(f"{name}: table {table!r}: the tables of a plugin begin with {name}_")


def _limit(name: str) -> AbstractContextManager[None]:
    return alarm(IMPORT_SECONDS, f"importing {name}") if in_main_thread() else nullcontext()


def _reason(error: BaseException) -> str:
    return str(error) if isinstance(error, SlackdeskError | PluginMistake) else f"{type(error).__name__}: {error}"


def _imported(name: str) -> Any:
    return _attribute(importlib.import_module(name))


def _attribute(module: Any) -> Any:
    if not hasattr(module, "plugin"):
        raise PluginMistake(f"{module.__name__} has no attribute plugin; write plugin = Plugin(…)")
    return module.plugin


def _import_file(name: str, source: Path, is_package: bool) -> Any:
    module_name = f"slackdesk_plugin_dirs.{name}"
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
