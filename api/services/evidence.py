"""Evidence added to a case, by whoever is a party to it."""

from uuid import UUID

from api.services.errors import EvidenceErasedError, UnknownEvidenceError
from api.services.turn import Turn
from api.services.working import locked_scene
from api.store import evidence
from api.store.engine import reading, transaction
from api.store.files import Files
from gridmap.dispatch.evidence import Evidence
from gridmap.dispatch.rights import Action


async def add(turn: Turn, case_id: UUID, piece: Evidence) -> Evidence:
    """Add a piece of evidence; whoever sees the case may.

    Raises
    ------
    UnknownCaseError
        There is no such case, or none that the actor sees.
    """
    async with transaction(turn.engine, turn.actor) as connection:
        scene = await locked_scene(connection, turn, case_id)
        scene.permit(Action.ADD_EVIDENCE)
        await evidence.add(connection, case_id, piece)
    return piece


async def content(
    turn: Turn, files: Files, case_id: UUID, piece_id: UUID
) -> tuple[Evidence, bytes]:
    """Return a file that is evidence in a case that the actor sees."""
    async with reading(turn.engine, turn.actor) as connection:
        known = {piece.id: piece for piece in await evidence.of_case(connection, case_id)}
    piece = known.get(piece_id)
    if piece is None or piece.sha256 is None:
        raise UnknownEvidenceError(case=str(case_id), evidence=str(piece_id))
    if piece.erased_at:
        raise EvidenceErasedError(case=str(case_id), evidence=str(piece_id))
    return piece, await files.read(piece.sha256)
