"""Areas, the release and what goes with it on the wire."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from api.schemas.places import GeometryOut
from api.schemas.resolutions import AreaOut
from api.schemas.values import Wire
from gridmap.attribution import Tolerance
from gridmap.boundary import Layer, Release
from gridmap.dispatch.catalogue import Catalogue, DepartmentKind, Item, ProblemClass, WhistleKind
from gridmap.dispatch.lead import Duplicates, Limits, Measures, Policy
from gridmap.geo import LngLatBbox
from gridmap.level import Basis, Level


class LayerOut(Wire):
    level: Level
    basis: Basis
    count: int
    line_accuracy_m: float | None

    @classmethod
    def of(cls, layer: Layer) -> "LayerOut":
        return cls(
            level=layer.level,
            basis=layer.basis,
            count=len(layer),
            line_accuracy_m=layer.line_accuracy_m,
        )


class ReleaseOut(Wire):
    """The release that answers now, its levels and where they come from."""

    id: str
    title: str
    in_force_on: date | None
    bounds: LngLatBbox
    levels: tuple[LayerOut, ...]
    provenance: dict[str, Any]

    @classmethod
    def of(cls, release: Release) -> "ReleaseOut":
        return cls(
            id=release.id,
            title=release.title,
            in_force_on=release.in_force_on,
            bounds=release.bounds,
            levels=tuple(LayerOut.of(layer) for layer in release.layers.values()),
            provenance=dict(release.provenance),
        )


class AreaProperties(AreaOut):
    """What a map needs of an area; ``label`` is a point inside it for the name."""

    basis: Basis
    area_m2: float
    label: tuple[float, float]
    ancestors: tuple[AreaOut, ...] | None = None


class AreaFeature(Wire):
    type: Literal["Feature"] = "Feature"
    id: str
    geometry: GeometryOut
    properties: AreaProperties


class CatalogueOut(Wire):
    """Problems, departments and whistles; ``sample`` says that it is not an official list."""

    version: str
    title: str
    sample: bool
    classes: tuple[ProblemClass, ...]
    items: tuple[Item, ...]
    department_kinds: tuple[DepartmentKind, ...]
    whistle_kinds: tuple[WhistleKind, ...]

    @classmethod
    def of(cls, catalogue: Catalogue) -> "CatalogueOut":
        return cls(
            version=catalogue.version,
            title=catalogue.title,
            sample=catalogue.sample,
            classes=tuple(catalogue.classes.values()),
            items=tuple(catalogue.items.values()),
            department_kinds=tuple(catalogue.department_kinds.values()),
            whistle_kinds=tuple(catalogue.whistle_kinds.values()),
        )


class RuleOut(Wire):
    rule: str
    name: str
    name_en: str
    legal_basis: str
    parameters: dict[str, float]


class PolicyOut(Wire):
    """The rules and thresholds that decisions are made with now."""

    version: str
    title: str
    jurisdiction_level: Level
    timezone: str
    geofence_m: float
    tolerance: Tolerance
    limits: Limits
    duplicates: Duplicates
    measures: Measures = Field(description="how figures and scores are counted")
    rules: tuple[RuleOut, ...]

    @classmethod
    def of(cls, policy: Policy) -> "PolicyOut":
        return cls(
            version=policy.version,
            title=policy.title,
            jurisdiction_level=policy.jurisdiction_level,
            timezone=policy.timezone.key,
            geofence_m=policy.geofence_m,
            tolerance=policy.tolerance,
            limits=policy.limits,
            duplicates=policy.duplicates,
            measures=policy.measures,
            rules=tuple(
                RuleOut(
                    rule=rule.rule,
                    name=rule.name,
                    name_en=rule.name_en,
                    legal_basis=rule.legal_basis,
                    parameters=dict(rule.parameters),
                )
                for rule in policy.rules
            ),
        )
