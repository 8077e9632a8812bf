"""Modals and the Home tab: triggers, the stack, hashes, state of every kind of field, all answers to a submission."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import pytest
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from slackdesk.sandbox import Sandbox
from slackdesk.sandbox.journal import DeliveryEntry

Json = dict[str, Any]
T = TypeVar("T")


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*texts: str) -> list[Json]:
    return [{"text": plain(text), "value": text.lower()} for text in texts]


def field(label: str, kind: str, **element: Any) -> Json:
    outside = {key: element.pop(key) for key in ("optional", "dispatch_action", "hint") if key in element}
    inside = {"type": kind, "action_id": label.lower().replace(" ", "_")} | element
    return {"type": "input", "block_id": f"b_{inside['action_id']}", "label": plain(label), "element": inside} | outside


def modal(title: str, *blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain(title), "submit": plain("Send"), "blocks": list(blocks)} | more


EVERY_KIND = modal(
    "Everything",
    field("Text", "plain_text_input", multiline=True, max_length=20, min_length=3),
    field("Mail", "email_text_input", optional=True),
    field("Address", "url_text_input", optional=True),
    field("Number", "number_input", is_decimal_allowed=False, min_value="2", optional=True),
    field("Rich", "rich_text_input", optional=True),
    field("One", "static_select", options=options("Laptop", "Phone"), initial_option=options("Phone")[0]),
    field("Some", "multi_static_select", options=options("Red", "Green", "Blue"), optional=True),
    field("Radio", "radio_buttons", options=options("Low", "High"), optional=True),
    field("Ticks", "checkboxes", options=options("Urgent", "Private"), optional=True),
    field("Person", "users_select", optional=True),
    field("People", "multi_users_select", optional=True),
    field("Place", "conversations_select", default_to_current_conversation=True, optional=True),
    field("Places", "multi_conversations_select", optional=True),
    field("Channel", "channels_select", optional=True),
    field("Channels", "multi_channels_select", optional=True),
    field("Day", "datepicker", initial_date="2026-11-24", optional=True),
    field("Time", "timepicker", optional=True),
    field("Moment", "datetimepicker", optional=True),
    field("Files", "file_input", optional=True),
    callback_id="everything",
)


def listeners(app: App) -> None:
    @app.command("/open")
    def open_view(ack: Ack, command: Json, client: WebClient) -> None:
        ack()
        with suppress(SlackApiError):  # the journal knows what was refused
            client.views_open(trigger_id=command["trigger_id"], view=VIEWS[command["text"]])

    @app.command("/twice")
    def open_twice(ack: Ack, command: Json, client: WebClient) -> None:
        client.views_open(trigger_id=command["trigger_id"], view=VIEWS["form"])
        with pytest.raises(SlackApiError) as error:
            client.views_open(trigger_id=command["trigger_id"], view=VIEWS["form"])
        ack(error.value.response["error"])

    @app.command("/loading")
    def loading(ack: Ack, command: Json, client: WebClient) -> None:
        ack()
        shown = {key: value for key, value in modal("Wait", section("Loading ...")).items() if key != "submit"}
        view = client.views_open(trigger_id=command["trigger_id"], view=shown)["view"]
        client.views_update(view_id=view["id"], hash=view["hash"], view=VIEWS["form"])
        with pytest.raises(SlackApiError, match="hash_conflict"):
            client.views_update(view_id=view["id"], hash=view["hash"], view=VIEWS["form"])

    @app.view("everything")
    def take_everything(ack: Ack) -> None:
        ack()

    @app.view("form")
    def take_form(ack: Ack, view: Json, body: Json, client: WebClient) -> None:
        text = view["state"]["values"]["b_what"]["what"]["value"]
        match text:
            case "errors":
                ack(response_action="errors", errors={"b_what": "Say more"})
            case "wrong errors":
                ack(response_action="errors", errors={"b_nothing": "?"})
            case "late errors":
                client.views_update(view_id=view["id"], view=modal("Thanks", section("Filed as *IT-42*")))
                ack(response_action="errors", errors={"b_what": "Say more"})
            case "update":
                ack(response_action="update", view=modal("Thanks", section("Filed as *IT-42*")))
            case "push":
                ack(response_action="push", view=modal("Second", section("More?"), callback_id="second"))
            case "text":
                ack("thank you")
            case "asleep":
                threading.Event().wait(3.2)
                with suppress(SlackApiError):
                    client.views_push(trigger_id=body["trigger_id"], view=VIEWS["deep"])
                ack()
            case _:
                ack()

    @app.view("place")
    def take_place(ack: Ack, respond: Respond) -> None:
        ack()
        respond("It is done", response_type="in_channel")

    @app.view("second")
    def take_second(ack: Ack) -> None:
        ack(response_action="clear")

    @app.view_closed("form")
    def closed(ack: Ack) -> None:
        ack()

    @app.action("another")
    def another(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        with suppress(SlackApiError):
            client.views_push(trigger_id=body["trigger_id"], view=VIEWS["deep"])

    @app.action("topic")
    def topic(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        chosen = body["actions"][0]["selected_option"]["text"]["text"]
        changed = modal("New", WHAT, TOPIC, section(f"You chose {chosen}"), callback_id="form")
        client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=changed)

    @app.options("system")
    def systems(ack: Ack, payload: Json) -> None:
        known = ("Payroll", "Payments", "Wiki")
        ack(options=options(*(name for name in known if payload["value"].lower() in name.lower())))

    @app.event("app_home_opened")
    def home(event: Json, client: WebClient) -> None:
        if event["tab"] == "home":
            client.views_publish(user_id=event["user"], view=HOME)

    @app.action("refresh")
    def refresh(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        fresh = HOME | {"blocks": [section("Fresh tickets: 1")]}
        client.views_publish(user_id=body["user"]["id"], view=fresh, hash=body["view"]["hash"])


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}} | more


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id} | more


CONFIRM = {"title": plain("Sure?"), "text": plain("Really"), "confirm": plain("Refresh"), "deny": plain("Back")}
HOME = {
    "type": "home",
    "blocks": [
        section("Your tickets: *none*"),
        {"type": "actions", "elements": [button("Refresh", "refresh", confirm=CONFIRM)]},
    ],
}
WHAT = field("What", "plain_text_input")
TOPIC = field("Topic", "static_select", options=options("Laptop", "Phone"), dispatch_action=True, optional=True)
SYSTEM = field("System", "external_select", min_query_length=2, optional=True)
VIEWS = {
    "everything": EVERY_KIND,
    "form": modal("New", WHAT, TOPIC, SYSTEM, callback_id="form", notify_on_close=True),
    "clearing": modal("New", WHAT, callback_id="form", notify_on_close=True, clear_on_close=True),
    "deep": modal("Deep", {"type": "actions", "elements": [button("Another", "another")]}, callback_id="form"),
    "place": modal("Where", field("Tell", "conversations_select", response_url_enabled=True), callback_id="place"),
    "once": modal("Once", WHAT, external_id="only-one", callback_id="form"),
    "illegal": modal("x" * 25, WHAT),
}


@pytest.fixture(scope="module", params=["socket", "http"])
def modal_desk(request: pytest.FixtureRequest, connect_bolt: Any) -> Sandbox:
    sandbox: Sandbox = connect_bolt(listeners, request.param)
    return sandbox


def deliveries(sandbox: Sandbox, kind: str) -> list[DeliveryEntry]:
    return [entry for entry in sandbox.journal.deliveries("interactive") if entry.payload["type"] == kind]


def wait_until(look: Callable[[], T]) -> T:
    deadline = time.monotonic() + 5
    while not (found := look()):
        assert time.monotonic() < deadline, "waited in vain"
        threading.Event().wait(0.01)
    return found


def open_form(sandbox: Sandbox, handle: str, view: str = "form") -> Any:
    person = sandbox.person(handle)
    person.slash(f"/open {view}", in_="#help-it")
    return person.modal


def test_state_of_every_kind_of_field(modal_desk: Sandbox) -> None:
    form = open_form(modal_desk, "ayu", "everything")
    workspace = modal_desk.workspace
    rina, budi = workspace.user_by_handle("rina").id, workspace.user_by_handle("budi").id
    help_it, general = (workspace.channel_by_name(name).id for name in ("help-it", "general"))
    form.fill({"Text": "two\nlines", "Mail": "a@b.example", "Address": "https://a.example", "Number": 7})
    form.fill({"Rich": "plain", "Some": ["Red", "Blue"], "Radio": "High", "Ticks": ["Urgent"], "Person": "rina"})
    form.fill({"People": ["rina", "budi"], "Places": ["#general", "budi"], "Channel": "#general"})
    form.fill({"Channels": ["#general", "#help-it"], "Time": "09:30", "Moment": 1_800_000_000})
    form.fill({"Files": [("vpn.log", b"no route")]}).submit()
    assert (form.errors, form.trouble, form.is_open) == ({}, "", False)
    view = deliveries(modal_desk, "view_submission")[-1].payload["view"]
    state = {action: value for block in view["state"]["values"].values() for action, value in block.items()}
    files = state.pop("files")["files"]
    rich = state.pop("rich")["rich_text_value"]
    places = state.pop("places")["selected_conversations"]
    assert [file["name"] for file in files] == ["vpn.log"]
    assert rich["elements"][0]["elements"] == [{"type": "text", "text": "plain"}]
    assert (places[0], places[1][0]) == (general, "D")
    assert state == {
        "text": {"type": "plain_text_input", "value": "two\nlines"},
        "mail": {"type": "email_text_input", "value": "a@b.example"},
        "address": {"type": "url_text_input", "value": "https://a.example"},
        "number": {"type": "number_input", "value": "7"},
        "one": {"type": "static_select", "selected_option": options("Phone")[0]},
        "some": {"type": "multi_static_select", "selected_options": options("Red", "Blue")},
        "radio": {"type": "radio_buttons", "selected_option": options("High")[0]},
        "ticks": {"type": "checkboxes", "selected_options": options("Urgent")},
        "person": {"type": "users_select", "selected_user": rina},
        "people": {"type": "multi_users_select", "selected_users": [rina, budi]},
        "place": {"type": "conversations_select", "selected_conversation": help_it},
        "channel": {"type": "channels_select", "selected_channel": general},
        "channels": {"type": "multi_channels_select", "selected_channels": [general, help_it]},
        "day": {"type": "datepicker", "selected_date": "2026-11-24"},
        "time": {"type": "timepicker", "selected_time": "09:30"},
        "moment": {"type": "datetimepicker", "selected_date_time": 1_800_000_000},
    }


def test_untouched_optional_fields_are_empty(modal_desk: Sandbox) -> None:
    open_form(modal_desk, "budi", "everything").fill({"Text": "enough"}).submit()
    values = deliveries(modal_desk, "view_submission")[-1].payload["view"]["state"]["values"]
    assert values["b_mail"] == {"mail": {"type": "email_text_input", "value": None}}
    assert values["b_ticks"] == {"ticks": {"type": "checkboxes", "selected_options": []}}
    assert values["b_person"] == {"person": {"type": "users_select", "selected_user": None}}


def test_slacks_client_minds_bad_input_itself(modal_desk: Sandbox) -> None:
    form = open_form(modal_desk, "citra", "everything")
    before = len(deliveries(modal_desk, "view_submission"))
    form.fill({"Mail": "nobody", "Address": "here", "Number": "1", "Text": "no", "One": None}).submit()
    assert form.errors == {
        "Text": "Please enter at least 3 characters.",
        "Mail": "Please enter a valid email address.",
        "Address": "Please enter a valid URL.",
        "Number": "Please enter a number of at least 2.",
        "One": "Please complete this required field.",
    }
    form.fill({"Text": "x" * 21}).submit()
    assert form.errors["Text"] == "Please enter no more than 20 characters."
    assert len(deliveries(modal_desk, "view_submission")) == before
    with pytest.raises(AssertionError, match="offers no 'Fax', only 'Laptop', 'Phone'"):
        form.fill({"One": "Fax"})
    with pytest.raises(AssertionError, match="takes YYYY-MM-DD"):
        form.fill({"Day": "tomorrow"})


def test_the_apps_errors_stand_under_their_inputs(modal_desk: Sandbox) -> None:
    form = open_form(modal_desk, "dimas")
    form.fill({"What": "errors"}).submit()
    assert (form.errors, form.is_open, form.values["What"]) == ({"What": "Say more"}, True, "errors")
    form.fill({"What": "good"})
    assert form.errors == {}
    form.submit()
    assert not form.is_open


def test_errors_about_a_form_that_has_changed_since_stand_nowhere(modal_desk: Sandbox) -> None:
    form = open_form(modal_desk, "dimas")
    form.fill({"What": "late errors"}).submit()
    assert (form.title, form.errors, form.trouble, form.is_open) == ("Thanks", {}, "", True)
    assert not deliveries(modal_desk, "view_submission")[-1].illegal


@pytest.mark.parametrize("text", ["wrong errors", "text"])
def test_an_answer_that_slack_does_not_take_keeps_the_form(modal_desk: Sandbox, text: str) -> None:
    form = open_form(modal_desk, "eka")
    form.fill({"What": text}).submit()
    assert (form.trouble, form.is_open) == ("We had some trouble connecting. Try again?", True)
    assert form.values["What"] == text
    assert deliveries(modal_desk, "view_submission")[-1].illegal


def test_an_app_that_sleeps_loses_its_trigger_and_nothing_that_was_typed(modal_desk: Sandbox) -> None:
    farhan = modal_desk.person("farhan")
    form = open_form(modal_desk, "farhan")
    form.fill({"What": "asleep"}).submit()
    assert (form.trouble, form.values["What"]) == ("We had some trouble connecting. Try again?", "asleep")
    assert any("operation_timeout" in error for error in farhan.errors)
    attempts = [e for e in deliveries(modal_desk, "view_submission") if e.payload["user"]["name"] == "farhan"]
    assert len(attempts) == 1
    pushes = wait_until(lambda: modal_desk.journal.calls("views.push", outcome="expired_trigger_id"))
    assert pushes[-1].args["trigger_id"] == attempts[0].payload["trigger_id"]
    form.fill({"What": "second try"}).submit()
    assert (form.trouble, farhan.has_modal) == ("", False)


def test_answer_updates_the_view(modal_desk: Sandbox) -> None:
    form = open_form(modal_desk, "gita")
    form.fill({"What": "update"}).submit()
    assert (form.title, form.text, form.is_open) == ("Thanks", "Filed as IT-42", True)


def test_answer_pushes_a_view_and_clear_closes_all(modal_desk: Sandbox) -> None:
    hendra = modal_desk.person("hendra")
    open_form(modal_desk, "hendra").fill({"What": "push"}).submit()
    assert hendra.modal.title == "Second"
    hendra.modal.submit()
    payload = deliveries(modal_desk, "view_submission")[-1].payload["view"]
    assert payload["previous_view_id"] == payload["root_view_id"] != payload["id"]
    assert not hendra.has_modal


def test_a_closed_pushed_view_uncovers_the_one_below(modal_desk: Sandbox) -> None:
    maya = modal_desk.person("maya")
    first = open_form(modal_desk, "maya")
    first.fill({"What": "push"}).submit()
    with pytest.raises(AssertionError, match="covered by 'Second'"):
        first.submit()
    maya.modal.close()
    assert maya.modal.values["What"] == "push"


def test_trigger_is_good_for_one_view(modal_desk: Sandbox) -> None:
    assert modal_desk.person("sari").slash("/twice").text == "exchanged_trigger_id"


def test_stack_holds_three_views(modal_desk: Sandbox) -> None:
    jonas = modal_desk.person("jonas")
    jonas.slash("/open deep")
    for _ in range(2):
        jonas.modal.click("Another")
    jonas.modal.click("Another")
    assert modal_desk.journal.calls("views.push")[-1].outcome == "push_limit_reached"
    assert len(modal_desk.views.stack(jonas.user.id)) == 3


def test_loading_view_is_updated_and_old_hash_conflicts(modal_desk: Sandbox) -> None:
    prakash = modal_desk.person("prakash")
    prakash.slash("/loading")
    form = prakash.modal
    assert form.fill({"What": "typed after the update"}).title == "New"
    assert modal_desk.journal.calls("views.update")[-1].outcome == "hash_conflict"


def test_view_closed_is_told_without_what_was_typed(modal_desk: Sandbox) -> None:
    form = open_form(modal_desk, "wei-ling")
    form.fill({"What": "a secret"}).close()
    payload = deliveries(modal_desk, "view_closed")[-1].payload
    assert (payload["is_cleared"], payload["view"]["state"]) == (False, {"values": {}})
    assert not form.is_open


@pytest.mark.parametrize(("view", "all_views"), [("clearing", False), ("form", True)])
def test_a_cleared_stack_is_told_as_such(modal_desk: Sandbox, view: str, all_views: bool) -> None:
    open_form(modal_desk, "yohana", view).close(all_views=all_views)
    assert deliveries(modal_desk, "view_closed")[-1].payload["is_cleared"] is True
    assert not modal_desk.person("yohana").has_modal


def test_dispatching_field_tells_the_app_and_typed_text_survives_the_update(modal_desk: Sandbox) -> None:
    form = open_form(modal_desk, "ratna")
    form.fill({"What": "kept", "Topic": "Phone"})
    payload = deliveries(modal_desk, "block_actions")[-1].payload
    assert payload["container"] == {"type": "view", "view_id": payload["view"]["id"]}
    assert not {"channel", "response_url", "message"} & payload.keys()
    assert payload["actions"][0]["selected_option"]["value"] == "phone"
    assert payload["state"]["values"]["b_what"]["what"]["value"] == "kept"
    assert form.sees("You chose Phone").values == {"What": "kept", "Topic": "Phone"}


def test_external_select_offers_what_the_app_suggests(modal_desk: Sandbox) -> None:
    form = open_form(modal_desk, "indah")
    before = len(deliveries(modal_desk, "block_suggestion"))
    assert form.suggestions("System", "P") == ()
    assert len(deliveries(modal_desk, "block_suggestion")) == before
    assert form.suggestions("System", "pay") == ("Payroll", "Payments")
    form.choose("System", "pay", "Payments")
    assert form.values["System"] == "Payments"
    form.fill({"System": "Wiki"})
    assert form.values["System"] == "Wiki"
    with pytest.raises(AssertionError, match="offers nothing"):
        form.choose("System", "fax")


def test_chosen_conversation_comes_with_a_response_url(modal_desk: Sandbox) -> None:
    open_form(modal_desk, "eka", "place").fill({"Tell": "#general"}).submit()
    [given] = deliveries(modal_desk, "view_submission")[-1].payload["response_urls"]
    assert given["channel_id"] == modal_desk.workspace.channel_by_name("general").id
    modal_desk.person("maya").sees("It is done", in_="#general")


def test_external_id_is_taken_once(modal_desk: Sandbox) -> None:
    open_form(modal_desk, "rina", "once")
    modal_desk.person("agus").slash("/open once")
    assert modal_desk.journal.calls("views.open")[-1].outcome == "duplicate_external_id"


def test_illegal_view_is_refused_and_noted(modal_desk: Sandbox) -> None:
    dewi = modal_desk.person("dewi")
    dewi.slash("/open illegal")
    call = modal_desk.journal.calls("views.open")[-1]
    assert (call.outcome, bool(call.illegal), dewi.has_modal) == ("invalid_arguments", True, False)


def test_home_is_published_when_opened_and_told_from_then_on(modal_desk: Sandbox) -> None:
    bayu = modal_desk.person("bayu")
    bayu.opens_home()
    assert bayu.home.text == "Your tickets: none"
    bayu.click("Refresh", in_="home", confirm=False)
    assert bayu.home.text == "Your tickets: none"
    bayu.click("Refresh", in_="home")
    assert bayu.home.sees("Fresh tickets: 1").buttons == ()
    bayu.opens_home("messages")
    bayu.opens_home()
    opened = [entry.payload["event"] for entry in modal_desk.journal.deliveries("events_api")]
    mine = [event for event in opened if event["type"] == "app_home_opened" and event["user"] == bayu.user.id]
    assert [(event["tab"], "view" in event) for event in mine] == [("home", False), ("messages", False), ("home", True)]
