"""Targets of a ledger as a table: CSV in UTF-8, or GeoJSON.

CSV columns: ``code``, ``name``, ``area``, and for places ``crs``, ``lng``, ``lat`` (longitude or
easting first; empty where a target has no place). A GeoJSON FeatureCollection is WGS 84 (RFC 7946);
its features have the properties ``code``, ``name`` and ``area``, and any geometry a place may have.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gridmap import geojson
from gridmap.dispatch.ledger import Target
from gridmap.dispatch.subject_refusals import TargetTableError
from gridmap.errors import GridmapError
from gridmap.place import Place, place, point

COLUMNS = ("code", "name", "area", "crs", "lng", "lat")
_NEEDED = ("code", "name", "area")


def read(path: Path) -> list[Target]:
    """Return the targets of a file: GeoJSON by its suffix (.geojson, .json), else CSV.

    Raises
    ------
    TargetTableError
        It cannot be read, or a row is wrong; the error names it and the column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = f"it cannot be read: {error.strerror}"
        raise TargetTableError(str(path), "file", "", why) from error
    except UnicodeDecodeError as error:
        raise TargetTableError(str(path), "file", "", f"it is not UTF-8: {error}") from error
    reader = read_geojson if path.suffix.lower() in {".geojson", ".json"} else read_csv
    return reader(text, table=str(path))


def read_csv(text: str, *, table: str) -> list[Target]:
    """Return the targets of a CSV table, in its order.

    Raises
    ------
    TargetTableError
        A row is wrong; the error names its line and column. Nothing is left out.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        _check_columns(reader.fieldnames or (), table)
        rows = [(f"line {reader.line_num}", row) for row in reader]
    except csv.Error as error:
        # The DictReader's own count stands still at an error.
        where = f"line {reader.reader.line_num}"
        raise TargetTableError(table, where, "", str(error)) from error
    for where, row in rows:
        if None in row or None in row.values():
            raise TargetTableError(table, where, "", "it has not as many cells as columns")
    found = (
        (where, _target(row, _position(row, table, where), table, where)) for where, row in rows
    )
    return _unique(found, table)


def _check_columns(names: Any, table: str) -> None:
    for column in _NEEDED:
        if column not in names:
            raise TargetTableError(table, "line 1", column, f"it is missing; {_known()}")
    for column in names:
        if column not in COLUMNS:
            raise TargetTableError(table, "line 1", column, f"it is not known; {_known()}")


def _known() -> str:
    return f"the columns are {', '.join(COLUMNS)}"


def _target(row: Mapping[str, Any], spot: Place | None, table: str, where: str) -> Target:
    for column in _NEEDED:
        value = row.get(column)
        if not isinstance(value, str) or not value.strip():
            raise TargetTableError(table, where, column, "it is empty or no text")
    return Target(row["code"].strip(), row["name"].strip(), row["area"].strip(), spot)


def _position(row: Mapping[str, str], table: str, where: str) -> Place | None:
    cells = [row.get(column, "").strip() for column in ("lng", "lat")]
    if not any(cells):
        return None
    numbers = []
    for column, cell in zip(("lng", "lat"), cells, strict=True):
        try:
            numbers.append(float(cell))
        except ValueError as error:
            raise TargetTableError(table, where, column, f"{cell!r} is no number") from error
    try:
        return point(numbers[0], numbers[1], crs=row.get("crs", "").strip() or None)
    except GridmapError as error:
        raise TargetTableError(table, where, "crs, lng, lat", str(error)) from error


def read_geojson(text: str, *, table: str) -> list[Target]:
    """Return the targets of a GeoJSON FeatureCollection; errors as of `read_csv`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TargetTableError(table, "file", "", f"it is not JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise TargetTableError(table, "file", "features", "it is no FeatureCollection")
    return _unique(_features(document["features"], table), table)


def _features(features: list[Any], table: str) -> Iterator[tuple[str, Target]]:
    for number, feature in enumerate(features, start=1):
        where = f"feature {number}"
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise TargetTableError(table, where, "properties", "it has none")
        spot = None
        if feature.get("geometry") is not None:
            try:
                spot = place(geojson.parse(feature["geometry"]), crs="EPSG:4326")
            except GridmapError as error:
                raise TargetTableError(table, where, "geometry", str(error)) from error
        yield where, _target(properties, spot, table, where)


def _unique(found: Iterator[tuple[str, Target]], table: str) -> list[Target]:
    targets: dict[str, Target] = {}
    for where, one in found:
        if one.code in targets:
            raise TargetTableError(table, where, "code", f"{one.code!r} stands twice")
        targets[one.code] = one
    return list(targets.values())
