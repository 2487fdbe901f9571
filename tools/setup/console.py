"""What a person sees of a set-up, and the log with the rest."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.setup.errors import SetupError

# What programs print when the network is to blame: apt, pip, npm and the resolver.
OFFLINE = (
    "Temporary failure",
    "Could not resolve",
    "Name or service not known",
    "Network is unreachable",
    "Failed to establish a new connection",
    "Connection timed out",
    "Could not connect",
    "Read timed out",
    "ConnectTimeoutError",
    "EAI_AGAIN",
    "ENOTFOUND",
    "ENETUNREACH",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "ProxyError",
)
TAMPERED = ("DO NOT MATCH THE HASHES", "EINTEGRITY")
FULL = ("No space left on device", "ENOSPC", "Disk quota exceeded")

LAST_LINES = 6


@dataclass(frozen=True)
class Console:
    """Lines for the person, and a log file for everything the programs print."""

    log: Path

    def say(self, text: str) -> None:
        print(f"gridmap: {text}", flush=True)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Say what is being done, and afterwards how long it took."""
        self.say(f"{text} ...")
        start_s = time.monotonic()
        yield
        self.say(f"{text}: done in {time.monotonic() - start_s:.0f} s")

    def run(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        asks: bool = False,
    ) -> None:
        """Run a program with its output in the log; ``asks`` lets it read the terminal.

        Raises
        ------
        SetupError
            It failed; the error says why if the log does, and where the log is.
        """
        words = [str(word) for word in command]
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(words)}\n".encode())
            log.flush()
            begin = log.tell()
            try:
                answer = subprocess.run(
                    words,
                    cwd=cwd,
                    env={**os.environ, **(env or {})},
                    stdin=None if asks else subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    check=False,
                )
            except FileNotFoundError as error:
                raise SetupError(f"{words[0]} is missing on this machine.") from error
        if answer.returncode:
            raise SetupError(f"{short(words)} failed.", *ways_out(self._since(begin), self.log))

    def _since(self, begin: int) -> str:
        return self.log.read_bytes()[begin:].decode(errors="replace")


def short(words: Sequence[str]) -> str:
    """Return the beginning of a command as a person would say it: ``python -m pip install``."""
    return " ".join([Path(words[0]).name, *words[1:4]])


def ways_out(output: str, log: Path) -> list[str]:
    """Read a failed program's output for a cause that can be named, with what to do."""
    last = [line for line in output.splitlines() if line.strip()][-LAST_LINES:]
    return [*(f"| {line[:200]}" for line in last), cause(output), f"All of it is in {log}"]


def cause(output: str) -> str:
    """Name the cause of a failure, and what to do about it."""
    if any(sign in output for sign in FULL):
        return "The disk is full: free some space and run the same command again."
    if any(sign in output for sign in TAMPERED):
        return (
            "A download differs from the lock file, so it was refused: a mirror or a proxy "
            "changed it. Use another one; do not switch the check off."
        )
    if any(sign in output for sign in OFFLINE):
        return (
            "The network is to blame: check the connection, or the proxy or mirror in the "
            "settings of pip, npm and apt. What is done is kept; run the same command again."
        )
    return "What is done is kept; run the same command again once the cause is gone."
