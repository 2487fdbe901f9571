"""Marks that a thing is complete and what it was made from."""

import enum
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class State(enum.Enum):
    """How a thing relates to its sources."""

    UNFINISHED = "never completed"
    OLD = "complete, from other sources"
    FRESH = "complete, from these sources"


@dataclass(frozen=True)
class Stamp:
    """A file inside the thing it vouches for, so that both are deleted together."""

    path: Path
    sources: str

    @property
    def state(self) -> State:
        try:
            stamped = self.path.read_text(encoding="ascii")
        except FileNotFoundError:
            return State.UNFINISHED
        return State.FRESH if stamped == self.sources else State.OLD

    def remove(self) -> None:
        """Say that work has begun; until `write` the thing counts as unfinished."""
        self.path.unlink(missing_ok=True)

    def write(self) -> None:
        """Say that the thing is complete."""
        self.path.write_text(self.sources, encoding="ascii")


def digest(files: Iterable[Path], *words: str) -> str:
    """Return a hash of the files' contents and of some words."""
    total = hashlib.sha256()
    for file in files:
        total.update(hashlib.sha256(file.read_bytes()).digest())
    for word in words:
        total.update(hashlib.sha256(word.encode()).digest())
    return total.hexdigest()
