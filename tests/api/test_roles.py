"""The service's role: it appends, and can neither change nor delete what was recorded."""

import psycopg
import pytest

from tests.ledger import see_everything
from tests.service import psycopg_url

pytestmark = pytest.mark.store

NEVER_UPDATED = {
    "events": ("seq", "kind", "at", "actor", "data"),
    "incidents": ("text", "place", "case_id", "reported_at"),
    "idempotency_keys": ("key", "fingerprint", "incident_id"),
    "areas": ("geom", "name", "code"),
    "layers": ("basis",),
    "releases": ("active", "title"),
    "units": ("name", "kind"),
    "cases": ("number", "place", "attribution", "decision", "plan", "opened_at"),
    "accounts": ("id", "demonstration", "created_at"),
    "grants": ("account_id", "role", "area_code", "unit_id", "granted_by", "granted_at"),
    "journal": ("seq", "kind", "at", "actor", "unit", "data", "hash"),
    "journal_texts": ("digest",),
    "closed_periods": ("period", "closed_at"),
    "ledger_targets": ("code", "name", "area_code"),
    "target_cases": ("case_id",),
    "operation_cases": ("case_id",),
    "obligations": ("unit_id", "due_at"),
    "tasks": ("assigner_unit", "due_at"),
    "scores": ("unit_id", "period", "street_area"),
    "sessions": ("token_sha256", "account_id", "created_at", "expires_at"),
}
KEPT = set(NEVER_UPDATED) - {"sessions"}  # a session's end is its deletion
NEVER_INSERTED = ("areas", "layers", "releases", "units")


@pytest.fixture(scope="module")
def as_service(service):
    """A connection with the very URL that the service runs on."""
    with psycopg.connect(psycopg_url(service.database_url), autocommit=True) as connection:
        see_everything(connection)
        yield connection


@pytest.fixture(autouse=True)
def only_with_two_roles(loaded):
    if loaded.urls().owner == loaded.urls().service:
        pytest.skip("a given server with one URL: the service is the owner")


def refuses(connection, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_service_is_neither_superuser_nor_owner(as_service):
    row = as_service.execute(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles"
        " WHERE rolname = current_user"
    ).fetchone()
    assert row == (False, False, False, False)
    owned = as_service.execute(
        "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
    ).fetchone()
    assert owned == (0,)


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, columns in NEVER_UPDATED.items() for column in columns],
)
def test_the_service_cannot_change_what_was_recorded(as_service, table, column):
    refuses(as_service, f"UPDATE gridmap.{table} SET {column} = {column}")


@pytest.mark.parametrize("table", sorted(KEPT))
def test_the_service_cannot_delete_what_was_recorded(as_service, table):
    refuses(as_service, f"DELETE FROM gridmap.{table}")


@pytest.mark.parametrize("table", NEVER_UPDATED)
def test_the_service_cannot_empty_or_drop_a_table(as_service, table):
    refuses(as_service, f"TRUNCATE gridmap.{table}")
    refuses(as_service, f"DROP TABLE gridmap.{table}")


@pytest.mark.parametrize("table", NEVER_INSERTED)
def test_boundaries_and_units_are_the_owners_to_write(as_service, table):
    refuses(as_service, f"INSERT INTO gridmap.{table} SELECT * FROM gridmap.{table}")


def test_the_service_cannot_turn_off_what_keeps_the_record(as_service):
    refuses(as_service, "ALTER TABLE gridmap.events DISABLE TRIGGER ALL")
    refuses(as_service, "ALTER TABLE gridmap.cases DISABLE ROW LEVEL SECURITY")
    refuses(as_service, "DROP POLICY shown ON gridmap.cases")
    refuses(as_service, "SET row_security = off; SELECT * FROM gridmap.cases")
    refuses(as_service, "ALTER TABLE gridmap.cases DROP CONSTRAINT ck_cases_has_holder")
    refuses(as_service, "SET session_replication_role = replica")


def test_an_open_case_without_holder_cannot_be_written(as_service, desk, spot):
    case = desk.opened({"crs": "EPSG:4326", "geometry": {"type": "Point", "coordinates": spot}})
    for holder, refusal in (
        ("NULL", psycopg.errors.NotNullViolation),
        ("''", psycopg.errors.CheckViolation),
    ):
        with pytest.raises(refusal):
            as_service.execute(
                f"UPDATE gridmap.cases SET holder_code = {holder} WHERE id = %s", [case["id"]]
            )


def test_a_case_with_open_summons_cannot_be_written_as_closed(as_service, desk, spot):
    case = desk.opened({"crs": "EPSG:4326", "geometry": {"type": "Point", "coordinates": spot}})
    case = desk.stepped(case, "whistles")
    with pytest.raises(psycopg.errors.CheckViolation):
        as_service.execute("UPDATE gridmap.cases SET closed_at = now() WHERE id = %s", [case["id"]])
