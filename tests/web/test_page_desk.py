"""Drafts, languages, keyboard and a bad network: what holds on every screen."""

import json

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

QUIET = "#/at/116.2305,39.9302"


def test_what_failed_keeps_the_draft_and_promises_only_what_is_true(open_desk):
    desk = open_desk(QUIET)
    desk.choose("路灯不亮")
    desk.at("text").fill("第三根灯杆")
    expect(desk.at("send")).to_be_enabled()
    keys = []
    desk.page.on(
        "request",
        lambda request: (
            request.url.endswith("/incidents") and keys.append(request.headers["idempotency-key"])
        ),
    )
    desk.page.route("**/api/v1/incidents", lambda route: route.abort())
    desk.at("send").click()
    desk.sees("problem", "没有连上服务器")
    desk.sees("problem", "再点一次即可，不会重复登记")
    desk.heal("/incidents")
    desk.refuse("/incidents", status=409, slug="idempotency-key-reused", key="k")
    desk.at("send").click()
    desk.sees("problem", "已填内容都在")
    desk.heal("/incidents")
    desk.reload()
    expect(desk.at("text")).to_have_value("第三根灯杆")
    desk.at("send").click()
    desk.page.wait_for_url("**#/case/**")
    assert len(keys) == 3
    assert len(set(keys)) == 1

    # Only a refusal promises that nothing was done.
    desk.refuse("/cases/*/whistles", status=503, slug="service-unavailable")
    desk.at("blow").click()
    desk.sees("problem", "记上没有，还不清楚")
    expect(desk.at("problem")).not_to_contain_text("没有记录")
    desk.heal("/cases/*/whistles")
    desk.refuse("/cases/*/whistles", status=409, slug="whistle-runs", case="c")
    desk.at("blow").click()
    desk.sees("problem", "这一步没有记录")


def test_an_answer_that_comes_late_is_dropped(open_desk):
    desk = open_desk("#/at/116.39,39.90")
    expect(desk.at("lead")).to_be_visible()
    held = []

    def slow_first(route):
        if not held:
            held.append(route)
            return
        route.continue_()

    desk.page.route("**/api/v1/resolve", slow_first)
    desk.page.evaluate("() => { location.hash = '#/at/116.46,39.92' }")
    desk.page.wait_for_function("() => document.querySelector('.asking')")
    desk.page.wait_for_timeout(400)
    with desk.answer():
        desk.page.evaluate("() => { location.hash = '#/at/116.23,39.93' }")
    desk.sees("path", "海淀区")
    held[0].continue_()
    desk.page.wait_for_timeout(600)
    desk.sees("path", "海淀区")


def test_english_is_remembered(open_desk):
    desk = open_desk(QUIET)
    desk.at("language").click()
    desk.sees("rule", "Rule: The only territory")
    expect(desk.page.locator("html")).to_have_attribute("lang", "en")
    desk.page.goto(f"{desk.base}/{QUIET}")
    desk.sees("rule", "Rule: The only territory")


def test_the_keyboard_alone_reports_a_case(open_desk):
    desk = open_desk()
    desk.page.keyboard.press("/")
    expect(desk.at("search")).to_be_focused()
    desk.page.keyboard.type("古城街道")
    expect(desk.page.get_by_role("option").first).to_be_visible()
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")
    desk.settle()
    desk.page.locator(".maplibregl-canvas").focus()
    desk.page.keyboard.press("Enter")
    desk.sees("path", "石景山区")
    desk.page.keyboard.press("/")
    expect(desk.at("category-search")).to_be_focused()
    desk.page.keyboard.type("树木倒伏")
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")
    expect(desk.at("send")).to_be_enabled()
    desk.at("send").press("Enter")
    expect(desk.at("blow")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.at("open-cases")).to_contain_text("树木倒伏")


def test_the_decision_is_said_to_those_who_listen(open_desk):
    desk = open_desk(QUIET)
    expect(desk.page.locator("#live")).to_contain_text("主办")


def test_every_button_on_the_phone_fits_a_thumb(open_desk):
    desk = open_desk("#/at/116.31745,39.88495", screen="phone")
    expect(desk.at("warning-near_line")).to_be_visible()
    small = desk.page.locator("button:visible, select:visible, summary:visible").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 43.9).map(o => o.outerHTML)"
    )
    assert small == []


def test_the_sheet_follows_the_thumb(open_desk):
    desk = open_desk(QUIET, screen="phone")
    expect(desk.at("lead")).to_be_visible()
    height = desk.page.locator("#panel").bounding_box()["height"]
    desk.at("sheet-handle").click()
    expect(desk.page.locator("#panel")).to_have_attribute("data-stop", "full")
    desk.settle()
    assert desk.page.locator("#panel").bounding_box()["height"] > height


def test_both_catalogues_have_the_same_texts(desk):
    keys = desk.page.evaluate(
        """async () => {
          const {zh} = await import('/web/js/texts/zh.js');
          const {en} = await import('/web/js/texts/en.js');
          return JSON.stringify([Object.keys(zh).sort(), Object.keys(en).sort()]);
        }"""
    )
    chinese, english = json.loads(keys)
    assert chinese == english


def test_shared_edges_are_drawn_once_and_parts_are_cut_exactly(desk):
    drawn = desk.page.evaluate(
        """async () => {
          const {borders, between} = await import('/web/js/edges.js');
          const {cut} = await import('/web/js/cutting.js');
          const {ringArea_m2} = await import('/web/js/geometry.js');
          const square = (x, id) => ({id, geometry: {type: 'Polygon', coordinates:
            [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]}});
          const two = [square(0, 'a'), square(1, 'b')];
          const length = (lines) => lines.coordinates.flatMap((line) => line.slice(1).map(
            (p, i) => Math.hypot(p[0] - line[i][0], p[1] - line[i][1]))).reduce((a, b) => a + b, 0);
          // An L, not convex: the whole first square and a quarter of the second.
          const ell = {type: 'Polygon', coordinates:
            [[[0, 0], [1.5, 0], [1.5, 0.5], [1, 0.5], [1, 1], [0, 1], [0, 0]]]};
          const area = ({coordinates}) =>
            coordinates.reduce((sum, [ring]) => sum + ringArea_m2(ring), 0);
          const whole = ringArea_m2(two[0].geometry.coordinates[0]);
          return [length(borders(two)), length(between(two)),
            area(cut(ell, two[0].geometry)) / whole, area(cut(ell, two[1].geometry)) / whole];
        }"""
    )
    assert drawn == pytest.approx([7, 1, 1, 0.25], rel=1e-3)


def test_problems_are_worded_by_their_reason_and_clocks_by_the_policys_zone(desk):
    said = desk.page.evaluate(
        """async () => {
          const {words} = await import('/web/js/problems.js');
          const {instant} = await import('/web/js/format.js');
          const policy = await import('/web/js/policy.js');
          const shape = (reason) =>
            words({slug: 'invalid-geometry', fields: {reason, lng: 116.3, lat: 39.9}});
          const zone = policy.current().timezone;
          policy.set({...policy.current(), timezone: 'America/New_York'});
          return [shape('self-intersection'), shape('hole lies outside shell'),
            shape('it has no extent'), shape('something new'),
            words({slug: 'not-finite', fields: {vertex: 0}}),
            zone, instant('2026-11-23T08:30:00+08:00')];
        }"""
    )
    wanted = ["自相交", "洞在轮廓之外", "没有大小", "something new", "第 1 个点"]
    assert [want in text for want, text in zip(wanted, said, strict=False)] == [True] * 5
    assert said[5:] == ["Asia/Shanghai", "19:30:00"]


def test_the_ring_thickens_turns_amber_and_counts_up(desk):
    phases = desk.page.evaluate(
        """async () => {
          const {state} = await import('/web/js/ring.js');
          const span = {from: '2026-11-23T08:00:00+08:00', due: '2026-11-23T08:30:00+08:00'};
          const at = (minutes) => state(span, Date.parse(span.from) + minutes * 60000).phase;
          return [at(0), at(14), at(15), at(23), at(24), at(29), at(30), at(45)];
        }"""
    )
    assert phases == ["early", "early", "half", "half", "late", "late", "over", "over"]
