"""Write the layers of a release to files."""

from pathlib import Path

import geopandas

from gridmap.boundary import Layer, Release
from gridmap.crs import CGCS2000
from gridmap.measure import areas_m2


def release(release: Release, folder: Path, *, areas: bool = False) -> tuple[Path, ...]:
    """Write one GeoParquet file per level into ``folder`` and return their paths.

    The folder is made when it is missing. See `layer`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{level}.parquet" for level in release.levels)
    for level, path in zip(release.levels, paths, strict=True):
        layer(release.layers[level], path, areas=areas)
    return paths


def layer(layer: Layer, path: Path, *, areas: bool = False) -> None:
    """Write one level as GeoParquet 1.1 (EPSG:4490, zstd), columns code, name, parent, geometry.

    With ``areas`` a column ``area_m2`` has the true ground areas, to the square centimetre.
    Rows are in the order of the codes, so the same layer gives the same bytes with the same
    versions of pyarrow and geopandas.
    """
    frame = geopandas.GeoDataFrame(
        {"code": layer.codes, "name": layer.names, "parent": layer.parents},
        geometry=layer.geometries,
        crs=CGCS2000,
    )
    if areas:
        frame.insert(3, "area_m2", areas_m2(layer.geometries).round(2))
    # 19 is zstd's strongest level of ordinary memory; these files are written once, read often.
    frame.to_parquet(
        path, index=False, compression="zstd", compression_level=19, schema_version="1.1.0"
    )
