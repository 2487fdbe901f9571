"""A roster as a table: CSV in UTF-8, one row a person.

Columns: ``id``, ``name`` (may be empty), ``unit``, ``roles``, ``areas``, ``shifts``. Several values
in a cell are separated by ``;``; a shift is written like ``1-5 09:00-18:00`` (weekdays from Monday
1), ``2026-02-14 09:00-12:00`` or ``6,7 22:00-06:00+1`` (ends on the next day).
"""

import csv
import io
from pathlib import Path

from gridmap.dispatch.actor import Role
from gridmap.dispatch.errors import PolicyDataError, ShiftError
from gridmap.dispatch.staff import Staff, shift

COLUMNS = ("id", "name", "unit", "roles", "areas", "shifts")


def read(path: Path) -> list[tuple[Staff, str]]:
    """Return the people of a table with their names.

    Raises
    ------
    PolicyDataError
        It cannot be read, or a row is wrong; the error names line and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PolicyDataError(str(path), "file", f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PolicyDataError(str(path), "file", f"it is not UTF-8: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if set(reader.fieldnames or ()) != set(COLUMNS):
        why = f"the columns must be {', '.join(COLUMNS)}"
        raise PolicyDataError(str(path), "line 1", why)
    people: dict[str, tuple[Staff, str]] = {}
    try:
        for row in reader:
            where = f"line {reader.line_num}"
            one = _person(row, str(path), where)
            if one.id in people:
                raise PolicyDataError(str(path), where, f"id: {one.id!r} stands twice")
            people[one.id] = one, row["name"].strip()
    except csv.Error as error:
        raise PolicyDataError(str(path), f"line {reader.line_num}", str(error)) from error
    return list(people.values())


def _person(row: dict[str, str], source: str, where: str) -> Staff:
    if None in row or None in row.values():
        raise PolicyDataError(source, where, f"it must have {len(COLUMNS)} cells")
    for column in ("id", "unit", "roles", "areas"):
        if not row[column].strip():
            raise PolicyDataError(source, where, f"{column}: it is empty")
    try:
        roles = tuple(Role(role) for role in _cells(row["roles"]))
    except ValueError as error:
        why = f"roles: {error}; known: {', '.join(Role)}"
        raise PolicyDataError(source, where, why) from error
    try:
        shifts = tuple(shift(text) for text in _cells(row["shifts"]))
    except ShiftError as error:
        raise PolicyDataError(source, where, f"shifts: {error}") from error
    areas = tuple(_cells(row["areas"]))
    return Staff(row["id"].strip(), row["unit"].strip(), roles, areas, shifts)


def _cells(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
