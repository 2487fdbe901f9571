"""Who is on duty: the roster into the database, and out of it who comes by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.services.turn import Turn
from api.store import releases, staff, units
from api.store.engine import Engine, reading, transaction
from gridmap.dispatch.actor import ANONYMOUS
from gridmap.dispatch.audience import territory
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.staff import Staff
from gridmap.dispatch.turnout import Turnout, turnout, units_of
from gridmap.resolution import Reference, Resolution


@dataclass(frozen=True)
class Strays:
    """What a roster names and the service does not know."""

    units: tuple[str, ...]
    areas: tuple[str, ...]


async def strays(engine: Engine, people: Iterable[tuple[Staff, str]]) -> Strays:
    """Return the units that the directory lacks, and the areas that the active release lacks."""
    named_units: set[str] = set()
    named_areas: set[str] = set()
    for one, _ in people:
        named_units.add(one.unit)
        named_areas.update(one.areas)
    async with reading(engine) as connection:
        directory = await units.directory(connection)
        known = await releases.active_codes(connection, named_areas)
    return Strays(
        tuple(sorted(unit for unit in named_units if unit not in directory)),
        tuple(sorted(named_areas - known)),
    )


async def import_staff(engine: Engine, people: Iterable[tuple[Staff, str]]) -> int:
    """Replace the whole roster, the demonstration one too; returns how many people it has."""
    async with transaction(engine) as connection:
        return await staff.replace_real(connection, people)


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
