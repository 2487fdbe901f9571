"""The boundaries that decisions are made with, for maps and for people."""

import hashlib
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response, status

import gridmap
from api.deps import Ref, Sheets
from api.routers.boxes import box_of
from api.schemas.areas import AreaFeature, AreaProperties, CatalogueOut, PolicyOut, ReleaseOut
from api.schemas.resolutions import AreaOut
from api.services.errors import AreaNotFoundError, BboxError, TooManyAreasError
from gridmap import geojson, measure
from gridmap.boundary import Release
from gridmap.errors import UnknownAreaError
from gridmap.level import Level

router = APIRouter(tags=["boundaries"])

MEDIA_TYPE = "application/geo+json"
MOST_FEATURES = 3_000
_UNBOUNDED = {Level.CITY, Level.DISTRICT, Level.STREET}


@router.get(
    "/areas",
    responses={status.HTTP_200_OK: {"content": {MEDIA_TYPE: {}}}, status.HTTP_304_NOT_MODIFIED: {}},
    response_class=Response,
)
def list_areas(
    sheets: Sheets,
    level: Level,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
    zoom: Annotated[float, Query(ge=0, le=24, description="lines are drawn for this zoom")] = 24,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return a level's areas as GeoJSON, generalised for a zoom with shared edges kept."""
    box = box_of(bbox)
    if box is None and level not in _UNBOUNDED:
        raise BboxError(given="")
    etag = _etag(sheets.release)
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if _has(if_none_match, etag):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    if level not in sheets.release.layers:
        return Response(_collection(()), media_type=MEDIA_TYPE, headers=headers)
    sheet = sheets.sheet(level, zoom=zoom)
    rows = sheet.within(box)
    if len(rows) > MOST_FEATURES:
        raise TooManyAreasError(count=len(rows), limit=MOST_FEATURES)
    return Response(_collection(sheet.features(rows)), media_type=MEDIA_TYPE, headers=headers)


def _etag(release: Release) -> str:
    """The same for one release drawn by one version; ASCII, whatever the release is called."""
    drawn = f"{release.id} {gridmap.__version__}".encode()
    return f'"{hashlib.blake2b(drawn, digest_size=8).hexdigest()}"'


def _has(if_none_match: str | None, etag: str) -> bool:
    """Whether the asker has this answer: a list of tags, compared weakly (RFC 9110, 13.1.2)."""
    tags = (tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(","))
    return any(tag in {etag, "*"} for tag in tags)


def _collection(features: Iterable[str]) -> str:
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


@router.get("/areas/{code}")
def read_area(code: str, reference: Ref) -> AreaFeature:
    """Return one area with its exact geometry and the areas above it."""
    release = reference.index.release
    try:
        layer, row = release.find(code)
    except UnknownAreaError as error:
        raise AreaNotFoundError(code=code, release=release.id) from error
    geometry = release.geometry(code)
    label = geometry.point_on_surface()
    return AreaFeature(
        id=code,
        geometry=geojson.dump(geometry),
        properties=AreaProperties(
            **vars(AreaOut.of(layer.area(row))),
            basis=layer.basis,
            area_m2=measure.area_m2(geometry),
            label=(label.x, label.y),
            ancestors=tuple(AreaOut.of(area) for area in release.ancestors(code)),
        ),
    )


@router.get("/release")
async def read_release(reference: Ref) -> ReleaseOut:
    """Return the release that answers now: its levels, their basis, and where they come from."""
    return ReleaseOut.of(reference.index.release)


@router.get("/catalogue")
async def read_catalogue(reference: Ref) -> CatalogueOut:
    """Return the problems that can be reported, the departments and the whistles."""
    return CatalogueOut.of(reference.catalogue)


@router.get("/policy")
async def read_policy(reference: Ref) -> PolicyOut:
    """Return the rules and thresholds that decide who leads."""
    return PolicyOut.of(reference.policy)
