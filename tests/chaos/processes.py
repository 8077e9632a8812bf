"""`slackdesk` commands that are kept running beside the desk."""

import logging
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from slackdesk.demo.stage import Stage
from slackdesk.parentage import die_with_parent

LOOK_SECONDS = 0.2
STOP_SECONDS = 30.0


class Beside:
    """A `slackdesk` command of the desk that is started again whenever it ends, as a service manager does."""

    def __init__(self, words: tuple[str, ...], stage: Stage, folder: Path) -> None:
        self.words = words
        self.log = folder / f"beside-{'-'.join(words)}-{id(self):x}.log"
        self._stage = stage
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name=f"keeps {' '.join(words)}")

    def __enter__(self) -> Self:
        self._start()
        self._keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._keeper.join()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                logging.getLogger(__name__).warning("%s does not end and is killed", self.words)
                self._process.kill()
                self._process.wait()

    @property
    def process_id(self) -> int:
        """Of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    def _start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "slackdesk", *self.words],
                env=self._stage.environment,
                cwd=self._stage.folder,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509  the threads of this process hold no lock that it needs
            )

    def _keep(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            if self._process is not None and self._process.poll() is not None:
                self._start()
