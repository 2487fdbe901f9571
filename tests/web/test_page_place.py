"""A place is given in many ways, and the page answers for each at once."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# 6 m inside Xicheng on the shipped lines.
NEAR = "#/at/116.31745,39.88495"
# The same spot in the systems the page offers.
SAME_SPOT = {
    "EPSG:4326": "116.391240, 39.906340",
    "EPSG:4490": "116.391240, 39.906340",
}


def test_a_click_on_the_map_answers_and_a_drag_asks_again(desk):
    desk.tap(116.39, 39.90)
    expect(desk.at("lead")).to_be_visible()
    first = desk.at("path").inner_text()
    desk.settle()
    pin = desk.at("pin").bounding_box()
    x, y = pin["x"] + pin["width"] / 2, pin["y"] + pin["height"] / 2
    with desk.answer():
        desk.page.mouse.move(x, y)
        desk.page.mouse.down()
        desk.page.mouse.move(x + 260, y + 60, steps=6)
        desk.page.mouse.up()
    expect(desk.at("path")).not_to_have_text(first)


def test_near_a_line_one_side_or_both_can_be_told_and_tracing_is_offered(open_desk):
    desk = open_desk(NEAR)
    asked = []
    desk.page.on("request", lambda r: r.url.endswith("/resolve") and asked.append(r.post_data_json))
    desk.sees("warning-near_line", re.compile(r"距区界 6(\.\d)? 米.*丰台区太平桥街道"))
    desk.choose("违法建设")
    desk.sees("send", "通知 1 个街道")
    desk.at("both-sides").click()
    desk.sees("sides-both", "两侧都通知：西城区广安门外街道、丰台区太平桥街道")
    desk.sees("assisting", "太平桥街道")
    desk.sees("who", "丰台")
    desk.sees("send", "通知 2 个街道")
    desk.at("sides-back").click()
    desk.sees("send", "通知 1 个街道")
    desk.at("this-side").click()
    desk.sees("sides-here", "就在西城区广安门外街道一侧")
    desk.sees("rule", "唯一属地")
    assert [one["sides"] for one in asked[-3:]] == ["both", "computed", "here"]
    with desk.page.expect_request("**/api/v1/incidents") as sent:
        desk.at("send").click()
    assert sent.value.post_data_json["sides"] == "here"
    desk.page.wait_for_url("**#/case/**")
    desk.sees("bases", "街道及以下：示意")

    # Another place is another question.
    desk.open(NEAR.replace("116.31745", "116.31746"))
    desk.at("trace-instead").click()
    expect(desk.at("finish-drawing")).to_be_disabled()


def test_the_basis_of_every_level_is_said(open_desk):
    desk = open_desk(NEAR)
    desk.sees("bases", "区界：图商地图线；街道及以下：示意")
    desk.sees("legend", "示意")


def test_a_corner_can_be_dragged_and_undone(open_desk):
    desk = open_desk("#/at/116.31755,39.88495")
    expect(desk.at("lead")).to_be_visible()
    desk.page.locator("[data-testid=draw-footprint]").first.click()
    desk.settle()
    desk.trace([[116.31735, 39.8851], [116.31775, 39.8851], [116.31775, 39.8848]])
    before = desk.at("trace-hint").inner_text()
    box = desk.at("corner").nth(2).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 40, y + 40, steps=4)
    desk.page.mouse.up()
    expect(desk.at("trace-hint")).not_to_have_text(before)
    desk.at("undo-drawing").click()
    expect(desk.at("trace-hint")).to_have_text(before)
    desk.at("undo-drawing").click()
    expect(desk.at("corner")).to_have_count(2)


def test_an_outline_under_way_survives_a_reload(open_desk):
    desk = open_desk("#/at/116.31755,39.88495")
    desk.page.locator("[data-testid=draw-footprint]").first.click()
    desk.settle()
    desk.trace([[116.31735, 39.8851], [116.31775, 39.8851]])
    desk.reload()
    expect(desk.at("corner")).to_have_count(2)


def test_the_same_spot_in_another_system_is_the_same_cell(open_desk):
    desk = open_desk("#/coordinates")
    cells = set()
    for crs, text in SAME_SPOT.items():
        desk.open("#/coordinates")
        desk.paste(text, crs)
        cells.add(desk.at("path-cell").inner_text())
    assert len(cells) == 1
    desk.open("#/coordinates")
    desk.paste(SAME_SPOT["EPSG:4326"], "GCJ-02")
    desk.sees("path", "网格")
    assert desk.at("path-cell").inner_text() not in cells


@pytest.mark.parametrize(
    ("text", "crs", "words"),
    [
        ("116.3, 39.9", "", "没有写明坐标系"),
        ("东边那栋楼", "EPSG:4326", "没有读出成对的数字"),
        ("39.9, 116.3", "EPSG:4326", "写反了"),
        ("121.47, 31.23", "EPSG:4326", "不在本市"),
        ("116.30,39.90 116.31,39.91 116.31,39.90 116.30,39.91", "EPSG:4326", "自相交"),
        ("116.30,39.90 116.33,39.90 116.33,39.93 116.30,39.93", "EPSG:4326", "超过上限"),
    ],
)
def test_bad_coordinates_are_refused_in_words_and_kept(open_desk, text, crs, words):
    desk = open_desk("#/coordinates")
    desk.paste(text, crs)
    desk.sees("problem", words)
    expect(desk.at("coordinates")).to_have_value(text)


def test_my_position_comes_with_its_accuracy(open_desk):
    position = {"latitude": 39.8850, "longitude": 116.3172, "accuracy": 30}
    desk = open_desk(permissions=["geolocation"], geolocation=position)
    desk.at("my-position").click()
    desk.sees("lead", "可能性")
    assert desk.page.url.endswith(",30")


def test_a_refused_position_says_what_to_do(desk):
    desk.at("my-position").click()
    desk.sees("problem", "直接点地图")


def test_back_leads_to_where_one_was(desk):
    desk.tap(116.39, 39.90)
    expect(desk.at("lead")).to_be_visible()
    desk.settle()
    desk.page.go_back()
    desk.sees("kept-draft", "草稿")
    desk.page.go_forward()
    expect(desk.at("lead")).to_be_visible()


def test_an_unknown_case_says_so(open_desk):
    desk = open_desk("#/case/not-a-case")
    desk.sees("problem", "没有案件")
