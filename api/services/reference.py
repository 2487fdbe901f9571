"""What decisions are made with, loaded whole and swapped whole."""

import tomllib
from pathlib import Path
from typing import Any

from anyio import to_thread

from api.services.errors import NoReleaseError, UnknownReleaseError
from api.settings import DataSettings
from api.store import releases, units
from api.store.engine import Connection, Engine, reading
from gridmap.atlas import Atlas
from gridmap.boundary import Release
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.catalogue_document import catalogue
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.lead import Policy
from gridmap.dispatch.policy import policy
from gridmap.locate import ReleaseIndex
from gridmap.resolution import Reference
from gridmap.workdays import Workdays


class ReferenceHolder:
    """The reference that answers now; `refresh` swaps it when the release or directory changes."""

    def __init__(self, settings: DataSettings) -> None:
        self._catalogue = read_catalogue(settings.catalogue)
        self._policy = read_policy(settings.policy)
        self._calendar = Workdays()
        self._current: tuple[Reference, Atlas] | None = None
        self._loaded: tuple[str, str] | None = None

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
            raise NoReleaseError
        return self._current

    async def refresh(self, engine: Engine) -> bool:
        """Load what has changed, another release or the directory; True when it was swapped."""
        async with reading(engine) as connection:
            active = await releases.active_id(connection)
            version = await units.version(connection)
            if active is None or (active, version) == self._loaded:
                return False
            release = await self._release(connection, active)
            directory = await units.directory(connection)
        if self._current and self.current.index.release is release:
            index, atlas = self.current.index, self.atlas
        else:
            index = await to_thread.run_sync(lambda: ReleaseIndex(release).warm())
            atlas = Atlas(release)
        reference = Reference(index, self._catalogue, self._policy, directory, self._calendar)
        self._current = (reference, atlas)
        self._loaded = (active, version)
        return True

    async def _release(self, connection: Connection, release_id: str) -> Release:
        if self._current and self.current.index.release.id == release_id:
            return self.current.index.release
        release = await releases.load(connection, release_id)
        if release is None:
            raise UnknownReleaseError(release=release_id)
        return release


def read_catalogue(path: Path) -> Catalogue:
    return catalogue(_document(path), source=str(path))


def read_policy(path: Path) -> Policy:
    return policy(_document(path), source=str(path))


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyDataError(str(path), "file", f"it cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyDataError(str(path), "file", f"it is not TOML: {error}") from error
