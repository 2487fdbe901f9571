"""What a table of points is: where it lies, what was declared of it, and its chunks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STANDARD = "-"  # standard input or output, as a path

# Rows of a chunk: enough for the index to work in batches, few enough to stay in the caches.
CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class Source:
    """A table and what its owner declares of it; nothing is guessed.

    ``x`` and ``y`` name the columns of longitude or easting and of latitude or northing (``lng``
    and ``lat`` when not given); a file with geometries needs none. ``crs`` may be left out where
    the file states it. ``options`` is how the options of a command that declares more than one
    file begin for this one, as messages name them: ``--seeds-``.
    """

    path: str
    crs: str | None = None
    x: str | None = None
    y: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None  # of text; by default a tab in .tsv, else a comma
    layer: str | None = None  # of a GeoPackage
    options: str = "--"

    @property
    def name(self) -> str:
        """What messages call it."""
        return "standard input" if self.path == STANDARD else self.path

    @property
    def suffix(self) -> str:
        return suffix(self.path)

    def option(self, name: str) -> str:
        """Return what the option is called that declares ``name`` of this file."""
        return f"{self.options}{name}"


def suffix(path: str) -> str:
    """Return the suffix that names a format; ``.csv`` for standard input and output.

    >>> suffix("-"), suffix("a/b.CSV.gz"), suffix("points.parquet")
    ('.csv', '.csv', '.parquet')
    """
    if path == STANDARD:
        return ".csv"
    named = Path(path)
    return (Path(named.stem) if named.suffix.lower() == ".gz" else named).suffix.lower()


@dataclass(frozen=True, slots=True)
class Refused:
    """A row whose position cannot be used. Rows count from 1, without the header."""

    row: int
    column: str
    value: str
    why: str
    table: str = ""


@dataclass(frozen=True)
class Chunk:
    """Some rows of a table, as they were given, with their positions."""

    first_row: int  # its number in the table; rows count from 1
    rows: pa.RecordBatch
    lnglat: Floats  # (n, 2), EPSG:4490 degrees; NaN where the row is refused
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class Points:
    """The positions of a whole table, and the rows that have none."""

    lnglat: Floats  # (n, 2), EPSG:4490 degrees; NaN where the row is refused
    refused: tuple[Refused, ...]

    @property
    def usable(self) -> Floats:
        """The positions of the rows that are not refused."""
        return self.lnglat[~np.isnan(self.lnglat).any(axis=1)]


@dataclass(frozen=True)
class Geometry:
    """The column of geometries (WKB) of a table, and its CRS as any text PROJ reads."""

    column: str
    crs: str | None


@dataclass(frozen=True)
class Table:
    """An open table: its columns, and its chunks one after the other, once."""

    schema: pa.Schema
    chunks: Iterator[Chunk]
    geometry: Geometry | None = None
    total: int | None = None  # rows, where the file knows
