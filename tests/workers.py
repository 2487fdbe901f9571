"""Real workers in processes of their own, over a database of the tests."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.settings import PROJECT
from tests.service import START_S, STOP_S, until

# Quick enough for a test to wait for, whatever a deployment finds wise.
OFTEN = {
    "GRIDMAP_WORKER_SWEEP": "* * * * * *",
    "GRIDMAP_WORKER_POLL_S": "0.1",
    "GRIDMAP_WORKER_STALLED_AFTER_S": "3",
}


class Worker:
    """``python -m api worker`` with the plain role's URL; started and killed as a test likes."""

    def __init__(self, database_url: str, log: Path, **more: str) -> None:
        self.database_url, self.log, self.more = database_url, log, more
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it is ready."""
        said = len(self.text())
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GRIDMAP_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api", "worker"],
                cwd=PROJECT,
                env=kept | OFTEN | {"GRIDMAP_DATABASE_URL": self.database_url} | self.more,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until(lambda: self._ready(said), within_s=START_S, what="the worker's start")

    def _ready(self, since: int) -> bool:
        assert self._process
        assert self._process.poll() is None, self.text()
        return "worker: ready" in self.text()[since:]

    def kill(self) -> None:
        """End it with SIGKILL: nothing is finished, nothing is given back."""
        if self._process:
            self._process.kill()
            self._process.wait(STOP_S)

    def stop(self) -> int:
        """Ask it to end, and return how it did."""
        assert self._process
        self._process.terminate()
        return self._process.wait(STOP_S)

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


@contextmanager
def working(database_url: str, log: Path, **more: str) -> Iterator[Worker]:
    """Yield a worker over a database; killed at the end, if it is still there."""
    worker = Worker(database_url, log, **more)
    try:
        worker.start()
        yield worker
    finally:
        worker.kill()
