"""One person at one screen, doing what a person does: looking, clicking, typing."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

# A refused request is part of some tests; the browser mentions each on its console.
EXPECTED = re.compile(r"Failed to load resource")
SETTLED_MS = 200  # the camera jumps: the tests ask for reduced motion


class Desk:
    """A page of the service with what a test asks of it."""

    def __init__(self, page: Page, *, base: str, touch: bool) -> None:
        self.page = page
        self.base = base
        self.touch = touch
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._note(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)

    def _note(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")):
            self.requests.append(url)

    def _listen(self, message) -> None:
        # SwiftShader warns about its own speed.
        if message.type == "error" and not EXPECTED.search(message.text):
            self.complaints.append(message.text)

    def open(self, address: str = "#/", *, lang: str = "zh") -> None:
        self.page.goto(f"{self.base}/?lang={lang}{address}")
        self.page.wait_for_function("() => document.documentElement.dataset.ready")

    def reload(self) -> None:
        self.page.reload()
        self.page.wait_for_function("() => document.documentElement.dataset.ready")

    def at(self, name: str):
        """Return the element with a test id."""
        return self.page.get_by_test_id(name)

    def sees(self, name: str, text: str | re.Pattern) -> None:
        expect(self.at(name)).to_contain_text(text)

    def tap(self, lng: float, lat: float) -> None:
        """Touch the map where a place is."""
        x, y = self.on_screen(lng, lat)
        (self.page.touchscreen.tap if self.touch else self.page.mouse.click)(x, y)

    def on_screen(self, lng: float, lat: float) -> list[float]:
        return self.page.evaluate("([lng, lat]) => window.gridmapProject(lng, lat)", [lng, lat])

    def settle(self) -> None:
        """Let the camera come to rest."""
        self.page.wait_for_timeout(SETTLED_MS)

    def trace(self, corners: list[list[float]]) -> None:
        """Tap the corners of a footprint, not closed, one after the other."""
        for done, corner in enumerate(corners, start=1):
            self.tap(*corner)
            expect(self.at("corner")).to_have_count(done)

    def paste(self, text: str, crs: str) -> None:
        """Give coordinates by hand."""
        self.at("coordinates").fill(text)
        self.at("crs").select_option(crs)
        self.at("show-coordinates").click()

    def choose(self, words: str) -> None:
        """Choose a category by searching for it."""
        self.page.locator("[data-testid=choose-category]").click()
        self.at("category-search").fill(words)
        self.at("category-search").press("Enter")

    def alter(self, path: str, change: Callable[[dict], None]) -> None:
        """Let the service answer, and change what it says on the way to the page."""

        def altered(route):
            response = route.fetch()
            body = response.json()
            change(body)
            route.fulfill(response=response, json=body)

        self.page.route(f"**/api/v1{path}", altered)

    def refuse(self, path: str, *, status: int, slug: str, **fields) -> None:
        """Answer with a problem in the service's stead."""
        problem = {"type": f"/problems/{slug}", "status": status, "detail": slug, "fields": fields}
        self.page.route(
            f"**/api/v1{path}", lambda route: route.fulfill(status=status, json=problem)
        )

    def heal(self, path: str) -> None:
        """Let the service itself answer again."""
        self.page.unroute(f"**/api/v1{path}")

    def answer(self):
        """Wait for the next answer to a place; use as a context manager around the act."""
        return self.page.expect_response(lambda r: r.url.endswith("/api/v1/resolve") and r.ok)
