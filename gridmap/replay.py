"""Past cases decided again under another policy, catalogue, release or set of agreements.

Nothing is written. What was reported, the rulings made and the instant stay as they were, so
agreements are those of that time, unless another set of them is what is tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gridmap.boundary import Area
from gridmap.dispatch.incident import Incident
from gridmap.dispatch.lead import Decision
from gridmap.dispatch.question import Ruling
from gridmap.errors import GridmapError
from gridmap.resolution import Reference, resolve


@dataclass(frozen=True)
class Past:
    """A case as it was decided: its first report, and the ruling on it, if there is one."""

    id: str
    number: str
    opened_at: datetime
    incident: Incident
    decision: Decision
    ruling: Ruling | None = None


@dataclass(frozen=True)
class Outcome:
    """Who leads, by which rule, who assists."""

    lead: Area
    rule: str
    assisting: tuple[Area, ...]

    @classmethod
    def of(cls, decision: Decision) -> "Outcome":
        return cls(decision.lead, decision.rule.rule, decision.assisting)

    @property
    def concerned(self) -> tuple[Area, ...]:
        return (self.lead, *self.assisting)


@dataclass(frozen=True)
class Replayed:
    """A case decided again. Without ``new`` it could not be, and ``problem`` says why."""

    id: str
    number: str
    opened_at: datetime
    old: Outcome
    new: Outcome | None
    problem: str | None = None

    @property
    def changed(self) -> bool:
        """Tell whether another area leads; a changed rule alone moves no work."""
        return self.new is not None and self.new.lead.code != self.old.lead.code


def replay(past: Past, reference: Reference) -> Replayed:
    """Decide a past case again; what cannot be decided is an answer, not an error."""
    old, incident = Outcome.of(past.decision), past.incident
    try:
        answer = resolve(
            incident.place,
            reference,
            category=incident.category,
            intake=incident.intake,
            filings=incident.filings,
            sides=incident.sides,
            owner=incident.owner,
            ruling=past.ruling,
            now=past.opened_at,
        )
    except GridmapError as error:
        return Replayed(past.id, past.number, past.opened_at, old, None, str(error))
    return Replayed(past.id, past.number, past.opened_at, old, Outcome.of(answer.decision))


@dataclass
class Work:
    """How many cases an area would gain, lose and keep as the lead, and how many as assisting."""

    area: Area
    gained: int = 0
    lost: int = 0
    kept: int = 0
    assisting_before: int = 0
    assisting_after: int = 0

    @property
    def change(self) -> int:
        return self.gained - self.lost


class Balance:
    """Who gains work: every replayed case added up, area by area."""

    def __init__(self) -> None:
        self.cases = 0
        self.changed = 0
        self.undecided = 0
        self._work: dict[str, Work] = {}

    def add(self, replayed: Iterable[Replayed]) -> None:
        for one in replayed:
            self._add(one)

    def _add(self, one: Replayed) -> None:
        self.cases += 1
        self.changed += one.changed
        for area in one.old.assisting:
            self._of(area).assisting_before += 1
        if one.new is None:
            self.undecided += 1
            self._of(one.old.lead).lost += 1
            return
        for area in one.new.assisting:
            self._of(area).assisting_after += 1
        if one.changed:
            self._of(one.old.lead).lost += 1
            self._of(one.new.lead).gained += 1
        else:
            self._of(one.new.lead).kept += 1

    def _of(self, area: Area) -> Work:
        return self._work.setdefault(area.code, Work(area))

    @property
    def work(self) -> tuple[Work, ...]:
        """Every area concerned, who gains most first, equal ones by code."""
        return tuple(sorted(self._work.values(), key=lambda one: (-one.change, one.area.code)))
