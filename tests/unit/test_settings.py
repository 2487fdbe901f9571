"""Settings from the environment."""

import pytest
from pydantic import ValidationError

from api.settings import DatabaseSettings, DataSettings, ServerSettings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "STATE_FOLDER", "HOST", "PORT"):
        monkeypatch.delenv(f"GRIDMAP_{name}", raising=False)


def test_without_variables_the_service_is_this_machines_alone():
    assert ServerSettings().host == "127.0.0.1"
    assert DatabaseSettings().database_url is None


def test_variables_are_read_with_their_prefix(monkeypatch):
    monkeypatch.setenv("GRIDMAP_PORT", "9000")
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "postgresql://u:secret@host/db")
    assert ServerSettings().port == 9000
    assert DatabaseSettings().database_url.get_secret_value() == "postgresql://u:secret@host/db"


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("GRIDMAP_PORT", "")
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "")
    assert ServerSettings().port == 8321
    assert DatabaseSettings().database_url is None


def test_a_password_is_never_shown(monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "postgresql://u:secret@host/db")
    assert "secret" not in repr(DatabaseSettings())


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(monkeypatch, port):
    monkeypatch.setenv("GRIDMAP_PORT", port)
    with pytest.raises(ValidationError, match="port"):
        ServerSettings()


def test_the_shipped_boundaries_are_the_default():
    assert DataSettings().boundaries.name == "definition.toml"
