"""What the plugin of suggestions uses, as people meet it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from slackdesk.plugin.model import PluginFile
from slackdesk.testing.contract import PluginContract
from slackdesk.testing.desk import PluginDesk

FOLDER = Path(__file__).parent / "suggestion"


class TestSuggestionContract(PluginContract):
    folder = FOLDER


@pytest.fixture
def desk(plugin_desk: Callable[..., PluginDesk]) -> PluginDesk:
    """A desk with the plugin."""
    return plugin_desk(FOLDER)


def test_verb_without_a_ticket_takes_all_of_the_text(desk: PluginDesk) -> None:
    maya, lead = desk.person("maya"), desk.person("helpdesk-lead")
    assert maya.slash("/ticket suggest 42 steps to print is too much").text == "Thank you. We have kept it."
    assert maya.slash("/ticket mine").text.startswith("You have no requests.")
    assert "`/ticket suggest …` tells us what could be better" in maya.slash("/ticket help").message.message.text
    lead.slash("/desk suggestions")
    lead.modal.sees("42 steps to print is too much").sees("@maya")


def test_verb_and_word_open_windows_and_every_input_arrives(desk: PluginDesk) -> None:
    ayu, lead = desk.person("ayu"), desk.person("helpdesk-lead")
    lead.slash("/desk suggestions")
    lead.modal.sees("Nobody has suggested anything.").close()
    ayu.slash("/ticket suggest")
    assert ayu.modal.options("Tentang apa?") == ("Formulirnya", "Lamanya", "Cara kami menulis")
    with pytest.raises(AssertionError, match="is not offered, it is im; offered are: public, private"):
        ayu.modal.fill({"Di mana hal itu muncul?": "rina"})
    ayu.modal.fill({"Apa yang bisa lebih baik?": "Tolak lebih ramah", "Tentang apa?": ["Lamanya", "Cara kami menulis"]})
    ayu.modal.fill({"Di mana hal itu muncul?": "#general", "Nama Anda": ["Jangan sebut nama saya"]}).submit()
    ayu.modal.sees("Saran Anda kami simpan").close()
    lead.slash("/desk suggestions")
    lead.modal.sees("Tolak lebih ramah").sees("#general").sees("How long it takes, How we write")
    assert "ayu" not in lead.modal.text


def test_inputs_that_are_left_alone_hold_nothing(desk: PluginDesk) -> None:
    maya, lead = desk.person("maya"), desk.person("helpdesk-lead")
    maya.slash("/ticket suggest")
    maya.modal.fill({"What could be better?": "Nothing"}).submit()
    table = desk.plugin.tables.tables["suggestion_entry"] if desk.plugin.tables is not None else None
    assert table is not None
    with desk.desk.reading() as tx:
        [row] = tx.session.execute(select(table.c.text, table.c.person, table.c.about, table.c.channel))
    assert row == ("Nothing", maya.user.id, None, None)
    lead.slash("/desk suggestions")
    lead.modal.sees("@maya")


def test_command_line_below_one_of_the_core(desk: PluginDesk) -> None:
    desk.person("maya").slash("/ticket suggest a shorter\nform")
    assert desk.command_line("audit suggestions") == f"{desk.now:%Y-%m-%d} a shorter form\n"


def test_point_report_section(desk: PluginDesk) -> None:
    desk.person("maya").slash("/ticket suggest a shorter form")
    desk.person("maya").slash("/ticket My VPN is down")
    desk.advance("1m")
    lead, ayu = desk.person("helpdesk-lead"), desk.person("ayu")
    lead.slash("/desk numbers")
    lead.modal.sees("What could be better").sees("Suggestions: 1").sees("Requests meanwhile: 1 IT-1")
    ayu.slash("/desk numbers")
    ayu.modal.sees("Yang bisa lebih baik").sees("Saran: 1").sees("Permintaan selama itu: 1 IT-1")
    desk.advance("8d")
    lead.modal.close()
    lead.slash("/desk numbers")
    lead.modal.sees("Suggestions: 0").sees("Requests meanwhile: 0")


def test_files_follow_their_message_and_again_when_they_have_changed(desk: PluginDesk) -> None:
    maya, lead = desk.person("maya"), desk.person("helpdesk-lead")
    maya.slash("/ticket suggest a shorter form")
    desk.advance("7d")
    message = lead.sees("1 suggestions so far", in_="dm")
    [share] = message.thread()
    assert share.files == ("suggestions.csv", "suggestions.png")
    table, picture = share.file("suggestions.csv"), share.file("suggestions.png")
    assert (table.title, table.alt_text, table.mimetype) == ("Suggestions", "", "text/csv")
    assert table.content.decode().splitlines()[1].endswith(",a shorter form")
    assert (picture.title, picture.alt_text) == ("How many there are", "A bar: 1 suggestions so far")
    assert picture.content.startswith(b"\x89PNG")
    desk.advance("7d")
    assert [one.files for one in message.thread()] == [share.files], "nothing has changed"
    maya.slash("/ticket suggest nicer words")
    desk.advance("7d")
    changed = lead.sees("2 suggestions so far", in_="dm")
    assert changed.ts == message.ts
    assert [one.files for one in changed.thread()] == [share.files, share.files]
    assert "nicer words" in changed.thread()[-1].file("suggestions.csv").content.decode()
    assert _kept(desk) == {"suggestions.csv": None, "suggestions.png": None}, "contents are not kept for ever"


def _kept(desk: PluginDesk) -> dict[str, bytes | None]:
    with desk.desk.reading() as tx:
        return {file.name: file.content for file in tx.session.scalars(select(PluginFile))}
