"""What is read, typed and clicked on the page under /sandbox by somebody who sits before a browser."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from slackdesk.testing.desk import PluginDesk

if TYPE_CHECKING:
    from playwright.sync_api import Page

OpenPage = Callable[..., "Page"]
WIDTHS_PIXELS = (400, 1280)
MARKUP = '<script>document.title = "run"</script> & <b>bold'
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>document.documentElement.id = "run"</script></svg>'


def _types(page: "Page", text: str) -> None:
    """With the keyboard, from where the cursor stands when the page has been loaded."""
    page.locator("input:focus").wait_for()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def _reads(page: "Page", text: str) -> str:
    """The passage with this text, as it stands on the screen."""
    return page.locator(".text", has_text=text).inner_text()


def _files(page: "Page", text: str) -> str:
    """The number of the request that is typed. What is promised depends on the hour: the desk may be closed."""
    _types(page, f"/ticket {text}")
    answer = re.match(r"Filed as (IT-\d+)\. .*\bnext answer by \w", _reads(page, "Filed as"), re.IGNORECASE)
    assert answer is not None
    return answer[1]


def _looks_again(page: "Page") -> None:
    page.get_by_role("link", name="Look again").click()


def _fits(page: "Page") -> None:
    """Nothing on the page is wider than its window, however wide that is."""
    for width in WIDTHS_PIXELS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_person_is_chosen_and_a_typed_command_is_answered(open_page: OpenPage, desk: PluginDesk) -> None:
    page = open_page()
    _fits(page)
    page.get_by_role("link", name="Maya Thompson").click()
    number = _files(page, f"My VPN is down since {'noon' * 40}")
    desk.person("maya").sees("Nobody has taken it yet", in_="dm")
    _looks_again(page)
    page.get_by_text(f"{number} with IT help. Status: New.").wait_for()
    _fits(page)


def test_a_button_on_a_card_is_clicked_and_the_card_changes(open_page: OpenPage, desk: PluginDesk) -> None:
    number = _files(open_page("prakash"), "The printer is jammed")
    desk.person("rina").sees(number, in_="#it-l1")
    page = open_page("rina", "#it-l1")
    _fits(page)
    card = page.get_by_role("article").filter(has_text=f"{number} ·")
    assert card.get_by_text("nobody yet").is_visible()
    card.get_by_role("button", name="Claim").click()
    desk.person("rina").sees("@rina", in_=number)
    _looks_again(page)
    card.get_by_text("@rina").wait_for()
    assert card.get_by_text("In progress").is_visible()
    assert card.get_by_role("button", name="Claim").count() == 0


def test_a_form_is_filled_in_and_its_errors_are_read(open_page: OpenPage, desk: PluginDesk) -> None:
    page = open_page("wei-ling")
    _types(page, "/ticket")
    form = page.get_by_role("dialog")
    form.get_by_label("What do you need?").fill("A second screen")
    form.get_by_role("button", name="File").click()
    form.get_by_text("What is it about?: Please complete this required field.").wait_for()
    _fits(page)
    assert form.get_by_label("What do you need?").input_value() == "A second screen"
    form.get_by_label("What is it about?").select_option("Laptop")
    form.get_by_role("button", name="File").click()
    form.get_by_text("Filed as").wait_for()
    form.get_by_role("button", name="Close").click()
    form.wait_for(state="hidden")
    desk.person("rina").sees("A second screen", in_="#it-l1")


def test_a_picture_is_drawn_with_its_words(open_page: OpenPage, desk: PluginDesk) -> None:
    page = open_page("helpdesk-lead")
    _types(page, "/desk report it this week")
    assert "Your summary comes in a moment" in _reads(page, "summary")
    desk.person("helpdesk-lead").sees(".png", in_="dm", within_seconds=30)
    _looks_again(page)
    picture = page.get_by_role("img", name="Chart of")
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 1000
    _fits(page)


def test_what_people_write_is_text_and_runs_no_script(open_page: OpenPage, desk: PluginDesk) -> None:
    page = open_page("jonas")
    _types(page, "/ticket")
    form = page.get_by_role("dialog")
    form.get_by_label("What do you need?").fill(MARKUP)
    form.get_by_role("button", name="File").click()
    form.get_by_text("Please complete").wait_for()
    assert form.get_by_label("What do you need?").input_value() == MARKUP
    form.get_by_label("What is it about?").select_option("Laptop")
    form.get_by_role("button", name="File").click()
    form.get_by_text(MARKUP).wait_for()
    assert page.title() == "jonas: slackdesk"
    rina = desk.person("rina")
    rina.uploads("drawing.svg", DRAWING, in_=rina.sees(MARKUP, in_="#it-l1"), text=MARKUP)
    page = open_page("rina", "#it-l1")
    thread = page.get_by_role("article").filter(has_text=MARKUP).first
    assert thread.get_by_text(MARKUP).count() == 3, "as title, as request, and beside the file"
    assert page.title() == "rina: #it-l1"
    page.goto(thread.get_by_role("article").locator("img").evaluate("image => image.src"))
    assert page.locator("svg").get_attribute("id") is None


def test_a_thread_is_answered(open_page: OpenPage, desk: PluginDesk) -> None:
    root = desk.person("eka").says("Who has the key?", in_="#general")
    page = open_page("farhan", "#general")
    thread = page.get_by_role("article").filter(has_text=root.text)
    thread.get_by_text("Reply in the thread").click()
    thread.get_by_label("Reply").fill("I do")
    page.keyboard.press("Enter")
    thread.get_by_text("I do").wait_for()
    assert [reply.text for reply in root.thread()] == ["I do"]


def test_one_of_a_list_is_opened(open_page: OpenPage, desk: PluginDesk) -> None:
    lead, told = desk.person("helpdesk-lead"), ("The lamp flickers", "The chair is broken", "The door squeaks")
    for text in told:
        lead.slash(f"/ticket {text}")
    page = open_page("helpdesk-lead", "home")
    page.get_by_role("button", name="Open the Home tab").click()
    lead.home.sees(told[-1])
    page.get_by_role("link", name="Home", exact=True).click()
    request = page.locator(".text", has_text=told[1]).first
    request.locator("xpath=following-sibling::form[1]").get_by_role("button", name="Open").click()
    page.get_by_role("dialog").get_by_text(told[1]).first.wait_for()
    assert page.get_by_role("dialog").get_by_text(told[0]).count() == 0
