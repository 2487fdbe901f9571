"""Standing deals on a stretch of border (边界协议): who leads there, for what, and when."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap import measure
from gridmap.boundary import Release
from gridmap.dispatch.catalogue import Catalogue, Item
from gridmap.dispatch.errors import (
    AgreementDatesError,
    AgreementHoursError,
    AgreementLeadError,
    AgreementOffBorderError,
    AgreementPartiesError,
    AgreementReachError,
    UnknownCategoryError,
)
from gridmap.place import Place, PlaceKind

DAY_S = 86_400
WEEKDAYS = range(1, 8)  # ISO 8601: 1 is Monday

# Farther than this from a border nobody's agreement is about the border.
FARTHEST_M = 5_000.0
# The longest edge of a drawn reach; longer ones would bend away from it in degrees.
_LONGEST_EDGE_M = 200.0


class Standing(StrEnum):
    """Whether an agreement holds at an instant, and if not, why."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    OTHER_HOURS = "other_hours"  # in force, but not at this hour
    EXPIRED = "expired"


@dataclass(frozen=True)
class Document:
    """The paper that an agreement stands on."""

    title: str
    number: str
    signed_on: date


@dataclass(frozen=True)
class Hours:
    """From one local time to another, on some days of the week.

    Where ``ends`` is not later than ``begins`` they go on past midnight, equal times for a whole
    day; the weekday is the one on which they begin.
    """

    weekdays: tuple[int, ...]  # ISO 8601: 1 is Monday
    begins: time
    ends: time

    def on(self, weekday: int) -> tuple[tuple[int, int], ...]:
        """Return what of them falls on a weekday: half-open ranges in seconds since midnight.

        >>> Hours((5,), time(22), time(6)).on(6)
        ((0, 21600),)
        """
        begins_s, ends_s = _seconds(self.begins), _seconds(self.ends)
        over = ends_s <= begins_s
        before = 7 if weekday == 1 else weekday - 1
        ranges = []
        if over and before in self.weekdays:
            ranges.append((0, ends_s))
        if weekday in self.weekdays:
            ranges.append((begins_s, DAY_S if over else ends_s))
        return tuple((start, end) for start, end in ranges if start < end)


def _seconds(moment: time) -> int:
    return moment.hour * 3_600 + moment.minute * 60 + moment.second


@dataclass(frozen=True)
class Agreement:
    """Who leads on a stretch of border, for which categories and when.

    ``stretch`` is a line or an area in EPSG:4490; it holds within ``reach_m`` metres of it, to
    both sides of a line and not past its ends. ``categories`` are codes of items or classes;
    none means all of them, no ``hours`` always. The dates are the city's; ``valid_until`` is
    the last day, ``None`` without an end. ``in_force_at`` is when the last party signed,
    ``ended_at`` when it was ended before its time; both ``None`` where only the dates count.
    """

    id: str
    title: str
    stretch: Place
    reach_m: float
    parties: tuple[str, ...]  # area codes
    lead: str
    document: Document
    valid_from: date
    valid_until: date | None = None
    categories: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    in_force_at: datetime | None = None
    ended_at: datetime | None = None

    @cached_property
    def region(self) -> BaseGeometry:
        """Everything within its reach, a (multi)polygon in EPSG:4490."""
        shape = self.stretch.geometry
        if self.stretch.kind is PlaceKind.FOOTPRINT and not self.reach_m:
            return shape
        plane = measure.MetricPlane(self.stretch.centre)
        flat = plane.project(shape)
        if self.stretch.kind is PlaceKind.LINE:
            # Flat ends: what one stretch leaves off, the next one begins with.
            flat = shapely.line_merge(flat) if flat.geom_type == "MultiLineString" else flat
            wide = shapely.buffer(flat, self.reach_m, quad_segs=32, cap_style="flat")
        else:
            wide = shapely.buffer(flat, self.reach_m, quad_segs=32)
        return plane.unproject(shapely.segmentize(wide, _LONGEST_EDGE_M))

    def covers(self, place: Place) -> bool:
        """Tell whether a place lies within reach: a point on its edge, too, else more than half."""
        shape = place.geometry
        if place.kind is PlaceKind.POINT or shapely.covers(self.region, shape):
            return bool(shapely.intersects(self.region, shape))
        part = shapely.intersection(self.region, shape)
        size = measure.length_m if place.kind is PlaceKind.LINE else measure.area_m2
        return size(part) * 2 > size(shape)

    def concerns(self, item: Item | None) -> bool:
        """Tell whether it is about a category; without one only what is about all of them."""
        if not self.categories:
            return True
        return item is not None and not {item.code, item.class_code}.isdisjoint(self.categories)

    def standing(self, at: datetime) -> Standing:
        """Tell whether it holds at an instant, given in the city's time."""
        if (self.in_force_at and at < self.in_force_at) or at.date() < self.valid_from:
            return Standing.NOT_YET
        if (self.ended_at and at >= self.ended_at) or at.date() > (self.valid_until or date.max):
            return Standing.EXPIRED
        second = _seconds(at.time())
        on = any(start <= second < end for start, end in self.times(at.isoweekday()))
        return Standing.IN_FORCE if on else Standing.OTHER_HOURS

    def times(self, weekday: int) -> tuple[tuple[int, int], ...]:
        """Return when it holds on a weekday: half-open ranges in seconds since midnight."""
        if not self.hours:
            return ((0, DAY_S),)
        return tuple(span for hours in self.hours for span in hours.on(weekday))


@dataclass(frozen=True)
class Meeting:
    """Where and when two agreements would both hold; ``at`` is local, without a zone."""

    lng: float
    lat: float
    at: datetime


# Less than this is the seam of two stretches that adjoin; a part below it never counts, either.
_LEAST_OVERLAP_M2 = 1.0


def meeting(one: Agreement, other: Agreement, catalogue: Catalogue) -> Meeting | None:
    """Return where and when two agreements that name different leads would both hold."""
    if one.lead == other.lead or not _share_categories(one, other, catalogue):
        return None
    moment = next(_moments(one, other), None)
    shared = shapely.intersection(one.region, other.region)
    if moment is None or measure.area_m2(shared) < _LEAST_OVERLAP_M2:
        return None
    spot = shapely.point_on_surface(shared)
    return Meeting(float(spot.x), float(spot.y), moment)


def _share_categories(one: Agreement, other: Agreement, catalogue: Catalogue) -> bool:
    if not one.categories or not other.categories:
        return True
    return not _items(one, catalogue).isdisjoint(_items(other, catalogue))


def _items(agreement: Agreement, catalogue: Catalogue) -> set[str]:
    """Return every item it is about, and its own codes: a class may have no items yet."""
    named = set(agreement.categories)
    return named | {item.code for item in catalogue.items.values() if item.class_code in named}


def _moments(one: Agreement, other: Agreement) -> Iterator[datetime]:
    """Yield the first moment of each day of the week at which both would hold."""
    if one.ended_at or other.ended_at:
        return
    first = max(one.valid_from, other.valid_from)
    last = min(one.valid_until or date.max, other.valid_until or date.max)
    for offset in range(min(7, (last - first).days + 1)):
        day = first + timedelta(days=offset)
        starts = [
            max(a, b)
            for a, a_end in one.times(day.isoweekday())
            for b, b_end in other.times(day.isoweekday())
            if max(a, b) < min(a_end, b_end)
        ]
        if starts:
            yield datetime.combine(day, time()) + timedelta(seconds=min(starts))


def checked(agreement: Agreement, release: Release, catalogue: Catalogue) -> Agreement:
    """Return the agreement itself, when it can hold in a release and a catalogue.

    Its stretch must lie within its reach of two parties at least: one that does not is nearly
    always drawn in another CRS or on another border, so it is refused, not warned of. The
    parties need not touch: a gap between them is what many agreements are about.

    Raises
    ------
    AgreementError
        Parties, lead, dates, hours, reach or stretch cannot be.
    UnknownAreaError, UnknownCategoryError
        The release lacks a party; the catalogue a category.
    """
    _refuse_terms(agreement)
    for code in agreement.categories:
        if code not in catalogue.items and code not in catalogue.classes:
            raise UnknownCategoryError(category=code, catalogue=catalogue.version)
    _refuse_off_border(agreement, release)
    return agreement


def _refuse_terms(agreement: Agreement) -> None:
    parties = agreement.parties
    if len(set(parties)) < 2 or len(set(parties)) != len(parties):  # noqa: PLR2004 - a deal has two
        raise AgreementPartiesError(agreement=agreement.id, parties=list(parties))
    if agreement.lead not in parties:
        raise AgreementLeadError(agreement=agreement.id, lead=agreement.lead, parties=list(parties))
    until = agreement.valid_until
    if until is not None and until < agreement.valid_from:
        raise AgreementDatesError(
            agreement=agreement.id, valid_from=str(agreement.valid_from), valid_until=str(until)
        )
    for hours in agreement.hours:
        if not hours.weekdays or not set(hours.weekdays) <= set(WEEKDAYS):
            raise AgreementHoursError(agreement=agreement.id, weekdays=list(hours.weekdays))
    is_line = agreement.stretch.kind is PlaceKind.LINE
    reach_m = agreement.reach_m
    if agreement.stretch.kind is PlaceKind.POINT or not (
        math.isfinite(reach_m) and 0 <= reach_m <= FARTHEST_M and (reach_m > 0 or not is_line)
    ):
        raise AgreementReachError(
            agreement=agreement.id,
            kind=agreement.stretch.kind.value,
            reach_m=reach_m,
            limit_m=FARTHEST_M,
        )


def _refuse_off_border(agreement: Agreement, release: Release) -> None:
    plane = measure.MetricPlane(agreement.stretch.centre)
    stretch = plane.project(agreement.stretch.geometry)
    distances_m = sorted(
        plane.ground_distance_m(stretch, plane.project(release.geometry(code)))
        for code in agreement.parties
    )
    if distances_m[1] > agreement.reach_m:
        raise AgreementOffBorderError(
            agreement=agreement.id, distance_m=distances_m[1], reach_m=agreement.reach_m
        )
