"""What `gridmap.resolve` says of the places in a chunk of a table, as columns beside its own."""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gridmap import frame
from gridmap.crs import CGCS2000
from gridmap.errors import TableColumnError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.tables.positions import are_numbers, numbers
from gridmap.tables.stated import agreed
from gridmap.tables.table import Chunk, Refused, Source, Table
from gridmap.tables.target import Target, lost_rows
from gridmap.tally import Tally

_TEXTS = ("", "_name", "_relation", "_also")
_NUMBERS = ("_share", "_probability", "_border_m")
_TEXT = "wkt"
_DECIMALS = 9  # a tenth of a millimetre, of degrees as of metres
_RADIUS = "radius_m"
_NO_RADIUS = "the accuracy is no number of metres; leave it empty where there is none"


@dataclass(frozen=True)
class Asked:
    """What is asked of a table of places.

    ``accuracy_m`` is the 95 % radius of all points in metres, or the column that holds it. Every
    new column begins with ``prefix``.
    """

    levels: tuple[Level, ...]
    accuracy_m: str | float | None = None
    prefix: str = ""

    def fields(self) -> Iterator[pa.Field]:
        """Yield the new columns: the same for every chunk, whatever kinds of places it holds."""
        for level in self.levels:
            for end in _TEXTS:
                yield pa.field(f"{self.prefix}{level}{end}", pa.string())
            for end in _NUMBERS:
                yield pa.field(f"{self.prefix}{level}{end}", pa.float64())
        yield pa.field(f"{self.prefix}release", pa.string())
        yield pa.field(f"{self.prefix}problem", pa.string())


@dataclass(frozen=True)
class Shapes:
    """Where the shapes of a table's rows are: in a column of geometries, or its positions."""

    column: str | None
    crs: str

    @staticmethod
    def of_table(table: Table, source: Source) -> "Shapes":
        """Return where a table has them.

        Raises
        ------
        MissingCrsError, UnknownCrsError, TableCrsError
            See `gridmap.tables.stated.agreed`.
        """
        if table.geometry is None:
            return Shapes(None, CGCS2000)
        return Shapes(table.geometry.column, agreed(source, table.geometry.crs))

    def of(self, chunk: Chunk) -> NDArray[np.object_]:
        """Return the shapes of n rows in ``crs``; None where a row has none."""
        if self.column is not None:
            wkb = np.array(chunk.rows.column(self.column).to_pylist(), dtype=object)
            shapes: NDArray[np.object_] = shapely.from_wkb(wkb, on_invalid="ignore")
            return shapes
        shapes = np.asarray(shapely.points(np.nan_to_num(chunk.lnglat)), dtype=object)
        shapes[lost_rows(chunk.lnglat)] = None
        return shapes


@dataclass(frozen=True)
class ShareAnswers:
    """How the batches of a target look: the columns that are kept, and the answers."""

    index: ReleaseIndex
    asked: Asked
    target: Target
    shapes: Shapes

    @staticmethod
    def of(
        table: Table, source: Source, path: str, index: ReleaseIndex, asked: Asked
    ) -> "ShareAnswers":
        """Decide the columns of a target at ``path``.

        Raises
        ------
        TableColumnError
            An answer would have the name of a column that is there, or there is no column of
            accuracies.
        UnwritableTableError
            The suffix of the target names no format.
        """
        _refuse_no_radii(source, table.schema, asked.accuracy_m)
        target = Target.of(table, source, path, asked.fields(), shapes_as_text=_TEXT)
        return ShareAnswers(index, asked, target, Shapes.of_table(table, source))

    def batch(self, chunk: Chunk, tally: Tally) -> tuple[pa.RecordBatch, tuple[Refused, ...]]:
        """Return the kept columns of a chunk and its answers, count them, and what is refused."""
        shapes = self.shapes.of(chunk)
        radii_m, wrong = self._radii_m(chunk, shapes)
        shapes[wrong] = None
        prefix = self.asked.prefix
        found = frame.resolve(
            geopandas.GeoDataFrame({_RADIUS: radii_m}, geometry=shapes),
            self.index,
            crs=self.shapes.crs,
            accuracy_m=_RADIUS,
            levels=self.asked.levels,
            prefix=prefix,
        )
        refused = self._refused(chunk, found[f"{prefix}problem"], wrong)
        for one in refused:
            found.loc[one.row - chunk.first_row, f"{prefix}problem"] = one.why
        _count(tally, found, self.asked)
        columns = self._columns(found)
        return self.target.batch(chunk, columns, texts=self._texts(shapes)), refused

    def _texts(self, shapes: NDArray[np.object_]) -> pa.Array | None:
        if self.target.positions != (_TEXT,):
            return None
        return pa.array(shapely.to_wkt(shapes, rounding_precision=_DECIMALS), pa.string())

    def _refused(
        self, chunk: Chunk, problems: pd.Series, wrong: NDArray[np.bool_]
    ) -> tuple[Refused, ...]:
        """Return the rows with a problem, in the words of who read the table where it had any."""
        read = {one.row: one for one in chunk.refused} if self.shapes.column is None else {}
        told = []
        for at in np.flatnonzero(problems.notna()).tolist():
            row = chunk.first_row + at
            if wrong[at]:
                column = str(self.asked.accuracy_m)
                value = str(chunk.rows.column(column)[at].as_py())
                told.append(Refused(row, column, value, _NO_RADIUS))
            else:
                column = self.shapes.column or ""
                told.append(read.get(row) or Refused(row, column, "", problems[at]))
        return tuple(told)

    def _radii_m(
        self, chunk: Chunk, shapes: NDArray[np.object_]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the radii, NaN where there is none, and which are there and no numbers."""
        given = self.asked.accuracy_m
        if not isinstance(given, str):
            is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
            radii_m = np.where(is_point, np.nan if given is None else given, np.nan)
            return radii_m, np.zeros(len(shapes), dtype=bool)
        column = chunk.rows.column(given)
        radii_m = numbers(column)
        is_there = ~np.asarray(column.is_null().to_numpy(zero_copy_only=False), dtype=bool)
        return radii_m, is_there & np.isnan(radii_m)

    def _columns(self, found: pd.DataFrame) -> Iterator[pa.Array]:
        for field in self.asked.fields():
            if field.name in found.columns:
                yield pa.array(found[field.name], field.type, from_pandas=True)
            else:  # shares, where there are only points, and the like
                yield pa.nulls(len(found), field.type)


def _refuse_no_radii(source: Source, schema: pa.Schema, accuracy_m: str | float | None) -> None:
    if not isinstance(accuracy_m, str):
        return
    if accuracy_m not in schema.names:
        why = f"it is not there, only {', '.join(schema.names)}; it would hold the accuracies"
        raise TableColumnError(source.name, accuracy_m, why)
    if not are_numbers(schema.field(accuracy_m).type):
        why = f"its type is {schema.field(accuracy_m).type}; accuracies are numbers of metres"
        raise TableColumnError(source.name, accuracy_m, why)


def _count(tally: Tally, found: pd.DataFrame, asked: Asked) -> None:
    finest = max(asked.levels, key=lambda level: level.depth)
    has_area = found[f"{asked.prefix}{finest}"].notna()
    tally.rows += len(found)
    tally.located += int(has_area.sum())
    tally.gaps += int((~has_area & found[f"{asked.prefix}problem"].isna()).sum())
