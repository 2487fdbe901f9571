"""One whistle of a case: who blew it, whom it called, by when they owe what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gridmap.dispatch.clock import Span
from gridmap.dispatch.summons import Stage, Summons


class WhistleState(StrEnum):
    PENDING = "pending"  # with the platform, which has not sent anybody yet
    RUNNING = "running"
    SENT_BACK = "sent_back"
    DONE = "done"  # nobody owes anything any more


@dataclass(frozen=True)
class Whistle:
    """One call. ``convener`` is the unit that blew it and to which the summoned ones answer.

    ``spans`` are its stage clocks, which run from ``blown_at``; ``outcomes`` what every unit may
    state at its finish, anything where empty. ``named`` are the keys of those who see a
    confidential one; empty where it is none.
    """

    id: str
    kind: str
    blown_at: datetime
    convener: str | None
    spans: Mapping[Stage, Span] = field(default_factory=dict)
    outcomes: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    summons: tuple[Summons, ...] = ()
    is_pending: bool = False
    sent_back_at: datetime | None = None

    @property
    def is_confidential(self) -> bool:
        return bool(self.named)

    @property
    def open_summons(self) -> tuple[Summons, ...]:
        """Those who still owe something; nobody while the platform has not sent them."""
        if self.is_pending or self.sent_back_at:
            return ()
        return tuple(summons for summons in self.summons if summons.is_open)

    @property
    def state(self) -> WhistleState:
        if self.sent_back_at:
            return WhistleState.SENT_BACK
        if self.is_pending:
            return WhistleState.PENDING
        return WhistleState.RUNNING if self.open_summons else WhistleState.DONE
