"""`python -m api policy | agreements` as a person runs them: other processes, a real database."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.first_run import as_owner
from api.services import policies
from api.services.errors import PolicyExistsError
from api.services.reference import ReferenceHolder, read_document
from api.settings import PROJECT, DataSettings
from gridmap.dispatch.errors import PolicyCycleError, PolicyDataError
from tests.service import activate, fresh_database

SHIPPED = "data/policy/default.toml"


@pytest.fixture(scope="module")
def own_database(server, beijing):
    """A database of this module's own with Beijing in it."""
    with fresh_database(server) as own:
        activate(own, beijing)
        yield own


@pytest.fixture
def run(own_database):
    def run(*arguments):
        urls = own_database.urls()
        variables = {"GRIDMAP_DATABASE_URL": urls.service, "GRIDMAP_DATABASE_OWNER_URL": urls.owner}
        return subprocess.run(
            [sys.executable, "-m", "api", *map(str, arguments)],
            cwd=PROJECT,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def stored(server):
    return {one.version: one.active for one in as_owner(server, policies.stored_policies)}


def reference(server):
    async def load(engine):
        holder = ReferenceHolder(DataSettings())
        await holder.refresh(engine)
        return holder.current

    return as_owner(server, load)


def test_a_policy_is_imported_activated_and_decides(run, own_database, tmp_path):
    assert reference(own_database).policy.version == "2026.3", "the shipped one, without any"
    assert run("policy", "import", SHIPPED).returncode == 0
    assert stored(own_database) == {}, "a dry run writes nothing"
    done = run("policy", "import", SHIPPED, "--activate", "--commit")
    assert done.returncode == 0, done.stderr
    assert "rule 2: agreement 边界协议" in done.stdout

    stricter = tmp_path / "stricter.toml"
    stricter.write_text('version = "t.1"\ntitle = "t"\nextends = "2026.3"\ngeofence_m = 50.0\n')
    assert run("policy", "import", stricter, "--commit").returncode == 0
    assert stored(own_database) == {"2026.3": True, "t.1": False}
    assert run("policy", "activate", "t.1").returncode == 0
    assert stored(own_database)["2026.3"], "a dry run writes nothing"
    assert run("policy", "activate", "t.1", "--commit").returncode == 0
    policy = reference(own_database).policy
    assert (policy.version, policy.geofence_m) == ("t.1", 50.0)
    assert [rule.rule for rule in policy.rules][:2] == ["ruling", "agreement"]
    listed = run("policy", "list").stdout
    assert "t.1: t (decides now)" in listed


def test_policies_that_build_on_each_other_or_take_a_version_that_is_taken_are_refused(
    own_database, tmp_path
):
    shipped = read_document(DataSettings().policy)
    own = {"version": "u.1", "title": "u", "extends": shipped["version"]}

    def imported(document):
        return as_owner(
            own_database,
            lambda engine: policies.import_policy(engine, document, source="u", activate=False),
        )

    imported(shipped)
    imported(own)
    assert imported(own).version == "u.1", "the same one again is no error"
    before = stored(own_database)
    with pytest.raises(PolicyCycleError, match=r"2026.3 -> u.1 -> 2026.3"):
        imported(shipped | {"extends": "u.1"})
    with pytest.raises(PolicyExistsError, match="version of its own"):
        imported(own | {"title": "another"})
    with pytest.raises(PolicyDataError, match="no policy 'nowhere'"):
        imported(own | {"version": "u.2", "extends": "nowhere"})
    assert stored(own_database) == before


def test_an_unknown_policy_is_not_activated(run):
    refused = run("policy", "activate", "atlantis", "--commit")
    assert refused.returncode == 1
    assert "atlantis" in refused.stderr


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def feature(name, **more):
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": "LineString", "coordinates": [[116.3175, 39.884], [116.3175, 39.886]]},
        "properties": {
            "title": name,
            "reach_m": 60.0,
            "parties": ["110102020", "110106002"],
            "lead": "110106002",
            "document": {"title": "d", "number": "1", "signed_on": "2026-02-27"},
            "valid_from": "2026-03-01",
        }
        | more,
    }


def test_agreements_are_imported_all_or_none(run, own_database, tmp_path):
    file = tmp_path / "agreements.geojson"
    file.write_text(collection(feature("one"), feature("two", lead="110102020")))
    refused = run("agreements", "import", file, "--signed", "--commit")
    assert refused.returncode == 1
    assert "different leads" in refused.stderr
    assert len(reference(own_database).agreements) == 0

    file.write_text(collection(feature("one", categories=["E06"]), feature("two")))
    assert run("agreements", "import", file, "--signed").returncode == 0
    assert len(reference(own_database).agreements) == 0, "a dry run writes nothing"
    done = run("agreements", "import", file, "--signed", "--commit")
    assert done.returncode == 0, done.stderr
    assert [one.id for one in reference(own_database).agreements] == ["one", "two"]
    again = run("agreements", "import", file, "--commit")
    assert (again.returncode, "never edited" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is not JSON"),
        ("[]", "no GeoJSON FeatureCollection"),
        (collection(7), "features[0]: it is no Feature"),
        (collection(feature("x", valid_from=7)), "features[0].properties.valid_from"),
        (collection(feature("x", reach_m="wide")), "features[0].properties.reach_m"),
    ],
)
def test_a_file_that_holds_no_agreements_is_refused_with_the_place(tmp_path, text, said):
    file = tmp_path / "agreements.geojson"
    file.write_text(text)
    refused = CliRunner().invoke(app, ["agreements", "import", str(file), "--commit"])
    assert isinstance(refused.exception, PolicyDataError)
    assert said in str(refused.exception)
