"""Make docs/conformance.md of tests/conformance/cases.toml: `python -m tools.conformance`.

With ``--check`` nothing is written, and the exit code says whether the page is what the table
says.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
TABLE = PROJECT / "tests" / "conformance" / "cases.toml"
PAGE = PROJECT / "docs" / "conformance.md"
LEVELS = ("city", "district", "street")

HEAD = """# Conformance

Whose place is it? These are the answers that every engine must give, and that the tests compare
in every run: gridmap for one place (the index, `attribute`) and for frames (`gridmap.shares`),
shapely (every area against every place, no index), geopandas (`sjoin`, `overlay`) and PostGIS
(`ST_Covers`, `ST_Intersection`, sizes as geography). The page is made of
`tests/conformance/cases.toml` by `python -m tools.conformance`; the engines stand in
`tests/conformance/engines.py`, and a further one goes into its last table.

Borders are closed: a position on a shared line is in the areas on both sides. "One step" is the
next number that a double can hold. Where no area of a level covers a point, that is the answer.
Relations are gridmap's own words; all other columns are asked of every engine.
"""


def page(table: Mapping[str, Any]) -> str:
    """Return the page as Markdown."""
    return "\n".join([HEAD, *_cities(table), *_points(table), *_extents(table), *_likely(table)])


def _cities(table: Mapping[str, Any]) -> Iterator[str]:
    yield "## The cities\n"
    for name, city in table["cities"].items():
        yield f"**{name}**: {city['title']}.\n"
        yield from _rows("level", "area", "WKT")
        for level in LEVELS:
            for code, wkt in city.get(level, {}).items():
                yield f"| {level} | {code} | `{wkt}` |"
        yield ""


def _points(table: Mapping[str, Any]) -> Iterator[str]:
    yield "## Points: all the areas that cover them, lowest code first\n"
    yield f"Coordinates are degrees. Tolerance: {table['points']['tolerance']}.\n"
    yield from _rows("city", "case", "WKT", "districts", "streets")
    for case in table["points"]["cases"]:
        answers = (_codes(case.get(level)) for level in ("district", "street"))
        yield f"| {case['release']} | {case['name']} | `{case['wkt']}` | {' | '.join(answers)} |"
    yield ""


def _codes(codes: list[str] | None) -> str:
    if codes is None:
        return ""
    return ", ".join(codes) or "none"


def _extents(table: Mapping[str, Any]) -> Iterator[str]:
    yield "## Lines and footprints: shares of the ground, and the gap\n"
    yield (
        f"Coordinates are in units of {table['words']['unit_deg']} degrees (111 m) at the equator. "
        f"Tolerance: {table['extents']['tolerance']}. Shares and gap sum to one.\n"
    )
    yield from _rows("city", "case", "WKT", "level", "relation", "shares", "gap")
    for case in table["extents"]["cases"]:
        for level in LEVELS:
            if level in case:
                one = case[level]
                gap = _number(one["gap"]) if "gap" in one else ""
                yield (
                    f"| {case['release']} | {case['name']} | `{case['wkt']}` | {level} "
                    f"| {one['relation']} | {_parts(one['shares'])} | {gap} |"
                )
    yield ""


def _likely(table: Mapping[str, Any]) -> Iterator[str]:
    given = table["likely"]
    yield "## Points with accuracy: probabilities by RFC 7459, section 5.5\n"
    yield (
        f"P = {given['confidence']} x overlap / disc; the radius holds the point with that "
        f"confidence. Units as above, the radius in metres. Tolerance: {given['tolerance']}.\n"
    )
    yield from _rows("city", "case", "WKT", "radius", "relation", "probabilities of streets")
    for case in given["cases"]:
        one = case["street"]
        yield (
            f"| {case['release']} | {case['name']} | `{case['wkt']}` | {case['accuracy_m']} m "
            f"| {one['relation']} | {_parts(one['chances'])} |"
        )
    yield ""


def _rows(*columns: str) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"


def _parts(parts: Mapping[str, float]) -> str:
    return ", ".join(f"{code}: {_number(part)}" for code, part in parts.items()) or "none"


def _number(value: float) -> str:
    return f"{value:.6g}"


def main(arguments: list[str]) -> int:
    made = page(tomllib.loads(TABLE.read_text(encoding="utf-8")))
    if arguments == ["--check"]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == made:
            return 0
        sys.stderr.write(f"{PAGE} is not what {TABLE} says; run python -m tools.conformance\n")
        return 1
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
