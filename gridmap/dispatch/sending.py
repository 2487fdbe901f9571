"""How often something is sent that does not arrive, and how long each time is waited."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class SendingState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # given up; somebody must look
    WITHHELD = "withheld"  # not to be told any more: the case has become confidential


@dataclass(frozen=True)
class Patience:
    """So many attempts, the first wait, and by how much each wait is longer than the last."""

    attempts: int
    first_wait_s: float
    factor: float

    def next_at(self, attempts: int, now: datetime) -> datetime | None:
        """Return when to try again after so many attempts; ``None``: not any more.

        >>> Patience(3, 10, 3).next_at(2, datetime(2026, 1, 1))
        datetime.datetime(2026, 1, 1, 0, 0, 30)
        """
        if attempts >= self.attempts:
            return None
        return now + timedelta(seconds=self.first_wait_s * self.factor ** (attempts - 1))
