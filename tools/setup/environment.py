"""The virtual environment with exactly the locked packages, and the project itself in it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.setup.console import Console
from tools.setup.stamps import Stamp, State, digest


@dataclass(frozen=True)
class Environment:
    """``.venv`` of a checkout."""

    project: Path

    @property
    def folder(self) -> Path:
        return self.project / ".venv"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def frame(self) -> Stamp:
        """Made in this place and from its own Python: neither may move or change under it.

        Any Python that will do may have made it; calling `make` with another one is no reason
        to make it again.
        """
        words = (str(self.project), version_of(self.python))
        return Stamp(self.folder / "gridmap-frame", digest((), *words))

    @property
    def packages(self) -> Stamp:
        """Made from the lock file."""
        return Stamp(self.folder / "gridmap-packages", digest([self.project / "requirements.lock"]))

    @property
    def entry(self) -> Stamp:
        """Made from the project's own description: its console script."""
        return Stamp(self.folder / "gridmap-entry", digest([self.project / "pyproject.toml"]))

    def make(self, console: Console) -> None:
        """Make the environment, or bring it to the lock file; nothing happens when it is there."""
        if self.frame.state is not State.FRESH or self.packages.state is State.UNFINISHED:
            with console.step("virtual environment in .venv"):
                self._clear(console)
        if self.packages.state is not State.FRESH:
            with console.step("Python packages (the first time, a few minutes)"):
                self._install(console)
        if self.entry.state is not State.FRESH:
            self._enter(console)

    def _clear(self, console: Console) -> None:
        if self.folder.is_symlink():  # what it points to belongs to somebody else
            self.folder.unlink()
        console.run([sys.executable, "-m", "venv", "--clear", self.folder])
        self.frame.write()

    def _install(self, console: Console) -> None:
        self.packages.remove()
        locked = ("--require-hashes", "--no-deps", "--requirement", "requirements.lock")
        self._pip(console, *locked)
        self.packages.write()

    def _enter(self, console: Console) -> None:
        """Install the project itself, from where it stands and without the network."""
        offline = ("--no-deps", "--no-index", "--no-build-isolation")
        self._pip(console, *offline, "--editable", ".")
        self.entry.write()

    def _pip(self, console: Console, *arguments: str) -> None:
        install = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check")
        console.run([self.python, *install, *arguments], cwd=self.project)


def version_of(python: Path) -> str:
    """Return what a Python says it is, nothing if it does not run."""
    try:
        answer = subprocess.run([python, "-VV"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return answer.stdout
