from datetime import UTC, datetime, timedelta

import pytest

from api.services.reference import read_policy
from api.settings import DataSettings
from gridmap.boundary import Area
from gridmap.codes import level_of
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.lead import Claim, Filing, Question, decide
from gridmap.dispatch.policy import policy as built
from gridmap.level import Level

XICHENG = Area(Level.STREET, "110102020", "广安门外街道", "110102")
FENGTAI = Area(Level.STREET, "110106002", "太平桥街道", "110106")


def area(code):
    return Area(level_of(code), code, code, None)


NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def policy():
    return read_policy(DataSettings().policy)


def asked(xicheng, fengtai, **more):
    claims = sorted(
        (Claim(XICHENG, xicheng), Claim(FENGTAI, fengtai)),
        key=lambda claim: (-(claim.share or 0), claim.area.code),
    )
    return Question(tuple(claims), Level.STREET, fallback=False, **more)


def outcome(question, policy):
    decision = decide(question, policy)
    return decision.rule.rule, decision.lead.code


def test_a_single_area_leads_alone(policy):
    only = Question((Claim(XICHENG, 1.0),), Level.STREET, fallback=False)
    decision = decide(only, policy)
    assert (decision.rule.rule, decision.lead, decision.assisting) == (
        "only_territory",
        XICHENG,
        (),
    )


def test_in_a_gap_the_lowest_area_containing_the_place_leads(policy):
    district = Area(Level.DISTRICT, "110102", "西城区", "110000")
    alone = Question((Claim(district, 1.0),), Level.DISTRICT, fallback=True)
    assert outcome(alone, policy) == ("territorial_fallback", "110102")


@pytest.mark.parametrize(
    ("shares", "more", "expected"),
    [
        ((0.868, 0.132), {}, ("dominant_share", XICHENG.code)),
        ((0.132, 0.868), {"intake": XICHENG}, ("dominant_share", FENGTAI.code)),
        ((0.8, 0.2), {}, ("dominant_share", XICHENG.code)),
        ((0.65, 0.35), {}, ("largest_share", XICHENG.code)),
        ((0.65, 0.35), {"intake": FENGTAI}, ("first_receiver", FENGTAI.code)),
        ((0.65, 0.35), {"intake": area("110106002013")}, ("first_receiver", FENGTAI.code)),
        ((0.65, 0.35), {"intake": area("110106")}, ("first_receiver", FENGTAI.code)),
        ((0.65, 0.35), {"intake": area("110105001")}, ("largest_share", XICHENG.code)),
        ((0.65, 0.35), {"intake": area("110000")}, ("largest_share", XICHENG.code)),
        ((0.5, 0.5), {}, ("lowest_code", XICHENG.code)),
        ((None, None), {}, ("lowest_code", XICHENG.code)),
    ],
)
def test_the_first_rule_that_decides_wins(policy, shares, more, expected):
    assert outcome(asked(*shares, **more), policy) == expected


def filing(area, hours):
    return Filing(area.code, NOW - timedelta(hours=hours), f"立案〔2026〕{hours}号")


def test_the_first_to_file_beats_a_dominant_share(policy):
    question = asked(0.9, 0.1, filings=(filing(XICHENG, 1), filing(FENGTAI, 5)))
    assert outcome(question, policy) == ("first_to_file", FENGTAI.code)


def test_two_filings_at_the_same_instant_do_not_decide(policy):
    question = asked(0.9, 0.1, filings=(filing(XICHENG, 5), filing(FENGTAI, 5)))
    assert outcome(question, policy) == ("dominant_share", XICHENG.code)


def test_a_filing_by_somebody_not_concerned_does_not_count(policy):
    elsewhere = Filing("110105001", NOW, "x")
    assert outcome(asked(0.9, 0.1, filings=(elsewhere,)), policy)[0] == "dominant_share"


def near(probability, *others, near=()):
    claims = (Claim(XICHENG, probability=probability), *others)
    return Question(claims, Level.STREET, fallback=False, near=near)


def test_a_point_near_a_line_is_never_said_to_concern_one_side_only(policy):
    decision = decide(near(0.76, near=(FENGTAI,)), policy)
    assert (decision.rule.rule, decision.lead, decision.assisting) == ("likeliest", XICHENG, ())
    assert decision.considered[-1].why() == "点位最可能在广安门外街道；近旁还有太平桥街道"


def test_the_likelier_side_of_a_point_leads_and_the_other_assists(policy):
    decision = decide(near(0.3, Claim(FENGTAI, probability=0.2)), policy)
    assert (decision.rule.rule, decision.assisting) == ("likeliest", (FENGTAI,))


def test_equal_likelihoods_do_not_decide(policy):
    assert outcome(near(0.475, Claim(FENGTAI, probability=0.475)), policy)[0] == "lowest_code"


def test_everybody_else_above_the_threshold_assists(policy):
    assert decide(asked(0.65, 0.35), policy).assisting == (FENGTAI,)


def test_a_decision_says_what_every_earlier_rule_saw_in_both_languages(policy):
    decision = decide(asked(0.65, 0.35, intake=FENGTAI), policy)
    assert [considered.rule.rule for considered in decision.considered] == [
        "only_territory",
        "territorial_fallback",
        "first_to_file",
        "dominant_share",
        "first_receiver",
    ]
    dominant = decision.considered[3]
    assert dominant.why() == "没有占比达到80%的辖区"
    assert dominant.why(english=True) == "no jurisdiction holds 80% of it"
    assert decision.policy == policy.version
    assert "接诉即办" in decision.rule.legal_basis


def document(*names):
    rule = {"name": "", "name_en": "", "legal_basis": "", "decides": "", "decides_en": ""}
    return {
        "version": "t",
        "title": "t",
        "jurisdiction_level": "street",
        "geofence_m": 100,
        "timezone": "Asia/Shanghai",
        "working_time": {"hours": ["09:00-12:00"]},
        "analysis": {"deadline_min": 120},
        "negotiation": {"deadline_working_h": 16},
        "limits": {
            "max_footprint_m2": 1,
            "max_length_m": 1,
            "max_accuracy_m": 1,
            "max_vertices": 1,
        },
        "duplicates": {"radius_m": 1, "within_days": 1},
        "rules": [{**rule, "rule": name, "passes": "", "passes_en": ""} for name in names],
    }


def test_the_order_of_the_rules_is_data():
    turned = built(document("largest_share", "only_territory", "lowest_code"), source="t")
    assert outcome(asked(0.35, 0.65), turned) == ("largest_share", FENGTAI.code)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (document("largest_share"), "must stand last"),
        (document("lowest_code", "largest_share"), "must stand last"),
        (document("by_vote", "lowest_code"), "no rule 'by_vote'"),
        (document("largest_share", "largest_share", "lowest_code"), "twice"),
        (document("lowest_code") | {"limits": {"max": 1}}, "unknown keys"),
        (document("lowest_code") | {"jurisdiction_level": "planet"}, "planet"),
        (document("lowest_code") | {"timezone": "Mars/Olympus"}, "timezone: no such zone"),
        ({"rules": document("lowest_code")["rules"]}, "version"),
        (document("lowest_code") | {"working_time": {"hours": ["18:00-9:00"]}}, "working_time"),
        (document("lowest_code") | {"working_time": {"hours": [9]}}, "working_time"),
        (document("lowest_code") | {"working_time": {"hours": []}}, "there is none"),
        (document("lowest_code") | {"working_time": {"days": []}}, "unknown keys"),
        (document("lowest_code") | {"analysis": {}}, "deadline_min or deadline_working_h"),
        (document("lowest_code") | {"analysis": {"deadline": 9}}, "needs a unit"),
        (document("lowest_code") | {"analysis": {"deadline_min": -9}}, "more than 0"),
        (
            document("lowest_code") | {"analysis": {"deadline_min": 9, "deadline_working_h": 9}},
            "are one clock",
        ),
        (document("lowest_code") | {"escalation": [{"percent": 0, "to": "unit"}]}, "above 0"),
        (document("lowest_code") | {"escalation": [{"percent": 50, "to": "mayor"}]}, "superior"),
        (document("lowest_code") | {"escalation": [{"percent": 50}]}, "escalation"),
        (
            document("lowest_code") | {"escalation": [{"percent": 50, "to": "unit"}] * 2},
            "each once",
        ),
    ],
)
def test_a_policy_that_cannot_work_is_refused_with_the_place(broken, why):
    with pytest.raises(PolicyDataError, match=why):
        built(broken, source="policy.toml")
