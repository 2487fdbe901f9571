"""What decisions are made with, loaded whole and swapped whole."""

import tomllib
from pathlib import Path
from typing import Any

from anyio import to_thread

from api.services.errors import (
    NoCatalogueError,
    NoReleaseError,
    UnknownCatalogueError,
    UnknownReleaseError,
)
from api.settings import DataSettings
from api.store import catalogues, releases, units
from api.store.engine import Connection, Engine, reading
from gridmap.atlas import Atlas
from gridmap.boundary import Release
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.lead import Policy
from gridmap.dispatch.policy import policy
from gridmap.errors import GridmapError
from gridmap.locate import ReleaseIndex
from gridmap.resolution import Reference
from gridmap.workdays import Workdays


class ReferenceHolder:
    """The reference that answers now; `refresh` swaps it when a part of it has changed."""

    def __init__(self, settings: DataSettings) -> None:
        self._policy = read_policy(settings.policy)
        self._calendar = Workdays()
        self._current: tuple[Reference, Atlas] | None = None
        self._loaded: tuple[str | None, ...] = ()
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
        return (
            f"release {self.current.index.release.id}, catalogue {self.current.catalogue.version}"
        )

    async def refresh(self, engine: Engine) -> bool:
        """Load what has changed: release, catalogue, directory; True when it was swapped."""
        async with reading(engine) as connection:
            active = await releases.active_id(connection)
            version = await catalogues.active_version(connection)
            now = (active, version, await units.version(connection))
            if active is None or version is None:
                self._lacks = NoCatalogueError() if active else NoReleaseError()
                return False
            if now == self._loaded:
                return False
            release = await self._release(connection, active)
            catalogue = await self._catalogue(connection, version)
            directory = await units.directory(connection)
        if self._current and self.current.index.release is release:
            index, atlas = self.current.index, self.atlas
        else:
            index = await to_thread.run_sync(lambda: ReleaseIndex(release).warm())
            atlas = Atlas(release)
        reference = Reference(index, catalogue, self._policy, directory, self._calendar)
        self._current = (reference, atlas)
        self._loaded = now
        return True

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
    return policy(_document(path), source=str(path))


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyDataError(str(path), "file", f"it cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyDataError(str(path), "file", f"it is not TOML: {error}") from error
