"""The worker as a process of its own: killed, doubled, without its database; each moment once."""

import os
import shutil
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
import shapely

from api.services import agreeing, casework, disputing, watching
from api.services import evidence as evidence_service
from api.services.disputing import Grounds
from api.services.turn import Turn
from api.services.working import append, locked_scene
from api.store import notices
from api.store.cluster import PrivateCluster
from api.store.engine import reading, transaction
from api.store.migrate import upgrade
from gridmap.dispatch import workflow
from gridmap.dispatch.actor import SYSTEM, Actor, Grant, Role
from gridmap.dispatch.agreement import Agreement, Document
from gridmap.dispatch.clock import Span
from gridmap.dispatch.evidence import Evidence, EvidenceKind
from gridmap.place import place, point
from tests import toy
from tests.ledger import Ledger
from tests.service import fresh_database, load, psycopg_url, until, with_database
from tests.toytown import ANALYSED, acting, reported
from tests.workers import working

pytestmark = pytest.mark.store

SOON_S = 60.0
STEPS = 3  # escalations of one clock: 50, 80 and 100 %


@pytest.fixture
def town(server, templates):
    """The URLs of a fresh database of the toy city."""
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own.urls()


@pytest.fixture
def ledger(town):
    with Ledger(town.service) as ledger:
        yield ledger
        assert ledger.faults() == {}


def ago(**much):
    return datetime.now(UTC) - timedelta(**much)


def told(ledger):
    """Every escalation there is: of which case, and which moment."""
    rows = ledger.connection.execute(
        "SELECT case_id, data ->> 'summons', data ->> 'stage', data ->> 'percent'"
        " FROM gridmap.events WHERE kind = 'escalated'"
    )
    return rows.fetchall()


def kinds(ledger, case_id):
    rows = ledger.connection.execute(
        "SELECT kind FROM gridmap.events WHERE case_id = %s ORDER BY seq", [case_id]
    )
    return [kind for (kind,) in rows]


def waiting(ledger):
    """The jobs that wait to look at a case, and when; and what the cases themselves say."""
    jobs = ledger.connection.execute(
        "SELECT (args ->> 'case_id')::uuid, scheduled_at FROM procrastinate_jobs"
        " WHERE task_name = 'look' AND status = 'todo' ORDER BY 1"
    )
    cases = ledger.connection.execute(
        "SELECT id, next_moment_at FROM gridmap.cases WHERE next_moment_at IS NOT NULL ORDER BY 1"
    )
    return jobs.fetchall(), cases.fetchall()


def all_told(ledger, count):
    """Whether so many moments have been told; none is told twice at any time."""
    found = told(ledger)
    assert len(set(found)) == len(found), "a moment was told twice"
    return len(found) == count


# --- what waits -----------------------------------------------------------------------------------


def test_every_case_with_a_moment_ahead_has_one_job_that_waits_for_it(town, ledger):
    reported(town.service, at=ago(minutes=1), count=2)
    reported(town.service, at=ago(minutes=1), category=ANALYSED)
    jobs, cases = waiting(ledger)
    assert jobs == cases
    assert len(jobs) == 3


def test_a_step_moves_the_job_and_the_last_one_takes_it_away(town, ledger):
    (case_id,) = reported(town.service, at=ago(minutes=1), category=ANALYSED)
    before, _ = waiting(ledger)

    async def hold(engine, reference):
        for actor, step in (
            (SYSTEM, lambda turn: casework.ask_hold(turn, case_id, reason="x", review_on=later)),
            (CITY, lambda turn: casework.grant_hold(turn, case_id, granted=True, reason="x")),
        ):
            await step(Turn(engine, reference, actor, datetime.now(UTC)))

    later = (datetime.now(UTC) + timedelta(days=30)).date()
    acting(town.service, hold)
    jobs, cases = waiting(ledger)
    assert jobs == cases
    assert jobs[0][1] > before[0][1] + timedelta(days=25)

    async def end(engine, reference):
        turn = Turn(engine, reference, SYSTEM, datetime.now(UTC))
        await casework.resume(turn, case_id, reason="x")
        await casework.close(turn, case_id, result="x")

    acting(town.service, end)
    assert waiting(ledger) == ([], [])


EASTERNER = Actor(str(uuid4()), (Grant(Role.CONVENER, toy.EAST_STREET),))
CITY = Actor(str(uuid4()), (Grant(Role.COMMAND, toy.CITY),))


def test_what_is_not_committed_leaves_no_job(town, ledger):
    (case_id,) = reported(town.service, at=ago(minutes=1), category=ANALYSED)
    before = waiting(ledger)

    async def fail(engine, reference):
        turn = Turn(engine, reference, SYSTEM, datetime.now(UTC))
        async with transaction(engine, SYSTEM) as connection:
            scene = await locked_scene(connection, turn, case_id)
            event = workflow.close(scene.case, result="x", by=watching.SIGNED, now=scene.now)
            await append(connection, scene, event)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        acting(town.service, fail)
    assert waiting(ledger) == before


# --- moments that come ----------------------------------------------------------------------------


def test_moments_that_passed_while_nobody_worked_are_told_in_their_order(town, ledger, tmp_path):
    (case_id,) = reported(town.service, at=ago(hours=3), category=ANALYSED)
    with working(town.service, tmp_path / "log") as worker:
        until(lambda: all_told(ledger, STEPS), within_s=SOON_S, what="the escalations")
        assert worker.stop() == 0
    rows = ledger.connection.execute(
        "SELECT data, actor FROM gridmap.events WHERE kind = 'escalated' ORDER BY seq"
    ).fetchall()
    assert [(data["percent"], data["to"], actor) for data, actor in rows] == [
        (50, "convener", "system"),  # nobody has been called yet
        (80, "convener", "system"),
        (100, "superior", "system"),
    ]
    assert kinds(ledger, case_id) == ["reported"] + ["escalated"] * STEPS


MANY = 40


def test_two_workers_one_of_which_is_killed_tell_every_moment_once(town, ledger, tmp_path):
    reported(town.service, at=ago(hours=3), category=ANALYSED, count=MANY)
    with (
        working(town.service, tmp_path / "one") as one,
        working(town.service, tmp_path / "other"),
    ):
        until(lambda: len(told(ledger)) > 0, within_s=SOON_S, what="the first escalation")
        one.kill()
        until(lambda: all_told(ledger, MANY * STEPS), within_s=SOON_S, what="the escalations")
        until(lambda: nothing_is_left(ledger), within_s=SOON_S, what="the queue's end")
    assert all_told(ledger, MANY * STEPS)


def nothing_is_left(ledger):
    return ledger.one("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'look'") == (0,)


def test_a_worker_killed_between_two_escalations_goes_on_where_it_was(town, ledger, tmp_path):
    reported(town.service, at=ago(hours=3), category=ANALYSED, count=MANY)
    with working(town.service, tmp_path / "log") as worker:
        until(lambda: len(told(ledger)) > 0, within_s=SOON_S, what="the first escalation")
        worker.kill()
        assert len(told(ledger)) < MANY * STEPS, "it was killed on the way"
        worker.start()
        until(lambda: all_told(ledger, MANY * STEPS), within_s=SOON_S, what="the escalations")
        until(lambda: nothing_is_left(ledger), within_s=SOON_S, what="the queue's end")


def test_a_case_whose_job_was_lost_is_found_again(town, ledger, tmp_path):
    reported(town.service, at=ago(hours=3), category=ANALYSED)
    with psycopg.connect(psycopg_url(town.owner)) as owner:
        owner.execute("DELETE FROM procrastinate_jobs")
    with working(town.service, tmp_path / "log") as worker:
        until(lambda: all_told(ledger, STEPS), within_s=SOON_S, what="the escalations")
        assert "their moment was missed: cases: 1\n" in worker.text()


def test_a_job_that_a_dead_worker_had_taken_is_done_by_another(town, ledger, tmp_path):
    reported(town.service, at=ago(hours=3), category=ANALYSED)
    with psycopg.connect(psycopg_url(town.owner)) as owner:
        owner.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id ="
            " (SELECT worker_id FROM procrastinate_register_worker_v1())"
        )
        owner.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 day'")
    with working(town.service, tmp_path / "log"):
        until(lambda: all_told(ledger, STEPS), within_s=SOON_S, what="the escalations")
        until(lambda: nothing_is_left(ledger), within_s=SOON_S, what="the queue's end")


def test_talks_that_lead_nowhere_go_to_the_common_superior(town, ledger, tmp_path):
    across = point(4, 1, crs="EPSG:4490")
    (case_id,) = reported(town.service, at=ago(days=40), category=ANALYSED, site=across)
    other = Actor(
        str(uuid4()), (Grant(Role.CONVENER, toy.EAST_STREET, f"government-{toy.EAST_STREET}"),)
    )

    async def dispute(engine, reference):
        turn = Turn(engine, reference, other, ago(days=39))
        shown = Evidence(uuid4(), EvidenceKind.TEXT, "x", other.account, turn.now, text="x")
        await evidence_service.add(turn, case_id, shown)
        grounds = Grounds("x", (shown.id,))
        await disputing.object_lead(turn, case_id, proposes=toy.EAST_STREET, grounds=grounds)

    acting(town.service, dispute)
    with working(town.service, tmp_path / "log"):
        until(lambda: "referred_up" in kinds(ledger, case_id), within_s=SOON_S, what="the referral")
    assert kinds(ledger, case_id).count("referred_up") == 1


def test_the_day_of_a_review_is_told_once(town, ledger, tmp_path):
    (case_id,) = reported(town.service, at=ago(days=9), category=ANALYSED)

    async def hold(engine, reference):
        review_on = ago(days=4).date()
        turn = Turn(engine, reference, SYSTEM, ago(days=8))
        await casework.ask_hold(turn, case_id, reason="x", review_on=review_on)
        turn = Turn(engine, reference, CITY, ago(days=8))
        await casework.grant_hold(turn, case_id, granted=True, reason="x")

    acting(town.service, hold)
    with working(town.service, tmp_path / "log"):
        until(lambda: "review_due" in kinds(ledger, case_id), within_s=SOON_S, what="the reminder")
    assert kinds(ledger, case_id) == ["reported", "hold_asked", "held", "review_due"]
    assert waiting(ledger) == ([], [])


def test_in_a_rehearsal_moments_come_by_its_clock(town, ledger, tmp_path):
    reported(town.service, at=datetime.now(UTC), category=ANALYSED)
    clock = tmp_path / "clock"
    clock.write_text("0", encoding="ascii")
    with working(town.service, tmp_path / "log", GRIDMAP_REHEARSAL_CLOCK=str(clock)):
        clock.write_text(str(90 * 60), encoding="ascii")  # of two hours
        until(lambda: len(told(ledger)) > 0, within_s=SOON_S, what="the first moment")
        assert [row[3] for row in told(ledger)] == ["50"]
        clock.write_text(str(3 * 60 * 60), encoding="ascii")
        until(lambda: all_told(ledger, STEPS), within_s=SOON_S, what="the others")


# --- another calendar -----------------------------------------------------------------------------


class Restless:
    """A calendar of somebody who never rests."""

    version = "restless"

    def is_working_day(self, on):
        return True

    def is_provisional(self, year):
        return False


def test_when_the_calendar_is_another_every_open_case_is_clocked_again_once(town, ledger, tmp_path):
    async def policy(_engine, reference):
        return reference.policy

    month = Span(20 * 450, working=True)  # twenty days of seven and a half hours
    changed = {"calendar": Restless(), "policy": acting(town.service, policy)}
    changed["policy"] = replace(changed["policy"], analysis=month)
    cases = reported(town.service, at=ago(minutes=1), category=ANALYSED, count=2, **changed)
    early = dict(waiting(ledger)[0])
    with working(town.service, tmp_path / "log"):
        until(
            lambda: ledger.one("SELECT count(*) FROM gridmap.calendars") == (1,),
            within_s=SOON_S,
            what="the calendar",
        )
    for case_id in cases:
        assert kinds(ledger, case_id) == ["reported", "reclocked"]
    jobs, standing = waiting(ledger)
    assert jobs == standing
    assert all(at > early[case_id] for case_id, at in jobs)


# --- agreements that run out ----------------------------------------------------------------------


def test_the_parties_are_told_once_that_their_agreement_runs_out(town, ledger, tmp_path):
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    stretch = place(shapely.LineString([(4, 0.5), (4, 1.5)]), crs="EPSG:4490")

    def agreement(name, days):
        return Agreement(
            id=name,
            title=name,
            stretch=stretch,
            reach_m=10 + days,
            parties=(toy.SOUTH_STREET, toy.EAST_STREET),
            lead=toy.EAST_STREET,
            document=Document("x", "x", today - timedelta(days=900)),
            valid_from=today - timedelta(days=900),
            valid_until=today + timedelta(days=days),
            categories=(name,),
        )

    async def agree(engine, reference):
        categories = list(reference.catalogue.items)
        given = [
            replace(agreement(name, days), categories=(category,))
            for (name, days), category in zip(
                (("soon", 20), ("today", 0), ("later", 90)), categories, strict=False
            )
        ]
        await agreeing.take_over(
            engine, reference, given, signed=True, actor=SYSTEM, now=ago(minutes=5), dry_run=False
        )

    acting(town.service, agree)
    query = "SELECT agreement_id, days, key, kind FROM gridmap.notices ORDER BY 1, 3"
    with working(town.service, tmp_path / "log", GRIDMAP_WORKER_EXPIRY="* * * * * *"):
        until(
            lambda: ledger.connection.execute(query).fetchall(), within_s=SOON_S, what="the warning"
        )
        looks = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'expiry'"
        until(lambda: ledger.one(looks) == (1,), within_s=SOON_S, what="the next look")
        until(lambda: ledger.one(looks) == (0,), within_s=SOON_S, what="its end")
    sides = [f"area:{toy.SOUTH_STREET}", f"area:{toy.EAST_STREET}"]
    kind = "agreement_expires"
    assert ledger.connection.execute(query).fetchall() == [
        *[("soon", 30, key, kind) for key in sides],
        *[("today", 0, key, kind) for key in sides],
    ]

    async def listed(engine, _reference):
        async with reading(engine, EASTERNER) as connection:
            return await notices.page(connection, EASTERNER.account, after=None, limit=10)

    told = acting(town.service, listed)
    assert sorted((one.title, one.days, one.case_id) for one in told) == [
        ("soon", 30, None),
        ("today", 0, None),
    ]


# --- the database goes away -----------------------------------------------------------------------


@pytest.fixture
def apart(server, templates, tmp_path):
    """The toy city on a cluster of this test's own, which may be killed."""
    if not isinstance(server, PrivateCluster):
        pytest.skip("this run has a given server, which is not ours to stop")
    cluster = PrivateCluster.at(tmp_path)
    try:
        cluster.ensure()
        cluster.create_database()
        own = with_database(cluster, cluster.database)
        upgrade(own.urls().owner)
        load(own, toy.release(), templates)
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)


def test_a_worker_outlives_its_database_and_tells_every_moment_once(apart, tmp_path):
    url = apart.urls().service
    reported(url, at=ago(hours=3), category=ANALYSED, count=MANY)
    with working(url, tmp_path / "log") as worker:
        with Ledger(url) as ledger:
            until(lambda: len(told(ledger)) > 0, within_s=SOON_S, what="the first escalation")
        pid = (apart.postmaster.data / "postmaster.pid").read_text(encoding="ascii").split()[0]
        os.kill(int(pid), signal.SIGKILL)
        until(lambda: not apart.answers(), within_s=SOON_S, what="the end of PostgreSQL")
        apart.ensure()
        with Ledger(url) as ledger:
            until(lambda: all_told(ledger, MANY * STEPS), within_s=SOON_S, what="the escalations")
            until(lambda: nothing_is_left(ledger), within_s=SOON_S, what="the queue's end")
            assert ledger.faults() == {}
        assert worker.stop() == 0
