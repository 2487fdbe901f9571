"""The engines that must agree. A further one is a class with the same three methods, in ENGINES.

Every method asks one release for one level. ``covering`` takes n positions and returns n lists
of codes, lowest first. ``sizes`` takes a line or footprint and returns what each area has of it
and what none of them has, in one unit. ``chances`` takes a position and
the radius that holds it with 95 % confidence, and returns the probability of each area.
"""

import geopandas
import numpy as np
import psycopg
import shapely

import gridmap
from gridmap.attribute import attribute
from gridmap.attribution import LevelAttribution
from gridmap.locate import ReleaseIndex
from gridmap.place import place

CONFIDENCE = 0.95
# Metres in a degree at the equator of the ellipsoid (EPSG:4490): along it, and across.
DEGREE_M = np.array([111_319.49, 110_574.28])


def grouped(count, positions, codes):
    lists = [[] for _ in range(count)]
    for position, code in zip(positions, codes, strict=True):
        lists[position].append(str(code))
    return lists


def disc(geometry, radius_m):
    """A circle on the ground around a position near the equator, in degrees."""
    flat = shapely.transform(geometry, lambda xy: xy * DEGREE_M)
    return shapely.transform(flat.buffer(radius_m, quad_segs=64), lambda xy: xy / DEGREE_M)


def extent(shape):
    """Area of a footprint, length of a line; on the plane of longitude and latitude."""
    return shapely.length(shape) if shapely.get_dimensions(shape) == 1 else shapely.area(shape)


class Index:
    """gridmap itself: the index, and the attribution of one place."""

    def covering(self, release, level, lnglat):
        layer = release.layers[level]
        positions, rows = ReleaseIndex(release).layers[level].covering(lnglat)
        return grouped(len(lnglat), positions, layer.codes[rows])

    def answer(self, release, level, geometry, accuracy_m=None) -> LevelAttribution:
        given = place(geometry, crs="EPSG:4490", accuracy_m=accuracy_m)
        return attribute(given, ReleaseIndex(release)).by_level[level]

    def relation(self, release, level, geometry, accuracy_m=None):
        return self.answer(release, level, geometry, accuracy_m).relation

    def sizes(self, release, level, geometry):
        answer = self.answer(release, level, geometry)
        parts = {part.area.code: part.share for part in (*answer.parts, *answer.touches)}
        return parts, answer.gap_share

    def chances(self, release, level, geometry, accuracy_m):
        answer = self.answer(release, level, geometry, accuracy_m)
        return {part.area.code: part.probability for part in answer.parts}


class Frame:
    """gridmap for whole frames: `gridmap.shares`, a row for every area of every place."""

    def table(self, release, level, geometries, accuracy_m=None):
        frame = geopandas.GeoDataFrame(geometry=geometries, crs="EPSG:4490")
        return gridmap.shares(frame, release, levels=[level], accuracy_m=accuracy_m)

    def relation(self, release, level, geometry, accuracy_m=None):
        frame = geopandas.GeoDataFrame(geometry=[geometry], crs="EPSG:4490")
        found = gridmap.resolve(frame, release, levels=[level], accuracy_m=accuracy_m)
        return found[f"{level}_relation"].iloc[0]

    def covering(self, release, level, lnglat):
        table = self.table(release, level, shapely.points(lnglat))
        table = table[table["code"].notna()].sort_values("code", kind="stable")
        return grouped(len(lnglat), table.index, table["code"])

    def sizes(self, release, level, geometry):
        table = self.table(release, level, [geometry])
        parts = table[table["code"].notna()]
        gap = table[table["code"].isna()]["share"].sum()
        return dict(zip(parts["code"], parts["share"], strict=True)), gap

    def chances(self, release, level, geometry, accuracy_m):
        table = self.table(release, level, [geometry], accuracy_m)
        table = table[table["code"].notna() & table["probability"].notna()]
        return dict(zip(table["code"], table["probability"], strict=True))


class Shapely:
    """Every area against every place, without an index of any kind."""

    def covering(self, release, level, lnglat):
        layer = release.layers[level]
        covers = shapely.covers(layer.geometries[None, :], shapely.points(lnglat)[:, None])
        return [layer.codes[row].tolist() for row in covers]

    def pieces(self, release, level, geometry):
        layer = release.layers[level]
        return dict(
            zip(layer.codes.tolist(), shapely.intersection(layer.geometries, geometry), strict=True)
        )

    def sizes(self, release, level, geometry):
        pieces = self.pieces(release, level, geometry)
        covered = extent(of_kind(shapely.union_all(list(pieces.values())), geometry))
        sizes = {code: extent(of_kind(piece, geometry)) for code, piece in pieces.items()}
        return sizes, max(extent(geometry) - covered, 0.0)

    def chances(self, release, level, geometry, accuracy_m):
        circle = disc(geometry, accuracy_m)
        pieces = self.pieces(release, level, circle)
        return {code: CONFIDENCE * one.area / circle.area for code, one in pieces.items()}


def of_kind(shape, geometry):
    """The parts of a shape of the same dimension: a footprint meets some areas in lines only."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    kept = parts[shapely.get_dimensions(parts) == shapely.get_dimensions(geometry)]
    return shapely.union_all(kept)


class Geopandas:
    """What people use: a spatial join, an overlay."""

    def frame(self, release, level):
        layer = release.layers[level]
        return geopandas.GeoDataFrame(
            {"code": layer.codes}, geometry=layer.geometries, crs="EPSG:4490"
        )

    def covering(self, release, level, lnglat):
        points = geopandas.GeoDataFrame(geometry=shapely.points(lnglat), crs="EPSG:4490")
        pairs = points.sjoin(self.frame(release, level), predicate="intersects")
        pairs = pairs.sort_values("code", kind="stable")
        return grouped(len(lnglat), pairs.index.to_numpy(), pairs["code"].to_numpy())

    def parts(self, release, level, geometry):
        asked = geopandas.GeoDataFrame(geometry=[geometry], crs="EPSG:4490")
        found = geopandas.overlay(asked, self.frame(release, level), keep_geom_type=True)
        return dict(zip(found["code"], found.geometry, strict=True))

    def sizes(self, release, level, geometry):
        parts = self.parts(release, level, geometry)
        covered = extent(shapely.union_all(list(parts.values()))) if parts else 0.0
        sizes = {code: extent(part) for code, part in parts.items()}
        return sizes, max(extent(geometry) - covered, 0.0)

    def chances(self, release, level, geometry, accuracy_m):
        circle = disc(geometry, accuracy_m)
        parts = self.parts(release, level, circle)
        return {code: CONFIDENCE * one.area / circle.area for code, one in parts.items()}


class PostGIS:
    """The stored areas: ST_Covers, ST_Intersection, and sizes on the ellipsoid (geography)."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def covering(self, release, level, lnglat):
        rows = self.connection.execute(
            """
            SELECT p.n, array_agg(a.code ORDER BY a.code COLLATE "C")
            FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS p (lng, lat, n)
            JOIN gridmap.areas a ON a.release_id = %s AND a.level = %s
                AND ST_Covers(a.geom, ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4490))
            GROUP BY p.n
            """,
            [lnglat[:, 0].tolist(), lnglat[:, 1].tolist(), release.id, level.value],
        ).fetchall()
        found = dict(rows)
        return [found.get(n + 1, []) for n in range(len(lnglat))]

    def sizes(self, release, level, geometry):
        """Areas by ST_Area, lengths by ST_Length of geography: the ellipsoid of WGS 84."""
        (sizes, covered, whole), *_ = self.connection.execute(
            """
            WITH asked AS (SELECT ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 4490) AS geom),
            cut AS (
                SELECT a.code, ST_CollectionExtract(ST_Intersection(a.geom, asked.geom),
                                                    ST_Dimension(asked.geom) + 1) AS geom
                FROM gridmap.areas a, asked
                WHERE a.release_id = %(release)s AND a.level = %(level)s
                    AND ST_Intersects(a.geom, asked.geom)
            ),
            measured AS (
                SELECT code, geom, ST_Transform(geom, 4326)::geography AS ground FROM cut
            )
            SELECT (SELECT json_object_agg(code, ST_Area(ground) + ST_Length(ground))
                    FROM measured),
                   (SELECT ST_Area(g) + ST_Length(g)
                    FROM (SELECT ST_Transform(ST_Union(geom), 4326)::geography AS g FROM cut) u),
                   (SELECT ST_Area(g) + ST_Length(g)
                    FROM (SELECT ST_Transform(geom, 4326)::geography AS g FROM asked) w)
            """,
            {
                "wkb": shapely.to_wkb(geometry),
                "release": release.id,
                "level": level.value,
            },
        ).fetchall()
        covered = covered or 0.0
        return sizes or {}, max(whole - covered, 0.0)

    def chances(self, release, level, geometry, accuracy_m):
        rows = self.connection.execute(
            """
            WITH disc AS (
                SELECT ST_Transform(ST_Buffer(ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography,
                                              %s, 'quad_segs=32')::geometry, 4490) AS geom
            )
            SELECT a.code, ST_Area(ST_Intersection(a.geom, disc.geom)) / ST_Area(disc.geom)
            FROM gridmap.areas a, disc
            WHERE a.release_id = %s AND a.level = %s AND ST_Intersects(a.geom, disc.geom)
            """,
            [geometry.x, geometry.y, accuracy_m, release.id, level.value],
        ).fetchall()
        return {code: CONFIDENCE * part for code, part in rows}


# A further engine goes here, by the name that its tests will bear.
ENGINES = {
    "index": lambda connection: Index(),
    "frame": lambda connection: Frame(),
    "shapely": lambda connection: Shapely(),
    "geopandas": lambda connection: Geopandas(),
    "postgis": PostGIS,
}
