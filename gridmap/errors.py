"""The errors gridmap raises: one family, each with the fields a caller needs to react.

Every message says what is wrong, where, and what to do. ``slug`` is the stable name of the
kind of error; the service builds its problem types from it and the pages their texts.
"""

import re
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, ClassVar


@dataclass(eq=False)
class GridmapError(Exception):
    """Base of all gridmap errors; ``str()`` fills ``message`` with the fields."""

    message: ClassVar[str] = "gridmap cannot do this"

    def __str__(self) -> str:
        return self.message.format(**{key: _worded(value) for key, value in self.fields.items()})

    def __reduce__(self) -> tuple[Any, ...]:
        """Let errors pass between processes, whatever they were built with."""
        return _again, (type(self), self.fields)

    @property
    def fields(self) -> dict[str, Any]:
        """The error's own values by name, ready for JSON or a translated text."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def slug(self) -> str:
        """The stable name of this kind: ``UnknownCrsError`` is ``unknown-crs``.

        >>> UnknownCrsError(crs="EPSG:0").slug
        'unknown-crs'
        """
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__[: -len("Error")]).lower()


def _again(kind: type[GridmapError], values: dict[str, Any]) -> GridmapError:
    return kind(**values)


def _worded(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else value


# --- where: CRS and places ------------------------------------------------------------------


@dataclass(eq=False)
class CrsError(GridmapError, ValueError):
    """The coordinate reference system of an input cannot be used."""


@dataclass(eq=False)
class MissingCrsError(CrsError):
    message: ClassVar[str] = (
        "no CRS was declared; name one, for example EPSG:4326, EPSG:4490, GCJ-02 or BD-09 "
        "(a GCJ-02 point read as WGS 84 is wrong by about 550 m, so gridmap never guesses)"
    )


@dataclass(eq=False)
class UnknownCrsError(CrsError):
    crs: str
    message: ClassVar[str] = (
        "CRS {crs!r} is not known; give an EPSG code such as EPSG:4548, or GCJ-02 or BD-09"
    )


@dataclass(eq=False)
class CrsContradictionError(CrsError):
    stated: str
    declared: str
    message: ClassVar[str] = (
        "the data state the CRS {stated}, but {declared} was declared; correct the wrong one"
    )


@dataclass(eq=False)
class PlaceError(GridmapError, ValueError):
    """The geometry given as a place cannot be used."""


@dataclass(eq=False)
class NotFiniteError(PlaceError):
    vertex: int
    message: ClassVar[str] = (
        "coordinate {vertex} of the place is not a finite number; send numbers, no NaN or infinity"
    )


@dataclass(eq=False)
class EmptyPlaceError(PlaceError):
    kind: str
    message: ClassVar[str] = "the {kind} is empty; give at least one coordinate"


@dataclass(eq=False)
class UnsupportedGeometryError(PlaceError):
    kind: str
    message: ClassVar[str] = (
        "a place is a Point, LineString, MultiLineString, Polygon or MultiPolygon, not a {kind}"
    )


@dataclass(eq=False)
class PositionNotPointError(PlaceError):
    kind: str
    message: ClassVar[str] = (
        "a unit's own position is a Point, not a {kind}; send where the unit stands"
    )


@dataclass(eq=False)
class MissingAccuracyError(PlaceError):
    message: ClassVar[str] = (
        "a device's position needs its accuracy_m, the 95 % radius in metres; "
        "say how: hand for one that was set on the map"
    )


@dataclass(eq=False)
class MalformedGeometryError(PlaceError):
    where: str
    why: str
    message: ClassVar[str] = "{where}: {why}; a GeoJSON geometry is wanted (RFC 7946, section 3.1)"


@dataclass(eq=False)
class InvalidGeometryError(PlaceError):
    reason: str
    lng: float
    lat: float
    message: ClassVar[str] = (
        "the place is not a valid shape: {reason} at {lng:.6f}, {lat:.6f} (CGCS2000); "
        "draw it again without crossing its own outline"
    )


@dataclass(eq=False)
class InvalidAccuracyError(PlaceError):
    accuracy_m: float
    message: ClassVar[str] = (
        "accuracy_m must be a number of metres from 0 to 100,000, and is for points only; "
        "got {accuracy_m}"
    )


@dataclass(eq=False)
class CoordinateRangeError(PlaceError):
    x: float
    y: float
    crs: str
    swapped: bool
    message: ClassVar[str] = (
        "({x}, {y}) is not a longitude, latitude pair in {crs}; send longitude first, then "
        "latitude, in degrees"
    )

    def __str__(self) -> str:
        hint = " (they seem to be exchanged)" if self.swapped else ""
        return super().__str__() + hint


@dataclass(eq=False)
class OutsideReleaseError(PlaceError):
    lng: float
    lat: float
    release: str
    west: float
    south: float
    east: float
    north: float
    swapped: bool
    message: ClassVar[str] = (
        "the place at {lng:.5f}, {lat:.5f} is outside release {release}, which covers longitude "
        "{west:.3f} to {east:.3f} and latitude {south:.3f} to {north:.3f}; check the CRS and the "
        "axis order"
    )

    def __str__(self) -> str:
        hint = ": with longitude and latitude exchanged it would be inside" if self.swapped else ""
        return super().__str__() + hint


# --- whose: codes, areas, releases ----------------------------------------------------------


@dataclass(eq=False)
class ReleaseError(GridmapError, ValueError):
    """A set of boundaries, or a question to one, is wrong."""


@dataclass(eq=False)
class BadCodeError(ReleaseError):
    code: str
    level: str
    why: str
    message: ClassVar[str] = "{code!r} is not a {level} code: {why}"


@dataclass(eq=False)
class UnknownAreaError(ReleaseError, LookupError):
    code: str
    release: str
    message: ClassVar[str] = (
        "release {release} has no area {code!r}; check the code, or ask the release it is from"
    )


@dataclass(eq=False)
class NoLevelError(ReleaseError, LookupError):
    level: str
    release: str
    message: ClassVar[str] = "release {release} has no {level} level; choose one that it has"


@dataclass(eq=False)
class DefinitionError(ReleaseError):
    path: str
    key: str
    why: str
    message: ClassVar[str] = "{path}: {key}: {why}"


@dataclass(eq=False)
class BoundaryFileError(ReleaseError):
    path: str
    why: str
    message: ClassVar[str] = "{path} {why}"


@dataclass(eq=False)
class UndeclaredError(BoundaryFileError):
    """A file does not say what a definition would; ``remedy`` says how else to declare it."""

    remedy: str
    message: ClassVar[str] = "{path} {why}; {remedy}"


@dataclass(eq=False)
class OutputExistsError(ReleaseError, FileExistsError):
    path: str
    message: ClassVar[str] = (
        "{path} is there already and is not overwritten: a release is never edited, only "
        "superseded; name another place, or remove it first"
    )


@dataclass(eq=False)
class UnwritableError(GridmapError, OSError):
    path: str
    why: str
    message: ClassVar[str] = "{path} cannot be written: {why}; name another place"


@dataclass(eq=False)
class FormatLimitError(ReleaseError):
    format: str
    code: str
    why: str
    message: ClassVar[str] = (
        "a {format} file cannot hold area {code}: {why}; choose GeoPackage or GeoParquet"
    )


@dataclass(eq=False)
class BrokenTopologyError(ReleaseError):
    release: str
    count: int
    first: str
    message: ClassVar[str] = (
        "release {release} has {count} topology findings, the first: {first}; "
        "run `gridmap check` for the list, repair the data, or import it with its findings accepted"
    )


@dataclass(eq=False)
class InvalidAreaError(ReleaseError):
    code: str
    reason: str
    message: ClassVar[str] = (
        "area {code} is not a valid polygon ({reason}), so nothing can be cut by its line; "
        "run `gridmap check` on the release and repair it"
    )


@dataclass(eq=False)
class DateLineError(ReleaseError):
    release: str
    message: ClassVar[str] = (
        "release {release} has areas on both sides of the 180th meridian, where gridmap cannot "
        "measure; split it there into two releases"
    )


@dataclass(eq=False)
class NoGeometriesError(GridmapError, TypeError):
    kind: str
    message: ClassVar[str] = (
        "a {kind} has no geometries; make a GeoDataFrame of it, for example with "
        "geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy(lng, lat), crs=...)"
    )


@dataclass(eq=False)
class ColumnClashError(GridmapError, ValueError):
    column: str
    message: ClassVar[str] = (
        "the frame has a column {column!r} already, which the answer needs; rename it, or give "
        "a prefix for the answer's columns"
    )


@dataclass(eq=False)
class NoColumnError(GridmapError, LookupError):
    column: str
    there: tuple[str, ...]
    message: ClassVar[str] = "there is no column {column!r}; there are: {there}"


@dataclass(eq=False)
class TilingError(ReleaseError):
    row: int
    why: str
    message: ClassVar[str] = (
        "the polygons cannot be made one tiling: row {row}: {why}; "
        "look at that polygon, and remove or widen it"
    )


@dataclass(eq=False)
class TessellationError(ReleaseError):
    why: str
    message: ClassVar[str] = "the polygon cannot be divided: {why}"


@dataclass(eq=False)
class NumberingError(ReleaseError):
    parent: str
    count: int
    message: ClassVar[str] = (
        "{parent} would be divided into {count} areas, and three digits number 999 of them "
        "(DB11/T 2157-2023); choose a larger target, or divide {parent} first"
    )


@dataclass(eq=False)
class CellPolicyError(ReleaseError):
    key: str
    value: float
    why: str
    message: ClassVar[str] = "the policy for unit cells cannot be used: {key} is {value}: {why}"


@dataclass(eq=False)
class LineFileError(GridmapError, ValueError):
    """A file of lines (barriers) cannot be used."""

    path: str
    why: str
    message: ClassVar[str] = "{path}: {why}"


@dataclass(eq=False)
class FactsMismatchError(ReleaseError):
    facts: str
    why: str
    message: ClassVar[str] = (
        "the polygons are not those that {facts} describes: {why}; "
        "fetch the file again, or check its CRS and edition"
    )


@dataclass(eq=False)
class FetchError(GridmapError, OSError):
    """A file could not be fetched from its publisher; nothing of it was kept."""


@dataclass(eq=False)
class UnreachableError(FetchError):
    url: str
    why: str
    message: ClassVar[str] = (
        "{url} cannot be reached: {why}; check the network, or give the base URL of a local copy"
    )


@dataclass(eq=False)
class PartialFileError(FetchError):
    url: str
    received: int
    announced: int
    message: ClassVar[str] = (
        "{url} broke off after {received} of {announced} bytes; nothing was kept, fetch it again"
    )


@dataclass(eq=False)
class WrongChecksumError(FetchError):
    url: str
    sha256: str
    expected: str
    message: ClassVar[str] = (
        "{url} has the SHA-256 {sha256}, expected {expected}; nothing was kept: "
        "the publisher's file changed, or someone changed it on the way"
    )


# --- the index ------------------------------------------------------------------------------


@dataclass(eq=False)
class StaleGridError(GridmapError, ValueError):
    path: str
    why: str
    message: ClassVar[str] = (
        "{path} is not the grid of this layer: {why}; build the grid again and save it"
    )


@dataclass(eq=False)
class UnwritableGridError(GridmapError, OSError):
    path: str
    why: str
    message: ClassVar[str] = (
        "the grid cannot be saved as {path}: {why}; name a folder that can be written to "
        "(--index, or GRIDMAP_CACHE)"
    )


# --- tables of points, and batches of them ---------------------------------------------------


@dataclass(eq=False)
class TableError(GridmapError, ValueError):
    """A table of points cannot be read, or its answers cannot be written."""


@dataclass(eq=False)
class UnreadableTableError(TableError):
    path: str
    why: str
    message: ClassVar[str] = "{path} cannot be read as a table of points: {why}"


@dataclass(eq=False)
class UnwritableTableError(TableError):
    path: str
    why: str
    message: ClassVar[str] = "{path} cannot be written: {why}"


@dataclass(eq=False)
class TableColumnError(TableError):
    path: str
    column: str
    why: str
    message: ClassVar[str] = "{path}, column {column!r}: {why}"


@dataclass(eq=False)
class TableCrsError(TableError):
    path: str
    stated: str
    declared: str
    message: ClassVar[str] = (
        "{path} states {stated}, but {declared} was declared; correct the wrong one"
    )


@dataclass(eq=False)
class MissingTableCrsError(TableError):
    path: str
    option: str
    message: ClassVar[str] = (
        "no CRS was declared, and {path} states none; name it with {option}, for example "
        "EPSG:4326, EPSG:4490, GCJ-02 or BD-09 (a GCJ-02 point read as WGS 84 is wrong by about "
        "550 m, so gridmap never guesses)"
    )


@dataclass(eq=False)
class TableEncodingError(TableError):
    path: str
    encoding: str
    hint: str
    message: ClassVar[str] = "{path} is not written in {encoding}; {hint}"


@dataclass(eq=False)
class MissingExtraError(GridmapError, ImportError):
    package: str
    extra: str
    message: ClassVar[str] = (
        "this needs {package}, which is not installed; pip install 'gridmap[{extra}]' brings it"
    )


@dataclass(eq=False)
class ClusterError(GridmapError, RuntimeError):
    """A Dask cluster cannot do a batch; nothing was written."""


@dataclass(eq=False)
class SchedulerError(ClusterError):
    address: str
    why: str
    message: ClassVar[str] = (
        "no Dask scheduler can be used at {address}: {why}; start one with `dask scheduler` and "
        "its workers with `dask worker {address}`, or leave --scheduler out"
    )


@dataclass(eq=False)
class WorkerError(ClusterError):
    worker: str
    why: str
    message: ClassVar[str] = "worker {worker} cannot take part: {why}"


@dataclass(eq=False)
class LostPartError(ClusterError):
    part: str
    why: str
    message: ClassVar[str] = (
        "part {part} was lost with every worker that had it: {why}; "
        "look for a lack of memory there, and divide the part"
    )


# --- maps -----------------------------------------------------------------------------------


@dataclass(eq=False)
class TooManyPlacesError(GridmapError, ValueError):
    path: str
    limit: int
    message: ClassVar[str] = (
        "{path} holds more than {limit:,} places, too many for one page; take a part of it, or "
        "answer all of them in a table: gridmap resolve"
    )


@dataclass(eq=False)
class MissingAssetsError(GridmapError, FileNotFoundError):
    path: str
    message: ClassVar[str] = (
        "{path} is not there; `make setup` brings Leaflet, or name a folder that has it"
    )
