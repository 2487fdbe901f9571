"""Which database server a deployment uses."""

import pytest

from api.settings import DatabaseSettings
from api.store.cluster import PrivateCluster
from api.store.errors import DatabaseUrlError, ServerUnreachableError
from api.store.server import GivenServer, server_of


def test_without_a_url_it_is_the_private_cluster(tmp_path):
    assert server_of(tmp_path, DatabaseSettings(database_url=None)) == PrivateCluster.at(tmp_path)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_url_in_any_usual_spelling_names_the_server(scheme):
    server = GivenServer.at(f"{scheme}://app:p%40ss@db.example/gridmap")
    assert server.urls().owner == "postgresql+psycopg://app:p%40ss@db.example/gridmap"
    assert server.urls().owner == server.urls().service
    assert server.urls("other").service == "postgresql+psycopg://app:p%40ss@db.example/other"


def test_the_owner_may_have_a_url_of_its_own():
    server = GivenServer.at("postgresql://app@h/db", owner_url="postgresql://boss@h/db")
    assert server.urls() == ("postgresql+psycopg://boss@h/db", "postgresql+psycopg://app@h/db")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://u:secret@h/db", "mysql"),
        ("postgresql://u:secret@h", "no database"),
        ("secret", "not a URL"),
        ("postgresql://u:secret@h:port/db", "not a URL"),
    ],
)
def test_an_unusable_url_is_refused_without_showing_its_password(url, why):
    with pytest.raises(DatabaseUrlError, match=why) as refusal:
        GivenServer.at(url)
    assert "secret" not in str(refusal.value)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path):
    server = GivenServer.at(f"postgresql://u:secret@/db?host={tmp_path}")
    with (
        pytest.raises(ServerUnreachableError, match="GRIDMAP_DATABASE_URL") as refusal,
        server.held(),
    ):
        pass
    assert "secret" not in str(refusal.value)
