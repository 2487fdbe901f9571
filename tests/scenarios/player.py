"""Plays a scenario file against the real service: people sign in, act, and are refused.

A scenario is a story in words and its data in TOML. Time passes by the service's rehearsal clock,
so that thirty minutes take none. What happened is told by the service itself, and becomes a page of
``docs/scenarios``.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg

from gridmap.dispatch.actor import Grant, Role
from tests.desk import Desk, agreed, point, refused
from tests.ledger import see_everything
from tests.people import person
from tests.service import psycopg_url, until

FOLDER = Path(__file__).parent
MINUTE_S = 60.0
TOLD_S = 30.0  # the worker asks several times a second; a loaded machine takes its time
MANY = 3  # events of one kind at one time that are told one by one

Body = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """One file: the story, its people, and what they do."""

    name: str
    title: str
    rows: str
    story: str
    document: Mapping[str, Any]


def scenarios() -> list[Scenario]:
    """Return every scenario there is, in the order of their files."""
    return [read(path) for path in sorted(FOLDER.glob("*.toml"))]


def read(path: Path) -> Scenario:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return Scenario(
        path.stem, document["title"], document["rows"], document["story"].strip(), document
    )


@dataclass
class Player:
    """Plays one scenario; ``clock`` is the file of the service's rehearsal clock."""

    url: str
    database_url: str
    clock: Path
    minutes: float = 0.0
    case: Body = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)

    def play(self, scenario: Scenario) -> list[str]:
        """Play it to its end, and return the timeline, a line an event."""
        try:
            for name, who in scenario.document["people"].items():
                self.desks[name] = self._arrived(name, who)
            for number, step in enumerate(scenario.document["steps"], start=1):
                self._step(step, f"{scenario.name}, step {number}")
            return self._timeline()
        finally:
            for desk in self.desks.values():
                desk.__exit__()
            self.clock.write_text("0", encoding="ascii")

    def _arrived(self, name: str, who: Mapping[str, Any]) -> Desk:
        grants = [Grant(Role(who["role"]), who["area"], who.get("unit"))]
        return Desk(self.url, person(self.database_url, *grants, name=name))

    # --- steps ----------------------------------------------------------------------------------

    def _step(self, step: Mapping[str, Any], where: str) -> None:
        if "wait_min" in step:
            self._wait(step["wait_min"])
        elif "expect" in step:
            self._expect(step["expect"], where)
        elif "everybody" in step:
            for deed in step["everybody"]:
                self._everybody(deed, step)
        elif step["does"] == "report":
            self._report(step)
        elif step["does"] == "evidence":
            self._show(step)
        else:
            self._do(step, where)

    def _wait(self, minutes: float) -> None:
        self.minutes += minutes
        self.clock.write_text(str(self.minutes * MINUTE_S), encoding="ascii")
        if self.case:
            until(self._is_told, within_s=TOLD_S, what="the worker telling what is due")

    def _is_told(self) -> bool:
        """Whether the worker has told everything that was due when the clock was set."""
        now = datetime.now(UTC) + timedelta(minutes=self.minutes)
        with psycopg.connect(psycopg_url(self.database_url)) as connection:
            see_everything(connection)
            (waits,) = connection.execute(
                "SELECT count(*) FROM gridmap.cases WHERE id = %s AND next_moment_at <= %s",
                [self.case["id"], now],
            ).fetchone() or (0,)
        return waits == 0

    def _report(self, step: Mapping[str, Any]) -> None:
        body = {"text": step.get("text", ""), "source": step.get("source", "inspector")}
        if "intake" in step:
            body["intake"] = step["intake"]
        done = self.desks[step["by"]].report(
            place_of(step), category=step["category"], separate=step.get("separate", True), **body
        )
        self.case = agreed(done, status=201)["case"]

    def _show(self, step: Mapping[str, Any]) -> None:
        fields = ("kind", "title", "text", "surveyed_on", "surveyed_by")
        body = {key: str(step[key]) for key in fields if key in step}
        if "footprint" in step or "line" in step:
            body["place"] = place_of(step)
        desk = self.desks[step["by"]]
        answer = desk.post(f"cases/{self.case['id']}/evidence", body)
        self.evidence.append(agreed(answer, status=201)["id"])

    def _do(self, step: Mapping[str, Any], where: str) -> None:
        path = re.sub(r"\{(.+?)\}", lambda found: self._summons(found[1]), step["does"])
        body = dict(step.get("with", {}))
        if body.get("incident") == "{incident}":
            body["incident"] = self.case["incidents"][0]["id"]
        if step.get("evidence"):
            body["evidence"] = self.evidence[-step["evidence"] :]
        if "at" in step:
            body |= {"place": point(*step["at"], accuracy_m=step.get("accuracy_m", 10))}
        answer = self.desks[step["by"]].post(f"cases/{self.case['id']}/{path}", body)
        if "refused" in step:
            status, slug = step["refused"]
            refused(answer, status, slug)
            return
        assert answer.is_success, f"{where}: {answer.text}"
        self.case = answer.json()

    def _summons(self, unit: str) -> str:
        called = [one["id"] for one in self.case["summons"] if one["unit"]["id"] == unit]
        assert called, f"{unit} was not called: {[o['unit']['id'] for o in self.case['summons']]}"
        return called[-1]

    def _everybody(self, deed: str, step: Mapping[str, Any]) -> None:
        """Let every unit that owes it do one thing, or its convener about each of them."""
        spare = set(step.get("but", ()))
        for one in self._fresh()["summons"]:
            unit = one["unit"]
            if unit["id"] in spare or not _owes(one, deed):
                continue
            body = dict(step.get("with", {}))
            if deed == "arrive":
                body = {"place": point(*step["at"], accuracy_m=10)}
            desk = self._convener(one) if deed in {"evaluate", "release"} else self._of(unit)
            answer = desk.post(f"cases/{self.case['id']}/summons/{one['id']}/{deed}", body)
            assert answer.is_success, answer.text
            self.case = answer.json()

    def _of(self, unit: Body) -> Desk:
        name = unit["id"]
        if name not in self.desks:
            role = Role.CONVENER if unit["kind"] == "government" else Role.DEPARTMENT
            grant = Grant(role, unit["area_code"], unit["id"])
            who = person(self.database_url, grant, name="值班员")
            self.desks[name] = Desk(self.url, who)
        return self.desks[name]

    def _convener(self, summons: Body) -> Desk:
        whistle = next(one for one in self.case["whistles"] if one["id"] == summons["whistle"])
        known = [desk for desk in self.desks.values() if _acts_for(desk, whistle["convener"])]
        assert known, f"nobody acts for {whistle['convener']}"
        return known[0]

    # --- what must be so ------------------------------------------------------------------------

    def _fresh(self) -> Body:
        self.case = next(
            answer.json()
            for desk in self.desks.values()
            if (answer := desk.get(f"cases/{self.case['id']}")).is_success
        )
        return self.case

    def _expect(self, wanted: Mapping[str, Any], where: str) -> None:
        def holds() -> bool:
            case = self._fresh()
            return all(_found(case, self._events(), key) == value for key, value in wanted.items())

        try:
            # The worker tells what is due in its own time.
            until(holds, within_s=wanted.get("within_s", 20.0), what=where)
        except TimeoutError:
            case, events = self._fresh(), self._events()
            seen = {key: _found(case, events, key) for key in wanted}
            raise AssertionError(f"{where}: wanted {dict(wanted)}, saw {seen}") from None

    def _events(self) -> list[Body]:
        for desk in self.desks.values():
            answer = desk.get(f"cases/{self.case['id']}/events")
            if answer.is_success:
                events: list[Body] = answer.json()["events"]
                return events
        return []

    def _timeline(self) -> list[str]:
        """What happened, a line an event; many of a kind at one time are one line."""
        events = self._events()
        start = datetime.fromisoformat(events[0]["at"])
        lines = []
        for (since, _), group in groupby(events, lambda one: (_since(one, start), one["kind"])):
            first, *rest = group
            if len(rest) < MANY:
                lines += [f"| {since} | {event['said']} |" for event in (first, *rest)]
            else:
                lines.append(f"| {since} | {first['said']}；同样还有 {len(rest)} 个单位 |")
        return lines


def place_of(step: Mapping[str, Any]) -> Body:
    """The place of a step: a point, a line or the corners of a footprint, in WGS 84."""
    if "point" in step:
        return point(*step["point"], accuracy_m=step.get("accuracy_m", 10))
    if "line" in step:
        geometry = {"type": "LineString", "coordinates": step["line"]}
    else:
        ring = [*step["footprint"], step["footprint"][0]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"crs": "EPSG:4326", "geometry": geometry}


def _owes(summons: Body, deed: str) -> bool:
    """Whether a deed is what a summoned unit, or its convener about it, has to do next."""
    state = summons["state"]
    return {
        "respond": state == "called",
        "arrive": state in {"called", "responded"},
        "finish": state == "arrived",
        "evaluate": state == "finished" and not summons["evaluation"],
        "release": state in {"arrived", "finished"} and not summons["released_at"],
        "leave": state in {"arrived", "finished"} and not summons["left_at"],
    }[deed]


def _acts_for(desk: Desk, unit: str) -> bool:
    return bool(desk.person) and any(grant.unit == unit for grant in desk.person.grants)


def _found(case: Body, events: list[Body], key: str) -> Any:
    """What a key of an expectation stands for."""
    states = {one["unit"]["id"]: one["state"] for one in case["summons"]}
    kinds = [event["kind"] for event in events]
    found = {
        "step": lambda: case["step"],
        "holder": lambda: case["holder"]["code"],
        "lead": lambda: case["decision"]["lead"]["code"],
        "assisting": lambda: [area["code"] for area in case["decision"]["assisting"]],
        "rule": lambda: case["decision"]["rule"],
        "needs_whistle": lambda: case["plan"]["needs_whistle"],
        "called": lambda: len(case["summons"]),
        "units": lambda: sorted(states),
        "states": lambda: states,
        "late": lambda: sorted(one["unit"]["id"] for one in case["summons"] if _late(one)),
        "left_early": lambda: [o["unit"]["id"] for o in case["summons"] if o["left_early"]],
        "failings": lambda: [[o["failing"], o["unit"]] for o in case["failings"]],
        "exempted": lambda: [o["unit"] for o in case["failings"] if o["exempted_at"]],
        "superior": lambda: [one["superior"] for one in case["objections"]],
        "confidential": lambda: case["confidential"],
        "whistles": lambda: [one["code"] for one in case["whistles"]],
    }
    if key.startswith("count."):
        return kinds.count(key.removeprefix("count."))
    if key == "within_s":
        return 20.0
    return found[key]()


def _late(summons: Body) -> bool:
    due, came = summons["arrive_by"], summons["arrived_at"]
    return bool(due and came) and datetime.fromisoformat(came) > datetime.fromisoformat(due)


def _since(event: Body, start: datetime) -> str:
    minutes = (datetime.fromisoformat(event["at"]) - start).total_seconds() // 60
    days, rest = divmod(int(minutes), 24 * 60)
    clock = f"{rest // 60:02}:{rest % 60:02}"
    return f"{days} 天 {clock}" if days else clock
