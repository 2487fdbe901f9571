"""Past cases decided again: what stays as it was, and who gains work."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.services.reference import read_policy
from api.settings import DataSettings
from gridmap.boundary import Area
from gridmap.dispatch.agreements import Agreements
from gridmap.dispatch.directory import Directory, Unit
from gridmap.dispatch.incident import Incident
from gridmap.dispatch.question import Ruling
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.place import point
from gridmap.replay import Balance, Outcome, Past, Replayed, replay
from gridmap.resolution import Reference, resolve
from gridmap.workdays import Workdays
from tests import toy
from tests.pacts import agreement, problems
from tests.toy import CITY, EAST_STREET, NORTH_STREET, SOUTH_STREET

SPRING = datetime(2026, 4, 1, 4, tzinfo=UTC)
BESIDE = point(4.0005, 1.0, crs="EPSG:4490")
DIRECTORY = Directory([Unit("office", "政府", "government", CITY)])


@pytest.fixture(scope="module")
def reference():
    policy = read_policy(DataSettings().policy)
    return Reference(ReleaseIndex(toy.release()), problems(), policy, DIRECTORY, Workdays())


def past(reference, *, ruling=None, category="E0101"):
    incident = Incident("i", category, BESIDE, SPRING)
    decision = resolve(BESIDE, reference, category=category, now=SPRING).decision
    return Past("c", "20260401-000001", SPRING, incident, decision, ruling)


def test_under_the_same_reference_nothing_changes(reference):
    again = replay(past(reference), reference)
    assert (again.changed, again.old, again.problem) == (False, again.new, None)


def test_agreements_are_those_of_that_time(reference):
    case = past(reference)
    later = Agreements([agreement(valid_from=date(2026, 5, 1))])
    assert not replay(case, replace(reference, agreements=later)).changed
    over = Agreements([agreement(valid_until=date(2026, 4, 30))])
    again = replay(case, replace(reference, agreements=over))
    assert (again.changed, again.new.lead.code, again.new.rule) == (True, SOUTH_STREET, "agreement")
    assert [area.code for area in again.new.assisting] == [EAST_STREET]


def test_a_ruling_of_the_time_is_honoured(reference):
    release = reference.index.release
    ruling = Ruling(release.area(NORTH_STREET), release.area(CITY), SPRING)
    again = replay(past(reference, ruling=ruling), reference)
    assert (again.new.rule, again.new.lead.code) == ("ruling", NORTH_STREET)


def test_another_release_may_give_the_place_to_somebody_else(reference):
    wider = toy.STREETS | {
        SOUTH_STREET: "POLYGON ((0 0, 4.1 0, 4.1 2, 0 2, 0 0))",
        EAST_STREET: "POLYGON ((4.1 0, 8 0, 8 4, 4.1 4, 4.1 0))",
    }
    moved = replace(reference, index=ReleaseIndex(toy.release(wider, release_id="wider")))
    again = replay(past(reference), moved)
    assert (again.old.lead.code, again.new.lead.code) == (EAST_STREET, SOUTH_STREET)


def test_what_cannot_be_decided_again_says_why(reference):
    strange = replace(past(reference), incident=Incident("i", "X9", BESIDE, SPRING))
    again = replay(strange, reference)
    assert again.new is None
    assert "X9" in again.problem


AREAS = [Area(Level.STREET, f"99010100{n}", f"street {n}", "990101") for n in range(4)]


def one(number, old, new):
    before = Outcome(AREAS[old], "r", ())
    after = None if new is None else Outcome(AREAS[new], "r", ())
    return Replayed(str(number), str(number), SPRING, before, after)


def test_the_balance_says_who_gains_work():
    balance = Balance()
    balance.add([one(1, 0, 1), one(2, 0, 1), one(3, 1, 0), one(4, 2, 2), one(5, 2, None)])
    assert (balance.cases, balance.changed, balance.undecided) == (5, 3, 1)
    found = {work.area.code: (work.gained, work.lost, work.kept) for work in balance.work}
    assert found == {"990101001": (2, 1, 0), "990101002": (0, 1, 1), "990101000": (1, 2, 0)}
    assert balance.work[0].area.code == "990101001", "who gains most stands first"


@given(st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 3))))
def test_no_work_is_made_or_lost_but_what_cannot_be_decided(moves):
    balance = Balance()
    balance.add(one(number, *move) for number, move in enumerate(moves))
    work = balance.work
    assert sum(area.lost - area.gained for area in work) == balance.undecided
    assert sum(area.kept + area.lost for area in work) == balance.cases == len(moves)
