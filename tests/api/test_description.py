"""The API's own description: valid, complete, and true of what the service answers."""

import json
import re
from uuid import uuid4

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.desk import FIRE, PROBLEM, agreed, point, refused

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def description(service_url):
    return agreed(httpx.get(f"{service_url}/openapi.json", trust_env=False))


@pytest.fixture(scope="module")
def operations(description):
    return {
        (method, path): operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture
def conforms(description, operations):
    """Hold an answer against the schema that is declared for it."""

    def conforms(answer, method, path):
        declared = operations[method, path]["responses"]
        status = str(answer.status_code)
        response = declared.get(status) or declared[f"{status[0]}XX"]
        media_type = answer.headers["content-type"].split(";")[0]
        schema = response["content"][media_type].get("schema", {})
        errors = list(Draft202012Validator(description | schema).iter_errors(answer.json()))
        assert errors == []

    return conforms


def test_it_is_valid_openapi_3_1(description):
    assert description["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(description).iter_errors()) == []


def test_every_schema_in_it_is_valid_json_schema(description):
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_in_it_leads_somewhere(description):
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(description)):
        assert name in description["components"]["schemas"]


def test_it_has_every_endpoint_of_the_main_job(operations):
    v1, case = "/api/v1", "/api/v1/cases/{case_id}"
    assert set(operations) >= {
        ("post", f"{v1}/resolve"),
        ("post", f"{v1}/incidents"),
        ("get", f"{v1}/cases"),
        ("get", case),
        ("get", f"{case}/events"),
        ("post", f"{case}/whistles"),
        ("post", f"{case}/whistles/{{whistle}}/dispatch"),
        ("post", f"{case}/objections"),
        ("post", f"{case}/objections/{{objection}}/rule"),
        ("post", f"{case}/summons/{{summons}}/respond"),
        ("post", f"{case}/summons/{{summons}}/arrive"),
        ("post", f"{case}/summons/{{summons}}/finish"),
        ("post", f"{case}/summons/{{summons}}/evaluate"),
        ("post", f"{case}/close"),
        ("get", f"{v1}/areas"),
        ("get", f"{v1}/areas/{{code}}"),
        ("get", f"{v1}/release"),
        ("get", f"{v1}/catalogue"),
        ("get", f"{v1}/policy"),
        ("get", "/healthz"),
    }


def test_every_endpoint_declares_its_problems_and_what_it_is_for(operations):
    names = [operation["operationId"] for operation in operations.values()]
    assert len(set(names)) == len(names)
    for operation in operations.values():
        assert operation["summary"]
        for kind in ("4XX", "5XX"):
            problem = operation["responses"][kind]["content"][PROBLEM]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}
        default = operation["responses"].get("422", {}).get("content", {})
        assert set(default) <= {PROBLEM}, "FastAPI's own 422, which no endpoint answers"


def test_every_example_in_it_works_when_it_is_sent(desk, operations, conforms):
    sent = 0
    for (method, path), operation in operations.items():
        content = operation.get("requestBody", {}).get("content", {})
        for media_type, body in content.items():
            if "example" not in body:
                continue
            headers = {"Content-Type": media_type, "Idempotency-Key": str(uuid4())}
            answer = desk.http.request(method, path, json=body["example"], headers=headers)
            assert answer.is_success, answer.text
            conforms(answer, method, path)
            sent += 1
    assert sent >= 2


def test_what_a_case_answers_in_every_step_is_what_is_declared(desk, spot, conforms):
    case_path = "/api/v1/cases/{case_id}"
    summons_path = f"{case_path}/summons/{{summons}}"
    answer = desk.report(point(*spot))
    conforms(answer, "post", "/api/v1/incidents")
    case = answer.json()["case"]
    for step in ("whistles", "close"):  # the second is refused
        conforms(desk.step(case, step), "post", f"{case_path}/{step}")
    for summons in desk.case(case["id"])["summons"]:
        for step, body in (("respond", {}), ("arrive", {"place": point(*spot)}), ("finish", {})):
            answer = desk.step(case, "summons", summons["id"], step, **body)
            conforms(answer, "post", f"{summons_path}/{step}")
    conforms(desk.step(case, "close"), "post", f"{case_path}/close")
    conforms(desk.get(f"cases/{case['id']}"), "get", case_path)
    conforms(desk.get(f"cases/{case['id']}/events"), "get", f"{case_path}/events")
    conforms(desk.get("cases", state="closed"), "get", "/api/v1/cases")


@pytest.mark.parametrize("path", ["release", "catalogue", "policy"])
def test_what_decisions_are_made_with_is_what_is_declared(desk, conforms, path):
    conforms(desk.get(path), "get", f"/api/v1/{path}")


def test_areas_and_health_are_what_is_declared(desk, conforms):
    conforms(desk.get("areas", level="city"), "get", "/api/v1/areas")
    conforms(desk.get("areas/110102"), "get", "/api/v1/areas/{code}")
    conforms(desk.http.get("/healthz"), "get", "/healthz")


def test_refusals_are_the_problem_that_is_declared(desk, conforms):
    conforms(desk.resolve(point(0, 0)), "post", "/api/v1/resolve")
    conforms(desk.resolve({}), "post", "/api/v1/resolve")
    conforms(desk.post("resolve", b"{"), "post", "/api/v1/resolve")
    conforms(desk.get(f"cases/{uuid4()}"), "get", "/api/v1/cases/{case_id}")


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_refused(desk, media_type):
    body = json.dumps({"place": point(116.3, 39.9), "category": FIRE}).encode()
    answer = desk.post("resolve", body, **{"Content-Type": media_type})
    refused(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize("path", ["/docs", "/"])
def test_the_pages_refer_to_no_other_host(desk, path):
    page = desk.http.get(path)
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    named = re.findall(r"""(?:src|href|action)\s*=\s*["']([^"']*)["']|url\(([^)]*)\)""", page.text)
    assert named
    for attribute, style in named:
        assert not re.match(r"[a-z]+:|//", attribute or style)


def test_every_answer_has_the_headers_that_keep_it_here(desk):
    for answer in (desk.get("release"), desk.get("nowhere"), desk.post("resolve", b"{")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers or "uvicorn" in answer.headers["server"]
