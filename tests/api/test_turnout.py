"""Who comes, as people: on the plan and in the case, in one question however many they are."""

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import event

from api.routers.casefiles import casefile
from api.services.reference import ReferenceHolder
from api.services.turn import Turn
from api.settings import DataSettings
from api.store.engine import engine_at
from gridmap.dispatch.staff import Roster, Staff, shift
from tests.desk import BUILDING, REFERENCE, agreed, point, shape

pytestmark = pytest.mark.store

DISTRICTS = ("110102", "110106")


def by_unit(answer):
    return {one["unit"]: one for one in answer["turnout"]["units"]}


def test_the_plan_names_who_is_on_duty_of_every_unit_or_says_why_nobody_is(desk):
    answer = desk.resolved(shape(REFERENCE), category=BUILDING)
    units = by_unit(answer)
    plan = answer["plan"]
    called = {one["unit"]["id"] for side in plan["jurisdictions"] for one in side["units"]}
    assert called <= set(units)
    assert plan["jurisdictions"][0]["office"]["id"] in units
    for district in DISTRICTS:
        fire = units[f"fire-{district}"]
        assert [one["id"] for one in fire["staff"]] == [f"fire-duty-{district}"]
        assert (fire["absence"], fire["total"]) == (None, 1)
        planning = units[f"planning-{district}"]
        assert (planning["staff"], planning["absence"]) == ([], "nobody_assigned")


def test_who_serves_the_cells_of_the_place_is_told_for_both_sides_of_the_line(desk):
    answer = desk.resolved(shape(REFERENCE), category=BUILDING)
    serving = answer["turnout"]["serving"]
    assert {one["role"] for one in serving} == {"grid_chief", "inspector", "community"}
    chiefs = [one for one in serving if one["role"] == "grid_chief"]
    districts = {area["code"][:6] for one in chiefs for area in one["areas"]}
    assert districts == set(DISTRICTS)
    assert all(one["staff"] or one["absence"] for one in serving)


def test_names_are_for_who_is_signed_in_and_ids_for_everybody(desk, nobody):
    asked = shape(REFERENCE)
    (signed,) = by_unit(desk.resolved(asked, category=BUILDING))["fire-110102"]["staff"]
    (open_,) = by_unit(nobody.resolved(asked, category=BUILDING))["fire-110102"]["staff"]
    assert "示范人员" in signed["name"]
    assert (open_["id"], open_["name"]) == (signed["id"], None)


def test_without_a_category_nobody_is_to_be_called(desk, spot):
    assert desk.resolved(point(*spot))["turnout"] is None


def test_a_case_names_who_is_on_duty_of_those_it_waits_for(desk):
    case = desk.opened(shape(REFERENCE), category=BUILDING)
    assert set(by_unit(case)) >= {"fire-110102", case["convener"]["id"]}
    case = desk.stepped(case, "whistles")
    assert set(by_unit(case)) == {
        case["convener"]["id"],
        *(one["unit"]["id"] for one in case["summons"]),
    }
    gone = next(one for one in case["summons"] if one["unit"]["id"] == "fire-110102")
    case = desk.summons(case, gone, "stand-down", reason="不需要")
    assert "fire-110102" not in by_unit(case), "it owes nothing any more"
    assert "示范人员" in by_unit(case)["fire-110106"]["staff"][0]["name"]


@pytest.mark.parametrize("crew", [1, 40])
def test_the_people_of_all_units_are_one_question_to_the_database(desk, commander, loaded, crew):
    case_id = UUID(desk.opened(shape(REFERENCE), category=BUILDING)["id"])

    async def asked():
        engine = engine_at(loaded.urls().service)
        holder = ReferenceHolder(DataSettings())
        await holder.refresh(engine)
        said = []
        event.listen(
            engine.sync_engine, "before_cursor_execute", lambda *given: said.append(given[2])
        )
        turn = Turn(
            engine,
            _crowded(holder.current, crew),
            commander.actor,
            datetime.fromisoformat("2026-11-25T12:00:00+08:00"),
        )
        case = await casefile(turn, case_id)
        await engine.dispose()
        return case, said

    case, said = asyncio.run(asked())
    named = [one for unit in case.turnout.units for one in unit.staff]
    assert len(named) >= crew
    assert sum("staff" in one for one in said) == 1, said


def _crowded(reference, many):
    """The reference with a crew of this many for every unit of two districts."""
    zone, day = reference.policy.timezone, (shift("1-7 00:00-23:59"),)
    people = [
        Staff(f"{unit.id}-{number}", unit.id, (), DISTRICTS, day)
        for unit in reference.directory
        if unit.area_code in DISTRICTS
        for number in range(many)
    ]
    roster = Roster(people, units=reference.directory, zone=zone)
    return replace(reference, roster=roster)


def test_a_report_asks_nothing_of_the_roster_before_it_stands(desk, spot):
    done = agreed(desk.report(point(*spot), category=BUILDING), status=201)
    assert done["case"]["turnout"]["units"]
