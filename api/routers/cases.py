"""Reports in, cases out, and every step of a case."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Query, Response, status

from api.deps import SignedInHere, signed_in
from api.routers.bodies import body_schema, json_or_geojson
from api.routers.casefiles import casefile
from api.routers.resolve import EXAMPLE
from api.schemas.cases import (
    CaseLine,
    CaseList,
    CaseOut,
    EventList,
    EventOut,
    ReportedOut,
    ReportIn,
)
from api.schemas.resolutions import filings
from api.services import narrating, reporting
from api.services.errors import UnknownCaseError
from api.services.linking import Joins
from api.store import accounts, cases, history
from api.store.engine import reading
from gridmap.dispatch.incident import Incident

# Who is not signed in is told so before anything else is looked at.
router = APIRouter(tags=["cases"], dependencies=[Depends(signed_in)])

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="chosen by the sender, one per report; a repeat with it is stored once",
    ),
]


@router.post(
    "/incidents",
    status_code=status.HTTP_201_CREATED,
    responses={status.HTTP_200_OK: {"model": ReportedOut, "description": "Acknowledged before"}},
    openapi_extra=body_schema(ReportIn, example=EXAMPLE | {"text": "跨界违建"}),
)
async def report(
    given: Annotated[ReportIn, Depends(json_or_geojson(ReportIn))],
    key: Key,
    here: SignedInHere,
    response: Response,
) -> ReportedOut:
    """Report an incident: it opens a case held by the lead at once, or joins the open one."""
    incident = Incident(
        id=str(uuid4()),
        category=given.category,
        place=await to_thread.run_sync(given.place.place),
        reported_at=here.now,
        text=given.text,
        source=given.source,
        intake=given.intake,
        filings=filings(given.filings),
        sides=given.sides,
        separate=given.separate,
        owner=given.owner,
    )
    caller = given.caller.caller() if given.caller else None
    target = (given.target.ledger, given.target.code) if given.target else None
    joins = Joins(target, given.operation)
    done = await reporting.report(here, incident, key=key, caller=caller, joins=joins)
    case = await casefile(here, done.case_id)
    response.headers["Location"] = f"/api/v1/cases/{done.case_id}"
    if done.repeated:
        response.status_code = status.HTTP_200_OK
    return ReportedOut(
        incident_id=done.incident_id,
        case_id=done.case_id,
        number=case.number,
        joined=done.joined,
        case=case,
    )


@router.get("/cases")
async def list_cases(
    here: SignedInHere,
    state: Literal["open", "closed"] = "open",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> CaseList:
    """List cases: open ones by the clock that runs out first, closed ones by when."""
    async with reading(here.engine, here.actor) as connection:
        rows = await (cases.queue if state == "open" else cases.closed)(connection, limit=limit)
        total = await cases.count(connection, is_open=state == "open")
    lines = tuple(CaseLine.of(row) for row in rows)
    return CaseList(cases=lines, total=total, now=here.now)


@router.get("/cases/{case_id}")
async def read_case(case_id: UUID, here: SignedInHere) -> CaseOut:
    """Return a case as it stands, with what it was decided with."""
    return await casefile(here, case_id)


@router.get("/cases/{case_id}/events")
async def read_events(case_id: UUID, here: SignedInHere) -> EventList:
    """Return everything that happened in a case, in order; nothing is ever edited."""
    async with reading(here.engine, here.actor) as connection:
        record = await cases.find(connection, case_id)
        if record is None:
            raise UnknownCaseError(case=str(case_id))
        events = await history.of_case(connection, case_id)
        names = await accounts.names(connection, (event.by.account for event in events))
    narrator = narrating.narrator(record, here.reference, names)
    return EventList(
        events=tuple(
            EventOut.of(seq, event, narrator.tell(event), actor_name=names[event.by.account])
            for seq, event in enumerate(events, start=1)
        )
    )
