"""One report: where, what, by whom received."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.question import Filing, Sides
from gridmap.place import Place


class Source(StrEnum):
    """Where a report comes from (哨源)."""

    INSPECTOR = "inspector"  # 网格员
    STEWARD = "steward"  # 小巷管家
    HOTLINE = "hotline"  # 12345
    DEPARTMENT = "department"
    COMMAND = "command"


@dataclass(frozen=True)
class Caller:
    """Who called the hotline, kept apart from the report; both may be unknown."""

    name: str | None
    phone: str | None


@dataclass(frozen=True)
class Incident:
    """A report as it came in; never edited. ``separate``: never joined to an open case."""

    id: str
    category: str
    place: Place
    reported_at: datetime
    text: str = ""
    source: Source = Source.INSPECTOR
    intake: str | None = None
    filings: tuple[Filing, ...] = ()
    sides: Sides = Sides.COMPUTED
    separate: bool = False
    owner: str | None = None  # id of the unit whose the part is
    reporter: str = SYSTEM.account  # the account
