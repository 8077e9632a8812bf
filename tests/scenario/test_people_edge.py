"""People file, talk, claim and hand up, by everything that they can press and write in Slack."""

import re
from uuid import uuid4

from slackdesk.demo.stage import Stage
from slackdesk.sandbox.people import Person
from slackdesk.sandbox.seen import SeenMessage


def request(about: str) -> str:
    """A request that no other test makes."""
    return f"{about} {uuid4().hex[:8]}"


def number_in(text: str) -> str:
    found = re.search(r"IT-\d+", text)
    assert found, text
    return found[0]


def filed(stage: Stage, person: str, text: str) -> tuple[str, SeenMessage]:
    """Files by slash command; returns the number and the card as L1 sees it."""
    number = number_in(stage.person(person).slash(f"/ticket {text}", in_="#general").text)
    return number, stage.person("agus").sees(text, in_="#it-l1")


def card_of(agent: Person, number: str, channel: str) -> SeenMessage:
    return agent.sees(f"{number} ·", in_=channel)


def test_form_is_filled_and_answers_in_place(stage: Stage) -> None:
    maya, text = stage.person("maya"), request("Screen flickers")
    maya.slash("/ticket")
    maya.modal.fill({"What is it about?": "Laptop", "What do you need?": text, "How urgent is it?": "High"}).submit()
    number = maya.modal.title
    assert f"Filed as {number}. " in maya.modal.text
    maya.modal.close()
    card = stage.person("agus").sees(text, in_="#it-l1")
    assert number in card.text
    assert "High" in card.text
    assert number in maya.sees(text, in_="dm").text


def test_request_in_a_channel_is_talked_about_in_its_thread(stage: Stage) -> None:
    prakash, agus, text = stage.person("prakash"), stage.person("agus"), request("Printer jams")
    message = prakash.says(text, in_="#help-it")
    number = number_in(prakash.sees("Status: New", in_=message).text)
    prakash.says("It is the one on floor 3", in_=message)
    agus.sees("It is the one on floor 3", in_=card_of(agus, number, "#it-l1"))


def test_direct_message_becomes_a_request_and_a_greeting_does_not(stage: Stage) -> None:
    prakash, text = stage.person("prakash"), request("No signal on my phone")
    prakash.says("hello", in_="dm")
    prakash.sees("Hello! Write what you need", in_="dm")
    prakash.sees("Status: New", in_=prakash.says(text, in_="dm"))


def test_emoji_file_claim_and_send(stage: Stage) -> None:
    agus, rina, text = stage.person("agus"), stage.person("rina"), request("My own monitor is broken")
    rina.reacts(agus.says(text, in_="#it-l1"), "ticket")
    card = rina.sees(text + "\nStatus", in_="#it-l1")
    number = number_in(card.text)
    rina.slash(f"/ticket note {number} Which cable is it?")
    agus.sees("Which cable is it?", in_=card)
    rina.reacts(card, "eyes")
    agus.sees(f"{text}\nStatus\nIn progress", in_="#it-l1")
    note = rina.says("Swap the cable first", in_=card)
    agus.sees("Swap the cable first", in_=card)
    rina.reacts(note, "outbox_tray")
    rina.click("Urungkan", in_=number)
    rina.sees("Tidak ada yang dikirim", in_="#it-l1")


def test_loser_of_a_claim_reads_who_was_first(stage: Stage) -> None:
    number, card = filed(stage, "maya", request("VPN is down"))
    stage.person("rina").click("Claim", in_=card)
    answer = stage.person("agus").slash(f"/ticket claim {number}")
    assert "@rina" in answer.text


def test_hand_off_up_back_and_solved(stage: Stage) -> None:
    maya, dewi, text = stage.person("maya"), stage.person("dewi"), request("Firewall blocks the VPN")
    number, card = filed(stage, "maya", text)
    agus = stage.person("agus")
    agus.click("Escalate", in_=card)
    agus.modal.fill(
        {
            "Mengapa dinaikkan?": "Needs the firewall",
            "Apa yang sudah dicoba?": "Restarted the client",
            "Apa yang diminta dari tingkat berikutnya?": "Open port 443",
        }
    ).submit()
    handed = dewi.sees("Open port 443", in_="#it-l2")
    dewi.click("Accept", in_=f"{number} ·")
    dewi.sees(f"{number} ·", in_="#it-l2")
    assert "Needs the firewall" in handed.text
    dewi.slash(f"/ticket resolve {number} Port 443 is open")
    dewi.modal.fill({"What was it about?": "Network and VPN"}).submit()
    maya.click("Yes, close", in_=f"resolved {number}")
    maya.sees(f"{number} is solved and closed", in_="dm")


def test_shortcuts_make_a_ticket_and_list_its_actions(stage: Stage) -> None:
    maya, agus, text = stage.person("maya"), stage.person("agus"), request("My chair squeaks")
    maya.message_shortcut("Make a ticket", maya.says(text, in_="#general"))
    maya.modal.fill({"What is it about?": "Other"}).submit()
    number = maya.modal.title
    maya.modal.close()
    card = agus.sees(text, in_="#it-l1")
    agus.click("Add a note", in_=card)
    agus.modal.fill({"Catatan Anda": "Oil it"}).submit()
    note = agus.sees("Oil it", in_=card)
    agus.message_shortcut("Ticket actions", note)
    agus.modal.fill({"Apa yang ingin Anda lakukan?": "Ambil"}).submit()
    agus.sees(f"{text}\nStatus\nIn progress", in_="#it-l1")
    assert number in maya.slash(f"/ticket show {number}").text


def test_wrong_person_is_told_and_nothing_happens(stage: Stage) -> None:
    number, _ = filed(stage, "maya", request("Keyboard types twice"))
    answer = stage.person("prakash").slash(f"/ticket claim {number}")
    assert "Only members of L1 of IT help" in answer.text
    assert "nobody yet" in stage.person("maya").slash(f"/ticket show {number}").text


def test_home_opens_the_form(stage: Stage) -> None:
    prakash, text = stage.person("prakash"), request("I need a second monitor")
    prakash.opens_home()
    prakash.click("File a request", in_="home")
    prakash.modal.fill({"What is it about?": "Laptop", "What do you need?": text}).submit()
    assert "Filed as IT-" in prakash.modal.text
    prakash.modal.close()
