"""What modals are made of. Names of inputs are names of blocks: an error finds its input by them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    ConversationFilter,
    ConversationSelectElement,
    DateTimePickerElement,
    InputBlock,
    InputInteractiveElement,
    MarkdownTextObject,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    SectionBlock,
    StaticMultiSelectElement,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from slackdesk.i18n import Translate
from slackdesk.slack import escape, ids

TITLE_CHARACTERS = 24
"""Of a modal's title and its buttons (https://docs.slack.dev/reference/views/modal-views)."""

INPUT_CHARACTERS = 3000
"""Slack takes no more in a text input; longer texts come as messages."""

SECTION_CHARACTERS = 3000
OPTION_CHARACTERS = 75

TICKED = "true"
"""Value of a checkbox that is ticked."""


def modal(
    t: Translate,
    name: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    context: ids.Context = ids.Context(),  # noqa: B008
) -> dict[str, Any]:
    """A modal; without ``submit`` one that can only be closed."""
    view = View(
        type="modal",
        callback_id=name,
        title=PlainTextObject(text=escape.line(title, TITLE_CHARACTERS)),
        submit=PlainTextObject(text=escape.line(submit, TITLE_CHARACTERS)) if submit else None,
        close=PlainTextObject(text=escape.line(t("Go back") if submit else t("Close"), TITLE_CHARACTERS)),
        private_metadata=ids.metadata(context),
        blocks=list(blocks),
    )
    return view.to_dict()


def told(t: Translate, title: str, text: str) -> dict[str, Any]:
    """A modal that only says something; ``text`` is mrkdwn."""
    return modal(t, ids.Modal.TOLD, title, [sentence(text)])


def sentence(text: str) -> SectionBlock:
    """A sentence of ours in mrkdwn; whatever it quotes was escaped before."""
    return SectionBlock(text=MarkdownTextObject(text=text[:SECTION_CHARACTERS], verbatim=True))


def quoted(text: str) -> SectionBlock:
    """What a person wrote, as it was written."""
    return SectionBlock(text=PlainTextObject(text=escape.block(text, SECTION_CHARACTERS), emoji=False))


def text_input(
    name: str,
    label: str,
    *,
    initial: str = "",
    hint: str | None = None,
    optional: bool = False,
    multiline: bool = True,
) -> InputBlock:
    """A text of at most ``INPUT_CHARACTERS``."""
    element = PlainTextInputElement(
        action_id=name,
        multiline=multiline,
        initial_value=escape.block(initial, INPUT_CHARACTERS) or None,
        max_length=INPUT_CHARACTERS,
    )
    return _input(name, label, element, hint=hint, optional=optional)


def choice(
    name: str, label: str, options: Mapping[str, str], *, initial: str | None = None, optional: bool = False
) -> InputBlock:
    """One of ``options`` (value → text)."""
    all_options = [_option(value, text) for value, text in options.items()]
    element = StaticSelectElement(
        action_id=name,
        options=all_options,
        initial_option=next((option for option in all_options if option.value == initial), None),
    )
    return _input(name, label, element, optional=optional)


def radio(name: str, label: str, options: Mapping[str, str]) -> InputBlock:
    """One of at most ten ``options`` (value → text), all of them in sight."""
    return _input(name, label, RadioButtonsElement(action_id=name, options=[_option(*one) for one in options.items()]))


def multi_choice(
    name: str,
    label: str,
    options: Mapping[str, str],
    *,
    initial: Collection[str] = (),
    hint: str | None = None,
    optional: bool = False,
) -> InputBlock:
    """Any of ``options`` (value → text). Read as one text: the values with a comma between them.

    Raises ValueError for a value with a comma.
    """
    if mistaken := [value for value in options if ids.SEPARATOR in value]:
        raise ValueError(f"multi_choice({name!r}): {mistaken[0]!r}: write values without a comma")
    all_options = [_option(value, text) for value, text in options.items()]
    element = StaticMultiSelectElement(
        action_id=name,
        options=all_options,
        initial_options=[option for option in all_options if option.value in initial] or None,
    )
    return _input(name, label, element, hint=hint, optional=optional)


def checkbox(
    name: str, label: str, text: str | None = None, *, initial: bool = False, hint: str | None = None
) -> InputBlock:
    """One box to tick, with ``text`` beside it, by default the label again. Read as ``TICKED``, or as nothing."""
    box = _option(TICKED, text or label)
    element = CheckboxesElement(action_id=name, options=[box], initial_options=[box] if initial else None)
    return _input(name, label, element, hint=hint, optional=True)


def grouped_choice(
    name: str,
    label: str,
    groups: Mapping[str, Mapping[str, str]],
    *,
    initial: str | None = None,
    optional: bool = False,
) -> InputBlock:
    """One of the options (value → text) of ``groups`` (label → options)."""
    all_groups = [
        OptionGroup(
            label=PlainTextObject(text=escape.line(group, OPTION_CHARACTERS)),
            options=[_option(value, text) for value, text in options.items()],
        )
        for group, options in groups.items()
    ]
    every = [option for group in all_groups for option in group.options or ()]
    element = StaticSelectElement(
        action_id=name,
        option_groups=all_groups,
        initial_option=next((option for option in every if option.value == initial), None),
    )
    return _input(name, label, element, optional=optional)


def person_input(
    name: str, label: str, *, initial: str | None = None, hint: str | None = None, optional: bool = False
) -> InputBlock:
    """Somebody of the workspace."""
    return _input(name, label, UserSelectElement(action_id=name, initial_user=initial), hint=hint, optional=optional)


def channel_input(
    name: str, label: str, *, initial: str | None = None, hint: str | None = None, optional: bool = False
) -> InputBlock:
    """A public channel, or a private one of whoever picks it; the app need not be a member."""
    channels = ConversationFilter(include=["public", "private"])
    element = ConversationSelectElement(action_id=name, initial_conversation=initial, filter=channels)
    return _input(name, label, element, hint=hint, optional=optional)


def instant_input(name: str, label: str, *, initial: int | None = None, optional: bool = False) -> InputBlock:
    """A date and a time, in seconds since 1970."""
    return _input(name, label, DateTimePickerElement(action_id=name, initial_date_time=initial), optional=optional)


def _option(value: str, text: str) -> Option:
    return Option(value=value, text=PlainTextObject(text=escape.line(text, OPTION_CHARACTERS)))


def _input(
    name: str, label: str, element: InputInteractiveElement, *, hint: str | None = None, optional: bool = False
) -> InputBlock:
    return InputBlock(
        block_id=ids.block(name),
        label=PlainTextObject(text=label),
        element=element,
        hint=PlainTextObject(text=hint) if hint else None,
        optional=optional,
    )
