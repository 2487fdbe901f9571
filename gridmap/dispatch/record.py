"""Cases as they are kept and listed: the case with what it was decided with."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gridmap.attribution import LevelAttribution
from gridmap.boundary import Area
from gridmap.dispatch.case import Case
from gridmap.dispatch.catalogue import Item
from gridmap.dispatch.chain import GENESIS
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.event import Event, EventKind
from gridmap.dispatch.fold import apply
from gridmap.dispatch.lead import Decision
from gridmap.dispatch.plan import Plan
from gridmap.dispatch.step import Step
from gridmap.geo import LngLat
from gridmap.place import Place

# The events by which somebody has reported a case.
REPORTS = frozenset({EventKind.REPORTED, EventKind.JOINED})


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
    areas: frozenset[str]  # codes: `audience.territory`
    reporters: frozenset[str]  # accounts
    head: bytes = GENESIS  # the hash of its latest event

    @property
    def holder(self) -> Area:
        """The jurisdiction that holds the case: the decided lead, until a dispute names another."""
        sides = (self.decision.lead, *self.decision.assisting)
        return next(area for area in sides if area.code == self.case.holder)

    @property
    def convener(self) -> Unit | None:
        """The holder's office."""
        sides = self.plan.jurisdictions
        return next((one.office for one in sides if one.area.code == self.case.holder), None)

    def after(self, event: Event) -> "CaseRecord":
        """Return the record after one more event."""
        more = {event.by.account} if event.kind in REPORTS else set()
        return replace(self, case=apply(self.case, event), reporters=self.reporters | more)


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
