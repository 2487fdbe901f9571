"""A case decided again under something else, over HTTP and by the command."""

import csv
import json
import os
import subprocess
import sys
from uuid import uuid4

import pytest
from shapely.affinity import translate

from api.first_run import as_owner
from api.services import policies
from api.services.reference import read_document
from api.settings import PROJECT, DataSettings
from tests.desk import BUILDING, REFERENCE, agreed, refused, shape

pytestmark = pytest.mark.store

XICHENG, FENGTAI = "110102020", "110106002"
DISPUTED = translate(REFERENCE, -0.0001, 0)  # 65.4 % Xicheng's

OTHER = """
version = "other.1"
title = "其他"
extends = "2026.3"

[[rules]]
rule = "lowest_code"
name = "代码在先"
name_en = "Lowest code"
legal_basis = "示例"
decides = "{lead}"
decides_en = "{lead}"
passes = ""
passes_en = ""
"""


@pytest.fixture(scope="module")
def other_policy(loaded):
    """A policy that is stored and decides nothing yet, by its version."""
    shipped = read_document(DataSettings().policy)
    other = {
        "version": f"t.{uuid4().hex[:8]}",
        "title": "其他",
        "extends": shipped["version"],
        "rules": [shipped["rules"][-1]],
    }
    for document in (shipped, other):
        as_owner(
            loaded,
            lambda engine, document=document: policies.import_policy(
                engine, document, source="test", activate=False
            ),
        )
    return other["version"]


def fengtais(desk):
    """A case that the larger part gives to Xicheng, and its first receiver to Fengtai."""
    return desk.opened(shape(DISPUTED), category=BUILDING, intake=FENGTAI)


def test_a_case_is_decided_again_under_another_policy_and_nothing_is_written(
    desk, ledger, other_policy
):
    case = fengtais(desk)
    same = agreed(desk.get(f"cases/{case['id']}/replay"))
    assert (same["changed"], same["new"]["rule"]) == (False, "first_receiver")
    before = ledger.counts()
    other = agreed(desk.get(f"cases/{case['id']}/replay", policy=other_policy))
    assert ledger.counts() == before
    assert (other["changed"], other["new"]["rule"]) == (True, "lowest_code")
    assert [other[when]["lead"]["code"] for when in ("old", "new")] == [FENGTAI, XICHENG]
    assert [area["code"] for area in other["new"]["assisting"]] == [FENGTAI]


def test_an_agreement_made_later_does_not_reach_back(desk):
    case = fengtais(desk)
    name = f"t-{uuid4().hex[:12]}"
    given = {
        "id": name,
        "title": "后来的协议",
        "place": shape(DISPUTED),
        "reach_m": 20.0,
        "parties": [XICHENG, FENGTAI],
        "lead": XICHENG,
        "document": {"title": "d", "number": "1", "signed_on": "2026-02-27"},
        "valid_from": "2026-03-01",
        "categories": ["E06"],
    }
    agreed(desk.post("agreements", given), status=201)
    for party in (XICHENG, FENGTAI):
        agreed(desk.post(f"agreements/{name}/sign", {"party": party}))
    assert desk.resolved(shape(DISPUTED), category=BUILDING)["decision"]["rule"] == "agreement"
    again = agreed(desk.get(f"cases/{case['id']}/replay"))
    agreed(desk.post(f"agreements/{name}/end", {"reason": "test"}))
    assert (again["changed"], again["new"]["rule"]) == (False, "first_receiver")


def test_what_is_not_there_is_said(desk):
    case = fengtais(desk)
    refused(desk.get(f"cases/{uuid4()}/replay"), 404, "unknown-case")
    refused(desk.get(f"cases/{case['id']}/replay", policy="atlantis"), 404, "unknown-policy")
    refused(desk.get(f"cases/{case['id']}/replay", release="atlantis"), 404, "unknown-release")


def test_the_command_says_who_gains_work_and_writes_every_case(desk, loaded, tmp_path):
    case = fengtais(desk)
    policy, cases, summary = (tmp_path / name for name in ("p.toml", "cases.csv", "work.json"))
    lines = tmp_path / "cases.jsonl"
    shipped = read_document(DataSettings().policy)
    as_owner(
        loaded,
        lambda engine: policies.import_policy(engine, shipped, source="t", activate=False),
    )
    policy.write_text(OTHER, encoding="utf-8")
    urls = loaded.urls()
    variables = {"GRIDMAP_DATABASE_URL": urls.service, "GRIDMAP_DATABASE_OWNER_URL": urls.owner}

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "api", "replay", *map(str, arguments)],
            cwd=PROJECT,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("--policy", policy, "--out", cases, "--summary", summary)
    assert done.returncode == 0, done.stderr
    assert "广安门外街道" in done.stdout
    with cases.open(encoding="utf-8") as file:
        rows = {row["number"]: row for row in csv.DictReader(file)}
    row = rows[case["number"]]
    assert (row["old_lead"], row["new_lead"], row["new_rule"]) == (FENGTAI, XICHENG, "lowest_code")
    balance = json.loads(summary.read_text(encoding="utf-8"))
    work = {one["area"]["code"]: one for one in balance["work"]}
    assert balance["cases"] == len(rows)
    assert work[XICHENG]["gained"] >= 1
    assert work[FENGTAI]["lost"] >= 1

    none = run("--until", "2020-01-01", "--out", lines)
    assert (none.returncode, lines.read_text()) == (0, "")
    wrong = run("--out", tmp_path / "cases.xlsx")
    assert (wrong.returncode, "must end in" in wrong.stderr) == (1, True)
