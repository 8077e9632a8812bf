"""What the desk itself is called by, and no plugin can have."""

from slackdesk.slack.words import VERBS

RESERVED_VERBS = frozenset({"mine", "help", *VERBS}) - {"sla"}
"""The desk's own verbs, but for the one whose answer a plugin may better."""

RESERVED_WORDS = frozenset({"queue", "help", "doctor"})
_PROCESSES = ("run", "app", "worker", "beat", "demo", "sandbox")
RESERVED_COMMANDS = frozenset((*_PROCESSES, "migrate", "doctor", "manifest", "policy", "plugins", "audit", "clock"))
"""The commands of the core: the command line looks for them first."""

GROUPS = {
    "policy": frozenset({"example", "check", "diff", "apply"}),
    "plugins": frozenset({"list", "check", "new", "resume"}),
    "audit": frozenset({"verify", "erase"}),
    "clock": frozenset({"show", "advance"}),
}
"""Those of them that are groups of commands, each with the core's own."""
