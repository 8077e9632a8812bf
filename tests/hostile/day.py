"""A day on which everything happens once that Slack delivers to the app: its deliveries have their true shapes."""

from slackdesk.demo.actors import Actor
from slackdesk.demo.requests import Door, Request, Story
from slackdesk.demo.stage import Stage

L1, L2 = "#it-l1", "#it-l2"


def play(stage: Stage) -> None:
    """Let people of the company use everything that the app offers."""
    lead, maya = Actor(stage, "helpdesk-lead"), Actor(stage, "maya")
    number = _filing(stage, maya)
    _working(lead, maya, number)
    _handing_on(lead, Actor(stage, "dewi"), number)
    _ending(lead, Actor(stage, "dewi"), maya, number)
    _writing(stage, lead)
    _workspace_changes(stage, lead)
    assert stage.sandbox.delivery.wait_until_answered(30)


def _filing(stage: Stage, maya: Actor) -> str:
    number = maya.file(_request(Door.FORM, "My VPN is down"))
    for door, text in ((Door.SHORTCUT, "Keyboard"), (Door.HOME, "Mouse"), (Door.MESSAGE, "Printer jams")):
        maya.file(_request(door, text))
    quick = maya.asks("I need a new chair")
    maya.person.click("Add details", in_=maya.root(quick))
    maya.fills({"What else should we know?": "With wheels"})
    maya.person.slash("/ticket mine")
    maya.person.slash(f"/ticket show {quick}")
    maya.person.message_shortcut("Ticket actions", maya.root(quick))
    maya.fills({"What do you want to do?": "Cancel the request"})
    maya.fills({})
    maya.cancels(maya.asks("I need a new desk"))
    maya.person.opens_home()
    Actor(stage, "helpdesk-lead").file(_request(Door.BEHALF, "Badge for the new one", "ratna"))
    return number


def _request(door: Door, text: str, requester: str = "maya") -> Request:
    return Request(0, requester, requester, door, Story.SOLVED, text, "Other", priority=None, file=None)


def _working(lead: Actor, maya: Actor, number: str) -> None:
    lead.presses("Claim", number, L1)
    lead.card(number, L1, "@helpdesk-lead")
    forms: tuple[tuple[str, dict[str, str]], ...] = (
        ("Add a note", {"Your note": "Known"}),
        ("Assign", {f"Who takes {number}?": "rina"}),
        ("Change the priority", {f"How soon does {number} have to be solved?": "High"}),
        ("Change the topic", {f"What is {number} about?": "Software"}),
        ("Put on hold", {"What does it wait for?": "The supplier"}),
        ("Snooze", {}),
    )
    for label, answers in forms:
        lead.chooses(label, number, L1)
        lead.fills(answers)
    lead.presses("Resume", number, L1)
    lead.replies(number, L1, "Please restart it")
    lead.person.click("Undo", in_=lead.person.sees("Please restart it", in_=L1))
    lead.presses("Wait for the requester", number, L1)
    maya.writes(number, "It is still down")


def _handing_on(lead: Actor, dewi: Actor, number: str) -> None:
    words = {"reason": "Needs root", "tried": "Restarted it", "asked": "Look at the firewall"}
    lead.escalates(number, L1, **words)
    dewi.sends_back(number, L2, "Try again")
    lead.escalates(number, L1, **words)
    dewi.presses("Accept", number, L2)
    lead.person.slash(f"/ticket sla {number}")
    lead.person.slash("/desk queue")


def _ending(lead: Actor, dewi: Actor, maya: Actor, number: str) -> None:
    dewi.resolves(number, L2, "Other", "A new certificate")
    maya.answers_question(number, solved=False)
    dewi.resolves(number, L2, "Other", "Another certificate")
    maya.answers_question(number, solved=True)
    second = maya.asks("VPN again")
    lead.chooses("Mark as a duplicate", second, L1)
    lead.fills({f"Which ticket does {second} repeat?": number})
    lead.chooses("Not a request", maya.asks("Lunch?"), L1)


def _writing(stage: Stage, lead: Actor) -> None:
    budi = Actor(stage, "budi")
    asked = Request(0, "budi", "budi", Door.CHANNEL, Story.SOLVED, "@slackdesk the beamer is dark", None, None, None)
    number = budi.file(asked)
    written = budi.person.sees("the beamer is dark", in_="#help-it")
    budi.person.edits(written, "@slackdesk the beamer in room 4 is dark")
    budi.person.says("since Monday", in_=written, also_to_channel=True)
    budi.person.uploads("dark.png", b"png", in_=written)
    budi.person.deletes(budi.person.says("never mind", in_=written))
    card = lead.card(number, L1)
    note = lead.person.says("I know that room", in_=card)
    assert stage.sandbox.delivery.wait_until_answered(30)
    for emoji in ("eyes", "white_check_mark"):
        lead.person.reacts(card, emoji)
    lead.person.reacts(note, "outbox_tray")
    lead.person.message_shortcut("Ticket actions", card)
    lead.person.modal.close()
    lead.person.message_shortcut("Send to requester", lead.person.says("It is the lamp", in_=card))
    aside = budi.person.says("My screen flickers", in_="#general")
    lead.person.message_shortcut("Make a ticket", aside)
    lead.person.modal.close()
    lead.person.reacts(budi.person.says("and the lamp hums", in_="#help-it"), "ticket")


def _workspace_changes(stage: Stage, lead: Actor) -> None:
    workspace = stage.sandbox.workspace
    with workspace.lock:
        rina = workspace.user_by_handle("rina")
        workspace.update_user(rina.id, title="Senior agent")
        group = next(group for group in workspace.usergroups.values() if group.handle == "it-l1")
        workspace.set_usergroup_members(group.id, [rina, workspace.user_by_handle("agus")])
        for name, is_private in (("old-public", False), ("old-private", True)):
            channel = workspace.add_channel(
                name, creator=lead.person.user, is_private=is_private, members=[lead.person.user, workspace.bot]
            )
            workspace.archive(channel.id, lead.person.user)
            workspace.unarchive(channel.id, lead.person.user)
    stage.person("ayu").invites("slackdesk", "#general")
