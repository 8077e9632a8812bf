"""Two policies, key by key."""

from importlib.resources import files

from slackdesk.policy.difference import differences
from slackdesk.policy.reading import read_policy

EXAMPLE = files("slackdesk.policy").joinpath("example.toml").read_text("utf-8")


def _lines(old: str | None, new: str, names: dict[str, str] | None = None) -> list[str]:
    before = read_policy(old) if old is not None else None
    return [str(one) for one in differences(before, read_policy(new), names or {})]


def _changed(old: str, new: str) -> list[str]:
    assert old in EXAMPLE
    return _lines(EXAMPLE, EXAMPLE.replace(old, new, 1))


def test_equal_policies_do_not_differ() -> None:
    assert _lines(EXAMPLE, "# another comment\n" + EXAMPLE) == []


def test_a_changed_an_added_and_a_removed_key() -> None:
    assert _changed('budget = "4h"', 'budget = "90m"') == ["~ queues.it.tiers[L1].budget: 4h → 1h30m"]
    assert _changed("private = true", "private = false") == ["~ queues.hr.private: true → false"]
    assert _changed('auto_close = "24h"', "") == ["- queues.it.auto_close: 24h"]
    assert _changed('"2026-12-24" =', '"2026-12-31" =') == [
        "+ calendars.office.dates.2026-12-31: 08:00-12:00",
        "- calendars.office.dates.2026-12-24: 08:00-12:00",
    ]
    assert _changed('delay = "30m"', 'delay = "1h"') == ["~ plugins.csat.delay: 30m → 1h"]


def test_a_tier_put_in_between_does_not_change_the_others() -> None:
    tier = '[[queues.it.tiers]]\nname = "L1b"\nchannel = "#b"\nmembers = ["@b"]\nlead = "@b"\nbudget = "1h"\n\n'
    lines = _changed('[[queues.it.tiers]]\nname = "L2"', tier + '[[queues.it.tiers]]\nname = "L2"')
    assert lines[0] == "~ queues.it.tiers: L1, L2, L3 → L1, L1b, L2, L3"
    assert all(line.startswith("+ queues.it.tiers[L1b].") for line in lines[1:])


def test_only_what_differs_is_shown_of_long_lists() -> None:
    many = ", ".join(f'"Topic {n}"' for n in range(20))
    old = EXAMPLE.replace('"Laptop"', many)
    assert _lines(old, old.replace('"Topic 7"', '"Topic seven"')) == ["~ queues.it.topics: Topic 7 → Topic seven"]


def test_the_order_of_queues_and_topics_matters() -> None:
    assert _changed('"Payroll", "Leave"', '"Leave", "Payroll"') == [
        "~ queues.hr.topics: Payroll, Leave, Complaint, Other → Leave, Payroll, Complaint, Other"
    ]
    head, it_and_hr = EXAMPLE.split("[queues.it]")
    it, hr = it_and_hr.split("[queues.hr]")
    people, plugins = hr.split("[plugins.csat]", maxsplit=1)
    swapped = f"{head}[queues.hr]{people}[queues.it]{it}[plugins.csat]{plugins}"
    assert _lines(EXAMPLE, swapped) == ["~ queues: it, hr → hr, it"]


def test_ids_are_shown_by_name_and_everything_is_new_at_first() -> None:
    text = EXAMPLE.replace('"#it-l1"', '"C042"')
    lines = _lines(None, text, {"C042": "#it-l1"})
    assert "+ queues.it.tiers[L1].channel: #it-l1" in lines
    assert all(line.startswith("+ ") for line in lines)
