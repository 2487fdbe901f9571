"""Reports in, cases out, and every step of a case."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Query, Response, status

from api.deps import Database, Here, Turn
from api.routers.bodies import body_schema, json_or_geojson
from api.routers.resolve import EXAMPLE
from api.schemas.cases import (
    ActionIn,
    ArrivalIn,
    CaseLine,
    CaseList,
    CaseOut,
    EventList,
    EventOut,
    ReportedOut,
    ReportIn,
    ResultIn,
)
from api.schemas.resolutions import filings
from api.services import reporting, working
from api.services.errors import UnknownCaseError
from api.store import cases, incidents
from api.store.engine import reading
from gridmap.dispatch.incident import Incident

router = APIRouter(tags=["cases"])

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
    here: Here,
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
    done = await reporting.report(here.engine, here.reference, incident, key=key)
    case = await _case(here, done.case_id)
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
    here: Here,
    state: Literal["open", "closed"] = "open",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> CaseList:
    """List cases: open ones, those not whistled first, then by clock; closed ones by when."""
    async with reading(here.engine) as connection:
        rows = await (cases.queue if state == "open" else cases.closed)(connection, limit=limit)
        total = await cases.count(connection, is_open=state == "open")
    lines = tuple(CaseLine.of(row) for row in rows)
    return CaseList(cases=lines, total=total, now=here.now)


@router.get("/cases/{case_id}")
async def read_case(case_id: UUID, here: Here) -> CaseOut:
    """Return a case as it stands, with what it was decided with."""
    return await _case(here, case_id)


@router.get("/cases/{case_id}/events")
async def read_events(case_id: UUID, engine: Database) -> EventList:
    """Return everything that happened in a case, in order; nothing is ever edited."""
    async with reading(engine) as connection:
        history = await cases.history(connection, case_id)
    if not history:
        raise UnknownCaseError(case=str(case_id))
    return EventList(
        events=tuple(EventOut.of(seq, event) for seq, event in enumerate(history, start=1))
    )


@router.post("/cases/{case_id}/whistle")
async def blow(case_id: UUID, given: ActionIn, here: Here) -> CaseOut:
    """Blow the whistle: every unit of the plan is summoned and the clocks start."""
    await working.blow(
        here.engine, here.reference, case_id, actor=given.actor or "convener", now=here.now
    )
    return await _case(here, case_id)


@router.post("/cases/{case_id}/summons/{summons}/respond")
async def respond(case_id: UUID, summons: str, given: ActionIn, here: Here) -> CaseOut:
    """Say that a summoned unit is coming."""
    await working.respond(
        here.engine, case_id, summons, actor=given.actor or f"summons {summons}", now=here.now
    )
    return await _case(here, case_id)


@router.post("/cases/{case_id}/summons/{summons}/arrive")
async def arrive(case_id: UUID, summons: str, given: ArrivalIn, here: Here) -> CaseOut:
    """Report a unit's position; outside the geofence it is recorded and stops no clock."""
    await working.arrive(
        here.engine,
        here.reference,
        case_id,
        summons,
        await to_thread.run_sync(given.place.place),
        how=given.how,
        actor=given.actor or f"summons {summons}",
        now=here.now,
    )
    return await _case(here, case_id)


@router.post("/cases/{case_id}/summons/{summons}/finish")
async def finish(case_id: UUID, summons: str, given: ResultIn, here: Here) -> CaseOut:
    """Say that a unit on site has done its part."""
    await working.finish(
        here.engine,
        case_id,
        summons,
        result=given.result,
        actor=given.actor or f"summons {summons}",
        now=here.now,
    )
    return await _case(here, case_id)


@router.post("/cases/{case_id}/close")
async def close(case_id: UUID, given: ResultIn, here: Here) -> CaseOut:
    """Close a case; refused while a summoned unit has not finished (事不完、人不撤)."""
    await working.close(
        here.engine, case_id, result=given.result, actor=given.actor or "convener", now=here.now
    )
    return await _case(here, case_id)


async def _case(here: Turn, case_id: UUID) -> CaseOut:
    async with reading(here.engine) as connection:
        record = await cases.find(connection, case_id)
        if record is None:
            raise UnknownCaseError(case=str(case_id))
        reports = await incidents.of_case(connection, case_id)
    return CaseOut.of(
        record,
        reports,
        catalogue=here.reference.catalogue,
        geofence_m=here.reference.policy.geofence_m,
        now=here.now,
    )
