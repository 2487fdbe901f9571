"""Write a release to files: every format that is read, one file a level or one file for all.

Nothing appears under its name before it is whole: files are written in a folder beside their
place and moved there in one step. What is there already is never overwritten.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors

from gridmap import formats, geojson, toml_text
from gridmap.boundary import Draft, Layer
from gridmap.crs import CGCS2000
from gridmap.errors import BoundaryFileError, FormatLimitError, OutputExistsError, UnwritableError
from gridmap.formats import Format, TextEncoding
from gridmap.level import ParentsBy
from gridmap.measure import areas_m2

# A dBASE character field holds 254 bytes (dBASE III, and ESRI's Shapefile paper of 1998).
_DBF_BYTES = 254
# What GDAL writes beside a Shapefile.
_COMPANIONS = (".shx", ".dbf", ".prj", ".cpg")
_UNWRITABLE = (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError)
_DRIVERS = {
    Format.GEOPACKAGE: "GPKG",
    Format.FLATGEOBUF: "FlatGeobuf",
    Format.SHAPEFILE: "ESRI Shapefile",
}


def release(
    release: Draft,
    folder: Path,
    *,
    format: Format = Format.GEOPARQUET,  # noqa: A002 - the word of the field
    encoding: TextEncoding = TextEncoding.UTF_8,
    areas: bool = False,
) -> tuple[Path, ...]:
    """Write one file per level and a ``definition.toml`` into ``folder``; return the files' paths.

    `gridmap.read.release` reads the folder back to an equal release: codes, names, parents, and
    every coordinate to the last digit. (A Shapefile turns rings around, and no format tells a
    multipolygon of one part from a polygon.) A release says less than the definition it was read
    from: corrections are applied and become notes.

    Parameters
    ----------
    release
        A release or a draft.
    folder
        It is made; an empty one that is there is used.
    encoding
        Of a Shapefile's attribute table; the .cpg file states it.
    areas
        Whether a column ``area_m2`` has the true ground areas, to the square centimetre.

    Raises
    ------
    OutputExistsError
        The folder is there and not empty.
    UnwritableError
        It cannot be made.
    FormatLimitError
        A name does not fit into a Shapefile.
    """
    names = tuple(f"{level}{format.suffix}" for level in release.levels)
    refuse_present(folder)
    with _beside(folder) as unfinished:
        for level, name in zip(release.levels, names, strict=True):
            layer(release.layers[level], unfinished / name, encoding=encoding, areas=areas)
        text = toml_text.text(_definition(release, format, names))
        (unfinished / "definition.toml").write_text(text, encoding="utf-8")
        unfinished.replace(folder)  # onto an empty folder, too
    return tuple(folder / name for name in names)


def together(
    release: Draft,
    path: Path,
    *,
    encoding: TextEncoding = TextEncoding.UTF_8,
    areas: bool = False,
) -> None:
    """Write all levels into one file of the format that its name tells; ``areas`` as in `release`.

    A GeoPackage gets a layer for each level, named by it; the other formats a column ``level``.
    `gridmap.bare.definition` reads both. Codes, names, parents and lines are kept; basis,
    accuracy, source and dates belong into a definition, which one file has not.

    Raises
    ------
    OutputExistsError
        The file is there already, or one of those that a Shapefile has beside it.
    BoundaryFileError
        Its name tells no format that gridmap writes.
    FormatLimitError
        A name does not fit into a Shapefile.
    """
    kind = _format(path)
    refuse_present(path)
    layers = [release.layers[level] for level in release.levels]
    if kind is Format.GEOPACKAGE:
        _in_one_step(path, lambda file: _write_layers(layers, file, areas=areas))
        return
    frames = [_frame(one, areas=areas).assign(level=str(one.level)) for one in layers]
    frame = geopandas.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=CGCS2000)
    _in_one_step(path, lambda file: _write(frame, file, kind, encoding))


def refuse_present(path: Path) -> None:
    """Refuse a place that `release` and `together` would: before long work, too.

    Raises
    ------
    OutputExistsError
        Something is there, and it is no empty folder that a set could be written into.
    """
    is_file = formats.by_name(path) is not None
    if not is_file and path.is_dir() and not any(path.iterdir()):
        return
    beside = _COMPANIONS if formats.by_name(path) is Format.SHAPEFILE else ()
    for one in (path, *(path.with_suffix(suffix) for suffix in beside)):
        if one.exists():
            raise OutputExistsError(path=str(one))


def layer(
    layer: Layer,
    path: Path,
    *,
    encoding: TextEncoding = TextEncoding.UTF_8,
    areas: bool = False,
) -> None:
    """Write one level in EPSG:4490, columns code, name, parent, in the order of the codes.

    The name of the file tells the format. GeoParquet 1.1 is compressed with zstd, and the same
    layer gives the same bytes with the same versions of pyarrow and geopandas. GeoJSON is WGS 84
    by RFC 7946, which PROJ takes to be the same coordinates as CGCS2000.

    With ``areas`` there is a column ``area_m2``, too. Unlike `release` and `together` this
    replaces what is there.
    """
    kind = _format(path)
    _in_one_step(path, lambda file: _write(_frame(layer, areas=areas), file, kind, encoding))


def _frame(layer: Layer, *, areas: bool) -> geopandas.GeoDataFrame:
    columns: dict[str, Any] = {"code": layer.codes, "name": layer.names, "parent": layer.parents}
    if areas:
        columns["area_m2"] = areas_m2(layer.geometries).round(4)
    return geopandas.GeoDataFrame(columns, geometry=layer.geometries, crs=CGCS2000)


def _format(path: Path) -> Format:
    kind = formats.by_name(path)
    if kind is None:
        known = ", ".join(one.suffix for one in Format)
        raise BoundaryFileError(path=str(path), why=f"names no format; end it with {known}")
    return kind


def _write(
    frame: geopandas.GeoDataFrame,
    path: Path,
    kind: Format,
    encoding: TextEncoding,
) -> None:
    if kind is Format.GEOPARQUET:
        # 19 is zstd's strongest level of ordinary memory; these files are written once.
        frame.to_parquet(
            path, index=False, compression="zstd", compression_level=19, schema_version="1.1.0"
        )
    elif kind is Format.GEOJSON:
        path.write_text(_feature_collection(frame), encoding="utf-8")
    elif kind is Format.SHAPEFILE:
        _refuse_what_does_not_fit(frame, encoding)
        pyogrio.write_dataframe(frame, path, driver=_DRIVERS[kind], encoding=str(encoding))
    elif kind is Format.FLATGEOBUF:
        # Its spatial index would put the rows into another order.
        pyogrio.write_dataframe(frame, path, driver=_DRIVERS[kind], SPATIAL_INDEX="NO")
    else:
        pyogrio.write_dataframe(frame, path, driver=_DRIVERS[kind], layer=path.stem)


def _write_layers(layers: Sequence[Layer], path: Path, *, areas: bool) -> None:
    for number, one in enumerate(layers):
        options = {"driver": _DRIVERS[Format.GEOPACKAGE], "layer": str(one.level)}
        pyogrio.write_dataframe(_frame(one, areas=areas), path, append=number > 0, **options)


def _feature_collection(frame: geopandas.GeoDataFrame) -> str:
    """Return GeoJSON with all digits: GDAL would write seven."""
    columns = [name for name in frame.columns if name != frame.geometry.name]
    rows = zip(frame[columns].to_numpy().tolist(), frame.geometry, strict=True)
    features = (
        {
            "type": "Feature",
            "properties": dict(zip(columns, values, strict=True)),
            "geometry": geojson.dump(shape),
        }
        for values, shape in rows
    )
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def _refuse_what_does_not_fit(frame: geopandas.GeoDataFrame, encoding: TextEncoding) -> None:
    for code, name in zip(frame["code"], frame["name"], strict=True):
        try:
            size = len(name.encode(encoding))
        except UnicodeEncodeError as error:
            why = f"its name {name!r} cannot be written in {encoding}"
            raise FormatLimitError(format="Shapefile", code=code, why=why) from error
        if size > _DBF_BYTES:
            why = f"its name has {size} bytes in {encoding}, and {_DBF_BYTES} is the most"
            raise FormatLimitError(format="Shapefile", code=code, why=why)
        if name != name.strip(" ") or not name:
            why = f"its name {name!r} is empty or begins or ends with a blank, which is lost there"
            raise FormatLimitError(format="Shapefile", code=code, why=why)


# --- in one step ------------------------------------------------------------------------------


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """Make an unfinished folder beside a place; what is left of it at the end is removed."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        holder = tempfile.TemporaryDirectory(
            dir=place.parent, prefix=f".{place.name}.", ignore_cleanup_errors=True
        )
    except OSError as error:
        raise UnwritableError(path=str(place), why=str(error.strerror)) from error
    with holder as name:
        unfinished = Path(name) / "unfinished"
        unfinished.mkdir()
        try:
            yield unfinished
        except (OSError, *_UNWRITABLE) as error:
            raise UnwritableError(path=str(place), why=str(error)) from error


def _in_one_step(path: Path, write: Callable[[Path], None]) -> None:
    with _beside(path) as unfinished:
        write(unfinished / path.name)
        # A Shapefile is several files: the one that is asked for comes last.
        files = sorted(unfinished.iterdir(), key=lambda one: one.suffix == path.suffix)
        for file in files:
            file.replace(path.with_name(file.name))


# --- the definition ---------------------------------------------------------------------------

_NOT_STATED = "not stated"


def _definition(release: Draft, format_: Format, names: Sequence[str]) -> dict[str, Any]:
    """Return the definition of a written release, as `gridmap.definition` reads it."""
    cited = release.provenance
    of_levels: Mapping[str, Any] = cited.get("levels", {})
    return {
        "id": release.id,
        "title": release.title or release.id,
        "crs": "EPSG:4326" if format_ is Format.GEOJSON else CGCS2000,
        **_cited(cited, required=True),
        "notes": [*cited.get("notes", ()), *(_corrected(one) for one in _corrections(cited))],
        "in_force_on": release.in_force_on,
        "retrieved_on": _date(cited.get("retrieved_on")),
        "levels": {
            str(level): _level(release.layers[level], name, of_levels.get(str(level), {}))
            for level, name in zip(release.levels, names, strict=True)
        },
    }


def _level(layer: Layer, name: str, cited: Mapping[str, Any]) -> dict[str, Any]:
    contained = layer.parents_by is ParentsBy.CONTAINMENT
    has_parents = bool(np.any(layer.parents != "")) and not contained
    columns = {"code": "code", "name": "name"} | ({"parent": "parent"} if has_parents else {})
    return {
        "file": name,
        "basis": str(layer.basis),
        "line_accuracy_m": layer.line_accuracy_m,
        "parents": str(layer.parents_by) if contained else None,
        **_cited(cited, required=False),
        "notes": list(cited.get("notes", ())),
        "columns": columns,
    }


def _cited(cited: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    missing = _NOT_STATED if required else None
    return {
        "source": cited.get("source") or missing,
        "licence": cited.get("licence") or missing,
        "attribution": cited.get("attribution"),
    }


def _corrections(cited: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    found: Sequence[Mapping[str, str]] = cited.get("corrections", ())
    return found


def _corrected(one: Mapping[str, str]) -> str:
    return (
        f"corrected: {one['column']} of {one['level']} {one['code']} is {one['value']!r} "
        f"({one['reason']})"
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
