"""Positions from columns of numbers or of geometries; what cannot be used is told row by row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from gridmap.crs import PointFault, points_to_cgcs2000
from gridmap.tables.table import Floats, Refused

Faults = NDArray[np.int8]
Positions = tuple[Floats, tuple[Refused, ...]]

_MISSING, _TEXT, _COMMA, _NO_POINT = range(11, 15)  # beside the numbers of `PointFault`
_WORDS: dict[int, str] = {
    PointFault.NOT_FINITE: "it is not a finite number",
    PointFault.OUT_OF_RANGE: "it is outside of what {crs} can hold",
    PointFault.SWAPPED: "longitude and latitude seem swapped; longitude comes first (--x, --y)",
    _MISSING: "it is empty",
    _TEXT: "it is not a number",
    _COMMA: "it has a comma; write a decimal point, and nothing between thousands",
    _NO_POINT: "it is not a point",
}

# What the cast from text takes, too; both ways must agree, whatever else is in the chunk.
_NUMBER = r"^(?i:[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf|infinity))$"
_WITH_COMMA = r"^[+-]?[\d.]+[,，][\d.,，]*$"

# A point in WKB: one byte for the order, four for the kind, two doubles.
_WKB_POINT = np.dtype([("little", "u1"), ("kind", "<u4"), ("xy", "<f8", (2,))])
_POINT = 1


def of_columns(rows: pa.RecordBatch, x: str, y: str, *, crs: str, first_row: int) -> Positions:
    """Return the positions, shape (n, 2) in EPSG:4490, and the rows that have none.

    The columns hold numbers, or numbers as text. ``first_row`` is the table's row of the first.
    """
    names = (x, y)
    (numbers_x, faults_x), (numbers_y, faults_y) = (_numbers(rows.column(name)) for name in names)
    given, own = np.column_stack([numbers_x, numbers_y]), np.column_stack([faults_x, faults_y])
    lnglat, unusable = points_to_cgcs2000(given, crs=crs)
    own[(own == 0) & ~np.isfinite(given)] = PointFault.NOT_FINITE
    unusable[unusable == PointFault.NOT_FINITE] = 0  # that is the fault of one column

    def words(at: int) -> tuple[str, str, int]:
        values = [_shown(rows.column(name)[at]) for name in names]
        for name, value, fault in zip(names, values, own[at], strict=True):
            if fault:
                return name, value, fault
        return ", ".join(names), ", ".join(values), unusable[at]

    bad = np.flatnonzero(own.any(axis=1) | (unusable > 0))
    return lnglat, _refused(bad, words, crs=crs, first_row=first_row)


def of_geometries(rows: pa.RecordBatch, column: str, *, crs: str, first_row: int) -> Positions:
    """Return the positions of a column of points in WKB, and the rows that have none."""
    given, own = _points(rows.column(column))
    lnglat, unusable = points_to_cgcs2000(given, crs=crs)
    faults = np.where(own > 0, own, unusable)

    def words(at: int) -> tuple[str, str, int]:
        wkb = rows.column(column)[at].as_py()
        return column, "" if wkb is None else _wkt(wkb), faults[at]

    return lnglat, _refused(np.flatnonzero(faults), words, crs=crs, first_row=first_row)


def numbers(column: pa.Array) -> Floats:
    """Return the numbers of a column, be it as text; NaN where there is none."""
    return _numbers(column)[0]


def are_numbers(kind: pa.DataType) -> bool:
    """Tell whether a column of this type can hold coordinates, be it as text."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(
        pa.types.is_integer(value)
        or pa.types.is_floating(value)
        or pa.types.is_decimal(value)
        or _is_text(value)
        or pa.types.is_null(value)
    )


def _refused(
    bad: NDArray[np.int64],
    words: Callable[[int], tuple[str, str, int]],
    *,
    crs: str,
    first_row: int,
) -> tuple[Refused, ...]:
    told = ((at, *words(at)) for at in bad.tolist())
    return tuple(
        Refused(first_row + at, column, value, _WORDS[int(fault)].format(crs=crs))
        for at, column, value, fault in told
    )


def _numbers(column: pa.Array) -> tuple[Floats, Faults]:
    """Return n numbers, NaN where there is none, and why."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    faults = np.zeros(len(column), dtype=np.int8)
    if not _is_text(column.type):
        numbers = pc.cast(column, pa.float64(), safe=False)
    else:
        try:
            numbers = pc.cast(column, pa.float64())
        except pa.ArrowInvalid:
            column = pc.utf8_trim_whitespace(column)
            numbers = _readable(column, faults)
    faults[_mask(pc.is_null(column))] = _MISSING
    return numbers.fill_null(np.nan).to_numpy(zero_copy_only=False), faults


def _readable(column: pa.Array, faults: Faults) -> pa.Array:
    """Return the numbers among texts; the other texts are marked in ``faults``."""
    is_number = pc.match_substring_regex(column, _NUMBER)
    faults[~_mask(is_number)] = _TEXT
    faults[_mask(pc.match_substring_regex(column, _WITH_COMMA))] = _COMMA
    faults[_mask(pc.equal(column, ""))] = _MISSING
    return pc.cast(pc.if_else(is_number, column, pa.scalar(None, column.type)), pa.float64())


def _points(column: pa.Array) -> tuple[Floats, Faults]:
    wkb = column.cast(pa.binary())
    if (given := _plain_points(wkb)) is not None:
        return given, np.zeros(len(wkb), dtype=np.int8)
    shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False), on_invalid="ignore")
    faults = np.where(shapely.get_type_id(shapes) == 0, 0, _NO_POINT).astype(np.int8)
    faults[_mask(pc.is_null(column)) | shapely.is_empty(shapes)] = _MISSING
    points = np.where(faults == 0, shapes, None)
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)]), faults


def _plain_points(wkb: pa.Array) -> Floats | None:
    """Return the coordinates where all are plain points in two dimensions, without GEOS."""
    _, offsets, data = wkb.buffers()
    if wkb.null_count or data is None or not len(wkb):
        return None
    ends = np.frombuffer(offsets, np.int32, len(wkb) + 1, offset=4 * wkb.offset)
    if (np.diff(ends) != _WKB_POINT.itemsize).any():
        return None
    points = np.frombuffer(data, _WKB_POINT, len(wkb), offset=int(ends[0]))
    if (points["little"] != 1).any() or (points["kind"] != _POINT).any():
        return None
    given = points["xy"].copy()
    return None if np.isnan(given).any() else given  # an empty point is one of NaN


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _mask(column: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(column.fill_null(False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _shown(value: pa.Scalar) -> str:
    given: Any = value.as_py()
    return "" if given is None else str(given)


def _wkt(wkb: bytes) -> str:
    shape = shapely.from_wkb(wkb, on_invalid="ignore")
    return "no WKB" if shape is None else str(shapely.to_wkt(shape))[:100]
