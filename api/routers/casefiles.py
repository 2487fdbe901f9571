"""A case as whoever asks sees it: what every step on one answers with."""

from uuid import UUID

from api.schemas.cases import CaseOut
from api.schemas.parts import View
from api.services import rostering
from api.services.errors import UnknownCaseError
from api.services.turn import Turn
from api.store import accounts, cases, incidents
from api.store.engine import reading


async def casefile(here: Turn, case_id: UUID) -> CaseOut:
    """Return a case; `UnknownCaseError` where whoever asks does not see one."""
    async with reading(here.engine, here.actor) as connection:
        record = await cases.find(connection, case_id)
        if record is None:
            raise UnknownCaseError(case=str(case_id))
        reports = await incidents.of_case(connection, case_id)
        names = await accounts.names(connection, (one.reporter for one in reports))
    turnout = rostering.turnout_for(record, here.reference, at=here.now)
    view = View(
        actor=here.actor,
        catalogue=here.reference.catalogue,
        names=names,
        geofence_m=here.reference.policy.geofence_m,
        now=here.now,
        turnout=turnout,
        staff_names=await rostering.names(here, turnout.staff if turnout else ()),
    )
    return CaseOut.of(record, reports, view)
