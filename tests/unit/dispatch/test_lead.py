from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from api.services.reference import read_policy
from api.settings import DataSettings
from gridmap.boundary import Area
from gridmap.codes import level_of
from gridmap.dispatch.agreement import Standing
from gridmap.dispatch.agreements import Found
from gridmap.dispatch.errors import PolicyCycleError, PolicyDataError, UnreachableRuleError
from gridmap.dispatch.extension import whole
from gridmap.dispatch.lead import decide
from gridmap.dispatch.policy import policy as built
from gridmap.dispatch.question import Claim, Filing, Honoured, Owner, Question, Ruling
from gridmap.level import Level
from tests.pacts import agreement

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
        "ruling",
        "agreement",
        "owner_of_part",
        "only_territory",
        "territorial_fallback",
        "first_to_file",
        "dominant_share",
        "first_receiver",
    ]
    dominant = decision.considered[6]
    assert dominant.why() == "没有占比达到80%的辖区"
    assert dominant.why(english=True) == "no jurisdiction holds 80% of it"
    assert decision.policy == policy.version
    assert "接诉即办" in decision.rule.legal_basis


PARAMETERS = {"dominant_share": {"threshold": 0.8}}


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
        "rules": [
            {
                **rule,
                "rule": name,
                "passes": "",
                "passes_en": "",
                "parameters": PARAMETERS.get(name, {}),
            }
            for name in names
        ],
    }


def with_parameters(**parameters):
    given = document("dominant_share", "lowest_code")
    given["rules"][0]["parameters"] = parameters
    return given


def test_the_order_of_the_rules_is_data():
    turned = built(document("largest_share", "only_territory", "lowest_code"), source="t")
    assert outcome(asked(0.35, 0.65), turned) == ("largest_share", FENGTAI.code)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (document("largest_share"), "must stand last"),
        (document("lowest_code", "largest_share"), "must stand last"),
        (document("by_vote", "lowest_code"), "no rule 'by_vote'"),
        (document("largest_share", "largest_share", "lowest_code"), "largest_share stands twice"),
        (document("largest_share", "dominant_share", "lowest_code"), "dominant_share is never"),
        (document("likeliest", "largest_share", "only_territory", "lowest_code"), "only_territory"),
        (document(), "must stand last"),
        (with_parameters(), "threshold is missing"),
        (with_parameters(threshold=0.0), "above 0 and at most 1, not 0.0"),
        (with_parameters(threshold=1.01), "not 1.01"),
        (with_parameters(threshold=float("nan")), "not nan"),
        (with_parameters(threshold=True), "not True"),
        (with_parameters(threshold="0.8"), "not '0.8'"),
        (with_parameters(threshold=0.8, limit=3), "unknown parameters .'limit'."),
        (document("lowest_code") | {"tolerance": {"min_share": 1.5}}, "tolerance.min_share"),
        (document("lowest_code") | {"tolerance": {"confidence": 0}}, "tolerance.confidence"),
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


def test_a_low_threshold_behind_the_largest_share_can_still_decide_a_tie():
    half = document("largest_share", "dominant_share", "lowest_code")
    half["rules"][1]["parameters"] = {"threshold": 0.5}
    assert outcome(asked(0.5, 0.5), built(half, source="t")) == ("dominant_share", XICHENG.code)


def test_what_can_never_be_reached_has_an_error_of_its_own():
    for names in (("lowest_code", "likeliest"), ("likeliest", "likeliest", "lowest_code")):
        with pytest.raises(UnreachableRuleError):
            built(document(*names), source="t")


# --- rulings, agreements, owners ----------------------------------------------------------------

BEIJING_CITY = Area(Level.CITY, "110000", "北京市", None)
RULING = Ruling(FENGTAI, BEIJING_CITY, NOW, "京界裁〔2026〕1号")


def honoured(lead, **terms):
    deal = agreement(parties=(XICHENG.code, FENGTAI.code), **terms)
    return Honoured(replace(deal, lead=lead.code), lead)


def test_a_ruling_stands_above_everything():
    policy = read_policy(DataSettings().policy)
    question = asked(0.9, 0.1, ruling=RULING, agreements=(honoured(XICHENG),))
    decision = decide(question, policy)
    assert (decision.rule.rule, decision.lead, decision.assisting) == (
        "ruling",
        FENGTAI,
        (XICHENG,),
    )
    assert decision.inputs["by"] == "北京市"
    assert "北京市" in decision.considered[0].why()


def test_an_agreement_beats_a_filing_and_names_its_paper(policy):
    question = asked(0.9, 0.1, agreements=(honoured(FENGTAI),), filings=(filing(XICHENG, 5),))
    decision = decide(question, policy)
    assert (decision.rule.rule, decision.lead, decision.assisting) == (
        "agreement",
        FENGTAI,
        (XICHENG,),
    )
    assert decision.inputs["document_number"] == "联〔2026〕3号"
    assert decision.considered[-1].why() == (
        "《协议A》约定由太平桥街道主办（边界联合治理协议，联〔2026〕3号；2026-03-01至—）"
    )
    assert "太平桥街道 leads" in decision.considered[-1].why(english=True)


def test_the_lead_of_an_agreement_leads_where_no_part_of_the_place_is_its_own(policy):
    only = Question(
        (Claim(XICHENG, 1.0),), Level.STREET, fallback=False, agreements=(honoured(FENGTAI),)
    )
    decision = decide(only, policy)
    assert (decision.rule.rule, decision.lead, decision.assisting) == (
        "agreement",
        FENGTAI,
        (XICHENG,),
    )


def test_two_agreements_with_two_leads_do_not_decide_and_the_chain_says_so(policy):
    question = asked(0.9, 0.1, agreements=(honoured(FENGTAI), honoured(XICHENG)))
    decision = decide(question, policy)
    assert decision.rule.rule == "dominant_share"
    assert "未指明唯一主办" in decision.considered[1].why()


def test_an_agreement_of_districts_gives_the_case_to_the_street_inside_its_lead(policy):
    district = Area(Level.DISTRICT, "110106", "丰台区", "110000")
    assert outcome(asked(0.9, 0.1, agreements=(honoured(district),)), policy) == (
        "agreement",
        FENGTAI.code,
    )
    far = Area(Level.DISTRICT, "110105", "朝阳区", "110000")
    assert outcome(asked(0.9, 0.1, agreements=(honoured(far),)), policy) == ("agreement", far.code)


@pytest.mark.parametrize(
    ("standing", "terms", "said", "said_en"),
    [
        (Standing.EXPIRED, {"valid_until": date(2026, 5, 31)}, "已于2026-05-31到期", "ended on"),
        (Standing.EXPIRED, {"ended_at": NOW}, "已于2026-11-23到期", "ended on"),
        (Standing.NOT_YET, {"valid_from": date(2027, 1, 1)}, "2027-01-01起生效", "begins on"),
        (Standing.NOT_YET, {"in_force_at": NOW}, "2026-11-23起生效", "begins on"),
        (Standing.OTHER_HOURS, {}, "不在约定时段", "this hour"),
    ],
)
def test_agreements_that_do_not_hold_are_told_in_what_the_rule_saw(
    policy, standing, terms, said, said_en
):
    lapsed = Found(agreement(**terms), standing)
    decision = decide(asked(0.9, 0.1, lapsed=(lapsed,)), policy)
    assert decision.rule.rule == "dominant_share"
    assert said in decision.considered[1].why()
    assert said_en in decision.considered[1].why(english=True)


GARDENS = Owner("丰台区园林局", FENGTAI)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"owner": GARDENS, "is_part": True}, ("owner_of_part", FENGTAI.code)),
        ({"owner": GARDENS}, ("dominant_share", XICHENG.code)),  # an event: territory first
        ({"is_part": True}, ("dominant_share", XICHENG.code)),
        (
            {"owner": Owner("市园林局", BEIJING_CITY), "is_part": True},
            ("dominant_share", XICHENG.code),
        ),
    ],
)
def test_parts_go_to_their_owner_and_events_to_the_territory(policy, more, expected):
    assert outcome(asked(0.9, 0.1, **more), policy) == expected


# --- policies that build on others ----------------------------------------------------------------


def test_a_policy_that_extends_another_names_only_what_differs():
    base = document("largest_share", "lowest_code")
    other = {"version": "u", "title": "u", "extends": "t", "limits": {"max_length_m": 7}}
    made = built(whole(other, {"t": base}, source="u"), source="u")
    assert (made.version, made.limits.max_length_m, made.limits.max_vertices) == ("u", 7, 1)
    assert [rule.rule for rule in made.rules] == ["largest_share", "lowest_code"]


def test_policies_that_extend_each_other_are_refused_with_the_circle():
    ring = {
        "a": {"version": "a", "extends": "b"},
        "b": {"version": "b", "extends": "c"},
        "c": {"version": "c", "extends": "a"},
    }
    with pytest.raises(PolicyCycleError, match="a -> b -> c -> a"):
        whole(ring["a"], ring, source="a")
    with pytest.raises(PolicyCycleError, match="a -> a"):
        whole({"version": "a", "extends": "a"}, {}, source="a")


@pytest.mark.parametrize("base", ["nowhere", 7, ["t"]])
def test_a_policy_that_extends_nothing_known_is_refused(base):
    with pytest.raises(PolicyDataError, match="no policy"):
        whole({"version": "a", "extends": base}, {"t": {}}, source="a")
