"""A case as it stands: the state that its events add up to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gridmap.dispatch.clock import Pause, Span
from gridmap.dispatch.dispute import Hold, Objection, Transfer
from gridmap.dispatch.step import Step
from gridmap.dispatch.summons import Stage, Summons
from gridmap.dispatch.whistle import Whistle, WhistleState


@dataclass(frozen=True)
class Feedback:
    """What one who reported it was told and thought of it: 1 (bad) to 5, ``None`` unreached."""

    incident: str
    at: datetime
    satisfaction: int | None


@dataclass(frozen=True)
class Told:
    """A moment that has been told: so much of a stage's time was gone.

    ``summons`` is ``None`` for the case's own clock, its analysis.
    """

    summons: str | None
    stage: Stage | None
    percent: int


@dataclass(frozen=True)
class Lapse:
    """A whistle that was needed and had not been blown when the analysis should have ended."""

    convener: str | None
    since: datetime


@dataclass(frozen=True)
class Excuse:
    """What a unit says about one of its failings, and whether a supervisor exempts it."""

    failing: str
    unit: str
    explained_at: datetime | None = None
    exempted_at: datetime | None = None


@dataclass(frozen=True)
class Case:
    """The state that a case's events add up to.

    ``sides`` are the concerned jurisdictions, the holder first; ``areas`` the finer ones that the
    place lies in; ``superior`` the lowest area above all sides. ``analysis`` is the clock in which
    the holder must whistle or settle it.
    """

    number: str
    holder: str  # area code; exactly one at every instant
    convener: str | None  # unit id of the holder's office
    needs_whistle: bool
    opened_at: datetime
    last_at: datetime  # of the latest event; the next is never earlier
    version: int = 0  # how many events
    reporter: str | None = None  # account
    sides: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    superior: str | None = None
    analysis: Span | None = None
    analysis_by: datetime | None = None
    whistles: tuple[Whistle, ...] = ()
    objections: tuple[Objection, ...] = ()
    holds: tuple[Hold, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    told: frozenset[Told] = frozenset()
    lapses: tuple[Lapse, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    vetoed_at: datetime | None = None
    ruled: str | None = None  # the lead that a ruling or settlement has named
    closed_at: datetime | None = None
    result: str | None = None
    feedback: tuple[Feedback, ...] = ()
    reopened: int = 0  # how often
    reopened_at: datetime | None = None
    merged_into: str | None = None
    joined: tuple[str, ...] = ()  # cases that were merged into this one

    @property
    def step(self) -> Step:
        if self.closed_at:
            return Step.FEEDBACK
        if self.live is None:
            return Step.ANALYSIS
        if any(whistle.state is WhistleState.PENDING for whistle in self.whistles):
            return Step.PLATFORM
        return Step.REPORTING_IN if self.open_summons else Step.EVALUATION

    @property
    def live(self) -> Whistle | None:
        """The latest whistle that was not sent back."""
        blown = [one for one in self.whistles if one.state is not WhistleState.SENT_BACK]
        # After a reopening the earlier whistles are history.
        since = [one for one in blown if self._counts(one)]
        return since[-1] if since else None

    def _counts(self, whistle: Whistle) -> bool:
        return self.reopened_at is None or whistle.blown_at >= self.reopened_at

    @property
    def summons(self) -> tuple[Summons, ...]:
        """Every call of every whistle, in their order."""
        return tuple(summons for whistle in self.whistles for summons in whistle.summons)

    @property
    def open_summons(self) -> tuple[Summons, ...]:
        return tuple(summons for whistle in self.whistles for summons in whistle.open_summons)

    @property
    def unevaluated(self) -> tuple[Summons, ...]:
        """Those who finished and were not evaluated yet."""
        return tuple(one for one in self.summons if one.finished_at and one.evaluation is None)

    @property
    def hold(self) -> Hold | None:
        """The pause that runs now."""
        return next((hold for hold in self.holds if hold.is_running), None)

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """All times in which no clock ran."""
        return tuple(
            Pause(hold.granted_at, hold.ended_at) for hold in self.holds if hold.granted_at
        )

    @property
    def open_objections(self) -> tuple[Objection, ...]:
        return tuple(one for one in self.objections if one.is_open)

    @property
    def open_transfers(self) -> tuple[Transfer, ...]:
        return tuple(one for one in self.transfers if one.ended_at is None)

    @property
    def named(self) -> frozenset[str]:
        """The keys of those who alone see the case; empty while no whistle is confidential."""
        return frozenset(key for whistle in self.whistles for key in whistle.named)

    @property
    def next_due_at(self) -> datetime | None:
        """The clock that runs out first; none while a hold stops them."""
        return None if self.hold else min(self._running(), default=None)

    def _running(self) -> Iterator[datetime]:
        if self.closed_at:
            return
        if self.step is Step.ANALYSIS and self.analysis_by:
            yield self.analysis_by
        for summons in self.open_summons:
            if summons.next_due_at:
                yield summons.next_due_at
