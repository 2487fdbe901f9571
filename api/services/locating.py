"""Where people are: told by themselves, kept as the last one only, shown to who sends them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from api.services.errors import PointNeededError, PositionsNotYoursError, PositionTooOldError
from api.services.turn import Turn
from api.store import positions
from api.store.engine import reading, transaction
from gridmap import measure
from gridmap.boundary import Area, Release
from gridmap.dispatch.actor import Actor, Role
from gridmap.dispatch.lead import Policy
from gridmap.dispatch.staff import Position, Staff
from gridmap.geo import LngLat
from gridmap.place import Place, PlaceKind

SENDERS = frozenset({Role.COMMAND, Role.CONVENER})


@dataclass(frozen=True)
class Located:
    """Where somebody was last, and how far from a place that is."""

    position: Position
    distance_m: float


async def report(turn: Turn, place: Place, *, at: datetime | None) -> Position:
    """Keep where the actor is, instead of where they were.

    Everybody's positions that are older than the policy keeps go with it.

    Raises
    ------
    PointNeededError, PositionTooOldError
        It is no position, or one that would not be kept.
    """
    if place.kind is not PlaceKind.POINT:
        raise PointNeededError(kind=place.kind.value)
    policy, oldest = turn.reference.policy, _oldest(turn.reference.policy, turn.now)
    found = Position(place.centre, at or turn.now, place.accuracy_m)
    if found.at < oldest:
        raise PositionTooOldError(at=found.at.isoformat(), kept_h=policy.position_kept_h)
    async with transaction(turn.engine, turn.actor) as connection:
        await positions.erase_older(connection, oldest)
        await positions.keep(connection, UUID(turn.actor.account), found)
    return found


async def withdraw(turn: Turn) -> None:
    """Erase where the actor was."""
    async with transaction(turn.engine, turn.actor) as connection:
        await positions.erase(connection, UUID(turn.actor.account))


async def forget(turn: Turn) -> int:
    """Erase what is older than the policy keeps, whosever it is; returns how many positions."""
    async with transaction(turn.engine, turn.actor) as connection:
        return await positions.erase_older(connection, _oldest(turn.reference.policy, turn.now))


async def distances(
    turn: Turn, area: Area, people: Iterable[Staff], near: LngLat
) -> dict[str, Located]:
    """Return how far people on duty in an area are from a place, by id, in one question.

    Without those who have told nothing, or too long ago.

    Raises
    ------
    PositionsNotYoursError
        The actor neither commands nor convenes over the area.
    """
    if not _sends(turn.actor, area, turn.reference.index.release):
        raise PositionsNotYoursError(area=area.code)
    accounts = {one.id: UUID(one.account) for one in people if one.account}
    async with reading(turn.engine, turn.actor) as connection:
        since = _oldest(turn.reference.policy, turn.now)
        known = await positions.last(connection, accounts.values(), since=since)
    return {
        id_: Located(known[account], measure.distance_m(known[account].lnglat, near))
        for id_, account in accounts.items()
        if account in known
    }


def _sends(actor: Actor, area: Area, release: Release) -> bool:
    """Whether somebody commands or convenes over an area."""
    line = {area.code, *(one.code for one in release.ancestors(area.code))}
    return any(grant.role in SENDERS and grant.area_code in line for grant in actor.grants)


def _oldest(policy: Policy, now: datetime) -> datetime:
    return now - timedelta(hours=policy.position_kept_h)
