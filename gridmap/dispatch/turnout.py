"""Who comes, as people: of every unit those on duty for the place now, and who serves the place.

It is asked when somebody looks, and never kept: shifts end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gridmap.attribution import LevelAttribution
from gridmap.boundary import Area, Release
from gridmap.dispatch.actor import Role
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.staff import Duty, Muster, Roster, Staff

# Who serves the place itself, whoever is called (一格多人、一人多责).
LOCAL = (Role.GRID_CHIEF, Role.INSPECTOR, Role.COMMUNITY)

# A footprint over more cells than this is asked for by communities, and so on upwards.
MOST_AREAS = 20


@dataclass(frozen=True)
class Crew:
    """One unit and who of it is on duty for the place."""

    unit: Unit
    muster: Muster


@dataclass(frozen=True)
class Serving:
    """Who serves some of the smallest areas of the place with a role: the same for all of them."""

    areas: tuple[Area, ...]
    duty: Duty


@dataclass(frozen=True)
class Turnout:
    """Who is on duty for a place; a unit with nobody is in it, with the reason."""

    crews: tuple[Crew, ...]
    serving: tuple[Serving, ...]

    @property
    def staff(self) -> frozenset[Staff]:
        """Everybody named in it."""
        of_units = (one for crew in self.crews for one in crew.muster.staff)
        return frozenset([*of_units, *(one for part in self.serving for one in part.duty.staff)])


def turnout(
    units: Iterable[Unit],
    levels: Iterable[LevelAttribution],
    *,
    areas: frozenset[str],
    roster: Roster,
    release: Release,
    at: datetime,
) -> Turnout:
    """Return who is on duty for a place at an aware instant.

    ``levels`` are its attribution, ``areas`` its territory (`audience.territory`). Areas that
    ``release`` lacks, because the place was attributed with an older one, are served by nobody.
    """
    crews = tuple(Crew(unit, roster.of_unit(unit.id, areas, at)) for unit in dict.fromkeys(units))
    smallest = _smallest(levels, release)
    serving = (part for role in LOCAL for part in _serving(smallest, role, roster, release, at))
    return Turnout(crews, tuple(serving))


def units_of(record: CaseRecord) -> tuple[Unit, ...]:
    """Return the units that a case waits for: its convener, and who was called or is to be."""
    standing = [one for one in record.case.whistles if not one.sent_back_at]
    called = [one.unit for whistle in standing for one in whistle.summons if one.is_open]
    if not standing:
        called = [one.unit for one in record.plan.calls]
    return (*((record.convener,) if record.convener else ()), *called)


def _smallest(levels: Iterable[LevelAttribution], release: Release) -> tuple[Area, ...]:
    """Return the areas of the finest level that has a few of them."""
    for level in sorted(levels, key=lambda one: one.level.depth, reverse=True):
        known = tuple(area for area in level.concerned if release.has(area.code))
        if 0 < len(known) <= MOST_AREAS:
            return known
    return ()


def _serving(
    areas: tuple[Area, ...], role: Role, roster: Roster, release: Release, at: datetime
) -> Iterator[Serving]:
    """Yield who serves the areas, those served by the same people together."""
    found: dict[Duty, list[Area]] = {}
    for area in areas:
        found.setdefault(roster.on_duty(area, role, at, release), []).append(area)
    for duty, served in found.items():
        yield Serving(tuple(served), duty)
