"""``gridmap grid``: unit cells and schematic communities inside the areas of a release."""

import json
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gridmap import formats, geojson, linefiles, subdivision, write
from gridmap.barriers import Barriers
from gridmap.boundary import Release
from gridmap.cell_policy import CellPolicy
from gridmap.cli import boundaries, report, tabling
from gridmap.cli.options import (
    Delimiter,
    Json,
    Seeds,
    SeedsCodec,
    SeedsCrs,
    SeedsLayer,
    Set,
    X,
    Y,
)
from gridmap.cli.progress import tracked
from gridmap.errors import DefinitionError, UnreadableTableError
from gridmap.measure import areas_m2
from gridmap.remark import Remark, RemarkKind
from gridmap.subdivision import Subdivision
from gridmap.tables import reading
from gridmap.tables.table import Points, Refused, Source
from gridmap.toml_table import TomlTable

# How many remarks of one kind are told in words; all are in --json and --remarks.
_TOLD = 5


def grid(
    boundaries_at: Set,
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="a new folder, for one file a level and a definition.toml; or a new file that "
            "ends in .parquet, .gpkg, .fgb, .geojson or .shp, for all levels together",
        ),
    ],
    *,
    barriers: Annotated[
        Path | None, typer.Option(help="a file of lines (roads, rivers) that no cell crosses")
    ] = None,
    barriers_crs: Annotated[
        str | None, typer.Option(help="CRS of the lines, where their file states none")
    ] = None,
    seeds: Seeds = None,
    seeds_crs: SeedsCrs = None,
    x: X = None,
    y: Y = None,
    seeds_encoding: SeedsCodec = "utf-8",
    delimiter: Delimiter = None,
    seeds_layer: SeedsLayer = None,
    target_m2: Annotated[
        float | None,
        typer.Option(metavar="M2", help="size that cells should have", show_default="10,000"),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="TOML file with all the sizes, instead of --target-m2")
    ] = None,
    within: Annotated[
        str | None, typer.Option(metavar="CODE", help="divide only the area with this code")
    ] = None,
    cells: Annotated[bool, typer.Option(help="make cells, or communities only")] = True,
    release_id: Annotated[
        str | None,
        typer.Option(
            "--id", help="id of the new release", show_default="that of the old one, and -grid"
        ),
    ] = None,
    remarks: Annotated[
        Path | None, typer.Option(help="write what could not be done as asked to this GeoJSON file")
    ] = None,
    as_json: Json = False,
) -> None:
    """Divide streets into schematic communities and these into unit cells.

    Cells have about 10,000 m², do not cross the barriers, and are numbered from west to east,
    then from north to south inside a community (DB11/T 2157-2023). Communities that the release
    has are kept, unless seeds are given. The new release is one exact tiling. Exit 1 when
    something could not be done as asked.
    """
    write.refuse_present(out)
    report.refuse_unwritable(remarks)
    sizes = _policy(policy, target_m2)
    points = None
    if seeds:
        source = Source(
            seeds, seeds_crs, x, y, seeds_encoding, delimiter, seeds_layer, options="--seeds-"
        )
        points = _seeds(source)
    lines = () if barriers is None else linefiles.lines(barriers, crs=barriers_crs)
    made = subdivision.divided(
        boundaries.release(boundaries_at),
        policy=sizes,
        barriers=Barriers.build(lines),
        seeds=None if points is None else points.usable,
        within=within,
        cells=cells,
        release_id=release_id,
        each=lambda codes: tracked(codes, saying="dividing"),
    )
    refused = points.refused if points else ()
    _write(made.release, out)
    if remarks:
        told = ((one.geometry, _properties(one)) for one in made.remarks)
        report.save(remarks, geojson.collection(told))
    typer.echo(_document(made, out, refused) if as_json else _words(made, out, refused))
    raise typer.Exit(1 if made.remarks or refused else 0)


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


def _seeds(source: Source) -> Points:
    """Return the seeds; refuse a table in which all rows are bad, as where x and y are swapped."""
    points = reading.points(source)
    if points.refused and not len(points.usable):
        first = tabling.refusal(points.refused[0])
        raise UnreadableTableError(source.name, f"every row is refused, the first: {first}")
    return points


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


def _words(made: Subdivision, out: Path, refused: tuple[Refused, ...]) -> str:
    lines = [
        f"{level}: {size['count']}, median {size['median_m2']:,.0f} m², "
        f"{size['min_m2']:,.0f} to {size['max_m2']:,.0f} m²"
        for level, size in _sizes(made).items()
    ]
    for kind in RemarkKind:
        of_kind = [one for one in made.remarks if one.kind is kind]
        lines += [f"{kind}: {one}" for one in of_kind[:_TOLD]]
        if len(of_kind) > _TOLD:
            more = len(of_kind) - _TOLD
            lines.append(f"{kind}: and {more} more; --remarks writes all of them with their ground")
    lines += tabling.refusals(refused)
    seeds = f", {len(refused)} seeds refused" if refused else ""
    lines.append(f"wrote {out}: {made.release.id}, {len(made.remarks)} remarks{seeds}")
    return "\n".join(lines)


def _document(made: Subdivision, out: Path, refused: tuple[Refused, ...]) -> str:
    document = {
        "release": made.release.id,
        "out": str(out),
        "levels": _sizes(made),
        "remarks": [_properties(one) for one in made.remarks],
        "refused": [asdict(one) for one in refused],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _properties(one: Remark) -> dict[str, Any]:
    return {"kind": one.kind, "code": one.code, "size": one.size, "message": str(one)}
