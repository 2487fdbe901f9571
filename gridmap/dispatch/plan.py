"""Attribution + decision + catalogue + directory -> who is summoned in each jurisdiction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from gridmap.boundary import Area, Release
from gridmap.dispatch.catalogue import Catalogue, Item, WhistleKind
from gridmap.dispatch.directory import GOVERNMENT, Directory, Unit
from gridmap.dispatch.lead import Decision
from gridmap.level import Level


class Capacity(StrEnum):
    """As what one comes. A jurisdiction: lead or assisting; a unit also as a street's office."""

    LEAD = "lead"
    ASSISTING = "assisting"
    OFFICE = "office"


@dataclass(frozen=True)
class Assignment:
    """One unit and what it comes as."""

    unit: Unit
    role: Capacity


@dataclass(frozen=True)
class Missing:
    """A department kind that nobody up the tree has: an error that a person must see."""

    kind: str


@dataclass(frozen=True)
class JurisdictionPlan:
    """Who comes from one side. ``office`` convenes on the lead side, joins on the others."""

    area: Area
    role: Capacity
    office: Unit | None
    assignments: tuple[Assignment, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Call:
    """One unit to summon, once, for all the jurisdictions it serves in this case."""

    unit: Unit
    role: Capacity
    areas: tuple[Area, ...]


@dataclass(frozen=True)
class Plan:
    """The dispatch plan: lead side first."""

    item: Item
    whistle: WhistleKind
    jurisdictions: tuple[JurisdictionPlan, ...]

    @property
    def convener(self) -> Unit | None:
        """The office of the lead jurisdiction: who blows the whistle."""
        return self.jurisdictions[0].office

    @property
    def needs_whistle(self) -> bool:
        """False only where one street holds the case and the power itself."""
        lead, *others = self.jurisdictions
        by_street = self.item.held_by_street and lead.area.level.depth >= Level.STREET.depth
        return bool(others) or not by_street

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every unit once; two streets of one district share the district's departments."""
        calls: dict[str, Call] = {}
        for side in self.jurisdictions:
            for assignment in side.assignments:
                known = calls.get(assignment.unit.id)
                calls[assignment.unit.id] = Call(
                    unit=assignment.unit,
                    role=_stronger(known.role, assignment.role) if known else assignment.role,
                    areas=(*known.areas, side.area) if known else (side.area,),
                )
        return tuple(calls.values())


def _stronger(one: Capacity, other: Capacity) -> Capacity:
    return min(one, other, key=list(Capacity).index)


def plan(
    decision: Decision, item: Item, *, catalogue: Catalogue, directory: Directory, release: Release
) -> Plan:
    """Plan who comes: in each jurisdiction the nearest unit up the tree of every kind needed.

    A kind that nobody has is listed in ``missing`` of its jurisdiction, never left out silently.
    """
    sides = [
        (decision.lead, Capacity.LEAD),
        *((area, Capacity.ASSISTING) for area in decision.assisting),
    ]
    return Plan(
        item=item,
        whistle=catalogue.whistle_kinds[item.whistle_kind],
        jurisdictions=tuple(
            _side(
                area,
                role,
                kinds=_kinds_needed(item, area, catalogue),
                directory=directory,
                release=release,
            )
            for area, role in sides
        ),
    )


def _side(
    area: Area,
    role: Capacity,
    *,
    kinds: Iterable[tuple[str, Capacity]],
    directory: Directory,
    release: Release,
) -> JurisdictionPlan:
    office = directory.at(area, GOVERNMENT)
    assignments, missing = [], []
    if office is None:
        missing.append(Missing(kind=GOVERNMENT))
    elif role is Capacity.ASSISTING:
        assignments.append(Assignment(office, Capacity.OFFICE))
    for kind, unit_role in kinds:
        unit = directory.nearest(area, kind, release)
        if unit is None:
            missing.append(Missing(kind=kind))
        else:
            assignments.append(Assignment(unit, unit_role))
    return JurisdictionPlan(area, role, office, tuple(assignments), tuple(missing))


def _kinds_needed(item: Item, area: Area, catalogue: Catalogue) -> Iterator[tuple[str, Capacity]]:
    by_street = item.held_by_street and area.level.depth >= Level.STREET.depth
    level = Level.STREET if by_street else Level.DISTRICT
    down = catalogue.kind(item.lead_kind).handed_down_to if by_street else None
    yield item.powers.get(level) or down or item.lead_kind, Capacity.LEAD
    for kind in item.assisting_kinds:
        yield kind, Capacity.ASSISTING
