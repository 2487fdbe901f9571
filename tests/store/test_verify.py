"""What `verify` finds when somebody who may write to the database has changed the record."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from api.services import auditing, casework
from api.services.turn import Turn
from api.settings import PROJECT
from api.store import history
from api.store.engine import engine_at, reading, transaction
from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.chain import link
from tests import toy
from tests.ledger import Ledger, see_everything
from tests.service import fresh_database, load, psycopg_url, until
from tests.toytown import ANALYSED, acting, reported
from tests.workers import working

pytestmark = pytest.mark.store

LATER = datetime.now(UTC) - timedelta(minutes=1)
SOON_S = 60.0


@pytest.fixture(scope="module")
def town(server, templates):
    """The toy city, whose record the tests hurt, each that of a case of its own."""
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own.urls()


@pytest.fixture
def case(town):
    """A case with three events, the last two with words; anchored after the second."""
    (case_id,) = reported(town.service, at=LATER - timedelta(hours=1), category=ANALYSED)

    async def live(engine, reference):
        turn = Turn(engine, reference, SYSTEM, LATER)
        review_on = (datetime.now(UTC) + timedelta(days=9)).date()
        await casework.ask_hold(turn, case_id, reason="一", review_on=review_on)
        await auditing.anchor_changes(engine, now=LATER)
        await casework.close(turn, case_id, result="三")
        async with reading(engine, SYSTEM) as connection:
            return await history.of_case(connection, case_id)

    events = acting(town.service, live)
    assert [event.kind for event in events] == ["reported", "hold_asked", "closed"]
    return case_id


@pytest.fixture
def owner(town, case):
    """Who owns the tables and sees everything."""
    with psycopg.connect(psycopg_url(town.owner), autocommit=True) as connection:
        see_everything(connection)
        yield connection


@pytest.fixture
def number(owner, case):
    query = "SELECT number FROM gridmap.cases WHERE id = %s"
    return owner.execute(query, [case]).fetchone()[0]


@pytest.fixture
def found(town, case):
    """Return what is found about the case, and about anchors."""

    def found():
        async def verify():
            engine = engine_at(town.service)
            try:
                return await auditing.verify(engine, lambda _done, _of: None)
            finally:
                await engine.dispose()

        faults = asyncio.run(verify()).faults
        return [str(one) for one in faults]

    return found


@pytest.fixture
def about(found, number):
    """Return what is found about this test's case, without its name; others may have been hurt."""

    def about():
        mine = [one for one in found() if one.startswith(f"case {number}")]
        return [one.removeprefix(f"case {number}, ") for one in mine]

    return about


def test_an_untouched_record_has_no_fault(about):
    assert about() == []


def test_a_changed_event_is_named(owner, case, about):
    owner.execute(
        """UPDATE gridmap.events SET data = data || '{"review_on": "2031-01-01"}'"""
        " WHERE case_id = %s AND seq = 2",
        [case],
    )
    assert about() == ["event 2: it is not what was written"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "somebody"), ("at", "2001-01-01"), ("kind", "vetoed"), ("role", "steward")],
)
def test_no_part_of_an_event_can_change_unseen(owner, case, about, column, value):
    owner.execute(
        f"UPDATE gridmap.events SET {column} = %s WHERE case_id = %s AND seq = 2", [value, case]
    )
    assert about() == ["event 2: it is not what was written"]


def test_a_word_that_no_event_knows_is_a_fault_and_no_crash(owner, case, about):
    owner.execute("UPDATE gridmap.events SET kind = 'x' WHERE case_id = %s AND seq = 2", [case])
    assert about() == ["event 2: it is not what was written: no event has such words"]


def test_a_removed_event_is_missed(owner, case, about):
    for table in ("notices", "event_texts", "events"):
        owner.execute(f"DELETE FROM gridmap.{table} WHERE case_id = %s AND seq = 2", [case])
    assert about() == ["event 2: it is missing"]


def test_a_removed_last_event_is_missed_even_where_the_case_was_made_to_forget_it(
    owner, case, about
):
    for table in ("notices", "event_texts", "events"):
        owner.execute(f"DELETE FROM gridmap.{table} WHERE case_id = %s AND seq > 1", [case])
    owner.execute(
        "UPDATE gridmap.cases c SET version = 1, head = e.hash, anchored = 1 FROM gridmap.events e"
        " WHERE e.case_id = c.id AND e.seq = 1 AND c.id = %s",
        [case],
    )
    assert "event 2: it is missing" in about()


def test_an_added_event_is_found(owner, case, about):
    owner.execute(
        "INSERT INTO gridmap.events SELECT case_id, 4, kind, at, actor, data, role, unit, hash"
        " FROM gridmap.events WHERE case_id = %s AND seq = 3",
        [case],
    )
    assert about() == ["event 4: it was added; the case has 3 events"]


def test_an_event_changed_with_all_hashes_after_it_is_found_by_its_anchor(town, owner, case, about):
    async def rewrite():
        engine = engine_at(town.service)
        async with transaction(engine, SYSTEM) as connection:
            events = await history.of_case(connection, case)
            digests = await history.digests(connection, case)
        await engine.dispose()
        return events, digests

    owner.execute("UPDATE gridmap.events SET actor = 'x' WHERE case_id = %s AND seq = 1", [case])
    events, digests = asyncio.run(rewrite())
    head = bytes(32)
    for seq, event in enumerate(events, start=1):
        head = link(head, case=str(case), seq=seq, event=event, texts=digests.get(seq))
        owner.execute(
            "UPDATE gridmap.events SET hash = %s WHERE case_id = %s AND seq = %s",
            [head, case, seq],
        )
    owner.execute("UPDATE gridmap.cases SET head = %s WHERE id = %s", [head, case])
    (fault,) = about()
    assert fault.startswith("event 2: anchor ")
    assert fault.endswith(" has it otherwise")


def test_changed_texts_are_found(owner, case, about):
    owner.execute(
        """UPDATE gridmap.event_texts SET texts = '{"reason": "另"}'"""
        " WHERE case_id = %s AND seq = 2",
        [case],
    )
    assert about() == ["event 2: its texts are not what was written"]


def test_removed_texts_are_found(owner, case, about):
    owner.execute("DELETE FROM gridmap.event_texts WHERE case_id = %s AND seq = 2", [case])
    assert about() == ["event 2: it is not what was written"]


def test_erased_texts_are_no_fault_and_are_counted(town, case, about):
    async def erase(engine, _reference):
        async with transaction(engine, SYSTEM) as connection:
            await history.erase_texts(connection, case, 2, account="x", now=LATER)
        return (await auditing.verify(engine, lambda _done, _of: None)).erased

    before = acting(town.service, erase)
    assert before > 0
    assert about() == []


def test_a_changed_head_is_found(owner, case, about):
    owner.execute("UPDATE gridmap.cases SET head = %s WHERE id = %s", [bytes(32), case])
    assert about() == ["event 3: the case's head is another one"]


def test_a_case_that_is_gone_altogether_is_missed(owner, case, found):
    with owner.transaction():
        owner.execute("DELETE FROM gridmap.idempotency_keys WHERE case_id = %s", [case])
        for table in (
            "tallies",
            "notices",
            "incidents",
            "event_texts",
            "events",
            "summons",
            "tenures",
        ):
            owner.execute(f"DELETE FROM gridmap.{table} WHERE case_id = %s", [case])
        owner.execute("DELETE FROM gridmap.cases WHERE id = %s", [case])
    (fault,) = [one for one in found() if str(case) in one]
    assert fault.startswith(f"case {case}: it is gone, and anchor ")
    assert fault.endswith(" has 2 events of it")


def test_a_case_hidden_from_the_service_is_missed(owner, case, found):
    owner.execute("ALTER TABLE gridmap.cases DISABLE ROW LEVEL SECURITY")
    owner.execute("UPDATE gridmap.cases SET audience = '{}' WHERE id = %s", [case])
    owner.execute("ALTER TABLE gridmap.cases ENABLE ROW LEVEL SECURITY")
    assert f"case {case}: its row is gone, and its events are there" in found()


def test_a_changed_anchor_is_found_and_a_removed_one_missed(owner, case, about, found):
    (number,) = owner.execute("SELECT max(seq) FROM gridmap.anchors").fetchone()
    (kept,) = owner.execute("SELECT hash FROM gridmap.anchors WHERE seq = %s", [number]).fetchone()
    owner.execute("UPDATE gridmap.anchors SET hash = %s WHERE seq = %s", [bytes(32), number])
    assert f"anchor {number}: it is not what was anchored" in found()
    owner.execute("UPDATE gridmap.anchors SET hash = %s WHERE seq = %s", [kept, number])
    owner.execute(
        "UPDATE gridmap.anchor_heads SET head = %s WHERE anchor = %s AND case_id = %s",
        [bytes(32), number, case],
    )
    assert f"anchor {number}: it is not what was anchored" in found()
    assert about() == [f"event 2: anchor {number} has it otherwise"]
    owner.execute("DELETE FROM gridmap.anchor_heads WHERE anchor = %s", [number])
    owner.execute("DELETE FROM gridmap.anchors WHERE seq = %s", [number])
    assert about() == ["event 2: it was anchored, and no anchor has it"]


def test_the_service_can_neither_change_nor_remove_an_anchor(town, case):
    if town.owner == town.service:
        pytest.skip("a given server with one URL: the service is the owner")
    with psycopg.connect(psycopg_url(town.service), autocommit=True) as service:
        see_everything(service)
        for words in ("UPDATE gridmap.{} SET {} = {}", "DELETE FROM gridmap.{}"):
            for table, column in (("anchors", "hash"), ("anchor_heads", "head")):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    service.execute(words.format(table, column, "''"))


# --- as a command, and by the worker --------------------------------------------------------------


@pytest.fixture
def elsewhere(server, templates):
    """A database of a test's own, whose record is whole."""
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own.urls()


def verified(url):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GRIDMAP_")}
    return subprocess.run(
        [sys.executable, "-m", "api", "verify"],
        cwd=PROJECT,
        env=kept | {"GRIDMAP_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_worker_anchors_what_changed_and_the_command_says_what_is_broken(elsewhere, tmp_path):
    reported(elsewhere.service, at=LATER, category=ANALYSED)
    with (
        working(elsewhere.service, tmp_path / "log", GRIDMAP_WORKER_ANCHOR="* * * * * *") as worker,
        Ledger(elsewhere.service) as ledger,
    ):
        query = "SELECT count(*) FROM gridmap.cases WHERE anchored = version"
        until(lambda: ledger.one(query) == (1,), within_s=SOON_S, what="the anchor")
        (anchor,) = ledger.one("SELECT hash FROM gridmap.anchors ORDER BY seq DESC LIMIT 1")
        until(lambda: anchor.hex() in worker.text(), within_s=SOON_S, what="the witness")
    done = verified(elsewhere.service)
    assert (done.returncode, done.stderr) == (0, "")
    assert "gridmap: all is as it was written" in done.stdout
    with psycopg.connect(psycopg_url(elsewhere.owner), autocommit=True) as owner:
        see_everything(owner)
        owner.execute("UPDATE gridmap.events SET actor = 'x'")
        (number,) = owner.execute("SELECT number FROM gridmap.cases").fetchone()
    done = verified(elsewhere.service)
    assert done.returncode == 1
    assert f"gridmap: case {number}, event 1: it is not what was written\n" in done.stdout
