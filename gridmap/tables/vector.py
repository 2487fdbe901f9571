"""GeoPackage, FlatGeobuf, GeoJSON and Shapefile in chunks, through GDAL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyogrio
import pyogrio.errors
import pyogrio.raw

from gridmap.errors import UnreadableTableError
from gridmap.tables.positions import of_geometries
from gridmap.tables.stated import agreed
from gridmap.tables.table import CHUNK_ROWS, Chunk, Geometry, Source, Table
from gridmap.tables.text import codec

DRIVERS = {
    ".gpkg": "GPKG",
    ".fgb": "FlatGeobuf",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".shp": "ESRI Shapefile",
}


@contextmanager
def opened(source: Source) -> Iterator[Table]:
    """Open a file of point features.

    Raises
    ------
    UnreadableTableError, TableCrsError, CrsError
    """
    with _explained(source):
        layers = pyogrio.list_layers(source.path)[:, 0].tolist()
        if source.layer is None and len(layers) > 1:
            option = source.option("layer")
            why = f"it has several layers, {', '.join(layers)}; name one with {option}"
            raise UnreadableTableError(source.name, why)
    with _explained(source), _features(source) as (about, reader):
        column = about["geometry_name"] or "wkb_geometry"
        if column not in reader.schema.names:
            raise UnreadableTableError(source.name, "it has no geometries")
        crs = agreed(source, about["crs"])

        def chunks() -> Iterator[Chunk]:
            first_row = 1
            for rows in _batches(source, reader):
                lnglat, refused = of_geometries(rows, column, crs=crs, first_row=first_row)
                yield Chunk(first_row, rows, lnglat, refused)
                first_row += len(rows)

        yield Table(reader.schema, chunks(), Geometry(column, about["crs"]), total=_total(source))


@contextmanager
def _features(source: Source) -> Iterator[Any]:
    # Only a Shapefile leaves its encoding open; the others are UTF-8.
    encoding = codec(source) if source.suffix == ".shp" and source.encoding != "utf-8" else None
    # GDAL takes texts of a GeoJSON that look like one for dates: a name such as 0/01/01.
    options = {"DATE_AS_STRING": "YES"} if source.suffix in {".geojson", ".json"} else {}
    with pyogrio.raw.open_arrow(
        source.path,
        layer=source.layer,
        encoding=encoding,
        batch_size=CHUNK_ROWS,
        use_pyarrow=True,
        **options,
    ) as both:
        yield both


def _total(source: Source) -> int | None:
    features = pyogrio.read_info(source.path, layer=source.layer)["features"]
    return None if features < 0 else int(features)


def _batches(source: Source, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    with _explained(source):
        yield from reader


@contextmanager
def _explained(source: Source) -> Iterator[None]:
    try:
        yield
    except (
        OSError,
        UnicodeDecodeError,
        IndexError,  # pyogrio's word for a file without layers
        pa.ArrowException,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
    ) as error:
        raise UnreadableTableError(source.name, str(error).partition("\n")[0]) from error
