"""Who sees a case: the keys of its audience, and the keys of who asks."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.attribute import attribute
from gridmap.dispatch import workflow
from gridmap.dispatch.actor import ANONYMOUS, PARTY_ONLY, SYSTEM, Actor, Grant, Role
from gridmap.dispatch.audience import audience, territory
from gridmap.dispatch.calling import Proposal, blow
from gridmap.dispatch.catalogue import Item, Severity, WhistleKind
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.event import Signature
from gridmap.dispatch.fold import apply
from gridmap.dispatch.lead import Decision
from gridmap.dispatch.plan import Assignment, Capacity, JurisdictionPlan, Plan
from gridmap.dispatch.record import CaseRecord
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.place import point
from tests import toy
from tests.casework import WORKING_TIME

RELEASE = toy.release()
INDEX = ReleaseIndex(RELEASE)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
HERE = point(1, 1, crs="EPSG:4490")  # in the southern street of the western district
SOUTH, EAST = RELEASE.area(toy.SOUTH_STREET), RELEASE.area(toy.EAST_STREET)
OWN = {toy.SOUTH_STREET, toy.WEST, toy.CITY}

WHISTLE = WhistleKind("emergency", "紧急哨", "Emergency")
ITEM = Item("E1", "x", "x", "E", "fire", (), (Level.DISTRICT,), "emergency", Severity.GENERAL, "")
FIRE = Assignment(Unit("fire-1", "消防", "fire", toy.WEST), Capacity.LEAD)
PLAN = Plan(ITEM, WHISTLE, (JurisdictionPlan(SOUTH, Capacity.LEAD, None, (FIRE,), ()),))


@pytest.fixture
def record():
    """A case of the southern street, reported by ``r``."""
    levels = attribute(HERE, INDEX).levels
    decision = Decision(SOUTH, (), "test", ())
    event = workflow.report(
        PLAN,
        number="1",
        superior=toy.WEST,
        areas=(),
        analysis=None,
        working_time=WORKING_TIME,
        by=Signature("r"),
        now=NOW,
    )
    return CaseRecord(
        id=UUID(int=1),
        category=ITEM.code,
        place=HERE,
        release=RELEASE.id,
        release_title=RELEASE.title,
        catalogue="test",
        levels=levels,
        decision=decision,
        plan=PLAN,
        case=apply(None, event),
        areas=territory(decision, levels, RELEASE),
        reporters=frozenset({"r"}),
    )


def test_a_case_concerns_the_areas_of_its_place_and_all_above_them(record):
    assert record.areas == OWN


def test_an_assisting_side_in_another_district_is_concerned_with_all_above_it():
    levels = attribute(HERE, INDEX).levels
    concerned = territory(Decision(SOUTH, (EAST,), "test", ()), levels, RELEASE)
    assert concerned == OWN | {toy.EAST_STREET, toy.EAST}


def test_who_led_is_concerned_even_where_the_place_does_not_lie():
    assert territory(Decision(EAST, (), "test", ()), (), RELEASE) == {
        toy.EAST_STREET,
        toy.EAST,
        toy.CITY,
    }


def test_the_audience_is_the_areas_the_reporter_and_the_service(record):
    assert audience(record) == {f"area:{code}" for code in OWN} | {"account:r", "*"}


def test_who_joins_and_who_is_summoned_come_to_it(record):
    joined = record.after(workflow.join(record.case, incident="2", by=Signature("s"), now=NOW))
    assert audience(blown(joined)) - audience(record) == {"account:s", "unit:fire-1"}


def test_a_confidential_case_is_for_the_named_and_the_service_alone(record):
    secret = audience(blown(record, named=("account:n",)))
    assert secret == {"account:c", "account:n", "unit:fire-1", "*"}


def blown(record, named=()):
    event = blow(
        record.case,
        Proposal(PLAN.calls, PLAN.calls),
        WHISTLE,
        named=named,
        working_time=WORKING_TIME,
        by=Signature("c"),
        now=NOW,
    )
    return record.after(event)


grants = st.builds(
    Grant,
    st.sampled_from(Role),
    st.sampled_from([toy.CITY, toy.WEST, toy.EAST, toy.SOUTH_STREET, toy.EAST_STREET]),
    st.none() | st.sampled_from(["fire-1", "fire-2"]),
)


@given(st.lists(grants, max_size=5).map(tuple))
def test_nobody_but_the_service_holds_the_key_to_everything(held):
    keys = Actor("00000000-0000-0000-0000-000000000001", held).keys
    assert "*" not in keys
    assert all(key.partition(":")[0] in {"account", "unit", "area"} for key in keys)


@given(st.lists(grants, max_size=5).map(tuple))
def test_a_party_sees_no_area_by_its_role(held):
    parties = tuple(grant for grant in held if grant.role in PARTY_ONLY)
    assert not any(key.startswith("area:") for key in Actor("a", parties).keys)


def test_who_has_not_signed_in_has_no_key_and_the_service_the_one_for_all():
    assert ANONYMOUS.keys == frozenset()
    assert SYSTEM.keys == {"*"}
