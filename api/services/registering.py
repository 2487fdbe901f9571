"""The directory of units, replaced whole by who owns the machine."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.services.cataloguing import needed
from api.services.errors import CalledUnitsError
from api.store import accounts, catalogues, releases, staff, units
from api.store.engine import Connection, Engine, reading, transaction
from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.directory import GOVERNMENT, Directory, Unit
from gridmap.dispatch.directory_difference import EntryChange, unit_changes


@dataclass(frozen=True)
class Preview:
    """What another directory would change, and what would no longer fit together.

    ``areas``: codes that the active release lacks; ``kinds``: that the active catalogue lacks;
    ``lacking``: that it calls and no unit is of; ``accounts`` (logins) and ``people`` (ids): of a
    unit that would go.
    """

    changes: tuple[EntryChange, ...]
    areas: tuple[str, ...]
    kinds: tuple[str, ...]
    lacking: tuple[str, ...]
    accounts: tuple[str, ...]
    people: tuple[str, ...]


async def directory(engine: Engine) -> Directory:
    async with reading(engine) as connection:
        return await units.directory(connection)


async def preview(engine: Engine, register: list[Unit]) -> Preview:
    """Compare a directory with what there is.

    Raises
    ------
    PolicyDataError
        Two units serve the same area with the same kind.
    """
    given = Directory(register)
    async with reading(engine) as connection:
        present = await units.directory(connection)
        gone = _gone(present, given)
        areas = {one.area_code for one in given}
        catalogue = await _catalogue(connection)
        kinds = {one.kind for one in given}
        return Preview(
            changes=unit_changes(present, given),
            areas=_sorted(areas - await releases.active_codes(connection, areas)),
            kinds=_sorted(kinds - catalogue.department_kinds.keys()) if catalogue else (),
            lacking=_sorted({*needed(catalogue), GOVERNMENT} - kinds) if catalogue else (),
            accounts=tuple(await accounts.of_units(connection, gone)),
            people=tuple(await staff.of_units(connection, gone)),
        )


async def refuse_called(engine: Engine, register: Iterable[Unit]) -> None:
    """Refuse a directory without a unit that an open case has called.

    Raises
    ------
    CalledUnitsError
        There are such units.
    """
    async with reading(engine, SYSTEM) as connection:
        await _refuse_called(connection, Directory(register))


async def import_units(engine: Engine, register: list[Unit]) -> int:
    """Replace the whole directory, a demonstration one with its staff; returns how many units.

    A running service decides with the old directory until it has swapped it, within seconds.

    Raises
    ------
    CalledUnitsError
        An open case has called a unit that would go; nothing was written.
    """
    # As the service itself: a case that nobody else sees keeps its units, too.
    async with transaction(engine, SYSTEM) as connection:
        await _refuse_called(connection, Directory(register))
        await staff.remove_demonstration(connection)
        return await units.replace_all(connection, register)


async def _refuse_called(connection: Connection, given: Directory) -> None:
    present = await units.directory(connection)
    called = await units.called(connection)
    gone = {unit: called[unit] for unit in _gone(present, given) if unit in called}
    if gone:
        raise CalledUnitsError(units=gone)


def _gone(present: Directory, given: Directory) -> list[str]:
    return sorted(one.id for one in present if one.id not in given)


async def _catalogue(connection: Connection) -> Catalogue | None:
    version = await catalogues.active_version(connection)
    return await catalogues.load(connection, version) if version else None


def _sorted(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(codes))
