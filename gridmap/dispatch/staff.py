"""Who serves this cell with this role now: people by unit, roles, areas and shifts.

Several people may serve one cell, and one person may have several roles (一格多人、一人多责). Names
are personal data and stand apart, so that they can be erased: here a person is an id.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gridmap.boundary import Area, Release
from gridmap.dispatch.actor import Role
from gridmap.dispatch.errors import NaiveInstantError, PolicyDataError, ShiftError
from gridmap.geo import LngLat

_DAY = timedelta(days=1)
_WEEK = range(8)  # the days to look ahead: a weekly shift comes back within them


@dataclass(frozen=True)
class Shift:
    """Hours in local time, on some weekdays (ISO: 1 is Monday) or on one date.

    ``overnight`` says that it ends on the next day; without it one that ends before it starts is
    refused.
    """

    begins: time
    ends: time
    weekdays: tuple[int, ...] = ()
    on: date | None = None
    overnight: bool = False

    def __post_init__(self) -> None:
        if bool(self.weekdays) == bool(self.on):
            raise ShiftError(shift=str(self), why="it needs weekdays or one date, not both")
        if not set(self.weekdays) <= set(range(1, 8)):
            raise ShiftError(shift=str(self), why="weekdays are 1 (Monday) to 7 (Sunday)")
        if self.ends <= self.begins and not self.overnight:
            why = "it ends before it starts; say +1 when it ends on the next day"
            raise ShiftError(shift=str(self), why=why)
        if self.ends > self.begins and self.overnight:
            raise ShiftError(shift=str(self), why="it would be longer than a day; leave +1 away")

    def __str__(self) -> str:
        days = self.on.isoformat() if self.on else ",".join(str(day) for day in self.weekdays)
        return f"{days} {self.begins:%H:%M}-{self.ends:%H:%M}{'+1' if self.overnight else ''}"

    def falls_on(self, day: date) -> bool:
        return day == self.on if self.on else day.isoweekday() in self.weekdays

    def hours(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the instants at which it begins and ends when it begins on a day."""
        last = day + _DAY if self.overnight else day
        return (
            datetime.combine(day, self.begins, tzinfo=zone),
            datetime.combine(last, self.ends, tzinfo=zone),
        )


_SHIFT = re.compile(r"(\S+) (\d\d:\d\d)-(\d\d:\d\d)(\+1)?")


def shift(text: str) -> Shift:
    """Return a shift as a table writes it: days, a blank, hours, ``+1`` when it crosses midnight.

    >>> shift("1-5 09:00-18:00").weekdays, str(shift("2026-02-14 22:00-06:00+1"))
    ((1, 2, 3, 4, 5), '2026-02-14 22:00-06:00+1')
    """
    found = _SHIFT.fullmatch(text.strip())
    if found is None:
        why = "write it like 1-5 09:00-18:00, 6,7 22:00-06:00+1 or 2026-02-14 09:00-12:00"
        raise ShiftError(shift=text, why=why)
    days, begins, ends, overnight = found.groups()
    try:
        hours = time.fromisoformat(begins), time.fromisoformat(ends)
        if len(days) == len("2026-02-14"):
            return Shift(*hours, on=date.fromisoformat(days), overnight=bool(overnight))
        weekdays = tuple(dict.fromkeys(_weekdays(days)))
    except ShiftError:
        raise
    except ValueError as error:
        raise ShiftError(shift=text, why=str(error)) from error
    return Shift(*hours, weekdays=weekdays, overnight=bool(overnight))


def _weekdays(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


@dataclass(frozen=True)
class Position:
    """Where somebody was last; ``accuracy_m`` is the radius that holds it with 95 %."""

    lnglat: LngLat
    at: datetime
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Staff:
    """One person, by id: for which unit, with which roles, in which cells or areas, when."""

    id: str
    unit: str
    roles: tuple[Role, ...]
    areas: tuple[str, ...]
    shifts: tuple[Shift, ...]
    account: str | None = None  # whom the person signs in as

    def shifts_from(self, day: date) -> tuple[Shift, ...]:
        """Return the shifts that begin on a day: those of its date alone, where there are some."""
        dated = tuple(one for one in self.shifts if one.on == day)
        return dated or tuple(one for one in self.shifts if not one.on and one.falls_on(day))

    def is_on(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether a shift runs; it runs at its beginning and no more at its end."""
        today = at.astimezone(zone).date()
        return any(
            begins <= at < ends
            for day in (today - _DAY, today)
            for begins, ends in (one.hours(day, zone) for one in self.shifts_from(day))
        )

    def next_on(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when the next shift after an instant begins; ``None``: none is planned."""
        today = at.astimezone(zone).date()
        dated = (one.on for one in self.shifts if one.on and one.on >= today)
        days = {*dated, *(today + n * _DAY for n in _WEEK)}
        begins = (one.hours(day, zone)[0] for day in days for one in self.shifts_from(day))
        return min((one for one in begins if one > at), default=None)


class Person(NamedTuple):
    """One row of a roster as tables have it: with the personal data that stand apart later."""

    staff: Staff
    name: str
    login: str = ""  # of the person's account; empty where there is none


class Absence(StrEnum):
    """Why nobody serves an area with a role now."""

    NOBODY_ASSIGNED = "nobody_assigned"
    OFF_SHIFT = "off_shift"
    UNIT_UNKNOWN = "unit_unknown"  # those assigned are of units that the directory lacks


@dataclass(frozen=True)
class Duty:
    """Who serves an area with a role at an instant.

    ``area`` is the nearest one up the tree with somebody on duty. Where nobody is, ``absence``
    says why, and ``next_at`` when the first of those assigned begins, if that is planned.
    """

    role: Role
    at: datetime
    area: Area | None
    staff: tuple[Staff, ...]
    absence: Absence | None = None
    next_at: datetime | None = None


@dataclass(frozen=True)
class Muster:
    """Who of a unit is on duty for a place; where nobody is, why, as in `Duty`."""

    staff: tuple[Staff, ...]
    absence: Absence | None = None
    next_at: datetime | None = None


class Roster:
    """Staff by area and role, or by unit; an immutable snapshot of the service's register."""

    def __init__(self, staff: Iterable[Staff], *, units: Container[str], zone: ZoneInfo) -> None:
        self._units, self._zone = units, zone
        self._serving: dict[tuple[str, Role], list[Staff]] = {}
        self._of_unit: dict[str, list[Staff]] = {}
        known: set[str] = set()
        for one in sorted(staff, key=lambda one: one.id):
            if one.id in known:
                raise PolicyDataError("roster", f"staff {one.id}", "the id stands twice")
            known.add(one.id)
            self._of_unit.setdefault(one.unit, []).append(one)
            for area in dict.fromkeys(one.areas):
                for role in dict.fromkeys(one.roles):
                    self._serving.setdefault((area, role), []).append(one)

    def on_duty(self, area: Area, role: Role, at: datetime, release: Release) -> Duty:
        """Return who serves an area with a role, looking up the tree until somebody is on duty."""
        if at.tzinfo is None:
            raise NaiveInstantError(instant=at)
        assigned: list[Staff] = []
        for step in (area, *release.ancestors(area.code)):
            serving = self._serving.get((step.code, role), [])
            present = tuple(one for one in serving if self._is_present(one, at))
            if present:
                return Duty(role, at, step, present)
            assigned += serving
        return self._nobody(role, at, assigned)

    def of_unit(self, unit: str, areas: frozenset[str], at: datetime) -> "Muster":
        """Return who of a unit is on duty for a place, those of the smallest area first.

        ``areas`` are the codes of the areas that the place concerns, with all above them.
        """
        if at.tzinfo is None:
            raise NaiveInstantError(instant=at)
        assigned = [one for one in self._of_unit.get(unit, ()) if areas & set(one.areas)]
        present = [one for one in assigned if self._is_present(one, at)]
        if present:
            # A longer code is a smaller area (DB11/T 2157: the parent is the prefix).
            present.sort(key=lambda one: (-max(map(len, areas & set(one.areas))), one.id))
            return Muster(tuple(present))
        if unit not in self._units:
            return Muster((), Absence.UNIT_UNKNOWN)
        return Muster((), *self._why_nobody(at, assigned))

    def _is_present(self, one: Staff, at: datetime) -> bool:
        return one.unit in self._units and one.is_on(at, self._zone)

    def _nobody(self, role: Role, at: datetime, assigned: list[Staff]) -> Duty:
        return Duty(role, at, None, (), *self._why_nobody(at, assigned))

    def _why_nobody(self, at: datetime, assigned: list[Staff]) -> tuple[Absence, datetime | None]:
        if not assigned:
            return Absence.NOBODY_ASSIGNED, None
        of_units = [one for one in assigned if one.unit in self._units]
        if not of_units:
            return Absence.UNIT_UNKNOWN, None
        begins = (one.next_on(at, self._zone) for one in of_units)
        return Absence.OFF_SHIFT, min((one for one in begins if one), default=None)
