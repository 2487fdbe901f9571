import pytest

from gridmap.dispatch.catalogue_document import catalogue
from gridmap.dispatch.directory import Directory, Unit
from gridmap.dispatch.errors import PolicyDataError, UnknownCategoryError
from gridmap.dispatch.lead import Considered, Decision, RuleData
from gridmap.dispatch.plan import Capacity, plan
from gridmap.dispatch.question import Finding
from tests import toy

KINDS = ["government", "street_enforcement", "urban", "police", "fire"]
DOCUMENT = {
    "version": "t",
    "title": "t",
    "department_kinds": [
        {"code": kind, "name": kind, "name_en": kind} for kind in KINDS if kind != "urban"
    ]
    + [
        {
            "code": "urban",
            "name": "urban",
            "name_en": "urban",
            "handed_down_to": "street_enforcement",
        }
    ],
    "whistle_kinds": [{"code": "emergency", "name": "e", "name_en": "e", "arrive_min": 30}],
    "classes": [{"code": "E", "name": "E", "name_en": "E", "kind": "event"}],
    "items": [
        {
            "code": code,
            "name": code,
            "name_en": code,
            "class_code": "E",
            "lead_kind": "urban",
            "assisting_kinds": ["police", "fire"],
            "power_levels": [level],
            "whistle_kind": "emergency",
            "severity": "general",
            "legal_basis": "law",
        }
        for code, level in (("joint", "district"), ("own", "street"))
    ],
}
RELEASE = toy.release()


def unit(kind, area):
    return Unit(f"{kind}-{area}", f"{kind} {area}", kind, area)


DIRECTORY = Directory(
    [
        *(unit("government", s) for s in toy.STREETS),
        *(unit("street_enforcement", s) for s in toy.STREETS),
        *(unit("urban", d) for d in (toy.WEST, toy.EAST)),
        unit("police", toy.SOUTH_STREET),
        unit("police", toy.WEST),
        unit("fire", toy.CITY),
    ]
)


def planned(item, lead, *assisting, document=DOCUMENT):
    rule = RuleData("r", "", "", "", "", "", "", "")
    areas = [RELEASE.area(code) for code in (lead, *assisting)]
    decision = Decision(areas[0], tuple(areas[1:]), "t", (Considered(rule, Finding(areas[0], {})),))
    built = catalogue(document, source="t")
    return plan(decision, built.item(item), catalogue=built, directory=DIRECTORY, release=RELEASE)


def units(side):
    return [(a.unit.id, a.role) for a in side.assignments]


def test_each_side_gets_the_nearest_unit_up_the_tree_of_every_kind():
    lead, other = planned("joint", toy.SOUTH_STREET, toy.NORTH_STREET).jurisdictions
    assert units(lead) == [
        (f"urban-{toy.WEST}", Capacity.LEAD),
        (f"police-{toy.SOUTH_STREET}", Capacity.ASSISTING),
        (f"fire-{toy.CITY}", Capacity.ASSISTING),
    ]
    assert units(other) == [
        (f"government-{toy.NORTH_STREET}", Capacity.OFFICE),
        (f"urban-{toy.WEST}", Capacity.LEAD),
        (f"police-{toy.WEST}", Capacity.ASSISTING),
        (f"fire-{toy.CITY}", Capacity.ASSISTING),
    ]


def test_a_unit_that_serves_both_sides_is_summoned_once_for_both():
    calls = planned("joint", toy.SOUTH_STREET, toy.NORTH_STREET).calls
    by_unit = {call.unit.id: [area.code for area in call.areas] for call in calls}
    assert by_unit[f"urban-{toy.WEST}"] == [toy.SOUTH_STREET, toy.NORTH_STREET]
    assert len(calls) == len(by_unit) == 5


def test_a_kind_that_nobody_has_is_missing_where_a_person_sees_it():
    (side,) = planned("joint", toy.EAST_STREET).jurisdictions
    assert [missing.kind for missing in side.missing] == ["police"]


def test_a_power_of_the_street_goes_to_its_own_team_without_a_whistle():
    own = planned("own", toy.SOUTH_STREET)
    assert not own.needs_whistle
    assert own.calls[0].unit.kind == "street_enforcement"
    assert planned("own", toy.SOUTH_STREET, toy.EAST_STREET).needs_whistle


def test_a_power_that_an_item_gives_to_another_kind_at_the_street_goes_to_it():
    items = [one | {"powers": {"street": "police"}} for one in DOCUMENT["items"][1:]]
    own = planned("own", toy.SOUTH_STREET, document=DOCUMENT | {"items": items})
    assert own.calls[0].unit.id == f"police-{toy.SOUTH_STREET}"


def test_two_units_for_one_area_and_kind_are_refused():
    with pytest.raises(PolicyDataError, match="serves the same area"):
        Directory([unit("police", toy.WEST), Unit("x", "x", "police", toy.WEST)])


def test_in_a_gap_the_district_leads_with_its_own_departments_and_says_who_is_missing():
    own = planned("own", toy.WEST)
    (side,) = own.jurisdictions
    assert own.needs_whistle, "a district is not a street that holds the power itself"
    assert side.assignments[0].unit.kind == "urban"
    assert [missing.kind for missing in side.missing] == ["government"]


def test_an_unknown_category_is_refused_with_the_catalogue_to_look_in():
    with pytest.raises(UnknownCategoryError, match="nonsense"):
        catalogue(DOCUMENT, source="t").item("nonsense")


def broken(**changes):
    return DOCUMENT | {"items": [DOCUMENT["items"][0] | changes]}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (
            DOCUMENT
            | {
                "department_kinds": [
                    {"code": "a", "name": "a", "name_en": "a", "handed_down_to": "b"}
                ]
            },
            "no department kind 'b'",
        ),
        (broken(lead_kind="navy"), "no department kind 'navy'"),
        (broken(assisting_kinds=["navy"]), "no department kind 'navy'"),
        (broken(whistle_kind="flute"), "no whistle 'flute'"),
        (broken(class_code="Z"), "no class 'Z'"),
        (broken(power_levels=["planet"]), "planet"),
        (broken(severity="mild"), "mild"),
        (broken(colour="red"), "unknown keys"),
        (DOCUMENT | {"items": DOCUMENT["items"] * 2}, "stands twice"),
        (DOCUMENT | {"items": [{"code": "x"}]}, "missing"),
        (DOCUMENT | {"version": ""}, "version"),
    ],
)
def test_a_catalogue_that_cannot_work_is_refused_with_the_place(document, why):
    with pytest.raises(PolicyDataError, match=why):
        catalogue(document, source="catalogue.toml")
