"""A case decided again, on the wire and in files."""

from datetime import datetime

from api.schemas.resolutions import AreaOut
from api.schemas.values import Wire
from gridmap.replay import Balance, Outcome, Replayed


class OutcomeOut(Wire):
    lead: AreaOut
    rule: str
    assisting: tuple[AreaOut, ...]

    @classmethod
    def of(cls, outcome: Outcome) -> "OutcomeOut":
        return cls(
            lead=AreaOut.of(outcome.lead),
            rule=outcome.rule,
            assisting=tuple(AreaOut.of(area) for area in outcome.assisting),
        )


class ReplayOut(Wire):
    """What was decided, and what would be. ``new`` is null where ``problem`` says why."""

    id: str
    number: str
    opened_at: datetime
    changed: bool
    old: OutcomeOut
    new: OutcomeOut | None
    problem: str | None

    @classmethod
    def of(cls, replayed: Replayed) -> "ReplayOut":
        return cls(
            id=replayed.id,
            number=replayed.number,
            opened_at=replayed.opened_at,
            changed=replayed.changed,
            old=OutcomeOut.of(replayed.old),
            new=OutcomeOut.of(replayed.new) if replayed.new else None,
            problem=replayed.problem,
        )


class WorkOut(Wire):
    """How an area's work would change."""

    area: AreaOut
    gained: int
    lost: int
    kept: int
    assisting_before: int
    assisting_after: int


class BalanceOut(Wire):
    """Who gains work, who gains most first."""

    cases: int
    changed: int
    undecided: int
    work: tuple[WorkOut, ...]

    @classmethod
    def of(cls, balance: Balance) -> "BalanceOut":
        return cls(
            cases=balance.cases,
            changed=balance.changed,
            undecided=balance.undecided,
            work=tuple(
                WorkOut(**vars(one) | {"area": AreaOut.of(one.area)}) for one in balance.work
            ),
        )
