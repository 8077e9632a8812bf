"""Whatever people write, every form and every answer is one that Slack accepts."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slackdesk.slack import ids

from .conftest import Door, Json, new_ts

NASTY = st.text(max_size=60) | st.sampled_from(
    [
        "<!channel>",
        "<@U0ANI>",
        "*" * 50,
        "&" * 3500,
        "<" * 4000,
        "a\n" * 2000,
        "\u202eabc",
        "\x00",
        "x" * 3001,
        "```",
        ">>> x",
    ]
)
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(NASTY)
@QUIET
def test_quick_filing_showing_and_help_are_legal(door: Door, text: str) -> None:
    before = len(door.tickets())
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    door.slash("U0ANI", f"/ticket I need {escaped}")
    number = door.tickets()[-1].number
    assert "<!channel>" not in door.slash("U0ANI", f"/ticket show {number}")
    door.slash("U0ANI", "/ticket mine")
    door.slash("U0LENA", "/desk queue")
    assert len(door.tickets()) <= before + 1


@given(NASTY)
@QUIET
def test_forms_made_of_a_message_are_legal(door: Door, text: str) -> None:
    message: Json = {"type": "message", "user": "U0BUDI", "text": text, "ts": new_ts()}
    door.shortcut("U0LENA", "make_ticket", message)
    assert door.api.views()[-1]["callback_id"] == ids.Modal.FILE


@pytest.mark.parametrize("click", ["actions", "show", "resolve", "reply", "escalate", "duplicate", "topic"])
def test_forms_about_a_long_ticket_are_legal(door: Door, click: str) -> None:
    door.slash("U0ANI", "/ticket " + "&lt;very&gt; *long* " * 1500)
    door.press("U0LENA", ids.action(click, 1))
    assert len(door.api.views()) == 1
