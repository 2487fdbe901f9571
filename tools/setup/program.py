"""One set-up from beginning to end, and what a person is told when it stops."""

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.setup import system
from tools.setup.assets import Assets
from tools.setup.console import Console
from tools.setup.environment import Environment
from tools.setup.errors import SetupError

PROJECT = Path(__file__).resolve().parents[2]

NO_BROWSER = (
    "no Chromium that a test can drive (Ubuntu's is a snap): the browser tests will be skipped; "
    "name one in GRIDMAP_BROWSER, such as google-chrome-stable from its publisher"
)

FOR = ("run", "test", "check")


def main(arguments: Sequence[str]) -> int:
    """Set up for ``run``, ``test`` or ``check``; 0 when everything is there."""
    if len(arguments) != 1 or arguments[0] not in FOR:
        print(f"usage: python3 -m tools.setup {'|'.join(FOR)}", file=sys.stderr)
        return 2
    try:
        set_up(arguments[0], PROJECT)
    except SetupError as error:
        print(f"gridmap: {error}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"gridmap: {not_ours(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ngridmap: interrupted; run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


def set_up(purpose: str, project: Path) -> None:
    """Bring whatever is missing for a purpose; one set-up of a checkout at a time."""
    console = Console(project / ".gridmap" / "setup.log")
    with alone(console):
        serves = purpose != "check"
        wanted = system.needs(
            database=serves and not os.environ.get("GRIDMAP_DATABASE_URL"),
            browser_tests=purpose == "test",
        )
        system.install(console, wanted)
        if purpose == "test" and system.browser() is None:
            console.say(NO_BROWSER)
        environment = Environment(project)
        environment.make(console)
        if serves:
            Assets(environment).make(console)


@contextmanager
def alone(console: Console) -> Iterator[None]:
    """Wait for another set-up of this checkout to end, then begin a new log."""
    folder = console.log.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "setup.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.say("another set-up of this checkout is at work; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        console.log.write_bytes(b"")
        yield


def not_ours(error: PermissionError) -> str:
    """Say whose the files are: the usual cause is an earlier run with sudo."""
    return (
        f"this user may not write {error.filename}.\n"
        "  An earlier run as root may have made it; give it back:\n"
        f"    sudo chown -R $(id -un) {PROJECT}"
    )
