"""Stage clocks of a whistle. Now is always a parameter; nothing here reads the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gridmap.dispatch.catalogue import WhistleKind


@dataclass(frozen=True)
class Deadlines:
    """When a summoned unit must have responded, arrived and finished; ``None``: no clock."""

    respond_by: datetime | None
    arrive_by: datetime | None
    finish_by: datetime | None


def deadlines(kind: WhistleKind, *, blown_at: datetime) -> Deadlines:
    """Return the deadlines of a whistle blown at an aware instant; the clocks start with it."""

    def after(minutes: float | None) -> datetime | None:
        return None if minutes is None else blown_at + timedelta(minutes=minutes)

    return Deadlines(after(kind.respond_min), after(kind.arrive_min), after(kind.finish_min))
