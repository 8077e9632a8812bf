"""Ends with its parent: what keeps a killed desk from leaving processes behind."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that this process gets when its parent ends. Linux only."""


def die_with_parent(signal_number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send ``signal_number`` to this process when its parent ends.

    On other systems than Linux nothing is asked: there a killed supervisor leaves its children to the operator.
    """
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != parent:  # it ended between the fork and the request
        os.kill(os.getpid(), signal_number)
