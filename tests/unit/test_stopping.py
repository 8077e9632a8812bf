"""A loop that waits for a signal ends, wherever the signal finds it."""

import subprocess
import sys
import threading

from slackdesk.stopping import Stop

SIGNALS = 3_000
SHOWERED = f"""
import signal
from slackdesk.stopping import Stop

told = 0

class Counting(Stop):
    def set(self):
        global told
        told += 1
        super().set()

stop = Counting()
stop.on_signals()
signal.signal(signal.SIGALRM, stop._told)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
while told < {SIGNALS}:
    stop.wait(0.0001)
    stop._is_set = False
signal.setitimer(signal.ITIMER_REAL, 0)
print(told)
"""


def test_no_signal_leaves_the_loop_standing() -> None:
    """Of so many signals, dozens come while the loop holds what ``set`` needs; an Event stands still at the first."""
    done = subprocess.run([sys.executable, "-c", SHOWERED], capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) >= SIGNALS


def test_everybody_who_waits_is_woken() -> None:
    stop = Stop()
    assert not stop.wait(0.001)
    threads = [threading.Thread(target=stop.wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    stop.set()
    for thread in threads:
        thread.join(timeout=30)
    assert [thread.is_alive() for thread in threads] == [False, False, False]
    assert stop.is_set()
    assert stop.wait()
