"""The first wall: what a query of cases, events or incidents finds for whom it acts.

Row security asks the same once more (migration 0003), so that a query that forgets to ask here
finds nothing either.
"""

from sqlalchemy import ARRAY, ColumnElement, Text, literal

from api.store.engine import Connection, keys_of
from api.store.tables import cases


def visible(connection: Connection) -> ColumnElement[bool]:
    """Return the condition on `cases` under which whom the connection acts for sees the case."""
    keys = literal(sorted(keys_of(connection)), ARRAY(Text))
    return cases.c.audience.op("&&", is_comparison=True)(keys)
