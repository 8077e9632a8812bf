"""Whether every plugin that can be found runs."""

from contextlib import closing

from slackdesk import bootstrap
from slackdesk.doctor.finding import Finding, ok, problem
from slackdesk.errors import ConfigurationError
from slackdesk.i18n import later
from slackdesk.plugin import states
from slackdesk.plugin.registry import Found, Registry, Status
from slackdesk.settings import Settings


def examine_plugins(settings: Settings, registry: Registry | None) -> tuple[list[Finding], Registry | None]:
    """Everything about the plugins; they are loaded unless ``registry`` is what this process has loaded."""
    try:
        registry = registry or bootstrap.open_plugins(settings)
    except Exception as error:  # noqa: BLE001 — with strict_plugins, whatever a plugin raises
        return [refused(str(error) or repr(error))], None
    with closing(bootstrap.open_database(settings)) as database, database.read() as session:
        paused = states.paused(session)
    bad = [quarantined(one) for one in registry.found if one.status is Status.QUARANTINED]
    bad += [halted(name, reason) for name, reason in sorted(paused.items())]
    if bad:
        return bad, registry
    active = ", ".join(sorted(registry.active)) or "none"
    return [ok("plugins", f"Plugins that run: {active}.")], registry


def refused(reason: str) -> Finding:
    """``strict_plugins``: a broken plugin keeps the desk from starting."""
    return problem(
        "plugins",
        later("A plugin is broken, and with strict_plugins the desk does not start: {reason}"),
        later("Mend the plugin, or write `strict_plugins = false` to run without it; then start the desk again."),
        key="desk.strict_plugins",
        value="true",
        reason=reason,
    )


def quarantined(found: Found) -> Finding:
    """A plugin that was not loaded."""
    where = found.problem or ConfigurationError(f"plugins.{found.name}", None, "")
    return problem(
        "plugins",
        later("The plugin {plugin} does not run: {reason}"),
        later("Mend what the reason names, or write `enabled = false` into its section; then start the desk again."),
        key=where.key,
        value=found.place if where.value is None else where.value,
        plugin=found.name,
        reason=found.reason,
    )


def halted(plugin: str, reason: str) -> Finding:
    """A plugin that was paused for the harm that it did."""
    return problem(
        "plugins",
        later("The plugin {plugin} is paused, and its work waits: {reason}"),
        later("Mend it, then run `slackdesk plugins resume {plugin}`, or start the desk again."),
        key=f"plugins.{plugin}",
        plugin=plugin,
        reason=reason,
    )
