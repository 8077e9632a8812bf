"""Whatever JSON an app answers with, the person keeps what he or she had, and nothing breaks."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slackdesk.sandbox import ApiError, Sandbox
from slackdesk.sandbox.blockkit import message_problems
from slackdesk.sandbox.interactions import offered_in

Json = dict[str, Any]
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=6,
)
RESPONSE_KEYS = (
    "blocks",
    "attachments",
    "metadata",
    "thread_ts",
    "response_type",
    "replace_original",
    "delete_original",
)
PLAIN = {"type": "plain_text", "text": "Any"}
INPUT = {"type": "input", "block_id": "b", "label": PLAIN, "element": {"type": "plain_text_input", "action_id": "a"}}
FORM = {"type": "modal", "title": PLAIN, "submit": PLAIN, "blocks": [INPUT]}


@pytest.fixture(scope="module")
def silent() -> Sandbox:
    return Sandbox()


@untimed
@given(body=st.fixed_dictionaries({"text": st.just("said") | ANY}, optional=dict.fromkeys(RESPONSE_KEYS, ANY)))
def test_any_response_is_taken_or_refused(silent: Sandbox, body: Json) -> None:
    person, channel = silent.person("ayu").user, silent.workspace.channel_by_name("general")
    if message_problems(body):
        return
    try:
        message = silent.responses.answer(person, channel.id, body)
    except ApiError:
        return
    assert message is not None
    assert silent.person("ayu").eyes.seen(message).ts == message.ts


ACTIONS = st.sampled_from(["errors", "update", "push", "clear"]) | ANY


@untimed
@given(body=st.dictionaries(st.text(max_size=4), ANY, max_size=2), action=ACTIONS, view=ANY, errors=ANY)
def test_any_answer_to_a_submission_is_taken_or_refused(
    silent: Sandbox, body: Json, action: Any, view: Any, errors: Any
) -> None:
    user = silent.person("budi").user
    form = silent.views.open(silent.views.issue_trigger(user.id), FORM)
    answer = body | {"response_action": action, "view": view, "errors": errors}
    if action == "clear":
        silent.views.answer(form, answer, submitted_hash=form.hash)
        assert silent.views.stack(user.id) == []
        return
    with pytest.raises(ApiError) as refusal:  # nothing generated here is a view, nor names an input of the form
        silent.views.answer(form, answer, submitted_hash=form.hash)
    assert refusal.value.extra["response_metadata"]["messages"]
    assert silent.views.stack(user.id) == [form]


@untimed
@given(body=st.fixed_dictionaries({}, optional={"options": ANY, "option_groups": ANY}))
def test_any_suggestion_is_taken_or_refused(silent: Sandbox, body: Json) -> None:
    options, refused = offered_in(body)
    assert not (options and refused)
    assert all(isinstance(option["text"]["text"], str) for option in options)
