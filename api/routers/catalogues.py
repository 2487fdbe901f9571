"""The versions of the catalogue: cases keep the one that they were decided with."""

from fastapi import APIRouter

from api.deps import Database
from api.schemas.areas import CatalogueOut
from api.schemas.catalogues import CatalogueDifferenceOut, CatalogueLineOut, CataloguesOut
from api.services import cataloguing
from gridmap.dispatch.catalogue_difference import difference

router = APIRouter(tags=["catalogues"])


@router.get("/catalogues")
async def list_catalogues(engine: Database) -> CataloguesOut:
    """Return all versions of the catalogue, newest first."""
    stored = await cataloguing.stored_catalogues(engine)
    return CataloguesOut(catalogues=tuple(CatalogueLineOut(**vars(one)) for one in stored))


@router.get("/catalogues/{version}")
async def read_catalogue_version(version: str, engine: Database) -> CatalogueOut:
    """Return one version of the catalogue."""
    return CatalogueOut.of(await cataloguing.catalogue_of(engine, version))


@router.get("/catalogues/{before}/diff/{after}")
async def compare_catalogues(before: str, after: str, engine: Database) -> CatalogueDifferenceOut:
    """Return what was added, removed and changed from one version to another."""
    old = await cataloguing.catalogue_of(engine, before)
    new = await cataloguing.catalogue_of(engine, after)
    return CatalogueDifferenceOut.of(old, new, difference(old, new))
