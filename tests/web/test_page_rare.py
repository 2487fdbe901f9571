"""What hardly ever happens in good data: the service's own answers, altered on their way."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# 金顶街街道 in 石景山区, well inside, and its neighbour.
HERE = "#/at/116.1581,39.9302"
AREA = {"level": "street", "code": "110107003", "name": "金顶街街道", "parent": "110107"}
OTHER = {"level": "street", "code": "110107001", "name": "八宝山街道", "parent": "110107"}


def level(answer: dict, name: str) -> dict:
    return next(one for one in answer["levels"] if one["level"] == name)


def gap(answer: dict) -> None:
    """No street holds the place: its district does."""
    district = level(answer, "district")["parts"][0]
    lead = {key: district[key] for key in ("level", "code", "name", "parent")}
    for name in ("street", "community", "cell"):
        level(answer, name).update(relation="gap", parts=[], nearby=[])
    level(answer, "street")["nearby"] = [{**OTHER, "distance_m": 41.6}]
    answer["decision"].update(
        lead=lead, assisting=[], rule="territorial_fallback", rule_name="属地兜底"
    )
    if answer["plan"]:
        answer["plan"]["jurisdictions"][0]["area"] = lead


def overlap(answer: dict) -> None:
    """Two streets claim the place."""
    street = level(answer, "street")
    first = street["parts"][0]
    street.update(relation="overlap", parts=[first, {**first, **OTHER}])
    answer["decision"].update(assisting=[OTHER], rule="lowest_code", rule_name="代码在先")


def missing(answer: dict) -> None:
    """The directory lacks a department and the office."""
    side = answer["plan"]["jurisdictions"][0]
    side.update(office=None, units=side["units"][:1])
    side["missing"] = [
        {"kind": "government", "kind_name": "属地政府", "kind_name_en": "Local government"},
        {"kind": "fire", "kind_name": "消防救援", "kind_name_en": "Fire and rescue"},
    ]


def sliver(answer: dict) -> None:
    """A corner of the outline reaches over the line."""
    street = level(answer, "street")
    part = {**street["parts"][0], **OTHER, "counts": False, "area_m2": 0.62, "share": 0.0004}
    street["touches"] = [part]


def test_a_gap_an_overlap_a_sliver_and_missing_units_are_said_plainly(open_desk):
    desk = open_desk(HERE)
    desk.choose("违法建设")
    desk.sees("send", "通知 1 个街道")
    said = {
        gap: (
            "warning-gap",
            "（三不管）。由石景山区属地兜底。最近的是石景山区八宝山街道，距 42 米",
        ),
        overlap: ("warning-overlap", "八宝山街道都含此处"),
        missing: ("missing-fire", "缺消防救援"),
        sliver: ("sides", "另少量涉及石景山区八宝山街道 0.6 平方米，不到最低限（"),
    }
    for number, (change, (where, words)) in enumerate(said.items(), start=1):
        desk.alter("/resolve", change)
        with desk.answer():
            desk.page.evaluate("hash => { location.hash = hash }", f"{HERE}{number}")
        desk.sees(where, words)
        desk.heal("/resolve")
    desk.sees("sides", "（1 平方米，且占 1 % 或达 50 平方米），不计入")


def test_a_case_of_another_release_is_not_coloured_by_the_present_lines(open_desk):
    desk = open_desk("#/at/116.1611,39.9322")
    desk.choose("路灯不亮")
    expect(desk.at("send")).to_be_enabled()
    desk.at("send").click()
    desk.page.wait_for_url("**#/case/**")
    expect(desk.at("other-release")).to_have_count(0)

    desk.alter("/cases/*", lambda case: case["release"].update(id="old", title="二〇二四年界线"))
    desk.alter("/cases?*", lambda answer: answer.update(total=132))
    desk.reload()
    desk.sees("other-release", "按当时边界版本认定：二〇二四年界线")
    desk.page.goto(f"{desk.base}/#/cases")
    desk.sees("total", "132")
    desk.sees("not-all", "共 132 件")
