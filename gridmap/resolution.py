"""Place in, answer out: whose it is, who leads and why, who comes. Writes nothing."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from gridmap.attribute import attribute
from gridmap.attribution import Attribution
from gridmap.boundary import Area, Release
from gridmap.dispatch.agreement import Standing
from gridmap.dispatch.agreements import Agreements, Found
from gridmap.dispatch.catalogue import Catalogue, Item
from gridmap.dispatch.clock import Calendar, WorkingTime
from gridmap.dispatch.directory import Directory
from gridmap.dispatch.errors import (
    FootprintTooLargeError,
    LineTooLongError,
    TooManyVerticesError,
    TooVagueError,
    UnknownOwnerError,
)
from gridmap.dispatch.lead import Decision, Limits, Policy, decide
from gridmap.dispatch.plan import Plan, plan
from gridmap.dispatch.question import Filing, Honoured, Owner, Ruling, Sides, question
from gridmap.dispatch.staff import Roster
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.place import Place


@dataclass(frozen=True)
class Reference:
    """What decisions are made with: release, catalogue, policy, directory, calendar, agreements.

    The roster decides nothing; it says who of those called is on duty. All of it is versioned and
    immutable; a service that activates another release swaps the whole.
    """

    index: ReleaseIndex
    catalogue: Catalogue
    policy: Policy
    directory: Directory
    calendar: Calendar
    agreements: Agreements = field(default_factory=Agreements)
    roster: Roster = field(default_factory=lambda: Roster((), units=(), zone=ZoneInfo("UTC")))

    @property
    def working_time(self) -> WorkingTime:
        return WorkingTime(self.policy.working_hours, self.calendar)


@dataclass(frozen=True)
class Resolution:
    """The answer for a place; ``plan`` only where a category was named."""

    attribution: Attribution
    decision: Decision
    plan: Plan | None


def resolve(
    place: Place,
    reference: Reference,
    *,
    category: str | None = None,
    intake: str | None = None,
    filings: tuple[Filing, ...] = (),
    sides: Sides = Sides.COMPUTED,
    owner: str | None = None,
    ruling: Ruling | None = None,
    now: datetime,
) -> Resolution:
    """Say whose a place is, who leads, and (for a category) who is to be summoned.

    ``now`` is the aware instant as of which agreements hold; ``owner`` the unit whose a part is.

    Raises
    ------
    UnknownCategoryError, UnknownAreaError
        The catalogue lacks the category; the release lacks the intake's or a filing's area.
    UnknownOwnerError
        The directory lacks the owner.
    FootprintTooLargeError, LineTooLongError, TooManyVerticesError, TooVagueError
        The place is beyond the policy's limits.
    OutsideReleaseError
        It is outside the city.
    """
    policy, release = reference.policy, reference.index.release
    item = None if category is None else reference.catalogue.item(category)
    for filing in filings:
        release.find(filing.area_code)
    _refuse_beyond(place, policy.limits, dispatched=item is not None)
    attribution = attribute(place, reference.index, tolerance=policy.tolerance)
    level = _holding(item, policy, release)
    found = reference.agreements.found(place, item, now.astimezone(policy.timezone))
    asked = question(
        attribution,
        level=level,
        filings=tuple(
            replace(filing, filed_at=filing.filed_at.astimezone(policy.timezone))
            for filing in filings
        ),
        intake=None if intake is None else release.area(intake),
        sides=sides,
        ruling=ruling,
        agreements=_honoured(found, release, level),
        lapsed=tuple(one for one in found if one.standing is not Standing.IN_FORCE),
        is_part=item is not None and reference.catalogue.is_part(item),
        owner=None if owner is None else _owner(owner, reference, level),
    )
    decision = decide(asked, policy)
    if item is None:
        return Resolution(attribution, decision, None)
    planned = plan(
        decision,
        item,
        catalogue=reference.catalogue,
        directory=reference.directory,
        release=release,
    )
    return Resolution(attribution, decision, planned)


def _honoured(found: tuple[Found, ...], release: Release, level: Level) -> tuple[Honoured, ...]:
    """Return those in force; one whose lead another release has is left to the other rules."""
    return tuple(
        Honoured(one.agreement, _lifted(one.agreement.lead, release, level))
        for one in found
        if one.standing is Standing.IN_FORCE and release.has(one.agreement.lead)
    )


def _owner(unit_id: str, reference: Reference, level: Level) -> Owner:
    unit = reference.directory.find(unit_id)
    if unit is None:
        raise UnknownOwnerError(unit=unit_id)
    return Owner(unit.name, _lifted(unit.area_code, reference.index.release, level))


def _lifted(code: str, release: Release, level: Level) -> Area:
    """Return an area, or the one above it at the level that holds cases."""
    line = (release.area(code), *release.ancestors(code))
    return next((area for area in line if area.level.depth <= level.depth), line[0])


def _holding(item: Item | None, policy: Policy, release: Release) -> Level:
    """The level that holds the case: the item's own where the release has it, else the policy's."""
    own = item.jurisdiction_level if item else None
    return own if own and own in release.layers else policy.jurisdiction_level


def _refuse_beyond(place: Place, limits: Limits, *, dispatched: bool) -> None:
    if place.vertices > limits.max_vertices:
        raise TooManyVerticesError(vertices=place.vertices, limit=limits.max_vertices)
    if dispatched and (place.accuracy_m or 0.0) > limits.max_accuracy_m:
        raise TooVagueError(accuracy_m=place.accuracy_m or 0.0, limit_m=limits.max_accuracy_m)
    length_m = place.length_m
    if length_m is not None and length_m > limits.max_length_m:
        raise LineTooLongError(length_m=length_m, limit_m=limits.max_length_m)
    area_m2 = place.area_m2
    if area_m2 is not None and area_m2 > limits.max_footprint_m2:
        raise FootprintTooLargeError(area_m2=area_m2, limit_m2=limits.max_footprint_m2)
