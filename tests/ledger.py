"""What the database holds, seen past the service: how many rows, and what does not add up."""

from typing import Any, Self

import psycopg

from tests.service import psycopg_url

TABLES = ("cases", "incidents", "events", "idempotency_keys")

# Each of these must return no row, whatever was done to the service.
FAULTS = {
    "a case whose events have a hole, a double or another count than its version": """
        SELECT c.number, c.version, array_agg(e.seq ORDER BY e.seq)
        FROM gridmap.cases c LEFT JOIN gridmap.events e ON e.case_id = c.id
        GROUP BY c.id
        HAVING array_agg(e.seq ORDER BY e.seq)
            IS DISTINCT FROM (SELECT array_agg(n) FROM generate_series(1, c.version) n)
    """,
    "a case that does not begin with its report, or is reported twice": """
        SELECT c.number FROM gridmap.cases c
        LEFT JOIN gridmap.events e ON e.case_id = c.id AND e.kind = 'reported'
        GROUP BY c.id HAVING count(e.seq) <> 1 OR min(e.seq) <> 1
    """,
    "a case whose incidents are not its opening one and those that joined": """
        SELECT c.number, incidents.n, joined.n FROM gridmap.cases c,
        LATERAL (SELECT count(*) n FROM gridmap.incidents i WHERE i.case_id = c.id) incidents,
        LATERAL (SELECT count(*) n FROM gridmap.events e
                 WHERE e.case_id = c.id AND e.kind = 'joined') joined
        WHERE incidents.n <> 1 + joined.n
    """,
    "an incident without exactly one idempotency key": """
        SELECT i.id FROM gridmap.incidents i
        LEFT JOIN gridmap.idempotency_keys k ON k.incident_id = i.id
        GROUP BY i.id HAVING count(k.key) <> 1
    """,
    "a closed case with open summons, or one whose closings and reopenings do not add up": """
        SELECT c.number FROM gridmap.cases c,
        LATERAL (SELECT
            coalesce(max(seq) FILTER (WHERE kind IN ('closed', 'merged')), 0) AS ended,
            coalesce(max(seq) FILTER (WHERE kind = 'reopened'), 0) AS reopened
            FROM gridmap.events e WHERE e.case_id = c.id) told
        WHERE (c.closed_at IS NOT NULL) <> (told.ended > told.reopened)
            OR c.closed_at IS NOT NULL AND c.open_summons > 0
    """,
}


def see_everything(connection: psycopg.Connection[Any]) -> None:
    """Give a connection the service's own key, which opens every case."""
    connection.execute("SELECT set_config('gridmap.keys', '{*}', false)")


class Ledger:
    """A reader of the service's database, with the service's own role."""

    def __init__(self, database_url: str) -> None:
        self.connection = psycopg.connect(psycopg_url(database_url), autocommit=True)
        see_everything(self.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.connection.close()

    def counts(self) -> dict[str, int]:
        """Return how many rows each table of the record has."""
        return {table: self.one(f"SELECT count(*) FROM gridmap.{table}")[0] for table in TABLES}

    def one(self, query: str, *parameters: Any) -> tuple[Any, ...]:
        row = self.connection.execute(query, parameters).fetchone()
        assert row is not None
        return row

    def faults(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return what does not add up; empty when all does."""
        found = {what: self.connection.execute(query).fetchall() for what, query in FAULTS.items()}
        return {what: rows for what, rows in found.items() if rows}
