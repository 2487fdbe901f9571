"""Place in, answer out: agreements and owners found for a place, as of an instant."""

from datetime import UTC, date, datetime, time

import pytest

from api.services.reference import read_policy
from api.settings import DataSettings
from gridmap.dispatch.agreement import Hours
from gridmap.dispatch.agreements import Agreements
from gridmap.dispatch.directory import Directory, Unit
from gridmap.dispatch.errors import UnknownOwnerError
from gridmap.locate import ReleaseIndex
from gridmap.place import point
from gridmap.resolution import Reference, resolve
from gridmap.workdays import Workdays
from tests import toy
from tests.pacts import agreement, problems
from tests.toy import EAST, EAST_STREET, NORTH_STREET, SOUTH_STREET, WEST

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)  # twelve in Beijing
BESIDE = point(4.0005, 1.0, crs="EPSG:4490")  # in the eastern street, 56 m from the border
DIRECTORY = Directory([Unit("gardens", "园林局", "gardens", NORTH_STREET)])


def outcome(*agreements, now=NOON, where=BESIDE, **asked):
    reference = Reference(
        ReleaseIndex(toy.release()),
        problems(),
        read_policy(DataSettings().policy),
        DIRECTORY,
        Workdays(),
        Agreements(agreements),
    )
    decision = resolve(where, reference, now=now, **asked).decision
    return decision.rule.rule, decision.lead.code, [area.code for area in decision.assisting]


def test_a_place_under_an_agreement_is_led_by_its_lead_and_the_territory_assists():
    assert outcome(agreement()) == ("agreement", SOUTH_STREET, [EAST_STREET])


def test_without_an_agreement_the_territory_leads():
    assert outcome() == ("only_territory", EAST_STREET, [])
    assert outcome(agreement(valid_until=date(2026, 11, 22))) == outcome()
    assert outcome(agreement(categories=("E01",))) == outcome()


def test_dates_and_hours_are_the_citys_own():
    lunch = agreement(hours=(Hours((1,), time(12), time(13)),))
    assert outcome(lunch)[0] == "agreement"
    assert outcome(lunch, now=datetime(2026, 11, 23, 12, tzinfo=UTC))[0] == "only_territory"


def test_an_agreement_of_districts_gives_the_case_to_the_street_of_its_lead():
    districts = agreement(parties=(WEST, EAST), lead=EAST)
    assert outcome(districts) == ("agreement", EAST_STREET, [])
    assert outcome(agreement(parties=(WEST, EAST), lead=WEST)) == ("agreement", WEST, [EAST_STREET])


def test_an_agreement_whose_lead_this_release_lacks_is_left_to_the_other_rules():
    strange = agreement(parties=("110101001", EAST_STREET), lead="110101001")
    assert outcome(strange) == outcome()


def test_an_unknown_owner_is_refused_by_name():
    with pytest.raises(UnknownOwnerError, match="nobody"):
        outcome(owner="nobody")


def test_the_owner_of_an_event_is_not_asked():
    assert outcome(owner="gardens") == outcome()
