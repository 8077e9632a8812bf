"""Ids that Slack echoes come back as what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackdesk.slack import ids

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,20}(\.[a-z0-9_]{1,20})?", fullmatch=True)


@given(NAMES, st.none() | st.integers(0, 10**17), st.none() | st.text(min_size=1, max_size=100))
def test_action_ids_come_back(name: str, ticket_id: int | None, extra: str | None) -> None:
    assert ids.parse_action(ids.action(name, ticket_id, extra)) == ids.ActionId(name, ticket_id, extra)


@given(st.text(max_size=300))
def test_foreign_action_ids_are_refused_or_built_by_us(text: str) -> None:
    try:
        parsed = ids.parse_action(text)
    except ValueError:
        return
    assert ids.action(parsed.name, parsed.ticket_id, parsed.extra).split(":")[0] == text.split(":", maxsplit=1)[0]


@pytest.mark.parametrize("name", ["", "Claim", "a:b", "1", "é"])
def test_names_that_could_not_come_back_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="action id"):
        ids.action(name, 42)


def test_too_long_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="action id"):
        ids.action("claim", 42, "x" * 255)
    with pytest.raises(ValueError, match="block id"):
        ids.block("x" * 256)


@given(st.builds(ids.Context, ticket_id=st.none() | st.integers(), channel=st.none() | st.text(max_size=50)))
def test_private_metadata_comes_back(context: ids.Context) -> None:
    assert ids.parse_metadata(ids.metadata(context)) == context


@pytest.mark.parametrize("text", ["[]", "{", '{"unknown": 1}', '{"ticket_id": "42"}', '{"ticket_id": true}', "null"])
def test_foreign_private_metadata_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ids.parse_metadata(text)


def test_private_metadata_fits() -> None:
    with pytest.raises(ValueError, match="3000"):
        ids.metadata(ids.Context(response_url="x" * 3000))


def test_blocks_keep_their_names_through_revisions() -> None:
    assert ids.parse_block(ids.block("card", 7)) == ids.parse_block(ids.block("card", 8)) == "card"
    assert ids.block("card", 7) != ids.block("card", 8)
