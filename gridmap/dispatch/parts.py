"""The parts of a case by their ids: what an action is about, or a named error."""

from gridmap.dispatch.case import Case
from gridmap.dispatch.dispute import Objection, Transfer
from gridmap.dispatch.refusals import UnknownPartError, UnknownSummonsError, WhistleStateError
from gridmap.dispatch.summons import Summons
from gridmap.dispatch.whistle import Whistle, WhistleState


def whistle_in(case: Case, whistle_id: str, *, state: WhistleState | None = None) -> Whistle:
    """Return a whistle of a case.

    Raises
    ------
    UnknownPartError
        There is none of this id.
    WhistleStateError
        It is not in the state that is needed.
    """
    for whistle in case.whistles:
        if whistle.id == whistle_id:
            if state not in {None, whistle.state}:
                raise WhistleStateError(
                    case=case.number, whistle=whistle_id, state=whistle.state, needed=str(state)
                )
            return whistle
    raise UnknownPartError(case=case.number, what="whistle", id=whistle_id)


def whistle_of(case: Case, summons_id: str) -> Whistle:
    """Return the whistle that called a summons."""
    for whistle in case.whistles:
        if any(summons.id == summons_id for summons in whistle.summons):
            return whistle
    raise UnknownSummonsError(case=case.number, summons=summons_id)


def summons_in(case: Case, summons_id: str) -> Summons:
    """Return a summons of a case; `UnknownSummonsError` when there is none."""
    for summons in case.summons:
        if summons.id == summons_id:
            return summons
    raise UnknownSummonsError(case=case.number, summons=summons_id)


def objection_in(case: Case, objection_id: str) -> Objection:
    """Return an objection of a case; `UnknownPartError` when there is none."""
    for objection in case.objections:
        if objection.id == objection_id:
            return objection
    raise UnknownPartError(case=case.number, what="objection", id=objection_id)


def transfer_in(case: Case, transfer_id: str) -> Transfer:
    """Return a transfer of a case; `UnknownPartError` when there is none."""
    for one in case.transfers:
        if one.id == transfer_id:
            return one
    raise UnknownPartError(case=case.number, what="transfer", id=transfer_id)
