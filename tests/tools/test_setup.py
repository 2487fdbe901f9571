"""The parts of the set-up that can be tried without installing anything."""

import shutil
import subprocess
import sys

import pytest

from api.settings import PROJECT
from tools.setup import system
from tools.setup.assets import FILES, Assets
from tools.setup.console import Console, cause
from tools.setup.environment import Environment
from tools.setup.errors import SetupError
from tools.setup.stamps import Stamp, State, digest
from tools.setup.system import Need, System


@pytest.fixture
def console(tmp_path):
    return Console(tmp_path / "setup.log")


def missing(package="postgresql-postgis"):
    return Need(package, lambda: False)


# --- stamps ---------------------------------------------------------------------------------


def test_a_thing_is_unfinished_then_fresh_then_old(tmp_path):
    stamp = Stamp(tmp_path / "stamp", digest((), "a"))
    assert stamp.state is State.UNFINISHED
    stamp.write()
    assert stamp.state is State.FRESH
    assert Stamp(tmp_path / "stamp", digest((), "b")).state is State.OLD
    stamp.remove()
    assert stamp.state is State.UNFINISHED


def test_a_digest_follows_contents_and_boundaries(tmp_path):
    (tmp_path / "one").write_text("ab")
    (tmp_path / "two").write_text("a")
    assert digest([tmp_path / "one"]) != digest([tmp_path / "two"])
    assert digest((), "ab", "c") != digest((), "a", "bc")


def test_an_environment_that_was_moved_is_made_again(tmp_path):
    (tmp_path / ".venv").mkdir()
    Environment(tmp_path).frame.write()
    assert Environment(tmp_path).frame.state is State.FRESH
    (tmp_path / ".venv").rename(tmp_path / "moved")
    (tmp_path / "other").mkdir()
    (tmp_path / "moved").rename(tmp_path / "other" / ".venv")
    assert Environment(tmp_path / "other").frame.state is State.OLD


def test_an_environment_whose_python_is_gone_is_made_again(tmp_path):
    python = Environment(tmp_path).python
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    Environment(tmp_path).frame.write()
    assert Environment(tmp_path).frame.state is State.FRESH
    python.unlink()
    assert Environment(tmp_path).frame.state is State.OLD


def test_assets_appear_whole_with_their_stamp(tmp_path):
    for source in FILES.values():
        path = tmp_path / "node_modules" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "api" / "web" / "vendor.unfinished").mkdir(parents=True)
    assets = Assets(Environment(tmp_path))
    assert assets.stamp.state is State.UNFINISHED
    assets._copy()
    assert assets.stamp.state is State.FRESH
    assert {path.name for path in assets.folder.iterdir()} == {*FILES, ".complete"}
    (tmp_path / "package-lock.json").write_text("{ }")
    assert assets.stamp.state is State.OLD


# --- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("npm error code ENOTFOUND", "network"),
        ("W: Temporary failure resolving 'deb.debian.org'", "network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "lock file"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("something else", "What is done is kept"),
    ],
)
def test_a_failure_is_explained_by_what_the_program_said(output, words):
    assert words in cause(output)


def test_a_failed_program_is_quoted_and_its_log_is_named(console):
    with pytest.raises(SetupError) as failure:
        console.run([sys.executable, "-c", "print('so it ended'); raise SystemExit(3)"])
    assert "| so it ended" in str(failure.value)
    assert str(console.log) in str(failure.value)


def test_a_failure_is_not_explained_by_an_earlier_program(console):
    console.run([sys.executable, "-c", "print('ENOTFOUND')"])
    with pytest.raises(SetupError) as failure:
        console.run([sys.executable, "-c", "raise SystemExit(1)"])
    assert "network" not in str(failure.value)


def test_a_missing_program_is_named(console):
    with pytest.raises(SetupError, match="no-such-program is missing"):
        console.run(["no-such-program"])


def test_nothing_is_asked_or_run_when_nothing_is_missing(console, monkeypatch):
    monkeypatch.setattr(system, "rights", pytest.fail)
    system.install(console, [Need("postgresql-postgis", lambda: True)])
    assert not console.log.exists()


def test_without_root_and_sudo_the_administrator_gets_the_exact_command(monkeypatch):
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system.shutil, "which", lambda _name: None)
    with pytest.raises(SetupError) as failure:
        system.rights(["python3.11-venv", "postgresql-postgis"])
    words = "apt-get install --no-install-recommends python3.11-venv postgresql-postgis"
    assert words in str(failure.value)
    assert "GRIDMAP_DATABASE_URL" in str(failure.value)


def test_sudo_that_would_ask_is_not_used_where_nobody_can_answer(monkeypatch):
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system.shutil, "which", lambda _name: "/usr/bin/sudo")
    monkeypatch.setattr(system, "succeeds", lambda *_command: False)
    monkeypatch.setattr(system.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("CI", raising=False)
    assert system.rights(["chromium"]) == ["sudo"]
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SetupError):
        system.rights(["chromium"])


@pytest.mark.parametrize(
    ("found", "package", "words"),
    [
        (System("ubuntu", 22.04, "Ubuntu 22.04"), "postgresql-postgis", "Ubuntu 24.04 or later"),
        (System("debian", 11, "Debian 11"), "postgresql-postgis", "Debian 12"),
    ],
)
def test_a_system_that_cannot_bring_a_package_is_refused_with_a_way_out(
    monkeypatch, found, package, words
):
    monkeypatch.setattr(system.shutil, "which", lambda name: name == "apt-get")
    monkeypatch.setattr(system, "system_name", lambda: found)
    with pytest.raises(SetupError, match=words):
        system.refuse_unsupported([package])


def test_a_system_without_apt_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(system.shutil, "which", lambda _name: None)
    monkeypatch.setattr(system, "system_name", lambda: System("fedora", 43, "Fedora 43"))
    with pytest.raises(SetupError, match="Debian and Ubuntu only; this is Fedora 43"):
        system.refuse_unsupported(["postgresql-postgis"])


def test_a_named_server_needs_no_postgresql_here():
    assert [need.package for need in system.needs(database=False, browser_tests=False)] == [
        f"python3.{sys.version_info.minor}-venv"
    ]


def test_ubuntus_snap_is_no_browser_for_tests_and_a_named_one_is(monkeypatch):
    monkeypatch.delenv("GRIDMAP_BROWSER", raising=False)
    monkeypatch.setattr(system, "system_name", lambda: System("ubuntu", 24.04, "Ubuntu 24.04"))
    monkeypatch.setattr(system.shutil, "which", "/snap/bin/{}".format)
    assert system.browser() is None
    wanted = system.needs(database=True, browser_tests=True)
    assert "chromium" not in [need.package for need in wanted]
    monkeypatch.setenv("GRIDMAP_BROWSER", "/opt/chrome")
    assert system.browser() == "/opt/chrome"


def test_apt_never_asks_and_gets_the_proxies(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    command = system.apt("install", "chromium")
    assert command[:2] == ["env", "DEBIAN_FRONTEND=noninteractive"]
    assert "https_proxy=http://proxy.example:3128" in command
    assert command[-2:] == ["install", "chromium"]


# --- the program ----------------------------------------------------------------------------


def test_the_program_refuses_other_purposes():
    answer = subprocess.run(
        [sys.executable, "-m", "tools.setup", "everything"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2
    assert "usage" in answer.stderr


def test_the_set_up_needs_nothing_but_the_standard_library(tmp_path):
    shutil.copytree(PROJECT / "tools", tmp_path / "tools")
    program = "import sys; sys.path.insert(0, sys.argv[1]); import tools.setup.program"
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stderr == ""


def test_the_lock_files_name_no_host():
    for name in ("requirements.lock", "package-lock.json"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        assert "index-url" not in text
        assert '"resolved"' not in text
