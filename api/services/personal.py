"""Personal data: shown to who calls back, erased on a ground of the law; the record goes on."""

from uuid import UUID

from api.services.errors import NoCallerError, NothingToEraseError, UnknownReportError
from api.services.turn import Turn
from api.services.working import locked_scene
from api.store import history, reporters
from api.store.engine import Connection, transaction
from gridmap.dispatch.erasure import Ground
from gridmap.dispatch.incident import Caller
from gridmap.dispatch.rights import Action


async def caller(turn: Turn, incident_id: UUID) -> Caller:
    """Return who called, to the convener's side and the command above it.

    Raises
    ------
    UnknownReportError, NotYoursError, NoCallerError
        The actor sees no such report, may not see who called, or nobody is known.
    """
    async with transaction(turn.engine, turn.actor) as connection:
        case_id = await _case_of(connection, incident_id)
        (await locked_scene(connection, turn, case_id)).permit(Action.SEE_CALLER)
        found = await reporters.find(connection, incident_id)
    if found is None:
        raise NoCallerError(incident=str(incident_id))
    return found


async def erase_caller(turn: Turn, incident_id: UUID, ground: Ground) -> None:
    """Erase who called; the report stays."""
    async with transaction(turn.engine, turn.actor) as connection:
        case_id = await _case_of(connection, incident_id)
        scene = await locked_scene(connection, turn, case_id)
        by = scene.permit(Action.ERASE)
        if not await reporters.erase(connection, incident_id, now=turn.now):
            raise NothingToEraseError(case=scene.case.number, what="caller")
        what = f"caller of {incident_id}"
        await reporters.record_erasure(connection, case_id, what, ground, by=by, now=turn.now)


async def erase_texts(turn: Turn, case_id: UUID, seq: int, ground: Ground) -> None:
    """Erase what was written in one event; the event and its place in the chain stay."""
    async with transaction(turn.engine, turn.actor) as connection:
        scene = await locked_scene(connection, turn, case_id)
        by = scene.permit(Action.ERASE)
        account, what = turn.actor.account, f"texts of event {seq}"
        if not await history.erase_texts(connection, case_id, seq, account=account, now=turn.now):
            raise NothingToEraseError(case=scene.case.number, what=what)
        await reporters.record_erasure(connection, case_id, what, ground, by=by, now=turn.now)


async def _case_of(connection: Connection, incident_id: UUID) -> UUID:
    found = await reporters.case_of(connection, incident_id)
    if found is None:
        raise UnknownReportError(incident=str(incident_id))
    return found
