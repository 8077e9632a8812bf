"""What can be typed, in the person's language."""

from collections.abc import Mapping

from slackdesk.i18n import Translate, later
from slackdesk.slack.extensions import MoreVerb

VERB_HELP: Mapping[str, tuple[str, str]] = {
    "show": ("42", later("shows a ticket")),
    "claim": ("42", later("makes it yours")),
    "accept": ("42", later("accepts a hand-off")),
    "assign": ("42 @name", later("gives it to somebody of its tier")),
    "priority": ("42 high", later("sets its priority: low, normal, high or urgent")),
    "escalate": ("42", later("hands it up to the next tier")),
    "note": ("42 …", later("adds a note that only agents read")),
    "reply": ("42 …", later("answers its requester")),
    "wait": ("42", later("waits for its requester")),
    "hold": ("42 …", later("puts it on hold, with the reason")),
    "resume": ("42", later("goes on with it")),
    "snooze": ("42 2h", later("hides it from your list for a while")),
    "resolve": ("42", later("says what solved it")),
    "reopen": ("42", later("opens it again")),
    "close": ("42", later("closes it")),
    "cancel": ("42", later("cancels your own request")),
    "sla": ("42", later("shows where its time went")),
}
"""Verb → what follows it, and what it does; every verb of ``words.VERBS``."""

FOR_EVERYBODY = ("show", "reopen", "cancel", "sla")


def ticket_help(t: Translate, more_verbs: Mapping[str, MoreVerb]) -> str:
    """Everything that ``/ticket`` understands; ``more_verbs`` (of plugins) are explained in that language."""
    lines = [
        t("*Ask for something*"),
        t("• `/ticket` opens the form"),
        t("• `/ticket my VPN is down` files it at once"),
        t("• `/ticket mine` lists your requests"),
        *(_line(t, verb) for verb in FOR_EVERYBODY),
        t("*For agents*"),
        *(_line(t, verb) for verb in VERB_HELP if verb not in FOR_EVERYBODY and verb not in more_verbs),
        *(f"• `/ticket {name} {_arguments(verb)}` {verb.does}" for name, verb in more_verbs.items()),
        t("A ticket is called `42`, `IT-42` or `#42`. In a thread, use the buttons or the shortcut *Ticket actions*."),
        t("Emoji on a message: 🎫 files it, 👀 on a card claims it, 📤 sends your own message to the requester."),
    ]
    return "\n".join(lines)


def desk_help(t: Translate, more_words: Mapping[str, str]) -> str:
    """Everything that ``/desk`` understands; ``more_words`` (of plugins) is word → what it does, in that language."""
    return "\n".join(
        [
            t("• `/desk queue` lists what is open in your tiers, your own first"),
            *(f"• `/desk {word}` {does}" for word, does in more_words.items()),
            t("• `/desk doctor` looks at the helpdesk itself, for its operators"),
            t("• `/desk help` shows this; `/ticket help` shows what can be done with a ticket"),
        ]
    )


def usage(t: Translate, verb: str, more_verbs: Mapping[str, MoreVerb]) -> str:
    """How one verb is typed; ``more_verbs`` as for ``ticket_help``."""
    more = more_verbs.get(verb)
    arguments, does = (_arguments(more), more.does) if more else VERB_HELP[verb]
    does = does if more else t(does)
    return t("Type `/ticket {verb} {arguments}`: {does}.", verb=verb, arguments=arguments, does=does)


def _arguments(verb: MoreVerb) -> str:
    return "42" if verb.needs_ticket else "…"


def _line(t: Translate, verb: str) -> str:
    arguments, does = VERB_HELP[verb]
    return f"• `/ticket {verb} {arguments}` {t(does)}"
