"""Cases as they are kept and listed: the case with what it was decided with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gridmap.attribution import LevelAttribution
from gridmap.boundary import Area
from gridmap.dispatch.case import Case
from gridmap.dispatch.catalogue import Item
from gridmap.dispatch.lead import Decision
from gridmap.dispatch.plan import Plan
from gridmap.dispatch.step import Step
from gridmap.geo import LngLat
from gridmap.place import Place


@dataclass(frozen=True)
class CaseRecord:
    """A case with what it was decided with."""

    id: UUID
    category: str
    place: Place
    release: str
    release_title: str
    catalogue: str
    levels: tuple[LevelAttribution, ...]
    decision: Decision
    plan: Plan
    case: Case


@dataclass(frozen=True)
class CaseSummary:
    """One line of a list of cases."""

    id: UUID
    number: str
    item: Item
    holder: Area
    step: Step
    point: LngLat
    opened_at: datetime
    closed_at: datetime | None
    open_summons: int
    whistle_blown_at: datetime | None
    next_due_at: datetime | None


@dataclass(frozen=True)
class Nearby:
    """An open case of the same category near a place."""

    id: UUID
    number: str
    opened_at: datetime
    distance_m: float
    areas: frozenset[str]  # codes of the jurisdictions that the case concerns
