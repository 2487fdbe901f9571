"""The time that the service goes by: the machine's, or in a rehearsal (演练) one that is set.

A rehearsal clock is a file that holds an instant by which the machine's clock is replaced, so that
thirty minutes pass in a training room, or in a test, without anybody waiting.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Clock:
    """Says what time it is. ``offset_s`` in the file is added; without a file nothing is."""

    file: Path | None = None

    def now(self) -> datetime:
        """Return the instant, aware and in UTC."""
        return datetime.now(UTC) + self._offset()

    def _offset(self) -> timedelta:
        if self.file is None or not self.file.exists():
            return timedelta(0)
        return timedelta(seconds=float(self.file.read_text(encoding="ascii") or "0"))


REAL = Clock()
