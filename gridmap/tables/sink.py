"""Write tables in chunks, in the format that the suffix names."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pyogrio.errors
import pyogrio.raw

from gridmap.errors import TableColumnError, UnwritableTableError
from gridmap.tables import parquet, text
from gridmap.tables.beside import beside
from gridmap.tables.table import STANDARD, Geometry, Source, suffix
from gridmap.tables.vector import DRIVERS

PARQUET = (".parquet", ".geoparquet")
TEXT = (".csv", ".tsv", ".txt")

Batches = Iterable[pa.RecordBatch]

# Rows of a row group: enough for readers to skip by, few enough to hold in memory.
_GROUP_ROWS = 1 << 18

# A FlatGeobuf with an index would need all of it in memory, and a geometry in every row.
_OPTIONS = {"GeoJSON": {"RFC7946": "YES"}, "FlatGeobuf": {"SPATIAL_INDEX": "NO"}}

_SPECIAL = '["\r\n{}]'


def holds_geometries(path: str) -> bool:
    """Tell whether files of this suffix consist of geometries.

    Raises
    ------
    UnwritableTableError
        gridmap does not write such files.
    """
    kind = suffix(path)
    if kind not in (*PARQUET, *TEXT, *DRIVERS):
        known = ", ".join((*TEXT, *PARQUET, *DRIVERS))
        raise UnwritableTableError(path, f"{kind or 'no suffix'} names no format; known: {known}")
    if Path(path).suffix.lower() == ".gz" and kind not in TEXT:
        why = f"{kind} is not compressed as a whole; leave .gz away"
        raise UnwritableTableError(path, why)
    return kind in DRIVERS


def write(
    path: str,
    schema: pa.Schema,
    batches: Batches,
    *,
    geometry: Geometry | None,
    source: Source,
) -> None:
    """Write batches to a file, which is whole or not there, or to standard output (CSV).

    Text is written in the encoding and with the delimiter of the source.

    Raises
    ------
    UnwritableTableError
        The folder, the disk or the format will not have it.
    """
    if path == STANDARD:
        _text(sys.stdout.buffer, path, schema, batches, source)
        sys.stdout.buffer.flush()
        return
    with beside(Path(path)) as made, _explained(path):
        if holds_geometries(path):
            assert geometry is not None
            _features(made, schema, batches, geometry)
        elif suffix(path) in PARQUET:
            _parquet(made, schema, batches, geometry)
        else:
            with pa.output_stream(str(made), compression="detect") as file:
                _text(file, path, schema, batches, source)


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except (
        OSError,
        pa.ArrowException,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.FieldError,
        pyogrio.errors.GeometryError,
    ) as error:
        raise UnwritableTableError(path, str(error).partition("\n")[0]) from error


def _parquet(path: Path, schema: pa.Schema, batches: Batches, geometry: Geometry | None) -> None:
    if geometry is not None:
        schema = parquet.stating(schema, geometry)
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as file:
        for group in _groups(batches, schema):
            file.write_table(group, row_group_size=_GROUP_ROWS)


def _groups(batches: Batches, schema: pa.Schema) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        if sum(len(one) for one in waiting) >= _GROUP_ROWS:
            whole = pa.Table.from_batches(waiting)
            full = len(whole) - len(whole) % _GROUP_ROWS
            yield whole.slice(0, full)
            waiting = whole.slice(full).to_batches()
    if waiting:
        yield pa.Table.from_batches(waiting)


def _features(path: Path, schema: pa.Schema, batches: Batches, geometry: Geometry) -> None:
    driver = DRIVERS[path.suffix.lower()]
    failed: list[Exception] = []

    def followed() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except Exception as error:
            failed.append(error)
            raise

    try:
        pyogrio.raw.write_arrow(
            pa.RecordBatchReader.from_batches(schema, followed()),
            path,
            driver=driver,
            geometry_name=geometry.column,
            geometry_type="Unknown",  # refused rows may have none, or lines
            crs=geometry.crs,
            encoding="UTF-8",
            **_OPTIONS.get(driver, {}),
        )
    except Exception as error:
        if failed:  # GDAL knows of it only that its stream ended
            raise failed[0] from error
        raise


def _text(file: Any, path: str, schema: pa.Schema, batches: Batches, source: Source) -> None:
    codec = text.codec(source)
    split = text.delimiter(path, source.delimiter)
    for field in schema:
        if pa.types.is_nested(field.type) or _is_bytes(field.type):
            why = f"{field.type} cannot be written as text; leave it out, or choose another format"
            raise TableColumnError(path, field.name, why)
    names = [pa.array([name]) for name in schema.names]
    header = _lines(pa.RecordBatch.from_arrays(names, schema.names), split)
    file.write(bytes(header).decode().encode(codec))  # with its mark, where utf-8-sig is declared
    for batch in batches:
        lines = _lines(batch, split)
        file.write(lines if codec.startswith("utf-8") else bytes(lines).decode().encode(codec))


def _lines(batch: pa.RecordBatch, split: str) -> pa.Buffer:
    """Return the lines of text of a batch, in UTF-8; fields have quotes where they need them."""
    made = pa.BufferOutputStream()
    options = pyarrow.csv.WriteOptions(
        include_header=False, delimiter=split, quoting_style="none", batch_size=len(batch) or 1
    )
    try:
        pyarrow.csv.write_csv(batch, made, options)
    except pa.ArrowInvalid:  # a field needs quotes; pyarrow would put all into quotes
        return _quoted_lines(batch, split)
    return made.getvalue()


def _quoted_lines(batch: pa.RecordBatch, split: str) -> pa.Buffer:
    special = _SPECIAL.format("\\" + split)
    columns = []
    for column in batch.columns:
        texts = pc.cast(column, pa.string()).fill_null("")
        is_special = pc.match_substring_regex(texts, special)
        if pc.any(is_special).as_py():
            doubled = pc.replace_substring(texts, '"', '""')
            quoted = pc.binary_join_element_wise('"', doubled, '"', "")
            texts = pc.if_else(is_special, quoted, texts)
        columns.append(texts)
    lines = pc.binary_join_element_wise(*columns, split)
    ended = pc.binary_join_element_wise(lines, "", "\n")
    _, offsets, bytes_of_lines = ended.buffers()
    return bytes_of_lines.slice(0, int(np.frombuffer(offsets, np.int32)[len(batch)]))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )
