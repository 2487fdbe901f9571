"""gridmap: whose place is it, who leads, who has to come."""

from gridmap.attribute import attribute
from gridmap.attribution import Attribution, LevelAttribution, Part, Tolerance
from gridmap.boundary import Area, Layer, Release
from gridmap.errors import GridmapError
from gridmap.frame import resolve, shares
from gridmap.geo import LngLat, LngLatBbox
from gridmap.level import Basis, Level
from gridmap.locate import ReleaseIndex
from gridmap.place import Place, PlaceKind, place, point
from gridmap.relation import Relation

__version__ = "0.1.0"

__all__ = [
    "Area",
    "Attribution",
    "Basis",
    "GridmapError",
    "Layer",
    "Level",
    "LevelAttribution",
    "LngLat",
    "LngLatBbox",
    "Part",
    "Place",
    "PlaceKind",
    "Relation",
    "Release",
    "ReleaseIndex",
    "Tolerance",
    "attribute",
    "place",
    "point",
    "resolve",
    "shares",
]
