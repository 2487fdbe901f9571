"""Agreements on the page: drawn along the border, read when touched, loud before they end."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests import people
from tests.desk import Desk, agreed
from tests.service import fresh_database, load, running

pytestmark = pytest.mark.browser

XICHENG, FENGTAI = "110102020", "110106002"
SOUTH, NORTH = [116.3175, 39.8840], [116.3175, 39.8860]
MIDDLE = (116.3175, 39.8850)
TODAY = datetime.now(UTC).date()


def propose(desk, name, **more):
    given = {
        "id": name,
        "title": f"马连道{name}协议",
        "place": {
            "crs": "EPSG:4326",
            "geometry": {"type": "LineString", "coordinates": [SOUTH, NORTH]},
        },
        "reach_m": 60.0,
        "parties": [XICHENG, FENGTAI],
        "lead": FENGTAI,
        "document": {"title": "联合治理协议", "number": "联〔2026〕3号", "signed_on": "2026-02-27"},
        "valid_from": "2026-03-01",
        "categories": ["E0401"],
    } | more
    agreed(desk.post("agreements", given), status=201)
    for party in given["parties"]:
        agreed(desk.post(f"agreements/{name}/sign", {"party": party}))


@pytest.fixture(scope="module")
def pages(server, beijing, templates):
    """A database of this module's own: the agreements would stand on every other page."""
    with fresh_database(server) as own:
        load(own, beijing, templates)
        yield own


@pytest.fixture(scope="module")
def service_url(pages, tmp_path_factory):
    with running(pages.urls().service, tmp_path_factory.mktemp("pages") / "log") as service:
        yield service.url


@pytest.fixture(scope="module")
def session(pages, service_url):
    """The cookie of the city's command, who has brought three agreements into force."""
    nights = [{"weekdays": [1, 2, 3, 4, 5], "begins": "22:00", "ends": "06:00"}]
    with Desk(service_url, people.commander(pages.urls().service)) as desk:
        propose(desk, "fire", valid_until=str(TODAY + timedelta(days=12)))
        propose(desk, "past", valid_until=str(TODAY - timedelta(days=3)))
        propose(desk, "nights", categories=["E05"], hours=nights)
        cookies = desk.http.cookies.items()
        return [{"name": name, "value": value, "url": service_url} for name, value in cookies]


def test_what_ends_soon_or_has_just_ended_stands_first_in_words(open_desk):
    desk = open_desk()
    desk.sees("endings", "协议快到期或刚到期")
    desk.sees("endings", re.compile("还有 1[12] 天到期"))
    desk.sees("endings", re.compile("已到期 [34] 天.*不再适用"))
    expect(desk.at("ending-nights")).to_have_count(0)
    first = desk.page.locator("#view [data-testid]").first
    expect(first).to_have_attribute("data-testid", "endings")
    desk.at("language").click()
    desk.sees("endings", re.compile("ends in 1[12] days"))


def test_a_touched_stretch_shows_its_terms_and_the_spot_can_still_be_reported(open_desk):
    desk = open_desk(f"#/at/{MIDDLE[0]},{MIDDLE[1]}")
    expect(desk.at("lead")).to_be_visible()
    desk.page.evaluate("() => { location.hash = '#/' }")
    expect(desk.at("endings")).to_be_visible()
    desk.page.wait_for_function("() => document.documentElement.dataset.ready")
    desk.settle()
    desk.tap(116.3175, 39.8852)
    desk.sees("terms", "太平桥街道")
    desk.sees("terms", "联〔2026〕3号")
    desk.sees("agreement-state", "生效中")
    desk.sees("agreements-here", "马连道past协议")
    desk.at("report-here").click()
    desk.sees("path", "区")


def test_the_terms_say_hours_categories_and_who_has_signed(open_desk):
    desk = open_desk("#/agreement/nights")
    desk.sees("terms", "周五 22:00 至次日 06:00")
    desk.sees("terms", "街面秩序")
    desk.sees("agreement-state", "生效中")
    expect(desk.at("terms").locator("small").first).to_contain_text("签")
    desk.at("language").click()
    desk.sees("terms", "22:00 to 06:00 the next day")


def test_an_agreement_that_is_not_there_is_said(open_desk):
    desk = open_desk("#/agreement/nowhere")
    desk.sees("problem", "没有编号为 nowhere 的协议")


def test_why_names_the_agreement_and_the_one_that_has_ended(open_desk):
    desk = open_desk(f"#/at/{MIDDLE[0]},{MIDDLE[1]}")
    desk.choose("火灾隐患")
    desk.sees("rule", "边界协议")
    expect(desk.page.locator("[data-testid=lead]")).to_have_attribute("data-code", FENGTAI)
    desk.at("why").locator("summary").click()
    desk.sees("why", "《马连道fire协议》约定由太平桥街道主办")
    desk.at("why").get_by_role("link", name="看协议").click()
    desk.sees("agreement-end", "请续签")
