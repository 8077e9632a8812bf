"""A person who was told nothing presses again: what was asked for happens once."""

import signal
from collections.abc import Iterator

import pytest

from .short_day import at_rest, file, freeze, until
from .world import World

pytestmark = pytest.mark.xdist_group("fault-people")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), beside=()) as world:
        yield world


def test_fault_form_submitted_again_after_no_answer_files_once(world: World) -> None:
    maya, app = world.stage.person("maya"), world.processes("app")[0]
    maya.slash("/ticket")
    modal = maya.modal
    modal.fill({"What is it about?": "Laptop", "What do you need?": "A lamp for the desk"})
    freeze(world, app)
    modal.submit()
    assert modal.trouble, "Slack said that it did not work"
    assert modal.is_open
    world.signal(app, signal.SIGCONT)  # it takes what was submitted now, and nobody reads its answer
    rina = world.stage.person("rina")
    until(world, lambda: [seen for seen in rina.messages("#it-l1") if "A lamp for the desk" in seen.text], "a card")
    modal.submit()
    assert not modal.trouble
    assert "IT-" in maya.modal.title, "the number of the request that was filed"
    at_rest(world)
    assert len([seen for seen in rina.messages("#it-l1") if "A lamp for the desk" in seen.text]) == 1
    assert len([seen for seen in maya.messages("dm") if "A lamp for the desk" in seen.text]) == 1


def test_fault_form_of_an_agent_submitted_again_replies_once(world: World) -> None:
    assert file(world, "maya", "The blinds are stuck")
    maya, rina, app = world.stage.person("maya"), world.stage.person("rina"), world.processes("app")[0]
    card = rina.sees("The blinds are stuck", in_="#it-l1")
    rina.click("Claim", in_=card)
    rina.click("Reply", in_=card)
    modal = rina.modal
    modal.fill({modal_label(modal): "Somebody comes at noon"})
    freeze(world, app)
    modal.submit()
    assert modal.trouble
    world.signal(app, signal.SIGCONT)
    until(world, lambda: [seen for seen in maya.messages("dm") if "Somebody comes at noon" in seen.text], "the reply")
    modal.submit()
    assert not modal.trouble
    at_rest(world)
    assert len([seen for seen in maya.messages("dm") if "Somebody comes at noon" in seen.text]) == 1


def modal_label(modal: object) -> str:
    """The one field of the form, in the agent's language."""
    (label,) = modal.values  # type: ignore[attr-defined]
    return str(label)
