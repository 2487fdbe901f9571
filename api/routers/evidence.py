"""Evidence of a case: texts and surveys as JSON, files as they are."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response, status

from api.deps import SignedInHere, Store, signed_in
from api.schemas.parts import EvidenceList, EvidenceOut
from api.schemas.steps import EvidenceIn
from api.schemas.values import Name
from api.services import evidence as evidences
from api.services.errors import EvidenceFileError, UnknownCaseError
from api.services.turn import Turn
from api.store import cases
from api.store import evidence as kept
from api.store.engine import reading
from gridmap.dispatch.evidence import Evidence, EvidenceKind

router = APIRouter(
    prefix="/cases/{case_id}/evidence", tags=["evidence"], dependencies=[Depends(signed_in)]
)

# By how a file begins, not by what its sender calls it.
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"%PDF-": "application/pdf",
}


@router.get("")
async def list_evidence(case_id: UUID, here: SignedInHere) -> EvidenceList:
    """List what was shown in a case."""
    async with reading(here.engine, here.actor) as connection:
        if await cases.find(connection, case_id) is None:
            raise UnknownCaseError(case=str(case_id))
        pieces = await kept.of_case(connection, case_id)
    return EvidenceList(evidence=tuple(EvidenceOut.of(piece) for piece in pieces))


@router.post("", status_code=status.HTTP_201_CREATED)
async def add(case_id: UUID, given: EvidenceIn, here: SignedInHere) -> EvidenceOut:
    """Add a text, or a survey of the line with its geometry, its surveyor and its day."""
    kind = EvidenceKind(given.kind)
    place = await to_thread.run_sync(given.place.place) if given.place else None
    if (kind is EvidenceKind.SURVEY) != (place is not None and bool(given.surveyed_on)):
        raise EvidenceFileError(why="a survey has a place and a day, a text has neither")
    piece = Evidence(
        id=uuid4(),
        kind=kind,
        title=given.title,
        text=given.text,
        geometry=place.geometry if place else None,
        surveyed_on=given.surveyed_on,
        surveyed_by=given.surveyed_by,
        **_mine(here),
    )
    return EvidenceOut.of(await evidences.add(here, case_id, piece))


@router.post(
    "/files",
    status_code=status.HTTP_201_CREATED,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in _SIGNATURES.values()
            },
        }
    },
)
async def add_file(
    case_id: UUID,
    request: Request,
    here: SignedInHere,
    files: Store,
    title: Annotated[Name, Query()],
) -> EvidenceOut:
    """Add a PNG, JPEG or PDF as it is; what it is is told by its content."""
    content = await request.body()
    kinds = [kind for begin, kind in _SIGNATURES.items() if content.startswith(begin)]
    if not kinds:
        raise EvidenceFileError(why="it is no PNG, JPEG or PDF by its content")
    piece = Evidence(
        id=uuid4(),
        kind=EvidenceKind.FILE,
        title=title,
        media_type=kinds[0],
        sha256=await files.keep(content),
        size=len(content),
        **_mine(here),
    )
    return EvidenceOut.of(await evidences.add(here, case_id, piece))


@router.get(
    "/{piece}/content",
    response_class=Response,
    responses={status.HTTP_200_OK: {"content": {"application/octet-stream": {}}}},
)
async def read_file(case_id: UUID, piece: UUID, here: SignedInHere, files: Store) -> Response:
    """Return a file, to be kept and not shown: a browser runs nothing of it."""
    found, content = await evidences.content(here, files, case_id, piece)
    return Response(
        content,
        media_type=found.media_type,
        headers={"Content-Disposition": f'attachment; filename="{found.id}"'},
    )


def _mine(here: Turn) -> dict[str, Any]:
    unit = next((grant.unit for grant in here.actor.grants if grant.unit), None)
    return {"account": here.actor.account, "unit": unit, "at": here.now}
