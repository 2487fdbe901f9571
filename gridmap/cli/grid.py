"""``gridmap grid``: unit cells and schematic communities inside the areas of a release."""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import shapely
import typer

from gridmap import features, formats, geojson, subdivision, write
from gridmap.barriers import Barriers
from gridmap.boundary import Release
from gridmap.cell_policy import CellPolicy
from gridmap.cli import boundaries, report
from gridmap.cli.options import Json, Set
from gridmap.cli.progress import tracked
from gridmap.errors import DefinitionError, OutputExistsError
from gridmap.measure import areas_m2
from gridmap.remark import Remark, RemarkKind
from gridmap.subdivision import Subdivision
from gridmap.toml_table import TomlTable

# How many remarks of one kind are told in words; all are in --json and --remarks.
_TOLD = 5


def grid(
    boundaries_at: Set,
    out: Annotated[
        Path,
        typer.Argument(
            help="a new folder, for one file a level and a definition.toml; or a new file that "
            "ends in .parquet, .gpkg, .fgb, .geojson or .shp, for all levels together"
        ),
    ],
    *,
    barriers: Annotated[
        Path | None, typer.Option(help="a file of lines (roads, rivers) that no cell crosses")
    ] = None,
    barriers_crs: Annotated[
        str | None, typer.Option(help="the lines' CRS, where their file states none")
    ] = None,
    seeds: Annotated[
        Path | None, typer.Option(help="a file of points: a schematic community around each")
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help="the seeds' CRS: EPSG:n, GCJ-02 or BD-09; never guessed")
    ] = None,
    columns: Annotated[
        str, typer.Option(help="the two columns of a CSV of seeds, longitude or easting first")
    ] = "lng,lat",
    target_m2: Annotated[
        float | None, typer.Option(help="nominal size of a cell; 10,000 by default")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="TOML file with all the sizes, instead of --target-m2")
    ] = None,
    within: Annotated[str | None, typer.Option(help="the code of one area: only this")] = None,
    cells: Annotated[bool, typer.Option(help="make cells, or only communities")] = True,
    release_id: Annotated[str | None, typer.Option("--id", help="of the new release")] = None,
    remarks: Annotated[
        Path | None, typer.Option(help="write what could not be done here, as GeoJSON")
    ] = None,
    as_json: Json = False,
) -> None:
    """Divide streets into schematic communities and these into unit cells.

    Cells have about 10,000 m², do not cross the barriers, and are numbered from west to east,
    then from north to south inside a community (DB11/T 2157-2023). Communities that the release
    has are kept, unless seeds are given. The new release is one exact tiling. Exit 1 when
    something could not be done as asked.
    """
    _refuse_present(out)
    sizes = _policy(policy, target_m2)
    points = None if seeds is None else features.points(seeds, crs=crs, columns=_pair(columns))
    lines = () if barriers is None else features.lines(barriers, crs=barriers_crs)
    made = subdivision.divided(
        boundaries.draft(boundaries_at, boundaries.Options()).release(),
        policy=sizes,
        barriers=Barriers.build(lines),
        seeds=None if points is None else points.lnglat,
        within=within,
        cells=cells,
        release_id=release_id,
        each=lambda codes: tracked(codes, saying="dividing"),
    )
    unread = [
        Remark(RemarkKind.SEED_UNREADABLE, str(seeds), float(row), shapely.Point())
        for row in (points.refused_rows if points else ())
    ]
    found = [*unread, *made.remarks]
    _write(made.release, out)
    if remarks:
        report.save(remarks, geojson.collection((one.geometry, _properties(one)) for one in found))
    typer.echo(_document(made, out, found) if as_json else _words(made, out, found))
    raise typer.Exit(1 if found else 0)


def _refuse_present(out: Path) -> None:
    """Refuse before the long work what `gridmap.write` would refuse after it."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise OutputExistsError(path=str(out))


def _policy(path: Path | None, target_m2: float | None) -> CellPolicy:
    if path is None:
        return CellPolicy() if target_m2 is None else CellPolicy.of_target(target_m2)
    if target_m2 is not None:
        raise typer.BadParameter("give --target-m2 or --policy, not both")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DefinitionError(path=str(path), key="file", why=str(error)) from error
    return CellPolicy.of_table(TomlTable(path=str(path), key="", values=values))


def _pair(columns: str) -> tuple[str, str]:
    names = [name.strip() for name in columns.split(",")]
    if len(names) != 2:  # noqa: PLR2004 - a pair
        raise typer.BadParameter(f"--columns takes two names with a comma, not {columns!r}")
    return names[0], names[1]


def _write(release: Release, out: Path) -> None:
    """Write a folder with its definition, or one file where the name says which; whole or not."""
    if formats.by_name(out):
        write.together(release, out, areas=True)
    else:
        write.release(release, out, areas=True)


# --- what is said ----------------------------------------------------------------------------


def _sizes(made: Subdivision) -> dict[str, dict[str, float]]:
    found = {}
    for level, layer in made.release.layers.items():
        sizes_m2 = areas_m2(layer.geometries)
        found[str(level)] = {
            "count": len(layer),
            "median_m2": round(float(np.median(sizes_m2)), 2),
            "min_m2": round(float(sizes_m2.min()), 2),
            "max_m2": round(float(sizes_m2.max()), 2),
        }
    return found


def _words(made: Subdivision, out: Path, remarks: list[Remark]) -> str:
    lines = [
        f"{level}: {size['count']}, median {size['median_m2']:,.0f} m², "
        f"{size['min_m2']:,.0f} to {size['max_m2']:,.0f} m²"
        for level, size in _sizes(made).items()
    ]
    for kind in RemarkKind:
        of_kind = [one for one in remarks if one.kind is kind]
        lines += [f"{kind}: {one}" for one in of_kind[:_TOLD]]
        if len(of_kind) > _TOLD:
            more = len(of_kind) - _TOLD
            lines.append(f"{kind}: and {more} more; --remarks writes all of them with their ground")
    return "\n".join([*lines, f"wrote {out}: {made.release.id}, {len(remarks)} remarks"])


def _document(made: Subdivision, out: Path, remarks: list[Remark]) -> str:
    document = {
        "release": made.release.id,
        "out": str(out),
        "levels": _sizes(made),
        "remarks": [_properties(one) for one in remarks],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _properties(one: Remark) -> dict[str, Any]:
    return {"kind": one.kind, "code": one.code, "size": one.size, "message": str(one)}
