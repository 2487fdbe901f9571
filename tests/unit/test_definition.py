import json
from datetime import date

import pytest

from gridmap import definition
from gridmap.errors import DefinitionError
from gridmap.level import Basis, Level

SMALL = """
id = "small"
title = "small"
crs = "EPSG:4490"
source = "a survey"
licence = "CC0"
in_force_on = 2026-01-01

[levels.district]
file = "district.geojson"
basis = "surveyed"
line_accuracy_m = 1
"""


def loaded(tmp_path, text):
    path = tmp_path / "definition.toml"
    path.write_text(text, encoding="utf-8")
    return definition.load(path)


def refused(tmp_path, text):
    with pytest.raises(DefinitionError) as caught:
        loaded(tmp_path, text)
    return caught.value


def test_a_level_inherits_the_source_and_has_default_columns(tmp_path):
    district = loaded(tmp_path, SMALL).levels[Level.DISTRICT]
    assert district.provenance.source == "a survey"
    assert district.basis is Basis.SURVEYED
    assert district.line_accuracy_m == 1.0
    assert (district.columns.code, district.columns.parent) == ("code", None)


def test_dates_and_notes_are_read(tmp_path):
    text = SMALL.replace('licence = "CC0"', 'licence = "CC0"\nnotes = ["one", "two"]')
    given = loaded(tmp_path, text)
    assert given.in_force_on == date(2026, 1, 1)
    assert given.provenance.notes == ("one", "two")


@pytest.mark.parametrize("key", ["id", "title", "crs", "source", "licence"])
def test_a_missing_key_is_named(tmp_path, key):
    lines = [line for line in SMALL.splitlines() if not line.startswith(f"{key} =")]
    error = refused(tmp_path, "\n".join(lines))
    assert error.key == key
    assert error.why == "it is missing"


def test_a_missing_level_key_is_named_with_its_table(tmp_path):
    error = refused(tmp_path, SMALL.replace('basis = "surveyed"\n', ""))
    assert error.key == "levels.district.basis"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('id = "small"', 'id = "small"\nspeed = 3', "speed"),
        ("line_accuracy_m = 1", "line_acuracy_m = 1", "levels.district.line_acuracy_m"),
        ("[levels.district]", "[levels.ward]", "levels"),
        ("[levels.district]", "[levels.parish]\n[levels.district]", "levels.parish"),
        ('basis = "surveyed"', 'basis = "guessed"', "levels.district.basis"),
        ("line_accuracy_m = 1", "line_accuracy_m = -1", "levels.district.line_accuracy_m"),
        ("line_accuracy_m = 1", "line_accuracy_m = nan", "levels.district.line_accuracy_m"),
        ("line_accuracy_m = 1", 'line_accuracy_m = "1"', "levels.district.line_accuracy_m"),
        ("in_force_on = 2026-01-01", 'in_force_on = "soon"', "in_force_on"),
        ('crs = "EPSG:4490"', 'crs = "EPSG:0"', "crs"),
        ('id = "small"', 'id = ""', "id"),
        ('id = "small"', 'id = "small"\nnotes = [1]', "notes"),
        ('id = "small"', 'id = "small"\ncorrections = 3', "corrections"),
        ('file = "district.geojson"\n', "", "levels.district.file"),
        ("file =", 'union_of = "cell"\nfile =', "levels.district.file"),
        ("file =", "union_of =", "levels.district.names"),
        ('"district.geojson"', '"../district.geojson"', "levels.district.file"),
        ('"district.geojson"', '"/etc/district.geojson"', "levels.district.file"),
        ('"district.geojson"', '"a/../../district.geojson"', "levels.district.file"),
        ("file =", 'facts = "../../facts.csv"\nfile =', "levels.district.facts"),
        ("file =", 'parents = "nearest"\nfile =', "levels.district.parents"),
        (
            "file =",
            'parents = "containment"\ncolumns = { parent = "p" }\nfile =',
            "levels.district.parents",
        ),
        ("file =", 'rows_by_code = true\nrows = { level = "x" }\nfile =', "levels.district.rows"),
        ("file =", "rows = { level = 3 }\nfile =", "levels.district.rows.level"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, old, new, key):
    assert old in SMALL
    assert refused(tmp_path, SMALL.replace(old, new)).key == key


def test_a_union_must_be_of_a_finer_level_that_is_there(tmp_path):
    text = SMALL.replace('file = "district.geojson"', 'union_of = "city"\nnames = { 110101 = "a" }')
    assert refused(tmp_path, text).key == "levels.district.union_of"


def test_corrections_carry_their_reason(tmp_path):
    text = """
[[corrections]]
level = "district"
code = "110101"
column = "name"
value = "东城区"
reason = "the source has an older name"
"""
    (one,) = loaded(tmp_path, SMALL + text).corrections
    assert (one.level, one.value) == (Level.DISTRICT, "东城区")
    without = text.replace('reason = "the source has an older name"', "")
    assert refused(tmp_path, SMALL + without).key == "corrections[0].reason"


def test_a_fetch_section_lists_files(tmp_path):
    text = '\n[fetch]\nbase_url = "https://example.org"\ncommit = "abc"\nfiles = []\n'
    assert refused(tmp_path, SMALL + text).key == "fetch.files"


def test_a_fetched_file_has_a_name_and_no_path(tmp_path):
    text = (
        '\n[fetch]\nbase_url = "https://example.org"\ncommit = "abc"\nfiles = [{ name = "../x" }]\n'
    )
    assert refused(tmp_path, SMALL + text).key == "fetch.files"


def test_levels_of_one_file_are_told_by_columns_or_codes(tmp_path):
    given = loaded(tmp_path, SMALL + 'rows = { kind = "区" }\nparents = "containment"\n')
    assert given.levels[Level.DISTRICT].rows == {"kind": "区"}
    assert given.levels[Level.DISTRICT].parents == "containment"
    given = loaded(tmp_path, SMALL + "rows_by_code = true\n")
    assert given.levels[Level.DISTRICT].rows_by_code


def test_no_file_and_no_toml_are_named(tmp_path):
    with pytest.raises(DefinitionError, match="no such file"):
        definition.load(tmp_path / "definition.toml")
    assert "no TOML" in refused(tmp_path, "id = ").why


@pytest.mark.parametrize("name", ["beijing", "beijing-streets-mosstool"])
def test_the_shipped_definitions_are_citable_as_json(boundaries, name):
    cited = definition.load(boundaries / name / "definition.toml").as_dict()
    assert json.loads(json.dumps(cited)) == cited
    assert set(cited["levels"]) >= {"city", "district", "street"}
