"""A worker beside a server: started, started again when it ends, and gone when the server is."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from api.settings import PROJECT

COMMAND = (sys.executable, "-m", "api", "worker", "--beside")
AGAIN_S = 2.0  # how long it is away before it is started again
STOP_S = 15.0  # longer than a worker takes to finish what it does (`worker.FINISH_S`)


@contextmanager
def worker(say: Callable[[str], None]) -> Iterator[None]:
    """Keep a worker running for the length of a ``with``; what it says goes where ours does."""
    ended = threading.Event()
    watch = threading.Thread(target=_keep, args=(say, ended), name="worker", daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join(STOP_S + AGAIN_S)


def _keep(say: Callable[[str], None], ended: threading.Event) -> None:
    while not ended.is_set():
        # Of its own session, so that Ctrl-C reaches us alone. It holds the other end of a pipe:
        # when we are killed the pipe ends, and it with it.
        with subprocess.Popen(  # noqa: S603 - our own command
            COMMAND, cwd=PROJECT, stdin=subprocess.PIPE, start_new_session=True
        ) as process:
            while not ended.wait(0.1) and process.poll() is None:
                pass
            _stop(process)
        if not ended.wait(AGAIN_S):
            say(f"the worker ended with {process.returncode}; it is started again")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
    process.kill()


def end_with_parent() -> None:
    """Let this process end when the one that started it does, however that ended."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
