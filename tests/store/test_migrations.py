"""The schema the migrations make."""

import asyncio
import json
import tomllib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
import shapely

from api import first_run
from api.services import loading
from api.settings import DataSettings
from api.store import cases, history, migrate
from api.store.engine import engine_at, reading
from api.store.mapping import ATTRIBUTION, DECISION, PLAN
from gridmap import catalogue_files
from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.chain import GENESIS, link
from gridmap.dispatch.clock import Span
from gridmap.dispatch.directory import Directory
from gridmap.dispatch.policy import policy as read_policy
from gridmap.dispatch.summons import Stage
from gridmap.locate import ReleaseIndex
from gridmap.place import place
from gridmap.resolution import Reference, resolve
from gridmap.workdays import Workdays
from tests import toy
from tests.ledger import Ledger
from tests.service import fresh_database

pytestmark = pytest.mark.store


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_a_fresh_database_is_at_the_latest_revision(database):
    assert migrate.current(database.owner) == migrate.head()


def test_upgrading_twice_changes_nothing(database):
    migrate.upgrade(database.owner)
    assert migrate.current(database.owner) == migrate.head()


def test_the_tables_are_what_the_migrations_make(database):
    migrate.check(database.owner)


def test_the_service_may_look_into_the_schema_but_not_create_in_it(database):
    if database.owner == database.service:
        pytest.skip("a given server with one URL: the service is the owner")
    with psycopg.connect(plain(database.service)) as connection:
        (version,) = connection.execute("SELECT postgis_lib_version()").fetchone()
        assert version >= "3.3"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE gridmap.mine (id int)")


def test_cases_from_before_there_were_accounts_go_on(server):
    with fresh_database(server) as own:
        migrate.downgrade(own.urls().owner, revision="0002")
        first_run.as_owner(
            own, lambda engine: loading.import_release(engine, toy.release(), activate=True)
        )
        case_id = written(own.urls().owner)
        migrate.upgrade(own.urls().owner)
        areas, keys = audience(own, case_id)
        record, head = asyncio.run(read(own.urls().service, case_id))
    assert set(areas) == {toy.CITY, toy.WEST, toy.EAST, toy.SOUTH_STREET, toy.EAST_STREET}
    assert {f"area:{code}" for code in areas} | {"account:system", "*"} <= set(keys)
    assert f"unit:fire-{toy.EAST}" in keys
    first, second = record.case.summons
    assert (first.state, first.result, second.state) == ("finished", "已处置", "called")
    assert first.due[Stage.ARRIVE] == NOON + timedelta(minutes=30)
    assert record.case.sides == (toy.SOUTH_STREET, toy.EAST_STREET)
    assert record.head == head
    whistle = record.plan.whistle
    assert (whistle.respond, whistle.arrive, whistle.finish) == (Span(30), Span(45), None)


NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def written(owner_url):
    """A whistled case across the line of two districts, in the words of revision 0002."""
    release = toy.release()
    across = place(shapely.box(3.9999, 1, 4.0001, 1.0001), crs="EPSG:4490")
    catalogue = catalogue_files.read(DataSettings().catalogue)
    document = tomllib.loads(DataSettings().policy.read_text(encoding="utf-8"))
    policy = read_policy(document, source="default")
    reference = Reference(ReleaseIndex(release), catalogue, policy, Directory(()), Workdays())
    answer = resolve(across, reference, category="E0401", now=datetime.now(UTC))
    case_id = uuid4()
    row = {
        "id": case_id,
        "number": "20261122-000001",
        "category": "E0401",
        "place": f"SRID=4490;{across.geometry.wkt}",
        "place_kind": "footprint",
        "given_crs": "EPSG:4490",
        "release_id": release.id,
        "catalogue": catalogue.version,
        "attribution": ATTRIBUTION.dump_json(answer.attribution.levels).decode(),
        "decision": DECISION.dump_json(answer.decision).decode(),
        "plan": json.dumps(_old_plan(PLAN.dump_python(answer.plan, mode="json"))),
        "holder_code": answer.decision.lead.code,
        "step": "reporting_in",
        "version": 4,
        "open_summons": 1,
        "whistle_blown_at": NOON,
        "opened_at": NOON,
    }
    with psycopg.connect(plain(owner_url)) as connection:
        marks = ", ".join(["%s"] * len(row))
        connection.execute(
            f"INSERT INTO gridmap.cases ({', '.join(row)}) VALUES ({marks})", list(row.values())
        )
        for seq, (kind, data) in enumerate(_told(row), start=1):
            connection.execute(
                "INSERT INTO gridmap.events (case_id, seq, kind, at, actor, data)"
                " VALUES (%s, %s, %s, %s, 'convener', %s)",
                [case_id, seq, kind, NOON + timedelta(minutes=seq), json.dumps(data)],
            )
    return case_id


def _old_plan(plan):
    """A plan in the words of revision 0002: clocks in minutes, and no more of a whistle."""
    named = {key: plan["whistle"][key] for key in ("code", "name", "name_en")}
    clocks = {"respond_min": 30.0, "arrive_min": 45.0, "finish_min": None}
    later = ("evidence", "jurisdiction_level", "analysis", "powers")
    item = {key: value for key, value in plan["item"].items() if key not in later}
    return plan | {"whistle": named | clocks, "item": item}


def _told(row):
    by = (NOON + timedelta(minutes=30)).isoformat()
    calls = [
        {
            "id": str(number),
            "unit": f"fire-{area}",
            "unit_name": f"{area}消防",
            "kind": "fire",
            "area_code": area,
            "role": "lead",
            "areas": [row["holder_code"]],
        }
        for number, area in enumerate((toy.WEST, toy.EAST), start=1)
    ]
    clocks = {"respond_by": by, "arrive_by": by, "finish_by": None}
    position = {"position": [4, 1], "how": "hand", "accuracy_m": None, "distance_m": 0.0}
    return (
        (
            "reported",
            {
                "number": row["number"],
                "holder": row["holder_code"],
                "convener": None,
                "needs_whistle": True,
            },
        ),
        ("whistle_blown", {"whistle": "emergency", "summons": calls, **clocks}),
        ("arrived", {"summons": "1", "geofence_m": 100.0, **position}),
        ("finished", {"summons": "1", "result": "已处置"}),
    )


async def read(service_url, case_id):
    engine = engine_at(service_url)
    try:
        async with reading(engine, SYSTEM) as connection:
            record = await cases.find(connection, case_id)
            head, told = GENESIS, await history.of_case(connection, case_id)
            digests = await history.digests(connection, case_id)
        for seq, event in enumerate(told, start=1):
            head = link(head, case=str(case_id), seq=seq, event=event, texts=digests.get(seq))
        return record, head
    finally:
        await engine.dispose()


def audience(own, case_id):
    with Ledger(own.urls().owner) as ledger:
        return ledger.one("SELECT areas, audience FROM gridmap.cases WHERE id = %s", case_id)
