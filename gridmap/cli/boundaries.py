"""One set of boundaries from the command line: a definition, a bare file, or a folder."""

from dataclasses import dataclass, replace
from pathlib import Path

from gridmap import bare, read
from gridmap.boundary import Draft, Release
from gridmap.definition import Columns, Definition, beside
from gridmap.errors import BoundaryFileError, UndeclaredError
from gridmap.level import Level, ParentsBy
from gridmap.sources import LARGEST_BYTES, Frames

LARGEST_MB = LARGEST_BYTES / 1e6

# Where a command reads another file as well, --crs or --layer are of that.
_REMEDY = (
    "here boundaries have to say all themselves: write a definition.toml for the file, or let "
    "`gridmap convert` make a folder that has one, with --crs, --level, --code ..."
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the options of a command say about files without a definition."""

    crs: str | None = None
    level: Level | None = None
    code: str = "code"
    name: str = "name"
    parent: str | None = None
    parents: ParentsBy = ParentsBy.CODE
    layer: str | None = None
    encoding: str | None = None
    largest_mb: float = LARGEST_MB

    @property
    def bare(self) -> bare.Options:
        return bare.Options(
            crs=self.crs,
            level=self.level,
            columns=Columns(code=self.code, name=self.name, parent=self.parent),
            layer=self.layer,
            encoding=self.encoding,
            parents=self.parents,
        )

    @property
    def largest_bytes(self) -> int:
        return int(self.largest_mb * 1e6)


def release(path: Path) -> Release:
    """Return the release at a path that no options describe, as where ``-b`` names it.

    Raises
    ------
    BoundaryFileError, DefinitionError
        It cannot be read; or it has no definition, and does not say all itself.
    BadCodeError
        A code or parent is wrong.
    """
    try:
        return read.release(path)
    except UndeclaredError as error:
        raise replace(error, remedy=_REMEDY) from error


def draft(path: Path, options: Options) -> Draft:
    """Return what is at a path, codes unchecked.

    Raises
    ------
    BoundaryFileError
        It cannot be read; or it has a definition and options say what only that may say.
    """
    _refuse_idle((path,), options)
    return _draft(path, options)


def releases(paths: tuple[Path, Path], options: Options) -> tuple[Release, Release]:
    """Return the releases at two paths; the options are for those without a definition.

    Raises
    ------
    BoundaryFileError
        See `draft`.
    BadCodeError
        A code or parent of one of them is wrong.
    """
    _refuse_idle(paths, options)
    one, other = (_draft(path, options).release() for path in paths)
    return one, other


def _refuse_idle(paths: tuple[Path, ...], options: Options) -> None:
    """Refuse options for files without a definition, where every path has one."""
    if all(beside(path) for path in paths) and options.bare != bare.Options():
        why = "has a definition, which says itself what --crs, --level, --code ... would"
        raise BoundaryFileError(path=str(paths[0]), why=why)


def _draft(path: Path, options: Options) -> Draft:
    given: Definition | Path = path
    frames = Frames()
    if beside(path) is None:
        given = bare.definition(
            path, options.bare, largest_bytes=options.largest_bytes, frames=frames
        )
    return read.draft(given, largest_bytes=options.largest_bytes, frames=frames)
