"""The virtual environment with exactly the locked packages, and the project itself in it."""

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
    def stamp(self) -> Stamp:
        """Made from the lock file and the project's own entry points."""
        sources = (self.project / "requirements.lock", self.project / "pyproject.toml")
        return Stamp(self.folder / "gridmap-packages", digest(sources))

    @property
    def frame(self) -> Stamp:
        """Made from this Python and this place: an environment cannot be moved."""
        words = (sys.version, sys.base_prefix, str(self.project))
        return Stamp(self.folder / "gridmap-frame", digest((), *words))

    def make(self, console: Console) -> None:
        """Make the environment, or bring it to the lock file; nothing happens when it is there."""
        packages, frame = self.stamp, self.frame
        if frame.state is not State.FRESH or packages.state is State.UNFINISHED:
            with console.step("virtual environment in .venv"):
                self._clear(console)
        if packages.state is not State.FRESH:
            with console.step("Python packages (the first time, a few minutes)"):
                self._install(console)

    def _clear(self, console: Console) -> None:
        if self.folder.is_symlink():  # what it points to belongs to somebody else
            self.folder.unlink()
        console.run([sys.executable, "-m", "venv", "--clear", self.folder])
        self.frame.write()

    def _install(self, console: Console) -> None:
        self.stamp.remove()
        lock = ("--require-hashes", "--no-deps", "--requirement", "requirements.lock")
        self._pip(console, *lock)
        self._pip(console, "--no-deps", "--no-index", "--no-build-isolation", "--editable", ".")
        self.stamp.write()

    def _pip(self, console: Console, *arguments: str) -> None:
        install = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check")
        console.run([self.python, *install, *arguments], cwd=self.project)
