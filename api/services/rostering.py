"""Who serves an area with a role now."""

from datetime import datetime

from api.store import staff
from api.store.engine import Engine, reading
from gridmap.boundary import Area
from gridmap.dispatch.actor import Role
from gridmap.dispatch.staff import Duty, Roster
from gridmap.resolution import Reference


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
