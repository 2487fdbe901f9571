"""Parquet and GeoParquet in chunks; columns keep their types."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from gridmap.errors import TableColumnError, UnreadableTableError
from gridmap.tables.positions import are_numbers, of_columns, of_geometries
from gridmap.tables.stated import agreed
from gridmap.tables.table import CHUNK_ROWS, Chunk, Geometry, Source, Table

# GeoParquet 1.1: geometries without a stated CRS are in OGC:CRS84.
_DEFAULT_CRS = "OGC:CRS84"
_GEO = b"geo"

_READ_BYTES = 1 << 20


@contextmanager
def opened(source: Source) -> Iterator[Table]:
    """Open a Parquet file; its points are columns of numbers, or geometries (GeoParquet).

    The columns ``x`` and ``y`` are used where they are named, or where there are no geometries.

    Raises
    ------
    UnreadableTableError, TableColumnError, TableCrsError, CrsError
    """
    with _explained(source), _file(source) as file:
        schema = file.schema_arrow
        _refuse_twice(source, schema)
        geometry = None if source.x or source.y else _geometry(source, schema)
        crs = agreed(source, geometry.crs if geometry else None)
        x, y = source.x or "lng", source.y or "lat"
        if geometry is None:
            _refuse_no_numbers(source, schema, (x, y))

        def chunks() -> Iterator[Chunk]:
            first_row = 1
            for rows in _batches(source, file):
                lnglat, refused = (
                    of_columns(rows, x, y, crs=crs, first_row=first_row)
                    if geometry is None
                    else of_geometries(rows, geometry.column, crs=crs, first_row=first_row)
                )
                yield Chunk(first_row, rows, lnglat, refused)
                first_row += len(rows)

        yield Table(schema, chunks(), geometry, total=file.metadata.num_rows)


def stating(schema: pa.Schema, geometry: Geometry) -> pa.Schema:
    """Return a schema with the metadata of GeoParquet 1.1 for its column of geometries (WKB)."""
    if _GEO in (schema.metadata or {}):
        return schema
    from pyproj import CRS  # noqa: PLC0415 - only here

    crs = CRS.from_user_input(geometry.crs).to_json_dict() if geometry.crs else None
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": [], "crs": crs}
    geo = {
        "version": "1.1.0",
        "primary_column": geometry.column,
        "columns": {geometry.column: column},
    }
    return schema.with_metadata({**(schema.metadata or {}), _GEO: json.dumps(geo).encode()})


def _file(source: Source) -> pyarrow.parquet.ParquetFile:
    # Buffers ahead would keep the whole file in memory; these read a column piece by piece.
    return pyarrow.parquet.ParquetFile(source.path, pre_buffer=False, buffer_size=_READ_BYTES)


def _batches(source: Source, file: pyarrow.parquet.ParquetFile) -> Iterator[pa.RecordBatch]:
    with _explained(source):
        yield from file.iter_batches(CHUNK_ROWS)


@contextmanager
def _explained(source: Source) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableTableError(source.name, "there is no such file") from error
    except (pa.ArrowException, OSError) as error:
        raise UnreadableTableError(source.name, str(error).partition("\n")[0]) from error


def _geometry(source: Source, schema: pa.Schema) -> Geometry | None:
    raw = (schema.metadata or {}).get(_GEO)
    if raw is None:
        return None
    try:
        geo = json.loads(raw)
        column = geo["primary_column"]
        about = geo["columns"][column]
        encoding, crs = about["encoding"], about.get("crs", _DEFAULT_CRS)
    except (ValueError, LookupError, TypeError) as error:
        raise UnreadableTableError(source.name, f"its geo metadata are broken: {error}") from error
    if encoding != "WKB" or column not in schema.names:
        why = f"geometries in {encoding} are not read; write them as WKB, or name --x and --y"
        raise TableColumnError(source.name, column, why)
    return Geometry(column, json.dumps(crs) if isinstance(crs, dict) else crs)


def _refuse_twice(source: Source, schema: pa.Schema) -> None:
    for name in schema.names:
        if schema.names.count(name) > 1:
            raise TableColumnError(source.name, name, "there are two of it; rename one")


def _refuse_no_numbers(source: Source, schema: pa.Schema, names: tuple[str, str]) -> None:
    for name in names:
        if name not in schema.names:
            there = ", ".join(schema.names)
            why = f"it is not there, only {there}; name the columns with --x and --y"
            raise TableColumnError(source.name, name, why)
        if not are_numbers(kind := schema.field(name).type):
            raise TableColumnError(source.name, name, f"it holds {kind}, no numbers")
