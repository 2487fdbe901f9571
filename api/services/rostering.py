"""Who serves an area with a role now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.store import releases, staff, units
from api.store.engine import Engine, reading, transaction
from gridmap.boundary import Area
from gridmap.dispatch.actor import Role
from gridmap.dispatch.staff import Duty, Roster, Staff
from gridmap.resolution import Reference


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


async def duty(
    engine: Engine,
    reference: Reference,
    area: Area,
    role: Role,
    *,
    at: datetime,
    with_names: bool,
) -> tuple[Duty, dict[str, str]]:
    """Return who is on duty, and the names by id where the asker may see them."""
    release = reference.index.release
    steps = [area.code, *(one.code for one in release.ancestors(area.code))]
    async with reading(engine) as connection:
        serving = await staff.serving(connection, steps)
        roster = Roster(serving, units=reference.directory, zone=reference.policy.timezone)
        found = roster.on_duty(area, role, at, release)
        ids = [one.id for one in found.staff]
        names = await staff.names(connection, ids) if with_names else {}
    return found, names
