"""Whose is it, who leads, who comes: the answer before anything is sent."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends

from api.deps import Here
from api.routers.bodies import body_schema, json_or_geojson
from api.schemas.duty import ResolvedOut
from api.schemas.resolutions import ResolutionOut, ResolveIn, filings
from api.services import resolving, rostering

router = APIRouter(tags=["resolve"])

EXAMPLE = {
    "place": {
        "crs": "EPSG:4326",
        "geometry": {
            "type": "Polygon",
            "coordinates": [
                [
                    [116.31779, 39.88517],
                    [116.31732, 39.88518],
                    [116.31731, 39.88473],
                    [116.31778, 39.88472],
                    [116.31779, 39.88517],
                ]
            ],
        },
    },
    "category": "E0601",
}


@router.post("/resolve", openapi_extra=body_schema(ResolveIn, example=EXAMPLE))
async def resolve(
    asked: Annotated[ResolveIn, Depends(json_or_geojson(ResolveIn))],
    here: Here,
) -> ResolvedOut:
    """Say whose a place is, who leads and why, and (with a category) who comes. Writes nothing.

    Open for everybody; of open cases nearby it tells whoever is signed in and sees them, and it
    names people to who is signed in.
    """
    question = resolving.Question(
        place=await to_thread.run_sync(asked.place.place),
        category=asked.category,
        intake=asked.intake,
        filings=filings(asked.filings),
        sides=asked.sides,
        owner=asked.owner,
    )
    answer = await resolving.resolution(question, here.reference, now=here.now)
    duplicates = await resolving.duplicates(
        here.engine,
        question,
        here.reference,
        actor=here.actor,
        decision=answer.decision,
        now=here.now,
    )
    turnout = rostering.turnout_of(answer, here.reference, at=here.now)
    resolved = ResolutionOut.of(
        answer,
        release=here.reference.index.release,
        catalogue=here.reference.catalogue,
        duplicates=duplicates,
    )
    names = await rostering.names(here, turnout.staff if turnout else ())
    return ResolvedOut.of_resolution(resolved, turnout, names)
