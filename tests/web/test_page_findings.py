"""The map of a broken city's findings in a real browser, without a network."""

import pytest

from gridmap.render.findings import findings_map
from gridmap.topology import check
from tests.broken import broken


@pytest.fixture(scope="module")
def findings(beijing):
    draft = broken(beijing).draft()
    return draft, check(draft)


@pytest.fixture
def page(browser, findings, boundaries, tmp_path):
    leaflet = boundaries.parents[1] / "api" / "web" / "vendor"
    findings_map(*findings, leaflet=leaflet).save(str(tmp_path / "map.html"))
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.asked, page.failed = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.failed.append(str(error)))
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_selector("#findings button")
    yield page
    assert page.failed == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    page.close()


SCALE = ".leaflet-control-scale-line >> nth=0"


def test_every_finding_is_in_the_list_under_its_kind(page, findings):
    assert page.locator("#findings button").count() == len(findings[1])
    summaries = page.locator("#findings summary").all_inner_texts()
    assert any("空白（狭缝） gap, sliver (1)" in one for one in summaries)
    assert any("飞地 exclave (1)" in one for one in summaries)


def test_the_city_is_seen_whole_beside_the_list_with_all_its_pins(page):
    assert page.inner_text(SCALE) == "20 km"
    assert page.locator(".leaflet-overlay-pane canvas").count() == 1


def test_a_line_of_the_list_leads_to_its_ground(page):
    page.get_by_role("button", name="no cell claims 468.76 m²").click()
    page.wait_for_function(
        "() => document.querySelector('.leaflet-control-scale-line').textContent === '20 m'"
    )


def test_the_list_works_by_keyboard(page):
    line = page.get_by_role("button", name="lies outside its parent")
    line.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('.leaflet-control-scale-line').textContent.endsWith('0 m')"
    )
