"""Catalogues into the database, as the owner; each one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.services.errors import CatalogueExistsError, UnknownCatalogueError
from api.store import catalogues, units
from api.store.catalogues import StoredCatalogue
from api.store.engine import Connection, Engine, reading, transaction
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.catalogue_difference import CatalogueChange, difference


@dataclass(frozen=True)
class Preview:
    """What an import would change; ``lacking`` are department kinds that no unit is of.

    ``changes`` are ``None`` while there is no active version to compare with.
    """

    active: str | None
    changes: tuple[CatalogueChange, ...] | None
    lacking: tuple[str, ...]


async def stored_catalogues(engine: Engine) -> list[StoredCatalogue]:
    async with reading(engine) as connection:
        return await catalogues.stored(connection)


async def preview(engine: Engine, one: Catalogue) -> Preview:
    """Compare a catalogue with the active one and with who is in the directory.

    Raises
    ------
    CatalogueExistsError
        This version is there already.
    """
    async with reading(engine) as connection:
        await _refuse_present(connection, one.version)
        version = await catalogues.active_version(connection)
        active = await catalogues.load(connection, version) if version else None
        kinds = await units.kinds(connection)
    changes = None if active is None else difference(active, one)
    return Preview(version, changes, tuple(sorted(needed(one) - kinds)))


def needed(one: Catalogue) -> set[str]:
    """The department kinds that some item calls."""

    def called() -> Iterable[str]:
        for item in one.items.values():
            yield from (item.lead_kind, *item.assisting_kinds, *item.powers.values())
            if item.held_by_street and (down := one.kind(item.lead_kind).handed_down_to):
                yield down

    return set(called())


async def import_catalogue(engine: Engine, one: Catalogue, *, activate: bool) -> None:
    """Store a catalogue, inactive unless told otherwise.

    Raises
    ------
    CatalogueExistsError
        This version is there; nothing was written.
    """
    async with transaction(engine) as connection:
        await _refuse_present(connection, one.version)
        await catalogues.store(connection, one)
        if activate:
            await catalogues.activate(connection, one.version)


async def activate_catalogue(engine: Engine, version: str) -> None:
    """Make a stored version the one that decides; every process swaps to it within seconds."""
    async with transaction(engine) as connection:
        if version not in {stored.version for stored in await catalogues.stored(connection)}:
            raise UnknownCatalogueError(version=version)
        await catalogues.activate(connection, version)


async def catalogue_of(engine: Engine, version: str) -> Catalogue:
    """Return a stored version.

    Raises
    ------
    UnknownCatalogueError
        There is none.
    """
    async with reading(engine) as connection:
        found = await catalogues.load(connection, version)
    if found is None:
        raise UnknownCatalogueError(version=version)
    return found


async def _refuse_present(connection: Connection, version: str) -> None:
    if version in {stored.version for stored in await catalogues.stored(connection)}:
        raise CatalogueExistsError(version=version)
