"""The default company: Acme, an Indonesian firm with an IT help desk of three tiers and a people team."""

from typing import NamedTuple

from slackdesk.sandbox.records import User
from slackdesk.sandbox.state import Workspace


class _Member(NamedTuple):
    handle: str
    real_name: str
    title: str
    tz: str = "Asia/Jakarta"
    locale: str = "id-ID"


_EMPLOYEES = (
    _Member("ayu", "Ayu Lestari", "Finance Officer"),
    _Member("budi", "Budi Santoso", "Sales Executive"),
    _Member("citra", "Citra Dewi Anggraini", "Product Designer"),
    _Member("dimas", "Dimas Prasetyo", "Software Engineer"),
    _Member("eka", "Eka Putri Wulandari", "Accountant"),
    _Member("farhan", "Farhan Alatas", "Warehouse Supervisor", "Asia/Makassar"),
    _Member("gita", "I Gusti Ayu Gita Pradnyani", "Customer Success Manager", "Asia/Makassar"),
    _Member("hendra", "Hendra Wijaya", "Field Engineer", "Asia/Jayapura"),
    _Member("wei-ling", "Tan Wei Ling", "Regional Counsel", "Asia/Singapore", "en-US"),
    _Member("jonas", "Jonas Keller", "Procurement Manager", "Europe/Berlin", "de-DE"),
    _Member("maya", "Maya Thompson", "Account Director", "America/New_York", "en-US"),
    _Member("prakash", "Prakash Shrestha", "Data Analyst", "Asia/Kathmandu", "en-US"),
    _Member("sari", "Sari Simanjuntak", "Marketing Specialist"),
    _Member("yohana", "Yohana Wambrauw", "Office Manager", "Asia/Jayapura"),
)
_TIERS = {
    "l1": (_Member("rina", "Rina Kusuma", "Support Agent"), _Member("agus", "Agus Setiawan", "Support Agent")),
    "l2": (_Member("dewi", "Dewi Hartono", "Systems Administrator", locale="en-US"),),
    "l3": (_Member("bayu", "Bayu Nugroho", "Infrastructure Engineer", "Asia/Singapore", "en-US"),),
}
_LEAD = _Member("helpdesk-lead", "Siti Rahmawati", "Help Desk Lead", locale="en-US")
_HEAD_OF_IT = _Member("head-of-it", "Rizky Ramadhan", "Head of IT", locale="en-US")
_STAKEHOLDER = _Member("ratna", "Ratna Sihombing", "Chief Operating Officer", locale="en-US")
_PEOPLE_TEAM = _Member("indah", "Indah Permatasari", "People Partner")
_GUEST = _Member("lukas", "Lukas Tanoto", "Auditor (contractor)", locale="en-US")


def acme() -> Workspace:
    """Acme's workspace, new each time.

    People: fourteen employees; agents `rina`, `agus` (L1), `dewi` (L2), `bayu` (L3); `helpdesk-lead`, `head-of-it`,
    the stakeholder `ratna`, `indah` of the people team; `lukas`, a guest who is in #help-it alone.
    User groups `@it-l1` to `@it-l3`. Channels: public #general and #help-it; private #it-l1 to #it-l3, #hr-private and
    #leadership. The app's bot is in all but #general. Everybody has an address at acme.example.
    """
    workspace = Workspace("Acme", "acme")
    employees = [_add(workspace, member) for member in _EMPLOYEES]
    tiers = {tier: [_add(workspace, member) for member in members] for tier, members in _TIERS.items()}
    lead, head, stakeholder, people_team = (
        _add(workspace, member) for member in (_LEAD, _HEAD_OF_IT, _STAKEHOLDER, _PEOPLE_TEAM)
    )
    guest = _add(workspace, _GUEST, is_guest=True)
    workspace.update_user(head.id, is_admin=True)
    agents = [agent for members in tiers.values() for agent in members]
    staff = [*employees, *agents, lead, head, stakeholder, people_team]

    workspace.add_channel("general", creator=head, is_general=True, members=staff, topic="Company news")
    workspace.add_channel(
        "help-it",
        creator=lead,
        members=[*staff, guest, workspace.bot],
        topic="Ask IT here, one request a message",
    )
    for tier, members in tiers.items():
        _add_private(workspace, f"it-{tier}", lead, [*members, lead], purpose=f"Tickets of IT {tier.upper()}")
        workspace.add_usergroup(f"it-{tier}", f"IT {tier.upper()}", members)
    _add_private(workspace, "hr-private", people_team, [people_team, lead], purpose="Requests to the people team")
    _add_private(workspace, "leadership", stakeholder, [stakeholder, head, lead], purpose="Weekly numbers")
    return workspace


def _add(workspace: Workspace, member: _Member, *, is_guest: bool = False) -> User:
    return workspace.add_user(
        member.handle,
        member.real_name,
        display_name=member.real_name.split(" ")[0],
        email=f"{member.handle}@acme.example",
        title=member.title,
        tz=member.tz,
        locale=member.locale,
        is_guest=is_guest,
    )


def _add_private(workspace: Workspace, name: str, creator: User, members: list[User], *, purpose: str) -> None:
    workspace.add_channel(name, creator=creator, is_private=True, members=[*members, workspace.bot], purpose=purpose)
