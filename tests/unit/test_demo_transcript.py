"""What people saw in the tour, as ``--transcript`` prints it."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console

from slackdesk.demo.show import show_transcript
from slackdesk.sandbox import Sandbox


def test_everybody_reads_the_own_wall_clock() -> None:
    sandbox, out = Sandbox(), io.StringIO()
    asked = sandbox.person("maya").says("Who has the key?", in_="#help-it")
    sandbox.person("gita").says("@jonas has it", in_=asked)
    show_transcript(Console(file=out, width=200), sandbox)
    panels = out.getvalue().split("╭")
    for name, zone in (("Maya Thompson", "America/New_York"), ("Jonas Keller", "Europe/Berlin")):
        [panel] = [panel for panel in panels if name in panel]
        assert zone in panel
        assert f"{datetime.fromtimestamp(float(asked.ts), ZoneInfo(zone)):%H:%M:%S} #help-it maya: Who has" in panel
