import json

import pytest
from typer.testing import CliRunner

from api.settings import DataSettings
from gridmap.cli.app import app

SHIPPED = str(DataSettings().catalogue)


def run(*words):
    return CliRunner().invoke(app, ["catalogue", *words])


@pytest.fixture
def changed(tmp_path):
    text = DataSettings().catalogue.read_text(encoding="utf-8")
    path = tmp_path / "next.toml"
    path.write_text(text.replace("respond_min = 30", "respond_min = 20", 1), encoding="utf-8")
    return str(path)


def test_check_says_what_a_catalogue_holds():
    answer = run("check", SHIPPED)
    assert answer.exit_code == 0
    assert "(a sample)" in answer.output
    counts = json.loads(run("check", SHIPPED, "--json").output)
    assert counts["items"] > 30


def test_a_catalogue_converted_through_every_format_is_the_same(tmp_path):
    before = SHIPPED
    for name in ("a.json", "b", "c.zip", "d.toml"):
        after = str(tmp_path / name)
        assert run("convert", before, after).exit_code == 0
        before = after
    answer = run("diff", SHIPPED, before)
    assert (answer.exit_code, answer.output.endswith("0 changes\n")) == (0, True)


def test_diff_tells_row_and_key_and_ends_with_one(changed):
    answer = run("diff", SHIPPED, changed)
    assert answer.exit_code == 1
    assert "whistle_kinds emergency 紧急哨: changed\n  respond_min: 30 -> 20\n" in answer.output
    (change,) = json.loads(run("diff", SHIPPED, changed, "--json").output)["changes"]
    assert change["fields"] == [{"key": "respond_min", "before": 30, "after": 20}]
