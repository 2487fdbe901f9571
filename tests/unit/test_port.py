"""The port of the service, and what a person is told who finds it taken."""

import os
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from api import port
from api.port import HostError, PortBusyError


@pytest.fixture
def taken():
    """A port that this test process listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_busy_port_names_its_user_and_the_way_to_another(taken):
    with pytest.raises(PortBusyError) as refusal:
        port.claim("127.0.0.1", taken)
    message = str(refusal.value)
    assert f"port {taken} on 127.0.0.1 is in use by process {os.getpid()}" in message
    assert f"GRIDMAP_PORT={taken + 1} make run" in message


def test_the_command_says_so_in_one_line_before_it_does_anything(taken, tmp_path):
    answer = subprocess.run(
        [sys.executable, "-m", "api", "run"],
        env={**os.environ, "GRIDMAP_PORT": str(taken), "GRIDMAP_STATE_FOLDER": f"{tmp_path}/state"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith(f"gridmap: port {taken} on 127.0.0.1 is in use by process")
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "state").exists()


def test_an_address_of_another_machine_is_refused_with_words():
    with pytest.raises(HostError, match="GRIDMAP_HOST must be an address of this machine"):
        port.claim("192.0.2.1", 0)  # RFC 5737: nobody's


def test_a_name_that_is_no_host_is_refused_with_words():
    with pytest.raises(HostError, match=r"no\.such\.invalid"):
        port.claim("no.such.invalid", 0)


def test_port_0_is_any_free_one_and_the_address_tells_which():
    with closing(port.claim("127.0.0.1", 0)) as claimed:
        assert port.address(claimed) == f"http://127.0.0.1:{claimed.getsockname()[1]}/"
