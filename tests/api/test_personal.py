"""Who called and what people wrote: shown to few, erased for good, and the record still holds."""

import asyncio

import psycopg
import pytest

from api.services import auditing
from api.store.engine import engine_at
from gridmap.dispatch.actor import Grant, Role
from tests.desk import agreed, point, refused
from tests.service import psycopg_url

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]

CALLER = {"name": "王女士", "phone": "13800000000"}
GROUND = {"ground": "consent_withdrawn"}


@pytest.fixture
def case(desk, spot):
    """A case that somebody called about, whistled, with one word written by its convener."""
    case = desk.stepped(desk.opened(point(*spot), caller=CALLER), "whistles")
    desk.summons(case, case["summons"][0], "stand-down", reason="张三说的")
    return case


@pytest.fixture
def path(case):
    return f"incidents/{case['incidents'][0]['id']}/reporter"


def erase(desk, path, **params):
    return desk.http.delete(f"/api/v1/{path}", params=params)


def test_who_called_is_told_to_the_convener_and_the_command_and_to_no_department(
    desk, desk_of, case, path, nobody
):
    convener = desk.crew.desk_of(case["convener"])
    assert agreed(convener.get(path)) == CALLER
    assert agreed(desk.get(path)) == CALLER
    department = desk.crew.desk_of(case["summons"][-1]["unit"])
    refused(department.get(path), 403, "not-yours")
    refused(nobody.get(path), 401, "sign-in-needed")
    stranger = desk_of(Grant(Role.DEPARTMENT, "110105", "fire-110105"))
    refused(stranger.get(path), 404, "unknown-report")
    inspector = desk_of(Grant(Role.INSPECTOR, case["holder"]["code"]))
    refused(inspector.get(path), 403, "not-yours")


def test_the_database_itself_hides_who_called_from_departments(desk, case, loaded):
    department = [f"unit:{case['summons'][-1]['unit']['id']}"]
    convener = [f"unit:{case['convener']['id']}", f"area:{case['holder']['code']}"]
    query = "SELECT phone FROM gridmap.reporters WHERE incident_id = %s"
    with psycopg.connect(psycopg_url(loaded.urls().service)) as plain:
        for keys, shown in ((department, None), (convener, (CALLER["phone"],))):
            plain.execute("SELECT set_config('gridmap.keys', %s::text[]::text, true)", [keys])
            row = plain.execute(query, [case["incidents"][0]["id"]]).fetchone()
            assert row == shown, keys


def test_neither_events_nor_lists_hold_who_called(desk, case):
    for answer in (
        desk.get(f"cases/{case['id']}"),
        desk.get(f"cases/{case['id']}/events"),
        desk.get("cases"),
    ):
        assert CALLER["phone"] not in answer.text
        assert CALLER["name"] not in answer.text


def test_a_caller_is_erased_for_good_by_who_may(desk, desk_of, case, path):
    refused(erase(desk.crew.desk_of(case["convener"]), path, **GROUND), 403, "not-yours")
    supervisor = desk_of(Grant(Role.SUPERVISOR, "110000"))
    refused(erase(supervisor, path), 422, "validation")
    refused(erase(supervisor, path, ground="because"), 422, "validation")
    assert erase(supervisor, path, **GROUND).status_code == 204
    refused(desk.get(path), 404, "no-caller")
    refused(erase(supervisor, path, **GROUND), 404, "nothing-to-erase")


def test_what_was_written_is_erased_and_the_chain_still_holds(desk, desk_of, case, loaded, ledger):
    supervisor = desk_of(Grant(Role.ADMINISTRATOR, "110000"))
    written = desk.events(case)[-1]
    assert written["texts"] == {"reason": "张三说的"}
    path = f"cases/{case['id']}/events/{written['seq']}/texts"
    refused(erase(desk, path, **GROUND), 403, "not-yours")
    assert erase(supervisor, path, **GROUND).status_code == 204
    refused(erase(supervisor, path, **GROUND), 404, "nothing-to-erase")
    refused(
        erase(supervisor, f"cases/{case['id']}/events/99/texts", **GROUND),
        404,
        "nothing-to-erase",
    )
    after = desk.events(case)[-1]
    assert after["texts"] == {}
    assert "张三" not in str(after)
    assert after["data"] == written["data"]
    row = ledger.one(
        "SELECT what, ground, account, role FROM gridmap.erasures WHERE case_id = %s", case["id"]
    )
    what = f"texts of event {written['seq']}"
    assert row == (what, "consent_withdrawn", supervisor.person.id, "administrator")

    async def verify():
        engine = engine_at(loaded.urls().service)
        try:
            return await auditing.verify(engine, lambda _done, _of: None)
        finally:
            await engine.dispose()

    audit = asyncio.run(verify())
    assert audit.faults == []
    assert audit.erased >= 1


def test_who_is_not_over_the_case_cannot_erase_and_is_told_of_no_case(desk_of, case, path):
    elsewhere = desk_of(Grant(Role.SUPERVISOR, "110112"))
    refused(erase(elsewhere, path, **GROUND), 404, "unknown-report")
    texts = f"cases/{case['id']}/events/3/texts"
    refused(erase(elsewhere, texts, **GROUND), 404, "unknown-case")
