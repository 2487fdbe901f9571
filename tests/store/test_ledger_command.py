"""`python -m api ledger import` as a person runs it: another process, a real database."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from api.services import bookkeeping
from api.services.reference import ReferenceHolder
from api.services.turn import Turn
from api.settings import PROJECT, DataSettings
from api.store.engine import engine_at
from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.ledger import LedgerHead
from tests import toy
from tests.ledger import Ledger
from tests.service import fresh_database, load

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def city(server, templates):
    with fresh_database(server) as own:
        load(own, toy.release(), templates)
        yield own.urls()


@pytest.fixture
def opened(city):
    """The id of an empty ledger."""
    head = LedgerHead(
        "门面台账",
        f"government-{toy.SOUTH_STREET}",
        "",
        "E0501",
        None,
        date(2026, 11, 1),
        date(2026, 12, 31),
    )

    async def open_one():
        engine, holder = engine_at(city.service), ReferenceHolder(DataSettings())
        try:
            await holder.refresh(engine)
            turn = Turn(engine, holder.current, SYSTEM, datetime.now(UTC))
            return (await bookkeeping.open_ledger(turn, head)).id
        finally:
            await engine.dispose()

    return asyncio.run(open_one())


@pytest.fixture
def run(city):
    def run(*arguments):
        variables = {"GRIDMAP_DATABASE_URL": city.service, "GRIDMAP_DATABASE_OWNER_URL": city.owner}
        return subprocess.run(
            [sys.executable, "-m", "api", "ledger", "import", *map(str, arguments)],
            cwd=PROJECT,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def table(folder, *rows):
    file = folder / "targets.csv"
    file.write_text("\n".join(["code,name,area", *rows]), encoding="utf-8")
    return file


def stored(city, ledger):
    with Ledger(city.owner) as reader:
        query = "SELECT count(*) FROM gridmap.ledger_targets WHERE ledger_id = %s"
        return reader.one(query, ledger)[0]


def test_a_table_is_tried_first_and_written_when_it_is_committed(run, city, opened, tmp_path):
    rows = (f"T{number},门面{number},{toy.SOUTH_STREET}" for number in range(61))
    file = table(tmp_path, *rows)
    tried = run(opened, file)
    assert (tried.returncode, stored(city, opened)) == (0, 0), tried.stderr
    assert "61 targets can be put on 门面台账" in tried.stdout
    done = run(opened, file, "--commit")
    assert (done.returncode, stored(city, opened)) == (0, 61), done.stderr
    again = run(opened, file, "--commit")
    assert again.returncode != 0
    assert "'T0' stands on it already" in again.stderr + again.stdout
    assert stored(city, opened) == 61


def test_a_wrong_row_is_named_and_nothing_is_written(run, city, opened, tmp_path):
    file = table(tmp_path, f"A,甲,{toy.SOUTH_STREET}", f"B,,{toy.SOUTH_STREET}")
    refused = run(opened, file, "--commit")
    assert refused.returncode != 0
    assert "line 3, column 'name'" in refused.stderr + refused.stdout
    assert "Traceback" not in refused.stderr
    assert stored(city, opened) == 0
