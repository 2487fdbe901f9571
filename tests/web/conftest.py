"""A real browser on the real service; what every page must do is checked behind each test."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from api import first_run
from api.settings import DataSettings
from gridmap import demo
from gridmap.dispatch.actor import Grant, Role
from tests import people
from tests.desk import Desk as ApiDesk
from tests.service import fresh_database, load, running
from tests.web.desk import Desk

FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
STREET_DIGITS = 9
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
SCREENS = {"desktop": DESKTOP, "phone": PHONE}
# SwiftShader shares two cores with the service and the database.
PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def pages(server, beijing, templates):
    """A database of the pages' own, with a demonstration."""
    with fresh_database(server) as own:
        load(own, beijing, templates)
        first_run.add_accounts(own, DataSettings(), print)
        yield own


@pytest.fixture(scope="session")
def service_url(pages, tmp_path_factory):
    """Where a service over it answers."""
    log = tmp_path_factory.mktemp("pages") / "log"
    with running(pages.urls().service, log, GRIDMAP_DEMONSTRATION="true") as service:
        yield service.url


@pytest.fixture(scope="session")
def session(pages, service_url, beijing, templates):
    """The cookie of somebody who sees every case and acts for every unit that these tests call."""
    grants = [Grant(Role.COMMAND, people.CITY), *_units(demo.directory(beijing, templates))]
    everybody = people.person(pages.urls().service, *grants, name="市指挥中心 测试员")
    with ApiDesk(service_url, everybody) as desk:
        return [
            {"name": name, "value": value, "url": service_url}
            for name, value in desk.http.cookies.items()
        ]


def _units(directory):
    """Every street's office, and the departments on both sides of the reference case."""
    for unit in directory:
        if unit.kind == "government" and len(unit.area_code) == STREET_DIGITS:
            yield Grant(Role.CONVENER, unit.area_code, unit.id)
        elif unit.area_code.startswith(("110102", "110106")) and unit.kind != "government":
            yield Grant(Role.DEPARTMENT, unit.area_code, unit.id)


@pytest.fixture(scope="module")
def browser(service_url, browser_program):
    """Chromium, for one module only.

    Playwright keeps an event loop in this thread while it runs, and nothing else can start one:
    so the service is made before, and other modules' tests come after.
    """
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_desk(browser, service_url, session):
    """Open the page on a screen, signed in unless told otherwise.

    At the end no request left the machine and nothing complained.
    """
    desks = []

    def open_desk(
        address: str = "#/",
        *,
        screen: str = "desktop",
        lang: str = "zh",
        signed_in: bool = True,
        **options,
    ):
        context = browser.new_context(**SCREENS[screen], reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE_MS)
        if signed_in:
            context.add_cookies(session)
        desk = Desk(context.new_page(), base=service_url.rstrip("/"), touch=screen == "phone")
        desks.append((context, desk))
        desk.open(address, lang=lang)
        return desk

    yield open_desk
    for context, desk in desks:
        context.close()
        assert {urlsplit(url).hostname for url in desk.requests} <= {"127.0.0.1"}
        assert desk.complaints == []


@pytest.fixture
def desk(open_desk):
    """Return the first screen on a desktop."""
    return open_desk()
