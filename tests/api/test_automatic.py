"""A whistle that blows by itself: with the report, signed by the service."""

import tomllib

import pytest

from api import first_run
from api.services import registering
from api.settings import PROJECT
from gridmap import demo
from tests import people, toy
from tests.desk import FIRE, Desk, agreed, point
from tests.service import fresh_database, load, running

pytestmark = pytest.mark.store

GAS = "E0402"  # 燃气泄漏: its whistle, 直派哨, blows by itself
SYSTEM = "system"


def blown(desk, case):
    return [one for one in desk.events(case) if one["kind"] == "whistle_blown"]


def test_the_answer_to_the_report_shows_it_blown_and_signed_by_the_service(desk, spot):
    case = desk.opened(point(*spot), category=GAS)
    (whistle,) = case["whistles"]
    assert (whistle["code"], whistle["state"], case["step"]) == (
        "instant",
        "running",
        "reporting_in",
    )
    called = {one["unit"]["id"] for one in case["summons"]}
    planned = {one["unit"]["id"] for side in case["plan"]["jurisdictions"] for one in side["units"]}
    assert called == planned
    assert {one["state"] for one in case["summons"]} == {"called"}
    (event,) = blown(desk, case)
    assert (event["actor"], event["role"], event["actor_name"]) == (SYSTEM, None, "系统")


def test_whoever_joins_blows_no_second_one_and_other_items_wait_for_the_street(desk, spot):
    case = desk.opened(point(*spot), category=GAS)
    joined = agreed(desk.report(point(*spot), category=GAS), status=201)
    assert (joined["joined"], joined["case_id"]) == (True, case["id"])
    assert len(joined["case"]["whistles"]) == 1
    assert desk.opened(point(*spot), category=FIRE)["whistles"] == []


def test_without_anybody_to_call_the_report_stands_and_says_so(server, tmp_path):
    templates = tomllib.loads((PROJECT / "data/directory/demonstration.toml").read_text())
    release = toy.release()
    lacking = {"city_management", "fire", "emergency", "public_security"}
    units = [one for one in demo.directory(release, templates) if one.kind not in lacking]
    with fresh_database(server) as own:
        load(own, release, templates)
        first_run.as_owner(own, lambda engine: registering.import_units(engine, units))
        commander = people.commander(own.urls().service, toy.CITY)
        with (
            running(own.urls().service, tmp_path / "log") as service,
            Desk(service.url, commander) as desk,
        ):
            case = desk.opened(point(1.0, 1.0), category=GAS)
            assert (case["whistles"], case["summons"], case["step"]) == ([], [], "analysis")
            (side,) = case["plan"]["jurisdictions"]
            assert {one["kind"] for one in side["missing"]} == lacking
            assert blown(desk, case) == []
