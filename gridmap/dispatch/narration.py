"""A case's events as sentences that a person can read, in Chinese and in English.

One template per kind of event, filled with what the event says; what people wrote comes after a
colon. The words are here and not in the pages, so that a screen, a printed sheet and a terminal
tell the same story.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridmap.dispatch.arrival import PositionSource
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.event import Event, EventKind
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.summons import Stage

K = EventKind
_SCORES = ("差", "较差", "一般", "较好", "好")
_SCORES_EN = ("bad", "poor", "fair", "good", "very good")
_STAGES = {None: "研判", "respond": "响应", "arrive": "到场", "finish": "办结"}
_STAGES_EN = {None: "analyse", "respond": "respond", "arrive": "arrive", "finish": "finish"}
_TOLD = {"unit": "被召集单位", "convener": "召集单位", "superior": "上级"}
_TOLD_EN = {"unit": "the unit", "convener": "the convener", "superior": "the superior"}


@dataclass(frozen=True)
class Sentence:
    """What one event says, in both languages."""

    at: datetime
    zh: str
    en: str


_ZH: Mapping[EventKind, str] = {
    K.REPORTED: "{actor}报送，登记建案，由{holder}承办",
    K.JOINED: "{actor}又报送一次，并入本案",
    K.WHISTLE_BLOWN: "{actor}吹哨（{whistle}），召集 {count} 个单位{changed}",
    K.DISPATCHED: "平台受理、派发（{whistle}）{changed}",
    K.SENT_BACK: "平台退回（{whistle}）",
    K.SECRECY_LIFTED: "解除保密（{whistle}）",
    K.SUMMONED: "加召{unit}",
    K.STOOD_DOWN: "{unit}免到",
    K.RESPONDED: "{unit}响应",
    K.ARRIVED: "{unit}到场{how}{late}",
    K.WRONG_PLACE: "{unit}到错地方{how}，距现场 {distance}，不停表",
    K.UNPROVEN: "{unit}报到，位置精度不够{how}，未能证明到场，不停表",
    K.COUNTERSIGNED: "{actor}确认{unit}到场{late}",
    K.RELEASED: "{actor}放行{unit}",
    K.LEFT: "{unit}离开{early}",
    K.FINISHED: "{unit}办结",
    K.EVALUATED: "{actor}评价{unit}：{score}",
    K.VETOED: "{actor}否决结案",
    K.VETO_LIFTED: "{actor}撤销否决",
    K.ESCALATED: "{of}的{stage}时限已过 {percent}%，提醒{to}",
    K.EXPLAINED: "{party}说明情况",
    K.EXEMPTED: "{party}免责",
    K.OBJECTED: "{actor}提出派单异议：{claim}",
    K.ANSWERED: "{actor}答复异议：{agrees}",
    K.OBJECTION_WITHDRAWN: "{actor}撤回异议",
    K.SETTLED: "协商一致{lead}",
    K.REFERRED_UP: "报共同上级{superior}裁定",
    K.RULED: "指定管辖：{upheld}{lead}",
    K.HOLD_ASKED: "{actor}申请暂缓，{review_on} 复核",
    K.HOLD_REFUSED: "{actor}不同意暂缓",
    K.HELD: "{actor}同意暂缓，停表",
    K.REVIEW_DUE: "暂缓到了复核日",
    K.RESUMED: "{actor}恢复办理，接着计时",
    K.RECLOCKED: "按新公布的放假安排重算时限",
    K.TRANSFERRED: "移送{to_unit}，附 {pieces} 份证据",
    K.TRANSFER_RECEIVED: "{actor}接收移送，回执 {receipt}",
    K.TRANSFER_ENDED: "移送有了结果",
    K.CLOSED: "{actor}结案",
    K.FED_BACK: "反馈报送人{satisfaction}",
    K.REOPENED: "{actor}重新打开",
    K.MERGED: "并入案件 {into}",
    K.TOOK_OVER: "案件 {case} 并入本案",
}

_EN: Mapping[EventKind, str] = {
    K.REPORTED: "{actor} reported it; {holder} holds the case",
    K.JOINED: "{actor} reported it as well; joined to this case",
    K.WHISTLE_BLOWN: "{actor} blew the whistle ({whistle}) for {count} units{changed}",
    K.DISPATCHED: "The platform accepted it and sent the units ({whistle}){changed}",
    K.SENT_BACK: "The platform sent it back ({whistle})",
    K.SECRECY_LIFTED: "Secrecy was lifted ({whistle})",
    K.SUMMONED: "{unit} was called as well",
    K.STOOD_DOWN: "{unit} was stood down",
    K.RESPONDED: "{unit} responded",
    K.ARRIVED: "{unit} arrived{how}{late}",
    K.WRONG_PLACE: "{unit} was at the wrong place{how}, {distance} away; no clock stopped",
    K.UNPROVEN: "{unit} reported in{how}, too vague to prove its arrival; no clock stopped",
    K.COUNTERSIGNED: "{actor} vouched for the arrival of {unit}{late}",
    K.RELEASED: "{actor} released {unit}",
    K.LEFT: "{unit} left{early}",
    K.FINISHED: "{unit} finished",
    K.EVALUATED: "{actor} evaluated {unit}: {score}",
    K.VETOED: "{actor} vetoed the closing",
    K.VETO_LIFTED: "{actor} lifted the veto",
    K.ESCALATED: "{percent} % of the time for {of} to {stage} are gone; {to} was told",
    K.EXPLAINED: "{party} explained",
    K.EXEMPTED: "{party} was exempted",
    K.OBJECTED: "{actor} objected: {claim}",
    K.ANSWERED: "{actor} answered the objection: {agrees}",
    K.OBJECTION_WITHDRAWN: "{actor} withdrew the objection",
    K.SETTLED: "Both sides agreed{lead}",
    K.REFERRED_UP: "Referred to the common superior, {superior}",
    K.RULED: "Ruled: {upheld}{lead}",
    K.HOLD_ASKED: "{actor} asked for a hold until its review on {review_on}",
    K.HOLD_REFUSED: "{actor} refused the hold",
    K.HELD: "{actor} granted the hold; the clocks stand",
    K.REVIEW_DUE: "The day of the hold's review has come",
    K.RESUMED: "{actor} resumed the case; the clocks go on",
    K.RECLOCKED: "Deadlines computed again with the announced holidays",
    K.TRANSFERRED: "Transferred to {to_unit} with {pieces} pieces of evidence",
    K.TRANSFER_RECEIVED: "{actor} received the transfer under {receipt}",
    K.TRANSFER_ENDED: "The transfer has an outcome",
    K.CLOSED: "{actor} closed the case",
    K.FED_BACK: "The reporter was told{satisfaction}",
    K.REOPENED: "{actor} reopened the case",
    K.MERGED: "Merged into case {into}",
    K.TOOK_OVER: "Case {case} was merged into this one",
}


@dataclass(frozen=True)
class Narrator:
    """Tells a case's events; ``names`` are of accounts, the functions name areas and units."""

    record: CaseRecord
    catalogue: Catalogue
    names: Mapping[str, str]
    area_name: Callable[[str], str]
    unit_name: Callable[[str], str]

    def tell(self, event: Event) -> Sentence:
        """Return the sentence of an event of the case."""
        written = "；".join(text for text in event.texts.values() if text)
        return Sentence(
            event.at,
            _ZH[event.kind].format(**self._words(event, english=False)) + _after("：", written),
            _EN[event.kind].format(**self._words(event, english=True)) + _after(": ", written),
        )

    def _words(self, event: Event, *, english: bool) -> dict[str, Any]:
        data = event.data
        return {
            **data,
            "actor": self._actor(event),
            "holder": self._area(data.get("holder")),
            "whistle": self._whistle(data, english=english),
            "count": len(data.get("calls", ())),
            "changed": self._changed(data, english=english),
            "unit": self._called(data),
            "how": _how(data, english=english),
            "late": self._late(event, english=english),
            "distance": _distance(data.get("distance_m")),
            "early": _pick(data.get("early"), "（未经放行）", " without release", english=english),
            "score": _score(data.get("score"), english=english),
            "of": self._called(data) or self.unit_name(self.record.case.convener or ""),
            "stage": (_STAGES_EN if english else _STAGES).get(data.get("stage"), ""),
            "to": (_TOLD_EN if english else _TOLD).get(data.get("to", ""), ""),
            "party": self.unit_name(data.get("unit", "")),
            "claim": self._claim(data, english=english),
            "agrees": _either(
                data.get("agrees"), ("同意", "不同意"), ("agreed", "not agreed"), english=english
            ),
            "upheld": _either(
                data.get("upheld"),
                ("异议成立", "异议不成立"),
                ("the objection is upheld", "the objection is dismissed"),
                english=english,
            ),
            "lead": self._lead(data, english=english),
            "superior": self._area(data.get("superior")),
            "to_unit": self.unit_name(data.get("to_unit", "")),
            "pieces": len(data.get("evidence", ())),
            "satisfaction": _satisfaction(data, english=english),
        }

    def _actor(self, event: Event) -> str:
        name = self.names.get(event.by.account, event.by.account)
        unit = self.unit_name(event.by.unit) if event.by.unit else ""
        return f"{unit}{name}" if unit else name

    def _area(self, code: str | None) -> str:
        return self.area_name(code) if code else ""

    def _whistle(self, data: Mapping[str, Any], *, english: bool) -> str:
        number = data.get("whistle")
        found = next((one for one in self.record.case.whistles if one.id == number), None)
        if found is None:
            return ""
        kind = self.catalogue.whistle_kinds.get(found.kind)
        if kind is None:
            return found.kind
        return kind.name_en if english else kind.name

    def _called(self, data: Mapping[str, Any]) -> str:
        number = data.get("summons") or data.get("call", {}).get("id")
        found = (one for one in self.record.case.summons if one.id == number)
        return next((one.unit.name for one in found), "")

    def _late(self, event: Event, *, english: bool) -> str:
        found = (one for one in self.record.case.summons if one.id == event.data.get("summons"))
        summons = next(found, None)
        due = summons.due.get(Stage.ARRIVE) if summons else None
        return _pick(due is not None and event.at > due, "，超时", ", late", english=english)

    def _changed(self, data: Mapping[str, Any], *, english: bool) -> str:
        added, left_out = (
            "、".join(self.unit_name(unit) for unit in data.get(key, ()))
            for key in ("added", "left_out")
        )
        if not added and not left_out:
            return ""
        if english:
            return f"; changed from the proposal: added {added or '-'}, left out {left_out or '-'}"
        return f"，与建议相比增加：{added or '无'}，减少：{left_out or '无'}"

    def _claim(self, data: Mapping[str, Any], *, english: bool) -> str:
        if proposed := data.get("proposes"):
            area = self.area_name(proposed)
            return f"{area} should lead" if english else f"应由{area}主办"
        unit = self._called(data)
        return f"{unit} is not the one to come" if english else f"不应由{unit}到场"

    def _lead(self, data: Mapping[str, Any], *, english: bool) -> str:
        if not data.get("lead"):
            return ""
        area = self.area_name(data["lead"])
        return f", {area} leads" if english else f"，由{area}主办"


def _after(colon: str, written: str) -> str:
    return f"{colon}{written}" if written else ""


def _pick(told: object, zh: str, en: str, *, english: bool) -> str:
    if not told:
        return ""
    return en if english else zh


def _either(value: object, zh: tuple[str, str], en: tuple[str, str], *, english: bool) -> str:
    return (en if english else zh)[0 if value else 1]


def _how(data: Mapping[str, Any], *, english: bool) -> str:
    if data.get("how") == PositionSource.HAND:
        return " (marked by hand)" if english else "（手工标注）"
    accuracy = data.get("accuracy_m")
    if not accuracy:
        return ""
    return f" (±{accuracy:.0f} m)" if english else f"（定位，±{accuracy:.0f} 米）"


def _distance(distance_m: float | None) -> str:
    return "" if distance_m is None else f"{distance_m:,.0f} m"


def _score(score: int | None, *, english: bool) -> str:
    if score is None:
        return ""
    return f"{score} {(_SCORES_EN if english else _SCORES)[score - 1]}"


def _satisfaction(data: Mapping[str, Any], *, english: bool) -> str:
    value = data.get("satisfaction")
    if value is None:
        return ", who could not be reached" if english else "，未联系上"
    return f"; satisfaction {value}" if english else f"，满意度 {value}"
