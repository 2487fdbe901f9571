"""The three failings: listed from the record as the domain finds them, explained, exempted."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from api.services import calling, casework, reporting
from api.services.calling import Wish
from api.services.reference import ReferenceHolder
from api.services.turn import Turn
from api.settings import DataSettings
from api.store import cases
from api.store import failings as kept
from api.store.engine import engine_at, reading
from gridmap.dispatch.actor import SYSTEM, Actor, Grant, Role
from gridmap.dispatch.failing import Failing, failings
from gridmap.dispatch.incident import Incident
from gridmap.place import point as place_at
from tests.desk import BUILDING, FIRE, STREET_POWER, agreed, point, refused

pytestmark = [pytest.mark.store, pytest.mark.usefixtures("everything_adds_up")]

DISTRICT = "110102"
BUREAU = f"ecology-{DISTRICT}"


@pytest.fixture
def at(loaded):
    """Return the failings of some cases at an instant: from SQL, and as the domain finds them."""

    async def both(ids, now):
        engine = engine_at(loaded.urls().service)
        asked = kept.Question(now - timedelta(days=30), now, now)
        try:
            async with reading(engine, SYSTEM) as connection:
                lines = await kept.listed(connection, asked, limit=10_000)
                records = [await cases.find(connection, one) for one in ids]
        finally:
            await engine.dispose()
        listed = [
            (one.case, one.failing, one.unit, one.since, one.summons, one.explained_at)
            for one in lines
            if one.case in ids
        ]
        found = [
            (record.id, one.failing, one.unit, one.since, one.summons, one.explained_at)
            for record in records
            for one in failings(record.case, now=now)
        ]
        return listed, found

    def at(told, now):
        ids = {UUID(one["id"]) for one in told}
        listed, found = asyncio.run(both(ids, now))
        assert len(set(listed)) == len(listed)
        assert sorted(listed, key=str) == sorted(found, key=str)
        return listed

    return at


def test_what_sql_finds_is_what_the_domain_finds_now_and_later(desk, at, spots):
    here, there, third, fourth = (point(*next(spots)) for _ in range(4))
    waits = desk.opened(here, category=BUILDING)
    alone = desk.opened(there, category=STREET_POWER)
    absent = desk.opened(third, category=FIRE)
    absent = absent if absent["whistles"] else desk.stepped(absent, "whistles")
    came = desk.opened(fourth, category=FIRE)
    came = came if came["whistles"] else desk.stepped(came, "whistles")
    desk.worked_off(came, at=fourth)
    told, now = (waits, alone, absent, came), datetime.now(UTC)
    assert at(told, now) == []
    later = at(told, now + timedelta(days=3))
    kinds = {(str(case), kind.value) for case, kind, *_ in later}
    assert (waits["id"], "not_whistled") in kinds
    assert (absent["id"], "lead_absent") in kinds
    assert not {case for case, _ in kinds} & {alone["id"], came["id"]}


def test_a_hold_stops_what_would_fail(desk, desk_of, at, spot):
    case = desk.opened(point(*spot), category=BUILDING)
    day = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    desk.stepped(case, "hold", review_on=day, reason="等汛期过")
    above = desk_of(Grant(Role.COMMAND, "110000"))
    agreed(above.post(f"cases/{case['id']}/hold/grant", {"granted": True}))
    assert at([case], datetime.now(UTC) + timedelta(days=3)) == []


def test_a_whistle_that_came_late_stays_a_failing_with_what_was_said_of_it(loaded, at, spot):
    street, office = "110102020", "government-110102020"
    clerk = Actor(str(uuid4()), (Grant(Role.CONVENER, street, office),))
    over = Actor(str(uuid4()), (Grant(Role.SUPERVISOR, "110000"),))
    start = datetime.now(UTC) - timedelta(days=9)
    site = place_at(116.335, 39.889, crs="EPSG:4326")

    async def story():
        engine, holder = engine_at(loaded.urls().service), ReferenceHolder(DataSettings())
        try:
            await holder.refresh(engine)

            def turn(actor, hours):
                return Turn(engine, holder.current, actor, start + timedelta(hours=hours))

            incident = Incident(str(uuid4()), BUILDING, site, start, separate=True)
            made = await reporting.report(turn(clerk, 0), incident, key=str(uuid4()))
            one = made.case_id
            record = await calling.blow(turn(clerk, 100), one, Wish())
            said = {"failing": Failing.NOT_WHISTLED, "unit": record.case.convener}
            await casework.explain(turn(clerk, 101), one, **said, text="系统故障")
            await casework.exempt(turn(over, 102), one, **said, reason="容错")
            asked = kept.Question(start, start + timedelta(days=30), start + timedelta(hours=103))
            async with reading(engine, over) as connection:
                lines = await kept.listed(connection, asked, limit=1_000)
            return one, [line for line in lines if line.case == one]
        finally:
            await engine.dispose()

    one, lines = asyncio.run(story())
    late = [line for line in lines if line.failing is Failing.NOT_WHISTLED]
    assert [(line.explanation, line.exemption) for line in late] == [("系统故障", "容错")]
    assert at([{"id": str(one)}], start + timedelta(hours=103))


# --- through the service --------------------------------------------------------------------------


@pytest.fixture
def owed(desk_of, owner):
    """An obligation of a bureau whose date has passed."""
    supervisor = desk_of(Grant(Role.SUPERVISOR, DISTRICT))
    due = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {"title": "布置散煤清零", "unit": BUREAU, "due_at": due}
    made = agreed(supervisor.post("obligations", body), status=201)
    passed = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    owner.execute(
        "UPDATE gridmap.journal SET data = jsonb_set(data, '{due_at}', to_jsonb(%s::text))"
        " WHERE subject_id = %s AND seq = 1",
        [passed, made["id"]],
    )
    owner.execute("UPDATE gridmap.obligations SET due_at = %s WHERE id = %s", [passed, made["id"]])
    return made


def test_an_assignment_that_was_owed_is_listed_explained_and_exempted(desk_of, owed):
    supervisor = desk_of(Grant(Role.SUPERVISOR, DISTRICT))
    bureau = desk_of(Grant(Role.DEPARTMENT, DISTRICT, BUREAU))

    def line(desk=supervisor, **asked):
        lines = agreed(desk.get("failings", limit=500, **asked))["failings"]
        found = [one for one in lines if one["obligation"] == owed["id"]]
        return found[0] if found else None

    assert (line()["failing"], line()["unit"], line()["explanation"]) == (
        "not_assigned",
        BUREAU,
        "",
    )
    assert line(area=DISTRICT, failing="not_assigned", unit=BUREAU)
    assert line(area="110106") is None
    assert line(failing="lead_absent") is None
    assert line(desk=desk_of(Grant(Role.SUPERVISOR, "110106"))) is None
    agreed(bureau.post(f"obligations/{owed['id']}/explain", {"reason": "当日抢险"}))
    agreed(supervisor.post(f"obligations/{owed['id']}/exempt", {"reason": "尽职免责"}))
    assert (line()["explanation"], line()["exemption"]) == ("当日抢险", "尽职免责")
    assert line()["exempted_at"]


def test_a_wrong_period_is_refused(desk):
    asked = {"from": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"}
    refused(desk.get("failings", **asked), 422, "subject-value")
