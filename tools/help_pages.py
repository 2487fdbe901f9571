"""Make docs/cli.md of the help pages and of sessions that are run: `python -m tools.help_pages`.

With ``--check`` nothing is written, and the exit code says whether the page is what the program
says. Words, files and sessions stand in tools/help_pages.toml.
"""

import os
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
TEMPLATE = PROJECT / "tools" / "help_pages.toml"
PAGE = PROJECT / "docs" / "cli.md"

# What a session finds in its folder: the project's own, under the names a checkout has.
LINKED = ("data", "examples", "node_modules")
WIDTH = 96


class SessionError(Exception):
    """A session did not end as the template says."""


def page(template: Mapping[str, Any]) -> str:
    """Return the page as Markdown.

    Raises
    ------
    SessionError
        A command of a session left with another exit code.
    """
    lines = ["# The command line\n", f"{template['intro'].strip()}\n", *_console(_help())]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for linked in LINKED:
            (folder / linked).symlink_to(PROJECT / linked)
        for file, text in template["files"].items():
            (folder / file).write_text(text.lstrip(), encoding="utf-8")
        for command in template["commands"]:
            lines += [f"## gridmap {command['name']}\n", f"{command['says']}\n"]
            lines += _console("\n".join(_session(one, folder) for one in command["sessions"]))
            lines += _console(_help(command["name"]))
    return "\n".join(lines)


def _console(text: str) -> Iterator[str]:
    yield f"```console\n{text}\n```\n"


def _help(*command: str) -> str:
    said = " ".join(["gridmap", *command, "--help"])
    run = _run(said, PROJECT)
    return f"$ {said}\n{_trimmed(run.stdout)}"


def _session(session: Mapping[str, Any], folder: Path) -> str:
    """Run one command in a folder; return it with what it says, in the order of its streams."""
    said, expected = session["run"], session.get("exit", 0)
    run = _run(f"{said} 2>&1", folder)
    if run.returncode != expected:
        raise SessionError(f"{said}: exit {run.returncode}, not {expected}: {run.stdout}")
    shown = f"$ {_wrapped(said)}\n{_trimmed(run.stdout)}".rstrip()
    return f"{shown}\n$ echo $?\n{expected}" if expected else shown


def _run(said: str, folder: Path) -> subprocess.CompletedProcess[str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("GRIDMAP_")}
    asked = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GRIDMAP_CACHE": str(folder / ".cache"),
        "COLUMNS": str(WIDTH),
        "TERMINAL_WIDTH": str(WIDTH),
        "NO_COLOR": "1",
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        ["bash", "-c", said],
        cwd=folder,
        env=own | asked,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _trimmed(text: str) -> str:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return "\n".join(lines).strip("\n")


def _wrapped(said: str) -> str:
    """Return a long command on several lines, as a person would write it."""
    lines, line = [], ""
    for word in shlex.split(said):
        quoted = shlex.quote(word)
        if line and len(line) + len(quoted) + 3 > WIDTH:
            lines.append(f"{line} \\")
            line = f"    {quoted}"
        else:
            line = f"{line} {quoted}" if line else quoted
    return "\n".join([*lines, line])


def main(arguments: list[str]) -> int:
    try:
        made = page(tomllib.loads(TEMPLATE.read_text(encoding="utf-8")))
    except SessionError as error:
        sys.stderr.write(f"{TEMPLATE}: {error}\n")
        return 1
    if arguments == ["--check"]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == made:
            return 0
        sys.stderr.write(f"{PAGE} is not what gridmap says; run python -m tools.help_pages\n")
        return 1
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
