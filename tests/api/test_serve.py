"""The service as a process of its own: started, asked, stopped and killed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from urllib.request import urlopen

import pytest

from api.store.cluster import PrivateCluster

pytestmark = pytest.mark.store


@pytest.fixture
def cluster(tmp_path):
    """The cluster the service of this test starts, removed at the end."""
    cluster = PrivateCluster.at(tmp_path)
    yield cluster
    cluster.stop()
    shutil.rmtree(cluster.home, ignore_errors=True)


@pytest.fixture
def start(cluster):
    """Start the service on any free port; returns the process and its address when ready."""
    started = []
    variables = {"GRIDMAP_PORT": "0", "GRIDMAP_STATE_FOLDER": str(cluster.home)}

    def start():
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve"],
            env={**os.environ, **variables, "GRIDMAP_DATABASE_URL": ""},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        for line in process.stdout:
            if ready := re.search(r"ready at (\S+)", line):
                return process, ready[1]
        pytest.fail("it ended before it was ready")

    yield start
    for process in started:
        process.kill()
        process.communicate()


def health(address: str):
    with urlopen(f"{address}healthz") as response:
        return json.load(response)["status"]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 0)]
)
def test_a_service_told_to_stop_lets_its_cluster_stop(start, cluster, number, code):
    service, address = start()
    assert health(address) == "ok"
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
