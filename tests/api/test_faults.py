"""The service killed, its database gone, and two of it at once: what was acknowledged is there."""

import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from uuid import uuid4

import httpx
import pytest

from api.store.cluster import PrivateCluster
from api.store.migrate import upgrade
from tests import people, toy
from tests.at_once import at_once
from tests.desk import Desk, agreed, point, refused
from tests.ledger import Ledger
from tests.service import load, running, until, with_database

pytestmark = pytest.mark.store

SENDERS = 4
REPORTS = 160
ENOUGH = 40  # acknowledged reports before the service is killed
BURST_S = 60.0
RECOVERED_S = 60.0


class Burst:
    """Reports of distinct problems, sent by several threads until the service is gone."""

    def __init__(self, places):
        self.marker = f"burst {uuid4()}"
        self.waiting = SimpleQueue()
        for place in places:
            self.waiting.put((str(uuid4()), place))
        self.acknowledged = {}  # key: (place, answer)
        self.unacknowledged = {}  # key: place

    def send(self, desk, key, place):
        return desk.report(point(*place), key=key, text=self.marker)

    def send_until_it_breaks(self, desk):
        while True:
            try:
                key, place = self.waiting.get_nowait()
            except Empty:
                return
            try:
                answer = agreed(self.send(desk, key, place), status=201)
            except httpx.TransportError:
                self.unacknowledged[key] = place
                return
            self.acknowledged[key] = (place, answer)


def test_after_kill_9_in_a_burst_every_acknowledged_report_is_there_exactly_once(
    service, commander, ledger, spots
):
    burst = Burst(islice(spots, REPORTS))
    with ExitStack() as desks, ThreadPoolExecutor(SENDERS) as threads:
        # One after the other: many who sign in as one at once look like guessing.
        ready = [desks.enter_context(Desk(service.url, commander)) for _ in range(SENDERS)]
        senders = [threads.submit(burst.send_until_it_breaks, desk) for desk in ready]
        until(lambda: len(burst.acknowledged) >= ENOUGH, within_s=BURST_S, what="the burst")
        service.kill()
        for sender in senders:
            sender.result(BURST_S)
    try:
        assert burst.unacknowledged, "it was killed while reports were on their way"
        assert ledger.faults() == {}, "before the restart: what is on disk is whole"
    finally:
        service.start()

    with Desk(service.url, commander) as desk:
        for key, (place, first) in islice(burst.acknowledged.items(), 20):
            again = agreed(burst.send(desk, key, place))
            assert (again["incident_id"], again["case_id"]) == (
                first["incident_id"],
                first["case_id"],
            )
        for key, place in burst.unacknowledged.items():
            assert burst.send(desk, key, place).status_code in {200, 201}
            agreed(burst.send(desk, key, place))
    sent = [*burst.acknowledged, *burst.unacknowledged]
    stored = ledger.connection.execute(
        "SELECT k.key, i.id::text FROM gridmap.idempotency_keys k"
        " JOIN gridmap.incidents i ON i.id = k.incident_id WHERE i.text = %s",
        [burst.marker],
    ).fetchall()
    assert sorted(key for key, _ in stored) == sorted(sent)
    found = dict(stored)
    assert all(found[key] == first["incident_id"] for key, (_, first) in burst.acknowledged.items())
    assert ledger.one("SELECT count(*) FROM gridmap.incidents WHERE text = %s", burst.marker) == (
        len(sent),
    )
    assert ledger.faults() == {}


def test_two_services_over_one_database_make_one_case_of_one_problem(
    service, commander, spots, tmp_path, ledger
):
    with (
        running(service.database_url, tmp_path / "log") as second,
        Desk(service.url, commander) as one,
        Desk(second.url, commander) as other,
    ):
        for _round in range(5):
            place = point(*next(spots))
            sends = [partial(desk.report, place) for desk in (one, other, one, other)]
            answers = [agreed(answer, status=201) for answer in at_once(*sends)]
            assert len({answer["case_id"] for answer in answers}) == 1
        case = agreed(one.report(point(*next(spots))), status=201)["case"]
        blown = at_once(partial(one.step, case, "whistles"), partial(other.step, case, "whistles"))
        assert sorted(answer.status_code for answer in blown) == [200, 409]
    assert ledger.faults() == {}


# --- the database goes away -----------------------------------------------------------------------


@pytest.fixture
def apart(server, tmp_path):
    """A cluster of this test's own, which may be stopped and killed."""
    if not isinstance(server, PrivateCluster):
        pytest.skip("this run has a given server, which is not ours to stop")
    cluster = PrivateCluster.at(tmp_path)
    try:
        cluster.ensure()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)


def stopped(cluster):
    cluster.stop()


def killed(cluster):
    pid = (cluster.postmaster.data / "postmaster.pid").read_text(encoding="ascii").split()[0]
    os.kill(int(pid), signal.SIGKILL)
    until(lambda: not cluster.answers(), within_s=RECOVERED_S, what="the end of PostgreSQL")


@pytest.mark.parametrize("end", [stopped, killed], ids=["stopped", "killed"])
def test_without_its_database_the_service_says_so_and_recovers_by_itself(
    apart, templates, tmp_path, end
):
    apart.create_database()
    own = with_database(apart, apart.database)
    upgrade(own.urls().owner)
    load(own, toy.release(), templates)
    place = point(1, 1, crs="EPSG:4490")
    somebody = people.commander(own.urls().service, people.TOY_CITY)
    with (
        running(own.urls().service, tmp_path / "log") as service,
        Desk(service.url, somebody) as desk,
    ):
        before = desk.opened(place)
        end(apart)
        key = str(uuid4())
        for answer in (
            desk.report(place, key=key, separate=True),
            desk.step(before, "whistles"),
            desk.get(f"cases/{before['id']}"),
            desk.get("cases"),
            desk.http.get("/healthz"),
        ):
            problem = refused(answer, 503, "service-unavailable")
            assert answer.headers["retry-after"]
            assert "psycopg" not in problem["detail"]
        agreed(desk.get("areas", level="district"))  # what is in memory still answers
        apart.ensure()
        until(
            lambda: desk.http.get("/healthz").status_code == 200,
            within_s=RECOVERED_S,
            what="the recovery",
        )
        assert desk.case(before["id"]) | {"now": None} == before | {"now": None}
        agreed(desk.report(place, key=key, separate=True), status=201)
        desk.stepped(before, "whistles")
        with Ledger(own.urls().service) as ledger:
            assert ledger.counts()["incidents"] == 2
            assert ledger.faults() == {}
