"""The service as a process of its own: started, asked, stopped and killed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from api.store.cluster import PrivateCluster
from tests.service import until

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A cluster that only the services of this module start; the first imports the boundaries."""
    cluster = PrivateCluster.at(tmp_path_factory.mktemp("checkout"))
    yield cluster
    cluster.stop()
    shutil.rmtree(cluster.home, ignore_errors=True)


def command(cluster, *words):
    """A command of the service on that cluster and any free port."""
    variables = {"GRIDMAP_PORT": "0", "GRIDMAP_STATE_FOLDER": f"{cluster.home}"}
    return subprocess.Popen(
        [sys.executable, "-m", "api", *words],
        env={**os.environ, **variables, "GRIDMAP_DATABASE_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def start(cluster):
    """Prepare and start the service; returns the process and its address when ready."""
    started = []

    def start():
        process = command(cluster, "run")
        started.append(process)
        for line in process.stdout:
            if ready := re.search(r"ready at (\S+)", line):
                return process, ready[1]
        pytest.fail(f"it ended before it was ready: {process.stderr.read()}")

    yield start
    for process in started:
        process.kill()
        process.communicate()


def health(address: str):
    with urlopen(f"{address}healthz") as response:
        return json.load(response)["status"]


def demonstration(address: str):
    with urlopen(f"{address}api/v1/session") as response:
        return json.load(response)["demonstration"]


def test_serving_an_unprepared_database_says_what_prepares_it(tmp_path):
    cluster = PrivateCluster.at(tmp_path)
    try:
        service = command(cluster, "serve")
        _, words = service.communicate(timeout=60)
        assert service.returncode == 1
        assert words.startswith("gridmap: the database is at revision none")
        assert "`make run`" in words
        assert not cluster.answers()
    finally:
        cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 0)]
)
def test_a_service_told_to_stop_lets_its_cluster_stop(start, cluster, number, code):
    service, address = start()
    assert health(address) == "ok"
    assert demonstration(address), "on this machine alone"
    service.send_signal(number)
    assert service.wait(timeout=30) == code
    assert not cluster.answers()


def test_a_killed_service_leaves_a_cluster_that_the_next_one_uses_and_stops(start, cluster):
    service, _address = start()
    service.kill()
    service.wait(timeout=30)
    assert cluster.answers()
    service, address = start()
    assert health(address) == "ok"
    service.terminate()
    service.wait(timeout=30)
    assert not cluster.answers()


def test_two_services_share_the_cluster_until_the_second_ends(start, cluster):
    (one, _), (two, address) = start(), start()
    one.terminate()
    one.wait(timeout=30)
    assert health(address) == "ok"
    assert cluster.answers()
    two.terminate()
    two.wait(timeout=30)
    assert not cluster.answers()


def said(process, words):
    """Read on until a line has these words."""
    for line in process.stdout:
        if words in line:
            return
    pytest.fail(f"it ended and never said {words!r}: {process.stderr.read()}")


def workers_of(process):
    """The workers that a service has started and that are there."""
    children = Path(f"/proc/{process.pid}/task").glob("*/children")
    found = [int(pid) for one in children for pid in one.read_text(encoding="ascii").split()]
    return [pid for pid in found if is_worker(pid)]


def is_worker(pid):
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False
    return b"worker" in words


def test_a_service_keeps_a_worker_beside_it_as_long_as_it_runs(start):
    service, _address = start()
    said(service, "worker: ready")
    (worker,) = workers_of(service)
    os.kill(worker, signal.SIGKILL)
    said(service, "the worker ended with -9; it is started again")
    said(service, "worker: ready")
    (another,) = workers_of(service)
    assert another != worker
    service.terminate()
    service.wait(timeout=30)
    assert not is_worker(another)


def test_the_worker_of_a_killed_service_ends_by_itself(start):
    service, _address = start()
    said(service, "worker: ready")
    (worker,) = workers_of(service)
    service.kill()
    service.wait(timeout=30)
    until(lambda: not is_worker(worker), within_s=30, what="the worker's end")
