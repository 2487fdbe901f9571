"""What decisions are made with, loaded whole and swapped whole."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio import to_thread

from api.services.errors import (
    NoCatalogueError,
    NoReleaseError,
    UnknownCatalogueError,
    UnknownReleaseError,
)
from api.services.policies import built
from api.settings import DataSettings
from api.store import agreements, catalogues, policies, releases, staff, units
from api.store.engine import Connection, Engine, reading
from gridmap.atlas import Atlas
from gridmap.boundary import Release
from gridmap.dispatch.agreements import Agreements
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.lead import Policy
from gridmap.dispatch.policy import policy
from gridmap.dispatch.staff import Roster, Staff
from gridmap.errors import GridmapError
from gridmap.locate import ReleaseIndex
from gridmap.resolution import Reference
from gridmap.workdays import Workdays


@dataclass(frozen=True)
class _Versions:
    """What was loaded; when any of it differs, the reference is another one."""

    release: str
    catalogue: str
    units: str
    staff: str
    policy: str | None
    agreements: int


class ReferenceHolder:
    """The reference that answers now; `refresh` swaps it when a part of it has changed."""

    def __init__(self, settings: DataSettings) -> None:
        self._shipped_policy = read_policy(settings.policy)
        self._calendar = Workdays()
        self._current: tuple[Reference, Atlas] | None = None
        self._loaded: _Versions | None = None
        self._staff: list[Staff] = []
        self._other: ReleaseIndex | None = None
        self._lacks: GridmapError = NoReleaseError()

    @property
    def current(self) -> Reference:
        """The reference; `NoReleaseError` before the first activation."""
        return self._answering()[0]

    @property
    def atlas(self) -> Atlas:
        """The same release as drawable areas."""
        return self._answering()[1]

    def _answering(self) -> tuple[Reference, Atlas]:
        if self._current is None:
            raise self._lacks
        return self._current

    def said(self) -> str:
        """Name what answers now, for the log."""
        now = self.current
        return (
            f"release {now.index.release.id}, catalogue {now.catalogue.version}, "
            f"policy {now.policy.version} with {len(now.agreements)} agreements"
        )

    async def refresh(self, engine: Engine) -> bool:
        """Load what has changed; True when the reference was swapped."""
        async with reading(engine) as connection:
            versions = await self._versions(connection)
            if versions is None or versions == self._loaded:
                return False
            release = await self._release(connection, versions.release)
            catalogue = await self._catalogue(connection, versions.catalogue)
            directory = await units.directory(connection)
            people = await self._people(connection, versions.staff)
            policy = await self._policy(connection, versions.policy)
            agreed = await self._agreements(connection, versions.agreements)
        if self._current and self.current.index.release is release:
            index, atlas = self.current.index, self.atlas
        else:
            index = await to_thread.run_sync(lambda: ReleaseIndex(release).warm())
            atlas = Atlas(release)
        zone = policy.timezone
        roster = await to_thread.run_sync(lambda: Roster(people, units=directory, zone=zone))
        reference = Reference(index, catalogue, policy, directory, self._calendar, agreed, roster)
        self._current, self._loaded = (reference, atlas), versions
        self._staff = people
        return True

    async def index_of(self, engine: Engine, release_id: str) -> ReleaseIndex:
        """Return the index of any stored release, to ask what it would have answered.

        The last other one is kept: a release is large, and questions about one come in numbers.
        """
        if self.current.index.release.id == release_id:
            return self.current.index
        if self._other is None or self._other.release.id != release_id:
            async with reading(engine) as connection:
                release = await self._release(connection, release_id)
            self._other = await to_thread.run_sync(lambda: ReleaseIndex(release).warm())
        return self._other

    async def _versions(self, connection: Connection) -> _Versions | None:
        """Return what there is to load; ``None`` before the first activation."""
        active = await releases.active_id(connection)
        catalogue = await catalogues.active_version(connection)
        if active is None or catalogue is None:
            self._lacks = NoCatalogueError() if active else NoReleaseError()
            return None
        return _Versions(
            release=active,
            catalogue=catalogue,
            units=await units.version(connection),
            staff=await staff.version(connection),
            policy=await policies.active_version(connection),
            agreements=await agreements.version(connection),
        )

    async def _people(self, connection: Connection, version: str) -> list[Staff]:
        if self._loaded and self._loaded.staff == version:
            return self._staff
        return await staff.everybody(connection)

    async def _policy(self, connection: Connection, version: str | None) -> Policy:
        """Return the active policy; the one that the settings name where none was activated."""
        if version is None:
            return self._shipped_policy
        if self._loaded and self._loaded.policy == version:
            return self.current.policy
        stored = {one.version: one for one in await policies.stored(connection)}
        return built(stored[version].document, stored.values(), source=version)

    async def _agreements(self, connection: Connection, version: int) -> Agreements:
        """Return all agreements that have ever come into force: each knows when it held."""
        if self._loaded and self._loaded.agreements == version:
            return self.current.agreements
        known = await agreements.registered(connection)
        terms = [one.terms for one in known if one.in_force_at]
        return await to_thread.run_sync(lambda: Agreements(terms))

    async def _release(self, connection: Connection, release_id: str) -> Release:
        if self._current and self.current.index.release.id == release_id:
            return self.current.index.release
        release = await releases.load(connection, release_id)
        if release is None:
            raise UnknownReleaseError(release=release_id)
        return release

    async def _catalogue(self, connection: Connection, version: str) -> Catalogue:
        if self._current and self.current.catalogue.version == version:
            return self.current.catalogue
        found = await catalogues.load(connection, version)
        if found is None:
            raise UnknownCatalogueError(version=version)
        return found


def read_policy(path: Path) -> Policy:
    return policy(read_document(path), source=str(path))


def read_document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyDataError(str(path), "file", f"it cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyDataError(str(path), "file", f"it is not TOML: {error}") from error
