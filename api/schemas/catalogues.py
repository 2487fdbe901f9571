"""Versions of the catalogue, and what changed between two, on the wire."""

from datetime import datetime
from typing import Any

from api.schemas.values import Wire
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.catalogue_difference import CatalogueChange, CatalogueChangeKind


class CatalogueLineOut(Wire):
    """One version; ``active``: it decides now."""

    version: str
    title: str
    sample: bool
    active: bool
    imported_at: datetime


class CataloguesOut(Wire):
    catalogues: tuple[CatalogueLineOut, ...]


class FieldChangeOut(Wire):
    """One key as catalogue files write it; ``null``: not given."""

    key: str
    before: Any
    after: Any


class CatalogueChangeOut(Wire):
    section: str
    code: str
    name: str
    kind: CatalogueChangeKind
    fields: tuple[FieldChangeOut, ...]


class CatalogueDifferenceOut(Wire):
    """What changed from one version to another."""

    before: str
    after: str
    changes: tuple[CatalogueChangeOut, ...]

    @classmethod
    def of(
        cls, before: Catalogue, after: Catalogue, changes: tuple[CatalogueChange, ...]
    ) -> "CatalogueDifferenceOut":
        return cls(
            before=before.version,
            after=after.version,
            changes=tuple(
                CatalogueChangeOut(
                    section=one.section,
                    code=one.code,
                    name=one.name,
                    kind=one.kind,
                    fields=tuple(FieldChangeOut(**vars(field)) for field in one.fields),
                )
                for one in changes
            ),
        )
