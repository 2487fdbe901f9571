"""Who is on duty: the roster into the database, and out of it who comes by name."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from api.services.turn import Turn
from api.store import accounts, releases, staff, units
from api.store.engine import Connection, Engine, reading, transaction
from gridmap.dispatch.actor import ANONYMOUS
from gridmap.dispatch.audience import territory
from gridmap.dispatch.directory_difference import EntryChange, staff_changes
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.staff import Person, Staff
from gridmap.dispatch.turnout import Turnout, turnout, units_of
from gridmap.resolution import Reference, Resolution


@dataclass(frozen=True)
class Preview:
    """What a roster would change, and what it names that the service does not know."""

    changes: tuple[EntryChange, ...]
    units: tuple[str, ...]
    areas: tuple[str, ...]
    logins: tuple[str, ...]


async def preview(engine: Engine, people: list[Person]) -> Preview:
    """Compare a roster with the present one, with the directory and the active release."""
    named_units = {one.staff.unit for one in people}
    named_areas = {area for one in people for area in one.staff.areas}
    logins = {one.login for one in people if one.login}
    async with reading(engine) as connection:
        directory = await units.directory(connection)
        known = await releases.active_codes(connection, named_areas)
        present = await staff.everybody(connection)
        linked = await _linked(connection, people)
        names = await staff.names(connection, [one.id for one in present])
        accounts_of = await accounts.of_logins(connection, logins)
    given = {one.staff.id: one.name for one in linked}
    return Preview(
        staff_changes(present, [one.staff for one in linked], names | given),
        tuple(sorted(unit for unit in named_units if unit not in directory)),
        tuple(sorted(named_areas - known)),
        tuple(sorted(logins - accounts_of.keys())),
    )


async def import_staff(engine: Engine, people: list[Person]) -> int:
    """Replace the whole roster, the demonstration one too; returns how many people it has.

    Who names a login that there is not is in it without an account.
    """
    async with transaction(engine) as connection:
        return await staff.replace_real(connection, await _linked(connection, people))


async def _linked(connection: Connection, people: list[Person]) -> list[Person]:
    known = await accounts.of_logins(connection, {one.login for one in people if one.login})
    return [
        one._replace(staff=replace(one.staff, account=str(known[one.login])))
        if one.login in known
        else one
        for one in people
    ]


async def erase_name(engine: Engine, staff_id: str) -> bool:
    """Erase somebody's name for good; False when there was none."""
    async with transaction(engine) as connection:
        return await staff.erase_name(connection, staff_id)


async def names(turn: Turn, people: Iterable[Staff]) -> dict[str, str]:
    """Return what people are called, by id; nobody's to who is not signed in.

    One question to the database, however many they are.
    """
    ids = {one.id for one in people}
    if not ids or turn.actor == ANONYMOUS:
        return {}
    async with reading(turn.engine) as connection:
        return await staff.names(connection, ids)


def turnout_of(answer: Resolution, reference: Reference, *, at: datetime) -> Turnout | None:
    """Return who of those to be called is on duty for a place; ``None`` without a plan."""
    planned = answer.plan
    if planned is None:
        return None
    office = (planned.convener,) if planned.convener else ()
    release, levels = reference.index.release, answer.attribution.levels
    return turnout(
        (*office, *(call.unit for call in planned.calls)),
        levels,
        areas=territory(answer.decision, levels, release),
        roster=reference.roster,
        release=release,
        at=at,
    )


def turnout_for(record: CaseRecord, reference: Reference, *, at: datetime) -> Turnout | None:
    """Return who of those that a case waits for is on duty; ``None`` when it is closed."""
    if record.case.closed_at:
        return None
    return turnout(
        units_of(record),
        record.levels,
        areas=record.areas,
        roster=reference.roster,
        release=reference.index.release,
        at=at,
    )
