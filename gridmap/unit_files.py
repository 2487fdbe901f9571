"""A directory as a table: CSV in UTF-8, one row a unit.

Columns: ``id``, ``name``, ``kind`` (a department kind of the catalogue), ``area_code`` and
``can_rule`` (``true`` where the unit may designate jurisdiction, else ``false`` or empty).
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from gridmap import csv_rows
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.errors import PolicyDataError

COLUMNS = ("id", "name", "kind", "area_code", "can_rule")
_CODE = re.compile(r"[0-9]{6,15}")
_TRUTH = {"true": True, "false": False, "": False}


def read(path: Path) -> list[Unit]:
    """Return the units of a table.

    Raises
    ------
    PolicyDataError
        It cannot be read, a row is wrong, or two are for the same area and kind; the error names
        line and column.
    """
    by_id: dict[str, Unit] = {}
    by_place: dict[tuple[str, str], Unit] = {}
    for where, row in csv_rows.read(path, COLUMNS):
        one = _unit(row, str(path), where)
        if one.id in by_id:
            raise PolicyDataError(str(path), where, f"id: {one.id!r} stands twice")
        place = (one.area_code, one.kind)
        if place in by_place:
            why = f"kind: {by_place[place].id} is a {one.kind} of {one.area_code} already"
            raise PolicyDataError(str(path), where, why)
        by_id[one.id] = by_place[place] = one
    if not by_id:
        raise PolicyDataError(str(path), "line 2", "there is no unit in it")
    return list(by_id.values())


def write(units: Iterable[Unit], path: Path) -> None:
    """Write units as a table that `read` reads, by area and kind; nothing is overwritten.

    Raises
    ------
    PolicyDataError
        The file is there already, or cannot be written.
    """
    rows = (_row(one) for one in sorted(units, key=lambda one: (one.area_code, one.kind)))
    content = csv_rows.text(COLUMNS, rows)
    try:
        # With a byte-order mark, without which spreadsheets take Chinese for another encoding.
        with path.open("x", encoding="utf-8-sig", newline="") as file:
            file.write(content)
    except FileExistsError as error:
        why = "it is there already; nothing was written"
        raise PolicyDataError(str(path), "file", why) from error
    except OSError as error:
        why = f"it cannot be written: {error.strerror}"
        raise PolicyDataError(str(path), "file", why) from error


def _unit(row: Mapping[str, str], source: str, where: str) -> Unit:
    for column in ("id", "name", "kind", "area_code"):
        if not row[column]:
            raise PolicyDataError(source, where, f"{column}: it is empty")
    if not _CODE.fullmatch(row["area_code"]):
        why = f"area_code: {row['area_code']!r} is no code of 6 to 15 digits"
        raise PolicyDataError(source, where, why)
    can_rule = _TRUTH.get(row["can_rule"].lower())
    if can_rule is None:
        why = f"can_rule: it must be true, false or empty, not {row['can_rule']!r}"
        raise PolicyDataError(source, where, why)
    return Unit(row["id"], row["name"], row["kind"], row["area_code"], can_rule)


def _row(one: Unit) -> dict[str, str]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "area_code": one.area_code,
        "can_rule": str(one.can_rule).lower(),
    }
