"""A roster as a table: CSV in UTF-8, one row a person.

Columns: ``id``, ``name`` (may be empty), ``unit``, ``roles``, ``areas``, ``shifts``, and if wanted
``account`` (the login of whom the person signs in as, or empty). Several values
in a cell are separated by ``;``; a shift is written like ``1-5 09:00-18:00`` (weekdays from Monday
1), ``2026-02-14 09:00-12:00`` or ``6,7 22:00-06:00+1`` (ends on the next day).
"""

from collections.abc import Mapping
from pathlib import Path

from gridmap import csv_rows
from gridmap.dispatch.actor import Role
from gridmap.dispatch.errors import PolicyDataError, ShiftError
from gridmap.dispatch.staff import Person, Staff, shift

COLUMNS = ("id", "name", "unit", "roles", "areas", "shifts")
OPTIONAL = ("account",)


def read(path: Path) -> list[Person]:
    """Return the people of a table with their names and logins.

    Raises
    ------
    PolicyDataError
        It cannot be read, or a row is wrong; the error names line and column.
    """
    people: dict[str, Person] = {}
    accounts: dict[str, str] = {}
    for where, row in csv_rows.read(path, COLUMNS, optional=OPTIONAL):
        one = _person(row, str(path), where)
        if one.id in people:
            raise PolicyDataError(str(path), where, f"id: {one.id!r} stands twice")
        login = row["account"].lower()
        if login and login in accounts:
            why = f"account: {login!r} is {accounts[login]} already"
            raise PolicyDataError(str(path), where, why)
        accounts[login] = one.id
        people[one.id] = Person(one, row["name"], login)
    return list(people.values())


def _person(row: Mapping[str, str], source: str, where: str) -> Staff:
    for column in ("id", "unit", "roles", "areas"):
        if not row[column]:
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
    return Staff(row["id"], row["unit"], roles, areas, shifts)


def _cells(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
