"""One set of boundaries from the command line: a definition, a bare file, or a folder."""

from dataclasses import dataclass
from pathlib import Path

from gridmap import bare, read
from gridmap.boundary import Draft
from gridmap.definition import Columns
from gridmap.errors import BoundaryFileError
from gridmap.level import Level, ParentsBy
from gridmap.sources import LARGEST_BYTES

LARGEST_MB = LARGEST_BYTES / 1e6


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


def draft(path: Path, options: Options) -> Draft:
    """Return what is at a path, codes unchecked.

    Raises
    ------
    BoundaryFileError
        It cannot be read; or it has a definition and options say what only that may say.
    """
    if definition := _definition(path):
        if options.bare != bare.Options():
            why = "is a definition and says itself what --crs, --level, --code ... would"
            raise BoundaryFileError(path=str(definition), why=why)
        return read.draft(definition, largest_bytes=options.largest_bytes)
    given = bare.definition(path, options.bare, largest_bytes=options.largest_bytes)
    return read.draft(given, largest_bytes=options.largest_bytes)


def _definition(path: Path) -> Path | None:
    if path.suffix == ".toml":
        return path
    inside = path / "definition.toml"
    return inside if inside.is_file() else None
