"""The disk is full: people read that nothing was saved, nothing is lost, and the desk goes on when there is room."""

import contextlib
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import SeenMessage

from ..process_tree import descendants, parent_of
from .short_day import at_rest, dead_work, file, until
from .world import World

BYTES = 24 * 2**20
CHUNK = b"\0" * 4096
REFUSAL = "cannot save anything just now"

Fill = Callable[[World], Callable[[], None]]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, which only root can make."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a small disk; the limit on the size of files stands in for it")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_fault_disk_full(tmp_path: Path, small_disk: Path) -> None:
    database = {"DATABASE_URL": f"sqlite:///{small_disk / 'slackdesk.sqlite3'}"}
    filler = small_disk / "filler"

    def fill(world: World) -> Callable[[], None]:
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(CHUNK)
        return filler.unlink

    with World(tmp_path / "world", beside=(), environment=database) as world:
        play(world, fill)


def test_fault_files_may_grow_no_more(tmp_path: Path) -> None:
    def fill(world: World) -> Callable[[], None]:
        family = descendants(parent_of(world.stage.processes()["app"]))
        before = {process_id: resource.prlimit(process_id, resource.RLIMIT_FSIZE) for process_id in family}
        for process_id, (_, hard) in before.items():
            resource.prlimit(process_id, resource.RLIMIT_FSIZE, (1, hard))

        def end() -> None:
            for process_id in descendants(parent_of(world.stage.processes()["app"])):
                _, hard = resource.prlimit(process_id, resource.RLIMIT_FSIZE)
                resource.prlimit(process_id, resource.RLIMIT_FSIZE, (hard, hard))

        return end

    with World(tmp_path / "world", beside=()) as world:
        play(world, fill)


def play(world: World, fill: Fill) -> None:
    """Before, while the disk is full, and after it."""
    maya, rina = world.stage.person("maya"), world.stage.person("rina")
    assert file(world, "maya", "There is room")
    card = rina.sees("There is room", in_="#it-l1")
    at_rest(world)
    processes = world.stage.processes()
    end = fill(world)
    try:
        texts = [f"The disk is full, {number}" for number in range(40)]
        taken: list[str] = []
        for text in texts:  # what is left of the database's pages is used up first
            answer = maya.slash(f"/ticket {text}")
            assert not answer.error
            if REFUSAL in answer.text:
                refused = text
                break
            assert "IT-" in answer.text
            taken.append(text)
        else:
            pytest.fail("the disk never was full")
        assert refused in answer.text, "the words are given back"
        rina.click("Claim", in_=card)
        until(world, lambda: was_told(rina) or is_claimed(rina, card), "the button works, or its presser reads why not")
    finally:
        end()
    until(world, lambda: file(world, "maya", refused), "there is room again")
    taken.append(refused)
    for text in taken:
        until(world, lambda text=text: [s for s in rina.messages("#it-l1") if text in s.text], f"the card of {text}")
    at_rest(world)
    for text in taken:
        assert len([seen for seen in rina.messages("#it-l1") if text in seen.text and not seen.ephemeral]) == 1
    assert dead_work(world) == []
    assert world.stage.processes()["app"] == processes["app"], "the app went on"
    verified = world.stage.command("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def was_told(person: Person) -> bool:
    """Whether something stands there that only this person sees."""
    return any(seen.ephemeral and seen.text for seen in person.messages("#it-l1"))


def is_claimed(person: Person, card: SeenMessage) -> bool:
    """Where SQLite finds room in what it has written before, a small change may still be saved."""
    return "Assignee\n@rina" in person.messages(card)[0].text
