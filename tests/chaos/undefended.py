"""What a desk does against faults, and how each of it is switched off in the desk's own processes.

Python imports ``sitecustomize`` when a process begins: one in the desk's ``PYTHONPATH`` takes the defence away there,
in every process of the desk, and nowhere else.
"""

from collections.abc import Mapping
from pathlib import Path

DEFENCES: Mapping[str, str] = {
    "it looks for a post before it sends it again": """
from slackdesk.slack.sender import SlackSender
SlackSender.look_up = lambda self, attempted, work_id, since: None
""",
    "it sends again what did not arrive": """
from slackdesk.dispatch import work
from slackdesk.dispatch.recording import Recorder
settle = Recorder._settle_look_up
def take_for_sent(self, tx, row, attempted, found):
    if found is None:
        work.finish(tx.session, row, tx.real_now)
        return None
    return settle(self, tx, row, attempted, found)
Recorder._settle_look_up = take_for_sent
""",
    "it waits as long as Slack asks": """
from slackdesk.slack import sender
sender._retry_after_seconds = lambda headers: 0.0
""",
    "it keeps what does not pass": """
from slackdesk.dispatch.recording import Recorder, give_up, next_in_stream
def drop(self, tx, row, place, error, *, is_ambiguous=False):
    give_up(tx.session, row, tx.real_now, error)
    return next_in_stream(tx, row)
Recorder.hold = drop
""",
    "it starts again what has ended": """
from slackdesk.processes.supervisor import Supervisor
Supervisor._restart_ended = lambda self: None
""",
    "it takes back what a killed process had begun": """
from slackdesk.dispatch.beat import Beat
Beat._take_back = lambda self: None
""",
    "it opens another socket": """
from slack_sdk.socket_mode.builtin import SocketModeClient
SocketModeClient.connect_to_new_endpoint = lambda self, force=False: None
""",
    "it does not wait long for a lock": """
from slackdesk import database
database.LOCK_TIMEOUT_MILLISECONDS = 8_000
""",
    "it does not wait long for Redis": """
from slackdesk.dispatch import nudge
nudge.TRY_SECONDS = 8.0
""",
}


def switch_off(defence: str, folder: Path) -> dict[str, str]:
    """The environment of a desk without the defence."""
    folder.mkdir(parents=True)
    (folder / "sitecustomize.py").write_text(DEFENCES[defence])
    return {"PYTHONPATH": str(folder)}
