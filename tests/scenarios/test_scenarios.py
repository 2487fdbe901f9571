"""Every mechanism of the city, played through on the real service by the people it names."""

import pytest

from api.settings import PROJECT
from tests.scenarios.page import page
from tests.scenarios.player import Player, scenarios
from tests.service import fresh_database, load, running
from tests.workers import working

DOCS = PROJECT / "docs" / "scenarios"


@pytest.fixture(scope="module")
def stage(server, beijing, templates):
    """A city of the scenarios' own, in which nobody else fails at anything."""
    with fresh_database(server) as own:
        load(own, beijing, templates)
        yield own.urls().service


@pytest.fixture(scope="module")
def rehearsal(stage, tmp_path_factory):
    """The service and a worker by a rehearsal clock: the address and the clock's file."""
    folder = tmp_path_factory.mktemp("rehearsal")
    clock, url = folder / "clock", stage
    clock.write_text("0", encoding="ascii")
    # The clock leaps over days: nobody has to sign in again meanwhile.
    rehearsed = {"GRIDMAP_REHEARSAL_CLOCK": str(clock), "GRIDMAP_SESSION_HOURS": "744"}
    swept = {"GRIDMAP_WORKER_SWEEP": "* * * * * *", "GRIDMAP_WORKER_STALLED_AFTER_S": "0.5"}
    with (
        running(url, folder / "log", **rehearsed) as service,
        working(url, folder / "worker", **rehearsed, **swept),
    ):
        yield service.url, clock


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.name)
def test_the_scenario_goes_as_its_file_says_and_as_its_page_tells(rehearsal, stage, scenario):
    url, clock = rehearsal
    timeline = Player(url, stage, clock).play(scenario)
    told = DOCS / f"{scenario.name}.md"
    expected = told.read_text(encoding="utf-8") if told.exists() else ""
    found = page(scenario, timeline)
    if found != expected:
        (DOCS.parent.parent / ".gridmap").mkdir(exist_ok=True)
        (DOCS.parent.parent / ".gridmap" / told.name).write_text(found, encoding="utf-8")
    assert found == expected, f"what happened is in .gridmap/{told.name}; if right, move it to docs"
