"""What a person at a screen can do with the service, through its API."""

import json
from collections.abc import Mapping
from threading import Lock
from typing import Any, Self
from uuid import uuid4

import httpx
import shapely
from shapely.geometry.base import BaseGeometry

from api.settings import PROJECT
from gridmap.dispatch.actor import Grant, Role
from tests.people import Person, person

BUILDING = "E0601"  # 违法建设: an emergency whistle, a power of the district
FIRE = "E0401"  # 火灾隐患: another emergency
STREET_POWER = "E0501"  # 无照经营游商: one street can do it alone, without a whistle

PROBLEM = "application/problem+json"

REFERENCE = shapely.from_geojson(
    (PROJECT / "examples" / "reference_building_2000m2_wgs84.geojson").read_text(encoding="utf-8")
).geoms[0]

Body = Mapping[str, Any]


class Desk:
    """A client of the service; every answer comes back as it is, unless the name says more.

    Whoever is named sits at it, signed in; without a name nobody. With a crew every step on a case
    is done by the unit whose it is: the convener's, the called one's.
    """

    def __init__(self, url: str, person: Person | None = None, crew: "Crew | None" = None) -> None:
        self.crew = crew
        self.http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self.person = person
        if person:
            agreed(self.sign_in(person.login, person.password))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.http.close()

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.http.get(f"/api/v1/{path}", params=params)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Post a body as JSON; bytes go as they are, so that they may be none."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} | headers
        return self.http.post(f"/api/v1/{path}", content=raw, headers=sent)

    def sign_in(self, login: str, password: str, **headers: str) -> httpx.Response:
        return self.post("session", {"login": login, "password": password}, **headers)

    def resolve(self, place: Body, **more: Any) -> httpx.Response:
        return self.post("resolve", {"place": place} | more)

    def resolved(self, place: Body, **more: Any) -> dict[str, Any]:
        """Resolve what must be resolvable."""
        return agreed(self.resolve(place, **more))

    def report(
        self, place: Body, *, category: str = FIRE, key: str | None = None, **more: Any
    ) -> httpx.Response:
        body = {"place": place, "category": category} | more
        return self.post(
            "incidents", body, **{"Idempotency-Key": str(uuid4()) if key is None else key}
        )

    def opened(self, place: Body, **more: Any) -> dict[str, Any]:
        """Report what must open a case of its own, and return the case."""
        done = agreed(self.report(place, **{"separate": True, **more}), status=201)
        assert not done["joined"]
        return done["case"]

    def step(self, case: Body, *path: str, **body: Any) -> httpx.Response:
        """Do one step on a case: ``step(case, "summons", "1", "finish", result="done")``."""
        who = self.crew.desk_of(_whose(case, path)) if self.crew else None
        return (who or self).post("/".join(["cases", case["id"], *path]), body)

    def stepped(self, case: Body, *path: str, **body: Any) -> dict[str, Any]:
        """Do a step that must be possible, and return the case after it."""
        return agreed(self.step(case, *path, **body))

    def summons(self, case: Body, summons: Body, what: str, **body: Any) -> dict[str, Any]:
        return self.stepped(case, "summons", summons["id"], what, **body)

    def case(self, case_id: str) -> dict[str, Any]:
        return agreed(self.get(f"cases/{case_id}"))

    def events(self, case: Body) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = agreed(self.get(f"cases/{case['id']}/events"))["events"]
        return events

    def worked_off(self, case: Body, *, at: Body) -> dict[str, Any]:
        """Let everybody called arrive at a place, finish and be evaluated; it can close then."""
        for summons in case["summons"]:
            self.summons(case, summons, "arrive", place=at, how="hand")
            self.summons(case, summons, "finish", result="done")
            case = self.summons(case, summons, "evaluate", score=4)
        return dict(case)


OWN_STEPS = {"respond", "arrive", "leave", "finish", "object"}


def _whose(case: Body, path: tuple[str, ...]) -> Body | None:
    """The unit that a step is up to; ``None`` where the case has nobody for it."""
    if path[0] == "summons" and path[-1] in OWN_STEPS:
        called = [one for one in case["summons"] if one["id"] == path[1]]
        return called[0]["unit"] if called else case["convener"]
    convener: Body | None = case["convener"]
    return convener


class Crew:
    """People of every unit, made when they are needed, each at a desk of their own."""

    def __init__(self, url: str, database_url: str) -> None:
        self.url, self.database_url = url, database_url
        self._desks: dict[str, Desk] = {}
        self._lock = Lock()  # tests that race come from several threads

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        for desk in self._desks.values():
            desk.__exit__()

    def desk_of(self, unit: Body | None) -> Desk | None:
        if unit is None:
            return None
        with self._lock:
            if unit["id"] not in self._desks:
                role = Role.CONVENER if unit["kind"] == "government" else Role.DEPARTMENT
                grant = Grant(role, unit["area_code"], unit["id"])
                self._desks[unit["id"]] = Desk(self.url, person(self.database_url, grant))
            return self._desks[unit["id"]]


def point(lng: float, lat: float, *, crs: str = "EPSG:4326", **more: Any) -> dict[str, Any]:
    return {"crs": crs, "geometry": {"type": "Point", "coordinates": [lng, lat]}} | more


def shape(geometry: BaseGeometry, *, crs: str = "EPSG:4326") -> dict[str, Any]:
    return {"crs": crs, "geometry": json.loads(shapely.to_geojson(geometry))}


def agreed(answer: httpx.Response, *, status: int = 200) -> dict[str, Any]:
    """Return the JSON of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    document: dict[str, Any] = answer.json()
    return document


def refused(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """Return the problem of an answer that must be this refusal, complete by RFC 9457."""
    assert answer.headers["content-type"] == PROBLEM, answer.text
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["type"]) == (status, f"/problems/{slug}"), problem
    assert answer.status_code == status
    assert problem["title"]
    assert len(problem["detail"]) > len(slug) // 2
    return problem
