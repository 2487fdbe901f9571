"""Plays a scenario file against the real service: people sign in, act, and are refused.

A scenario is a story in words and its data in TOML. Time passes by the service's rehearsal clock,
so that thirty minutes take none. What happened is told by the service itself, and becomes a page of
``docs/scenarios``.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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
    kept: dict[str, str] = field(default_factory=dict)  # ids by the names that a file gives them
    lines: list[str] = field(default_factory=list)
    told: int = 0  # events of the case that are among the lines

    def play(self, scenario: Scenario) -> list[str]:
        """Play it to its end, and return the timeline, a line an event."""
        try:
            for name, who in scenario.document["people"].items():
                self.desks[name] = self._arrived(name, who)
            for number, step in enumerate(scenario.document["steps"], start=1):
                self._step(step, f"{scenario.name}, step {number}")
            self._tell()
            return self.lines
        finally:
            for desk in self.desks.values():
                desk.__exit__()
            self.clock.write_text("0", encoding="ascii")

    def _arrived(self, name: str, who: Mapping[str, Any]) -> Desk:
        grants = [Grant(Role(who["role"]), who["area"], who.get("unit"))]
        return Desk(self.url, person(self.database_url, *grants, name=name))

    # --- steps ----------------------------------------------------------------------------------

    def _step(self, step: Mapping[str, Any], where: str) -> None:
        """Do a step by the key that says what it is."""
        ways = {
            "wait_min": lambda: self._wait(step["wait_min"]),
            "say": lambda: self._say(step["say"]),
            "post": lambda: self._post(step, where),
            "get": lambda: self._see(step, where),
            "strike": lambda: self._strike(step),
            "expect": lambda: self._expect(step["expect"], where),
            "everybody": lambda: [self._everybody(deed, step) for deed in step["everybody"]],
            "does": lambda: self._deed(step, where),
        }
        next(way for key, way in ways.items() if key in step)()

    def _deed(self, step: Mapping[str, Any], where: str) -> None:
        if step["does"] == "report":
            self._report(step)
        elif step["does"] == "evidence":
            self._show(step)
        else:
            self._do(step, where)

    def _say(self, words: str) -> None:
        self._tell()
        self.lines.append(f"| {self._clock()} | {words} |")

    def _wait(self, minutes: float) -> None:
        self._tell()
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

    # --- what is no case: ledgers, tasks, obligations ---------------------------------------------

    def _filled(self, value: Any) -> Any:
        """A value with the ids that were kept in the places of their names."""
        if isinstance(value, Mapping):
            return {key: self._filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda found: self.kept.get(found[1], found[0]), value)
        return value

    def _post(self, step: Mapping[str, Any], where: str) -> None:
        body = self._filled(step.get("with", {}))
        if "targets" in step:
            body["targets"] = list(_targets(**step["targets"]))
        if "due_min" in step:
            due_at = datetime.now(UTC) + timedelta(minutes=self.minutes + step["due_min"])
            body["due_at"] = due_at.isoformat()
        answer = self.desks[step["by"]].post(self._filled(step["post"]), body)
        if "refused" in step:
            status, slug = step["refused"]
            refused(answer, status, slug)
            return
        assert answer.is_success, f"{where}: {answer.text}"
        if "keep" in step:
            self.kept[step["keep"]] = answer.json()["id"]

    def _see(self, step: Mapping[str, Any], where: str) -> None:
        found = agreed(self.desks[step["by"]].get(self._filled(step["get"])))
        for key, told in step["sees"].items():
            seen: Any = found
            for part in key.split("."):
                if part == "count":
                    seen = len(seen)
                else:
                    seen = seen[int(part)] if part.isdigit() else seen[part]
            wanted = None if told == "nothing" else self._filled(told)
            assert seen == wanted, f"{where}: {key} is {seen!r}, not {wanted!r}"

    def _strike(self, step: Mapping[str, Any]) -> None:
        """Strike off by hand whatever of a ledger no case has struck off."""
        desk, address = self.desks[step["by"]], self._filled(step["strike"])
        for target in agreed(desk.get(address))["targets"]:
            if target["struck"] is None:
                answer = desk.post(f"{address}/targets/{target['code']}/strike", step["with"])
                assert answer.is_success, answer.text

    def _report(self, step: Mapping[str, Any]) -> None:
        self._tell()
        self.told = 0
        body: Body = {"text": step.get("text", ""), "source": step.get("source", "inspector")}
        body |= {key: self._filled(step[key]) for key in ("intake", "target") if key in step}
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

    def _tell(self) -> None:
        """Add what happened in the case since it was last told; many of a kind are one line.

        The time is the rehearsal's: how long this machine took is no part of the story.
        """
        events = self._events() if self.case else []
        news, self.told = events[self.told :], len(events)
        for _, group in groupby(news, lambda one: one["kind"]):
            first, *rest = group
            if len(rest) < MANY:
                self.lines += [f"| {self._clock()} | {event['said']} |" for event in (first, *rest)]
            else:
                more = f"；同样还有 {len(rest)} 个单位"
                self.lines.append(f"| {self._clock()} | {first['said']}{more} |")

    def _clock(self) -> str:
        days, rest = divmod(int(self.minutes), 24 * 60)
        clock = f"{rest // 60:02}:{rest % 60:02}"
        return f"{days} 天 {clock}" if days else clock


def _targets(*, count: int, name: str, area: str) -> Iterator[Body]:
    for number in range(1, count + 1):
        yield {"code": f"{number:03}", "name": f"{name} {number} 号", "area": area}


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
