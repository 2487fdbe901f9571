"""The first wall: what a query of cases, events, incidents or subjects finds for whom it acts.

Row security asks the same once more (migration 0003), so that a query that forgets to ask here
finds nothing either.
"""

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, literal

from api.store.engine import Connection, keys_of
from api.store.tables import cases, subjects


def visible(connection: Connection) -> ColumnElement[bool]:
    """Return the condition on `cases` under which whom the connection acts for sees the case."""
    return opened_by(connection, cases.c.audience)


def visible_subject(connection: Connection) -> ColumnElement[bool]:
    """Return the same condition on `subjects`: ledgers, tasks, operations, ..."""
    return opened_by(connection, subjects.c.audience)


def opened_by(connection: Connection, audience: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the same condition on any column of audiences."""
    keys = literal(sorted(keys_of(connection)), ARRAY(Text))
    return audience.op("&&", is_comparison=True)(keys)
