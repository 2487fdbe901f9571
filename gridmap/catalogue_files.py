"""Catalogues as files: one TOML or JSON, or a folder or .zip of tables.

The tables are CSV in UTF-8 with a header: ``catalogue.csv`` (one row: version, title, sample),
``department_kinds.csv``, ``whistle_kinds.csv``, ``outcomes.csv`` (one row an outcome of a
whistle), ``classes.csv`` and ``items.csv``. An empty cell is a value left out. A cell of several
values separates them by ``;`` (a semicolon or backslash inside one is escaped by a backslash);
``powers`` are ``level=kind`` pairs.
"""

import csv
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap import toml_text
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.catalogue_document import HEAD, SECTIONS, Section, Shape, catalogue, document
from gridmap.dispatch.clock_keys import span_keys
from gridmap.dispatch.errors import PolicyDataError
from gridmap.errors import GridmapError

_HEAD_TABLE, _OUTCOMES_TABLE = "catalogue.csv", "outcomes.csv"
_OUTCOME_COLUMNS = ("whistle_kind", "code", "name", "name_en")
LARGEST_BYTES = 50_000_000  # of one file; the largest real list has some thousand rows


@dataclass(eq=False)
class CatalogueFileError(GridmapError, ValueError):
    """A catalogue's file cannot be read or written."""

    path: str
    why: str
    message = "{path}: {why}"


def read(path: Path) -> Catalogue:
    """Return the catalogue of a file ending in .toml, .json or .zip, or of a folder of tables.

    Raises
    ------
    CatalogueFileError
        It cannot be read, or is of another format.
    PolicyDataError
        What it says cannot work; the error names the file, row and column.
    """
    if path.is_dir():
        return _of_tables(_folder_tables(path), source=str(path))
    readers: Mapping[str, Callable[[bytes, str], Catalogue]] = {
        ".toml": _of_toml,
        ".json": _of_json,
        ".zip": _of_zip,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise CatalogueFileError(str(path), _FORMATS)
    return reader(_bytes(path), str(path))


_FORMATS = "a catalogue is a .toml, .json or .zip file, or a folder of CSV tables"


def write(found: Catalogue, path: Path) -> None:
    """Write a catalogue in the format of the name's ending; a name without one is a folder.

    Nothing that is there is overwritten.
    """
    if path.exists():
        raise CatalogueFileError(str(path), "it is there already; nothing was written")
    ending = path.suffix.lower()
    try:
        if ending == "":
            path.mkdir(parents=True)
            for name, text in tables(found).items():
                (path / name).write_bytes(_for_spreadsheets(text))
        elif ending == ".zip":
            _write_zip(found, path)
        elif ending in {".toml", ".json"}:
            path.write_text(_texts[ending](found), encoding="utf-8", newline="\n")
        else:
            raise CatalogueFileError(str(path), _FORMATS)
    except OSError as error:
        raise CatalogueFileError(str(path), f"it cannot be written: {error.strerror}") from error


def _as_json(found: Catalogue) -> str:
    return json.dumps(document(found), ensure_ascii=False, indent=2) + "\n"


_texts: Mapping[str, Callable[[Catalogue], str]] = {
    ".json": _as_json,
    ".toml": lambda found: toml_text.text(document(found)),
}


# --- one document ---------------------------------------------------------------------------


def _of_toml(content: bytes, source: str) -> Catalogue:
    try:
        return catalogue(tomllib.loads(_decoded(content, source)), source=source)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueFileError(source, f"it is not TOML: {error}") from error


def _of_json(content: bytes, source: str) -> Catalogue:
    try:
        given = json.loads(_decoded(content, source))
    except (ValueError, RecursionError) as error:
        raise CatalogueFileError(source, f"it is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise CatalogueFileError(source, "it must be one JSON object")
    return catalogue(given, source=source)


# --- tables ---------------------------------------------------------------------------------


def tables(found: Catalogue) -> dict[str, str]:
    """Return a catalogue as the texts of its CSV tables, by their names."""
    given = document(found)
    written = {_HEAD_TABLE: _csv(HEAD, [{key: _cell(given[key]) for key in HEAD}])}
    for section in SECTIONS:
        rows = given.get(section.name, [])
        cells = [{key: _cell(one) for key, one in row.items() if key != "outcomes"} for row in rows]
        written[_table(section)] = _csv(_columns(section), cells)
    outcomes = [
        {"whistle_kind": row["code"], **outcome}
        for row in given.get("whistle_kinds", [])
        for outcome in row.get("outcomes", [])
    ]
    return written | {_OUTCOMES_TABLE: _csv(_OUTCOME_COLUMNS, outcomes)}


def _table(section: Section) -> str:
    return f"{section.name}.csv"


def _columns(section: Section) -> tuple[str, ...]:
    own = [key for key, one in section.fields.items() if one.shape is not Shape.ROWS]
    return (*own, *(key for span in section.spans for key in span_keys(span)))


def _csv(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")  # RFC 4180
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ";".join(re.sub(r"([;\\])", r"\\\1", one) for one in value)
    if isinstance(value, dict):
        return ";".join(f"{level}={kind}" for level, kind in value.items())
    return str(value)


def _of_zip(content: bytes, source: str) -> Catalogue:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            given = {name: _unpacked(archive, name, source) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # damaged, locked
        raise CatalogueFileError(source, f"it is no zip that can be read: {error}") from error
    return _of_tables(given, source=source)


def _unpacked(archive: zipfile.ZipFile, name: str, source: str) -> bytes:
    with archive.open(name) as entry:
        content = entry.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise CatalogueFileError(source, f"{name} has over {LARGEST_BYTES:,} bytes")
    return content


def _folder_tables(folder: Path) -> dict[str, bytes]:
    return {path.name: _bytes(path) for path in sorted(folder.glob("*.csv"))}


def _of_tables(given: Mapping[str, bytes], *, source: str) -> Catalogue:
    known = {_HEAD_TABLE, _OUTCOMES_TABLE, *(_table(section) for section in SECTIONS)}
    if unknown := set(given) - known:
        why = f"unknown tables {sorted(unknown)}; known: {sorted(known)}"
        raise CatalogueFileError(source, why)
    if missing := known - {_OUTCOMES_TABLE} - set(given):
        raise CatalogueFileError(source, f"these tables are missing: {sorted(missing)}")
    lines: dict[tuple[str, int], int] = {}
    values: dict[str, Any] = _head(given[_HEAD_TABLE], source)
    for section in SECTIONS:
        rows = []
        name = _table(section)
        for line, row in _read_csv(given[name], _columns(section), name, source):
            rows.append(_row(section, row, source, f"{name} line {line}"))
            lines[section.name, len(rows)] = line
        values[section.name] = rows
    outcomes = _read_csv(given.get(_OUTCOMES_TABLE, b""), _OUTCOME_COLUMNS, _OUTCOMES_TABLE, source)
    _add_outcomes(values["whistle_kinds"], outcomes, source)

    def place(section: str, number: int, code: str) -> str:
        return f"{section}.csv line {lines[section, number]} {code}".rstrip()

    return catalogue(values, source=source, place=place)


def _head(content: bytes, source: str) -> dict[str, Any]:
    rows = list(_read_csv(content, HEAD, _HEAD_TABLE, source))
    if len(rows) != 1:
        why = f"it must hold one row below its header, not {len(rows)}"
        raise PolicyDataError(source, _HEAD_TABLE, why)
    line, row = rows[0]
    if "sample" in row:
        row = row | {"sample": _truth(row["sample"], source, f"{_HEAD_TABLE} line {line}: sample")}
    return row


def _read_csv(
    content: bytes, columns: tuple[str, ...], name: str, source: str
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows with their line in the file; empty cells are left out, empty rows skipped."""
    text = _decoded(content, f"{source}: {name}")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, list(columns))
        if unknown := set(header) - set(columns):
            why = f"unknown columns {sorted(unknown)}; known: {', '.join(columns)}"
            raise PolicyDataError(source, f"{name} line 1", why)
        if len(set(header)) < len(header):
            raise PolicyDataError(source, f"{name} line 1", "a column stands twice")
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                why = f"it has {len(cells)} cells and the header {len(header)}"
                raise PolicyDataError(source, f"{name} line {reader.line_num}", why)
            row = {key: cell for key, cell in zip(header, cells, strict=True) if cell}
            yield reader.line_num, row
    except csv.Error as error:
        raise PolicyDataError(source, f"{name} line {reader.line_num}", str(error)) from error


def _row(section: Section, row: Mapping[str, str], source: str, where: str) -> dict[str, Any]:
    spans = {key for span in section.spans for key in span_keys(span)}
    values: dict[str, Any] = {}
    for column, cell in row.items():
        shape = Shape.TEXT if column in spans else section.fields[column].shape
        if column in spans:
            values[column] = _number(cell, source, f"{where}: {column}")
        elif shape is Shape.FLAG:
            values[column] = _truth(cell, source, f"{where}: {column}")
        elif shape is Shape.TEXTS:
            values[column] = _split(cell)
        elif shape is Shape.PAIRS:
            values[column] = _pairs(cell, source, f"{where}: {column}")
        else:
            values[column] = cell
    return values


def _number(cell: str, source: str, where: str) -> float:
    try:
        number = float(cell)
    except ValueError as error:
        raise PolicyDataError(source, where, f"it must be a number, not {cell!r}") from error
    return number


def _truth(cell: str, source: str, where: str) -> bool:
    if cell.lower() not in {"true", "false"}:
        raise PolicyDataError(source, where, f"it must be true or false, not {cell!r}")
    return cell.lower() == "true"


def _split(cell: str) -> list[str]:
    r"""Return the values of a cell.

    >>> _split(r"a;b\;c;d\\")
    ['a', 'b;c', 'd\\']
    """
    found = re.findall(r"(?:[^;\\]|\\.)+", cell)
    return [re.sub(r"\\(.)", r"\1", one) for one in found]


def _pairs(cell: str, source: str, where: str) -> dict[str, str]:
    pairs = [one.partition("=") for one in _split(cell)]
    if not all(equals for _, equals, _ in pairs):
        why = f"it must be level=kind pairs separated by semicolons, not {cell!r}"
        raise PolicyDataError(source, where, why)
    if len({level for level, _, _ in pairs}) < len(pairs):
        raise PolicyDataError(source, where, f"a level stands twice in {cell!r}")
    return {level: kind for level, _, kind in pairs}


def _add_outcomes(
    whistles: list[dict[str, Any]], rows: Iterator[tuple[int, dict[str, Any]]], source: str
) -> None:
    by_code = {row.get("code"): row for row in whistles}
    for line, row in rows:
        where = f"{_OUTCOMES_TABLE} line {line}"
        if missing := [column for column in _OUTCOME_COLUMNS if column not in row]:
            raise PolicyDataError(source, where, f"{', '.join(missing)}: missing")
        whistle = by_code.get(row["whistle_kind"])
        if whistle is None:
            raise PolicyDataError(
                source, where, f"whistle_kind: no whistle {row['whistle_kind']!r}"
            )
        outcome = {key: row[key] for key in ("code", "name", "name_en")}
        whistle.setdefault("outcomes", []).append(outcome)


# --- bytes ----------------------------------------------------------------------------------


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise CatalogueFileError(str(path), f"it has over {LARGEST_BYTES:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise CatalogueFileError(str(path), f"it cannot be read: {error.strerror}") from error


def _decoded(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        why = f"it is not UTF-8 ({error}); save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
        raise CatalogueFileError(source, why) from error


def _for_spreadsheets(text: str) -> bytes:
    return text.encode("utf-8-sig")  # by the mark a spreadsheet knows that it is UTF-8


def _write_zip(found: Catalogue, path: Path) -> None:
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables(found).items():
            # A fixed date: the same catalogue is the same file.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _for_spreadsheets(text))
