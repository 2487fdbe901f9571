"""Who sees a ledger, a task, an obligation, an operation or a score: its audience of keys."""

from collections.abc import Iterable
from itertools import chain

from gridmap.dispatch.actor import EVERYTHING, account_key, area_key, unit_key
from gridmap.dispatch.ledger import Ledger
from gridmap.dispatch.obligation import Obligation
from gridmap.dispatch.operation import Operation
from gridmap.dispatch.score import Score
from gridmap.dispatch.task import Task

_LENGTHS = (15, 12, 9, 6)  # cell, community, street, district


def lineage(code: str) -> tuple[str, ...]:
    """Return a code with those of all areas above it, by the form of codes alone.

    A ledger outlives the release that it was written under, so none is asked.

    >>> lineage("110102020")
    ('110102020', '110102', '110100', '110000')
    """
    own = [code[:length] for length in _LENGTHS if length <= len(code)]
    return tuple(dict.fromkeys((*own, f"{code[:4]}00", f"{code[:2]}0000")))


def _over(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(map(area_key, chain.from_iterable(map(lineage, codes))))


def ledger_audience(ledger: Ledger, named: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the keys that open a ledger: its owner's, and those over its owner and targets.

    ``named`` are the members of the confidential operation that it belongs to; then nobody but
    they and the owner.
    """
    own = frozenset({EVERYTHING, unit_key(ledger.owner)})
    if named:
        return own | named
    return own | _over({ledger.owner_area, *(one.area_code for one in ledger.lines)})


def task_audience(task: Task, named: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the keys that open a task: assigner, assignees, and those over them."""
    units = (task.assigner, *(one.unit for one in task.assignments))
    own = frozenset({EVERYTHING, *map(unit_key, units)})
    if named:
        return own | named
    return own | _over({task.assigner_area, *(one.area_code for one in task.assignments)})


def obligation_audience(
    obligation: Obligation, named: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Return the keys that open an obligation: who owes it, who expects it, those over them."""
    own = frozenset({EVERYTHING, unit_key(obligation.unit), account_key(obligation.by.account)})
    return own | named if named else own | _over({obligation.unit_area})


def operation_audience(operation: Operation) -> frozenset[str]:
    """Return the keys that open an operation: its members; over its area unless confidential."""
    own = frozenset({EVERYTHING}) | operation.members
    return own if operation.confidential else own | _over({operation.area_code})


def score_audience(score: Score) -> frozenset[str]:
    """Return the keys that open a score: of the street, of the department, of those over both."""
    units = {unit_key(score.street), unit_key(score.unit), EVERYTHING}
    return frozenset(units) | _over({score.street_area, score.unit_area})
