"""The building on the Xicheng/Fengtai line, from drawing to closing, in a real browser."""

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

XICHENG = "110102020"  # 广安门外街道
FENGTAI = "110106002"  # 太平桥街道
# `reference_building_2000m2_wgs84.geojson`, to the centimetre and not closed.
CORNERS = [
    [116.3177911555, 39.8851701508],
    [116.3173235054, 39.8851793615],
    [116.3173085619, 39.8847290284],
    [116.3177762090, 39.8847198178],
]
INSIDE = (116.31755, 39.88495)
# In view, and further than the fence's 100 m from the building.
FAR = {"desktop": (116.3158, 39.8850), "phone": (116.31755, 39.88622)}


def reported(desk, *, intake: str) -> None:
    """Draw the building, say what it is, and send it; ends on the case's page."""
    desk.page.locator("[data-testid=draw-footprint]").first.click()
    desk.settle()
    desk.trace(CORNERS)
    desk.at("finish-drawing").click()
    desk.choose("违法建设")
    desk.at(f"intake-{intake}").check()
    expect(desk.at("send")).to_contain_text("报送")
    if desk.at("duplicate").is_visible():  # an earlier test broke off
        desk.at("separate").check()
    expect(desk.at("send")).to_contain_text("通知 2 个街道")
    desk.at("send").click()
    desk.page.wait_for_url("**#/case/**")


def units_of(desk) -> list[str]:
    return desk.page.locator("[data-summons]").evaluate_all(
        "all => all.map(one => one.dataset.testid.replace('summons-', ''))"
    )


def arrive(desk, unit: str, place: tuple[float, float]) -> None:
    desk.at(f"arrive-{unit}").click()
    desk.at(f"arrive-map-{unit}").click()
    desk.settle()
    desk.tap(*place)


@pytest.mark.parametrize(
    ("screen", "intake"), [("desktop", "none"), ("desktop", XICHENG), ("phone", FENGTAI)]
)
def test_the_building_on_the_line_is_drawn_summoned_for_worked_on_and_closed(
    open_desk, screen, intake
):
    desk = open_desk(
        f"#/at/{INSIDE[0]},{INSIDE[1]}",
        screen=screen,
        permissions=["geolocation"],
        geolocation={"longitude": INSIDE[0], "latitude": INSIDE[1], "accuracy": 900},
    )
    expect(desk.at("lead")).to_be_visible()
    reported(desk, intake=intake)

    # On the shipped lines 1,737.7 and 263.7 m²; a hand is not exact to the square metre.
    desk.sees(f"share-{XICHENG}", re.compile(r"8[5-8]\.\d %"))
    desk.sees(f"share-{FENGTAI}", re.compile(r"1[2-5]\.\d %"))
    desk.sees("share-110102", "西城区")
    desk.sees("share-110106", "丰台区")
    desk.sees("lead", "广安门外街道")
    desk.sees("assisting", "太平桥街道")
    desk.sees("rule", "占比主导")

    desk.at("blow").click()
    expect(desk.page.locator("[data-summons]").first).to_be_visible()
    units = units_of(desk)
    assert any("110102" in unit for unit in units)
    assert any("110106" in unit for unit in units)
    expect(desk.page.locator(".summons .ring[data-phase=early]")).to_have_count(len(units))

    first, second = units[:2]
    desk.at(f"respond-{first}").click()
    expect(desk.at(f"summons-{first}")).to_have_attribute("data-state", "responded")
    arrive(desk, second, FAR[screen])
    desk.sees(f"wrong-place-{second}", "到错地方（手工标注）")
    desk.at(f"arrive-{second}").click()
    desk.at(f"arrive-gps-{second}").click()
    desk.sees(f"unproven-{second}", "位置精度不够（定位，±900 米），未能证明到场")
    expect(desk.at(f"summons-{second}")).to_have_attribute("data-state", "called")

    desk.sees("waits", f"还有 {len(units)} 个单位未办结")

    for unit in units:
        arrive(desk, unit, INSIDE)
        desk.sees(f"summons-{unit}", "到场（手工标注）")
        desk.at(f"finish-{unit}").click()
        desk.at("result").fill("已拆除")
        desk.at(f"confirm-finish-{unit}").click()
        expect(desk.at(f"summons-{unit}")).to_have_attribute("data-state", "finished")
    desk.sees("waits", "评价")
    for unit in units:
        desk.at(f"evaluate-{unit}").click()
        desk.at("deed-score").select_option("4 较好")
        desk.at(f"confirm-evaluate-{unit}").click()
        desk.sees(f"score-{unit}", "评价：4 较好")
    desk.at("close").click()
    desk.at("result").fill("楼已拆,地已清")
    desk.at("confirm-close").click()
    desk.sees("closed", "楼已拆,地已清")
    expect(desk.page.locator(".timeline .wrong_place")).to_have_count(1)
    expect(desk.page.locator(".timeline .unproven")).to_contain_text("未能证明到场")
    expect(desk.page.locator(".timeline .arrived").first).to_contain_text("（手工标注）")
    desk.sees("bases", "区界：图商地图线；街道及以下：示意")
    expect(desk.page.locator(".timeline .finished")).to_have_count(len(units))


def test_the_exact_building_has_the_published_shares(open_desk):
    desk = open_desk("#/coordinates")
    desk.paste("\n".join(f"{lng}, {lat}" for lng, lat in CORNERS), "EPSG:4326")
    desk.sees(f"share-{XICHENG}", "1,737.7 平方米")
    desk.sees(f"share-{FENGTAI}", "263.7 平方米")


def test_the_corners_are_those_of_the_shared_file(shared):
    file = json.loads(shared("reference_building_2000m2_wgs84.geojson").read_text())
    ring = file["features"][0]["geometry"]["coordinates"][0]
    assert [[round(x, 10) for x in corner] for corner in ring[:-1]] == CORNERS


def test_a_second_report_joins_the_open_case_unless_it_is_another_matter(open_desk):
    desk = open_desk("#/at/116.2901,39.9302")
    desk.choose("井盖缺失")
    expect(desk.at("send")).to_contain_text("通知 1 个街道")
    desk.at("send").click()
    desk.page.wait_for_url("**#/case/**")
    number = desk.page.url.rsplit("/", 1)[1]
    other = open_desk("#/at/116.29012,39.93021")
    other.choose("井盖缺失")
    other.sees("send", "并入案件")
    other.at("separate").check()
    other.sees("send", "通知 1 个街道")
    other.at("separate").uncheck()
    other.at("send").click()
    other.page.wait_for_url(f"**#/case/{number}")
    other.sees("news", "并入")
