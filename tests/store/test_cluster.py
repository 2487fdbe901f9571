"""The private cluster, on a real PostgreSQL: made, shared, killed and made to start again."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from api.store.cluster import OWNER, SERVICE, PrivateCluster
from api.store.errors import ClusterStartError, ForeignFolderError, PostgresVersionError

pytestmark = pytest.mark.store

ENSURE = """
import sys
from pathlib import Path
from api.store.cluster import PrivateCluster
print(PrivateCluster(Path(sys.argv[1])).ensure())
"""


@pytest.fixture
def fresh(tmp_path):
    """A cluster of its own for one test, where PostgreSQL's account can reach it."""
    cluster = PrivateCluster.at(tmp_path)
    yield cluster
    cluster.stop()
    shutil.rmtree(cluster.home, ignore_errors=True)


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def postmaster_pid(cluster: PrivateCluster) -> int:
    return int((cluster.postmaster.data / "postmaster.pid").read_text().splitlines()[0])


def test_ensuring_twice_makes_and_starts_one_cluster(fresh):
    assert fresh.ensure()
    pid = postmaster_pid(fresh)
    assert not fresh.ensure()
    assert postmaster_pid(fresh) == pid


def test_two_processes_that_ensure_at_once_get_one_cluster(fresh):
    command = [sys.executable, "-c", ENSURE, str(fresh.home)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = sorted(process.communicate(timeout=120)[0].strip() for process in started)
    assert answers == ["False", "False", "True"]


def test_after_kill_9_of_the_postmaster_the_committed_rows_are_there(fresh):
    fresh.ensure()
    fresh.create_database("kept")
    with psycopg.connect(plain(fresh.urls("kept").owner)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    # A busy backend outlives the postmaster and holds the shared memory for a while.
    with psycopg.connect(plain(fresh.urls("kept").owner)) as busy:
        os.kill(postmaster_pid(fresh), signal.SIGKILL)
        assert fresh.ensure()
        with pytest.raises(psycopg.OperationalError):
            busy.execute("SELECT 1")
    with psycopg.connect(plain(fresh.urls("kept").owner)) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]


def test_a_pid_file_whose_number_is_another_program_now_does_not_stop_the_start(fresh):
    fresh.ensure()
    pid_file = fresh.postmaster.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    fresh.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    shutil.chown(pid_file, fresh.postmaster.account.pw_uid)
    assert fresh.ensure()


def test_half_an_initdb_is_thrown_away_and_a_whole_one_made(fresh):
    unfinished = fresh.home / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15\n")
    fresh.home.chmod(0o755)
    assert fresh.ensure()
    assert not unfinished.exists()


def test_a_folder_that_is_no_cluster_is_left_alone(fresh):
    data = fresh.home / "data"
    data.mkdir(parents=True, mode=0o700)
    (data / "letter.txt").write_text("dear diary")
    with pytest.raises(ForeignFolderError, match=r"move it away.*GRIDMAP_STATE_FOLDER"):
        fresh.ensure()
    assert (data / "letter.txt").read_text() == "dear diary"


def test_data_of_another_postgresql_are_refused_by_name(fresh):
    data = fresh.home / "data"
    data.mkdir(parents=True, mode=0o700)
    shutil.chown(data, fresh.postmaster.account.pw_uid)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresVersionError, match=r"made by PostgreSQL 9.*install postgresql-9"):
        fresh.ensure()


def test_a_server_that_cannot_start_says_its_last_words(fresh):
    fresh.ensure()
    fresh.stop()
    with (fresh.postmaster.data / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(ClusterStartError, match="no_such_setting"):
        fresh.ensure()


def test_the_last_holder_to_leave_stops_the_cluster(fresh):
    with fresh.held():
        with fresh.held():
            pass
        assert fresh.answers()
    assert not fresh.answers()


def test_a_cluster_started_by_hand_outlives_its_holders(fresh):
    fresh.keep()
    with fresh.held():
        pass
    assert fresh.answers()
    assert fresh.stop()
    assert not fresh.stop()


def test_it_listens_on_no_tcp_port_and_lets_only_the_known_roles_in(fresh):
    fresh.ensure()
    fresh.create_database()
    with psycopg.connect(plain(fresh.urls().owner)) as connection:
        settings = "SELECT current_setting('listen_addresses'), current_setting('data_checksums'),"
        settings += " current_setting('server_encoding'), current_setting('fsync')"
        assert connection.execute(settings).fetchone() == ("", "on", "UTF8", "on")
    with fresh.postmaster.connect() as superuser:
        superuser.execute("CREATE ROLE stranger LOGIN")
    sockets = str(fresh.postmaster.sockets)
    with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
        psycopg.connect(host=sockets, user="stranger", dbname="postgres")


def test_the_service_may_connect_and_create_nothing(fresh):
    fresh.ensure()
    fresh.create_database()
    urls = fresh.urls()
    with psycopg.connect(plain(urls.owner)) as connection:
        connection.execute("CREATE SCHEMA gridmap; CREATE TABLE gridmap.it (id int)")
        connection.execute(f"GRANT USAGE ON SCHEMA gridmap TO {SERVICE}")
    forbidden = [
        "CREATE SCHEMA mine",
        "CREATE TABLE public.mine (id int)",
        "CREATE TABLE gridmap.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "ALTER TABLE gridmap.it ADD COLUMN more int",
        "DROP TABLE gridmap.it",
        "SELECT * FROM gridmap.it",
        "CREATE ROLE mine",
        f"SET ROLE {OWNER}",
    ]
    with psycopg.connect(plain(urls.service), autocommit=True) as connection:
        for statement in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_databases_are_made_once_and_dropped_with_their_connections(fresh):
    fresh.ensure()
    fresh.create_database("one")
    fresh.create_database("one")
    assert fresh.databases() == ["one"]
    with psycopg.connect(plain(fresh.urls("one").owner)):
        fresh.drop_database("one")
    fresh.drop_database("one")
    assert fresh.databases() == []


def test_a_path_too_long_for_a_socket_gets_one_in_the_temporary_folder(fresh):
    deep = PrivateCluster(fresh.home / ("long " * 20).strip())
    sockets = deep.postmaster.sockets
    assert len(os.fsencode(sockets / ".s.PGSQL.5432")) <= 107
    try:
        deep.ensure()
        with psycopg.connect(plain(deep.urls("postgres").owner)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        deep.stop()
        shutil.rmtree(sockets, ignore_errors=True)


def test_a_socket_folder_prepared_by_somebody_else_is_refused(fresh):
    sockets = fresh.postmaster.sockets
    sockets.mkdir(parents=True)
    sockets.chmod(0o777)
    with pytest.raises(ForeignFolderError, match="0700"):
        fresh.ensure()


def test_the_place_of_a_cluster_follows_from_its_checkout(tmp_path):
    cluster = PrivateCluster.at(tmp_path)
    assert cluster == PrivateCluster.at(Path(f"{tmp_path}/."))
    assert cluster != PrivateCluster.at(tmp_path / "other")
    assert PrivateCluster.at(tmp_path, state=tmp_path / "state").home == tmp_path / "state"
