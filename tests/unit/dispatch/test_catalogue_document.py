import pytest

from api.settings import DataSettings
from gridmap import catalogue_files
from gridmap.dispatch.catalogue import Family, Initiator, Outcome
from gridmap.dispatch.catalogue_document import catalogue, document
from gridmap.dispatch.clock import Span
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.step import Step
from gridmap.level import Level

NAMES = {"name": "n", "name_en": "n"}
WHISTLE = {"code": "raid", **NAMES}
ITEM = {
    "code": "E1",
    **NAMES,
    "class_code": "E",
    "lead_kind": "urban",
    "assisting_kinds": [],
    "power_levels": ["district", "street"],
    "whistle_kind": "raid",
    "severity": "general",
    "legal_basis": "law",
}


def built(*, whistle=(), item=(), **head):
    given = {
        "version": "1",
        "title": "t",
        "department_kinds": [{"code": "urban", **NAMES}, {"code": "team", **NAMES}],
        "whistle_kinds": [WHISTLE | dict(whistle)],
        "classes": [{"code": "E", **NAMES, "kind": "event"}],
        "items": [ITEM | dict(item)],
    }
    return catalogue(given | head, source="c.toml")


def test_a_whistle_is_all_that_its_data_say():
    found = built(
        whistle={
            "family": "theme",
            "theme": "治堵",
            "respond_min": 30,
            "finish_working_h": 40,
            "path": ["platform", "reporting_in", "evaluation", "feedback"],
            "initiators": ["hall", "community"],
            "outcomes": [{"code": "minutes", "name": "会商纪要", "name_en": "Minutes"}],
            "automatic": True,
            "confidential": True,
            "next": ["raid"],
        }
    ).whistle_kinds["raid"]
    assert (found.family, found.theme) == (Family.THEME, "治堵")
    assert (found.respond, found.arrive, found.finish) == (Span(30), None, Span(2400, working=True))
    assert found.path[0] is Step.PLATFORM
    assert found.initiators == (Initiator.HALL, Initiator.COMMUNITY)
    assert found.outcomes == (Outcome("minutes", "会商纪要", "Minutes"),)
    assert found.automatic
    assert found.confidential


def test_a_whistle_that_says_nothing_goes_straight_and_is_the_streets():
    found = built().whistle_kinds["raid"]
    assert found.path == (Step.REPORTING_IN, Step.EVALUATION, Step.FEEDBACK)
    assert found.initiators == (Initiator.STREET,)
    assert not found.automatic
    assert not found.confidential


def test_an_item_may_say_who_holds_it_and_who_has_the_power_where():
    found = built(
        item={
            "jurisdiction_level": "community",
            "analysis_working_h": 8,
            "evidence": ["照片"],
            "powers": {"street": "team"},
        }
    ).item("E1")
    assert found.jurisdiction_level is Level.COMMUNITY
    assert found.analysis == Span(480, working=True)
    assert found.powers == {Level.STREET: "team"}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"whistle": {"path": ["reporting_in", "reporting_in", "feedback"]}}, "stands twice"),
        ({"whistle": {"path": ["evaluation", "reporting_in", "feedback"]}}, "not back"),
        ({"whistle": {"path": ["analysis", "reporting_in", "feedback"]}}, "not back"),
        ({"whistle": {"path": ["whistle", "reporting_in", "feedback"]}}, "not back"),
        ({"whistle": {"path": ["reporting_in"]}}, "must end in feedback"),
        ({"whistle": {"path": []}}, "must end in feedback"),
        ({"whistle": {"path": ["platform", "feedback"]}}, "must hold reporting_in"),
        ({"whistle": {"path": ["party", "feedback"]}}, "one of source, "),
        ({"whistle": {"path": "feedback"}}, "must be a list"),
        ({"whistle": {"family": "choir"}}, "family: it must be one of patrol, "),
        ({"whistle": {"theme": "治堵"}}, "theme: "),
        ({"whistle": {"family": "theme"}}, "theme: "),
        ({"whistle": {"initiators": ["mayor"]}}, "initiators: it must be one of street, "),
        ({"whistle": {"next": ["flute"]}}, "next: no whistle 'flute'"),
        ({"whistle": {"automatic": "yes"}}, "true or false"),
        ({"whistle": {"outcomes": [{"code": "a"}]}}, "code, name and name_en"),
        ({"whistle": {"outcomes": [{"code": "a", **NAMES}] * 2}}, "stands twice"),
        ({"whistle": {"outcomes": "a"}}, "list of tables"),
        ({"whistle": {"respond": 30}}, "needs a unit: one of respond_min, "),
        ({"whistle": {"respond_min": "30"}}, "respond_min must be a number"),
        ({"whistle": {"respond_min": True}}, "respond_min must be a number"),
        ({"whistle": {"respond_min": 0}}, "respond_min: a clock cannot run"),
        ({"whistle": {"respond_min": 1, "respond_working_h": 1}}, "are one clock"),
        ({"whistle": {"name": ""}}, "name: '' is empty"),
        ({"whistle": {"name": 5}}, "name: it must be a text"),
        ({"whistle": {"name": "a\x00"}}, "control character"),
        ({"whistle": {"code": "a b"}}, "is no code"),
        ({"item": {"powers": {"city": "team"}}}, "city is not among power_levels"),
        ({"item": {"powers": {"street": "navy"}}}, "powers: no department kind 'navy'"),
        ({"item": {"powers": ["street"]}}, "must be a table"),
        ({"item": {"evidence": ["照片", "照片"]}}, "stands twice"),
        ({"item": {"jurisdiction_level": "planet"}}, "one of city, "),
        ({"sample": 1}, "sample: it must be true or false"),
        ({"version": 2}, "version: it must be a text"),
        ({"items": "E1"}, "items: it must be a list of tables"),
        ({"items": [1]}, "items: it must be a list of tables"),
        ({"item_list": []}, "unknown keys"),
    ],
)
def test_data_that_cannot_work_are_refused_with_the_place(wrong, why):
    with pytest.raises(PolicyDataError, match=why) as refused:
        built(**wrong)
    assert str(refused.value).startswith("c.toml: ")


def test_a_catalogue_without_a_title_is_refused():
    with pytest.raises(PolicyDataError, match="title: it is missing"):
        catalogue({"version": "1"}, source="c.toml")


@pytest.fixture(scope="module")
def shipped():
    return catalogue_files.read(DataSettings().catalogue)


def test_the_shipped_sample_comes_back_from_its_own_document(shipped):
    assert catalogue(document(shipped), source="again") == shipped


def test_the_shipped_sample_has_a_whistle_of_every_family(shipped):
    assert {kind.family for kind in shipped.whistle_kinds.values()} == set(Family)


def test_in_the_shipped_sample_every_initiator_has_a_whistle(shipped):
    who = {one for kind in shipped.whistle_kinds.values() for one in kind.initiators}
    assert who == set(Initiator)


def test_illegal_mining_calls_sixteen_departments_in_secret(shipped):
    mining = shipped.item("E0405")
    assert len({mining.lead_kind, *mining.assisting_kinds}) == 16
    assert shipped.whistle_kinds[mining.whistle_kind].confidential


def test_the_four_whistles_may_follow_each_other(shipped):
    kinds = shipped.whistle_kinds
    assert "consultation" in kinds["patrol"].next
    assert "enforcement" in kinds["consultation"].next
    assert "management" in kinds["enforcement"].next
    assert all(kinds[one].outcomes for one in ("patrol", "consultation", "enforcement"))
