"""Agreements on stretches of border, and the policies that say what they count for."""

from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Response, status
from pydantic import AwareDatetime

from api.deps import Database, Here, Holder, Ref, SignedInHere, signed_in
from api.routers.bodies import body_schema, json_or_geojson
from api.routers.boxes import box_of
from api.schemas.agreements import (
    AgreementCollection,
    AgreementFeature,
    AgreementIn,
    AgreementList,
    AgreementOut,
    EndIn,
    PolicyList,
    SignIn,
    StoredPolicyOut,
)
from api.services import agreeing
from api.services.errors import AgreementNotFoundError
from api.services.turn import Turn
from api.store import agreements, policies
from api.store.engine import reading
from gridmap import codes
from gridmap.dispatch.signing import AgreementState, Registered

router = APIRouter(tags=["agreements"])

EXAMPLE = {
    "title": "马连道欣园边界联合治理协议",
    "place": {
        "crs": "EPSG:4326",
        "geometry": {
            "type": "LineString",
            "coordinates": [[116.3175, 39.8840], [116.3175, 39.8860]],
        },
    },
    "reach_m": 60.0,
    "parties": ["110102020", "110106002"],
    "lead": "110106002",
    "document": {
        "title": "边界联合治理协议",
        "number": "联〔2026〕3号",
        "signed_on": "2026-02-27",
    },
    "valid_from": "2026-03-01",
    "valid_until": "2027-02-28",
    "categories": ["E06"],
    "hours": [{"weekdays": [1, 2, 3, 4, 5], "begins": "22:00", "ends": "06:00"}],
}

Id = Annotated[str, Path(max_length=64)]


@router.get("/agreements", response_model=AgreementList | AgreementCollection)
async def list_agreements(
    here: Here,
    *,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
    area: Annotated[str | None, Query(description="code of a party or of one above it")] = None,
    at: Annotated[AwareDatetime | None, Query(description="the instant; now by default")] = None,
    state: AgreementState | None = None,
    form: Annotated[Literal["json", "geojson"], Query(alias="format")] = "json",
) -> AgreementList | AgreementCollection:
    """List agreements, as they stand now or at an instant."""
    local = (at or here.now).astimezone(here.reference.policy.timezone)
    async with reading(here.engine) as connection:
        known = await agreements.registered(connection, box_of(bbox))
    found = [
        one
        for one in (registered.as_of(local) for registered in known)
        if one is not None
        and (area is None or _is_about(one, area))
        and (state is None or one.state(local.date()) is state)
    ]
    release = here.reference.index.release
    if form == "geojson":
        features = tuple(AgreementFeature.of(one, release, at=local) for one in found)
        return AgreementCollection(features=features)
    listed = tuple(AgreementOut.of(one, release, at=local) for one in found)
    return AgreementList(agreements=listed, now=here.now)


def _is_about(registered: Registered, area: str) -> bool:
    parties = registered.agreement.parties
    return any(area == party or codes.is_parent(area, party) for party in parties)


@router.get("/agreements/{agreement_id}")
async def read_agreement(agreement_id: Id, here: Here) -> AgreementOut:
    """Return an agreement with everything that happened to it."""
    async with reading(here.engine) as connection:
        registered = await agreements.find(connection, agreement_id)
    if registered is None:
        raise AgreementNotFoundError(agreement=agreement_id)
    return _out(registered, here)


# Who is not signed in is told so before anything else is looked at.
_SIGNED_IN = [Depends(signed_in)]


@router.post(
    "/agreements",
    dependencies=_SIGNED_IN,
    status_code=status.HTTP_201_CREATED,
    responses={status.HTTP_200_OK: {"model": AgreementOut, "description": "A dry run"}},
    openapi_extra=body_schema(AgreementIn, example=EXAMPLE),
)
async def propose(
    given: Annotated[AgreementIn, Depends(json_or_geojson(AgreementIn))],
    here: SignedInHere,
    response: Response,
    *,
    dry_run: Annotated[bool, Query(description="check it and write nothing")] = False,
) -> AgreementOut:
    """Propose an agreement; it holds once every party has signed."""
    stretch = await to_thread.run_sync(given.place.place)
    proposed = await agreeing.propose(
        here.engine,
        here.reference,
        given.agreement(stretch),
        actor=here.actor,
        now=here.now,
        dry_run=dry_run,
    )
    if dry_run:
        response.status_code = status.HTTP_200_OK
    else:
        response.headers["Location"] = f"/api/v1/agreements/{given.id}"
    return _out(proposed, here)


@router.post("/agreements/{agreement_id}/sign", dependencies=_SIGNED_IN)
async def sign(agreement_id: Id, given: SignIn, here: SignedInHere, holder: Holder) -> AgreementOut:
    """Sign for a party; with the last one the agreement comes into force."""
    signed = await agreeing.sign(
        here.engine, here.reference, agreement_id, given.party, actor=here.actor, now=here.now
    )
    await holder.refresh(here.engine)
    return _out(signed, here)


@router.post("/agreements/{agreement_id}/end", dependencies=_SIGNED_IN)
async def end(agreement_id: Id, given: EndIn, here: SignedInHere, holder: Holder) -> AgreementOut:
    """End an agreement before its time, or withdraw one that not all have signed."""
    ended = await agreeing.end(
        here.engine, agreement_id, reason=given.reason, actor=here.actor, now=here.now
    )
    await holder.refresh(here.engine)
    return _out(ended, here)


@router.get("/policies")
async def list_policies(engine: Database, reference: Ref) -> PolicyList:
    """List the imported policies, the newest first; one of them decides."""
    del reference  # without a release there is nothing to decide
    async with reading(engine) as connection:
        stored = await policies.stored(connection)
    return PolicyList(
        policies=tuple(
            StoredPolicyOut(
                version=one.version,
                title=str(one.document.get("title", "")),
                active=one.active,
                imported_at=one.imported_at,
                activated_at=one.activated_at,
            )
            for one in stored
        )
    )


def _out(registered: Registered, here: Turn) -> AgreementOut:
    local = here.now.astimezone(here.reference.policy.timezone)
    return AgreementOut.of(registered, here.reference.index.release, at=local)
