"""`/desk doctor` at the edge: who may ask, and that one question is one piece of work."""

from slackdesk.slack.checkup import TIMER

from .conftest import GENERAL, Door


def test_operator_asks_once_however_often_slack_delivers(door: Door) -> None:
    answer = door.slash("U0OPER", "/desk doctor")
    assert "I am looking at everything" in answer
    assert answer in door.again()
    (row,) = door.work(TIMER)
    assert row.payload == {"person": "U0OPER", "channel": GENERAL}


def test_nobody_else_may_ask(door: Door) -> None:
    for person in ("U0ANI", "U0LENA", "U0LEAD", "U0BOSS", "U0GUEST"):
        assert "Ask <@U0OPER>." in door.slash(person, "/desk doctor")
    assert door.work(TIMER) == []


def test_help_names_the_doctor(door: Door) -> None:
    assert "/desk doctor" in door.slash("U0OPER", "/desk help")
