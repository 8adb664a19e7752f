"""The closed data of a letter: everything that it says, so that nothing is looked up when it is printed again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final

from screening.domain.errors import Refusal

LONGEST: Final = 20_000
"""Characters that all texts of a letter may have together."""
LONGEST_FREE: Final = 2_000
"""Characters of one free paragraph."""


CODE: Final = 12
"""Hexadecimal digits of a check code."""


def code_of(text: str) -> str:
    """The check code of a letter's frozen text: how its SHA-256 begins."""
    return hashlib.sha256(text.encode()).hexdigest()[:CODE]


class LetterKind(StrEnum):
    """The letters of the process; the letter follows the measure, not the disposition."""

    PROCEED = "PROCEED"
    UPGRADE = "UPGRADE"
    KEEP = "KEEP"
    RECTIFY = "RECTIFY"
    RETROFIT = "RETROFIT"
    HALT = "HALT"
    REFER = "REFER"
    ELIMINATE = "ELIMINATE"
    RELEASE = "RELEASE"
    ADVANCE_NOTICE = "ADVANCE_NOTICE"
    HEARING = "HEARING"
    REMINDER = "REMINDER"
    ACCEPTED = "ACCEPTED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    RECEIPT = "RECEIPT"
    DATA_REQUEST = "DATA_REQUEST"

    @property
    def words(self) -> str:
        """As users read it."""
        return KIND_WORDS[self]

    @property
    def harmful(self) -> bool:
        """Whether the letter takes something from its addressee or binds it."""
        return self in HARMFUL

    @property
    def advisory(self) -> bool:
        """Whether it says where a project stands and orders nothing: a later decision says that anew."""
        return self in ADVISORY


KIND_WORDS: Final = {
    LetterKind.PROCEED: "准予推进函",
    LetterKind.UPGRADE: "鼓励升级改造函",
    LetterKind.KEEP: "保持能效水平函",
    LetterKind.RECTIFY: "限期整改通知",
    LetterKind.RETROFIT: "限期改造文书",
    LetterKind.HALT: "叫停决定",
    LetterKind.REFER: "移送函",
    LetterKind.ELIMINATE: "淘汰退出通知",
    LetterKind.RELEASE: "解除通知",
    LetterKind.ADVANCE_NOTICE: "事先告知书",
    LetterKind.HEARING: "听证告知书",
    LetterKind.REMINDER: "期限提示函",
    LetterKind.ACCEPTED: "改造验收通过通知",
    LetterKind.NOT_ACCEPTED: "改造验收不通过通知",
    LetterKind.RECEIPT: "送达回证",
    LetterKind.DATA_REQUEST: "补充资料通知",
}
HARMFUL: Final = frozenset({LetterKind.RECTIFY, LetterKind.RETROFIT, LetterKind.HALT, LetterKind.ELIMINATE})
ADVISORY: Final = frozenset({LetterKind.PROCEED, LetterKind.KEEP, LetterKind.UPGRADE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The office that issues: six-digit division, full name, document mark, and how it is reached.

    `government` reviews its decisions (行政复议): the people's government of the same level, for a 盟 its 行政公署.
    """

    code: str
    name: str
    mark: str
    government: str
    court: str = "有管辖权的人民法院"
    contact: str | None = None
    phone: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterUnit:
    """A unit with its verdict figures as the letter prints them; `ordered`: the order names this unit."""

    name: str | None = None
    product: str
    variant: str | None = None
    sec: str | None = None
    sec_kind: str | None = None
    """设计值 or 2025年度实际值."""
    unit: str | None = None
    benchmark: str | None = None
    baseline: str | None = None
    class_id: str
    class_words: str
    document: str | None = None
    """《工业重点领域能效标杆水平和基准水平（2023年版）》（发改产业〔2023〕723号）."""
    evidence: str | None = None
    limit: str | None = None
    """One sentence on the mandatory limit standard, where one was compared."""
    ordered: bool = False
    capacity: str | None = None
    """10万吨/年; told where the government is asked to close the unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFinding:
    """A confirmed situation (未批先建 …) with its facts as a sentence."""

    id: str
    words: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """A clause that the letter cites, 《中华人民共和国节约能源法》第十六条, and what it says in short.

    `rule` is its id in the rules, by which templates name it; `fault` says why it cannot be cited on the letter's day.
    """

    clause: str
    text: str | None = None
    rule: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """Where and until when a decision can be contested, by the law of the letter's day."""

    government: str
    review_days: int
    review_clause: str
    suit_months: int
    suit_clause: str


class FreePlace(StrEnum):
    """Where a free paragraph of the drafter stands."""

    AFTER_FACTS = "after_facts"
    BEFORE_REMEDIES = "before_remedies"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"after_facts": "事实之后", "before_remedies": "权利告知之前"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeParagraph:
    """Plain text of the drafter's own, at most `LONGEST_FREE` characters; a line end begins a new paragraph.

    A letter without that place has it at the end of its body.
    """

    place: FreePlace
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Countersigned:
    """An office that agreed to the draft (会签), who signed for it and on which day; kept on file, not printed."""

    office: str
    name: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterInputs:
    """All that a letter says. `missing` (sentences) makes it a watermarked draft, `sample` a specimen of made-up data.

    `ground` is the measure's ground (a finding's id, class_below, gb_level3, key_user …), `instrument` and `organ` its
    words. `number`, `signed_on` and `signatory` are None until signing. Dates are days in Asia/Shanghai.
    `months` is the period from service, beside the printed `due` day; `outer_limit` covers retrofit and exit.
    `earlier` names the letter that this one follows up (number or title), `recipient` another addressee than the
    enterprise, `items` the papers that are asked for, `reply_days` the working days for an answer.
    `effect` is what the decision does in one sentence (`domain.dispositions.effect_of`), printed in harmful letters.
    `free` are the drafter's own paragraphs in their order, `countersigned` the offices that agreed; `signatory`
    (签发人) is printed where a letter goes up to the government. Older frozen data read as without these fields.
    """

    kind: LetterKind
    office: Office
    number: str | None = None
    enterprise: str
    credit_code: str | None = None
    project: str
    project_code: str | None = None
    place: str
    industry: str
    stage: str
    """proposed, under_construction, existing."""
    as_of: date
    edition: str | None = None
    rules_version: str
    units: tuple[LetterUnit, ...] = ()
    findings: tuple[LetterFinding, ...] = ()
    disposition: str
    ground: str
    instrument: str
    organ: str
    harmful: bool = False
    basis: tuple[Provision, ...] = ()
    reasons: str | None = None
    due: date | None = None
    months: int | None = None
    outer_limit: date | None = None
    first_listed: date | None = None
    exit_months: int | None = None
    national_target: date | None = None
    remedies: Remedies | None = None
    signed_on: date | None = None
    signatory: str | None = None
    copies_to: tuple[str, ...] = ()
    recipient: str | None = None
    earlier: str | None = None
    items: tuple[str, ...] = ()
    reply_days: int | None = None
    missing: tuple[str, ...] = ()
    sample: bool = False
    by_person: bool = False
    """Whether a person named instrument, organ and clause himself, as the table of measures leaves them open."""
    effect: str | None = None
    cited: tuple[Provision, ...] = ()
    """The clauses that the words of its kind cite beside the basis."""
    free: tuple[FreeParagraph, ...] = ()
    countersigned: tuple[Countersigned, ...] = ()
    attention: str | None = None
    """The addressee's department or person, in brackets after its name."""
    remark: str | None = None
    """What else stands in the 附注, before the contact."""
    verify_at: str | None = None
    """Address of the page that verifies letters, for the QR code; None: the code holds number and check code alone."""
    energy_tce: str | None = None
    """The whole project's equivalent energy use in tce a year, where the government is asked to close units of it."""

    @property
    def draft(self) -> bool:
        """Whether the letter is not (yet) a signed one."""
        return bool(self.missing) or self.number is None or self.signed_on is None or self.signatory is None

    @property
    def code(self) -> str:
        """The check code that stands on the letter."""
        return code_of(self.to_json())

    def to_data(self) -> dict[str, Any]:
        """Plain JSON data; the inverse of `from_data`. Fields that came later stand only where filled."""
        data: dict[str, Any] = _plain(self)
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> LetterInputs:
        """From plain JSON data; refuses names that a letter does not have."""
        try:
            kept = dict(data)
            kept["kind"] = LetterKind(kept["kind"])
            kept["office"] = Office(**kept["office"])
            kept["units"] = tuple(LetterUnit(**u) for u in kept.get("units", ()))
            kept["findings"] = tuple(LetterFinding(**f) for f in kept.get("findings", ()))
            for key in ("basis", "cited"):
                kept[key] = tuple(Provision(**p) for p in kept.get(key, ()))
            kept["free"] = tuple(
                FreeParagraph(place=FreePlace(p["place"]), text=p["text"]) for p in kept.get("free", ())
            )
            kept["countersigned"] = tuple(
                Countersigned(office=c["office"], name=c["name"], day=date.fromisoformat(c["day"]))
                for c in kept.get("countersigned", ())
            )
            remedies = kept.get("remedies")
            kept["remedies"] = Remedies(**remedies) if remedies else None
            for key in ("copies_to", "items", "missing"):
                kept[key] = tuple(kept.get(key, ()))
            for key in ("as_of", "due", "outer_limit", "first_listed", "national_target", "signed_on"):
                kept[key] = date.fromisoformat(kept[key]) if kept.get(key) else None
            return cls(**kept)
        except (KeyError, TypeError, ValueError) as fault:
            raise Refusal(f"文书数据不完整或者含有不认识的项目：{fault}。请重新生成文书数据。") from fault

    def to_json(self) -> str:
        """The frozen text that is stored and attached: sorted keys, the same for the same letter."""
        return json.dumps(self.to_data(), ensure_ascii=False, sort_keys=True, indent=1)

    @classmethod
    def from_json(cls, text: str) -> LetterInputs:
        """From the text that `to_json` gave."""
        return cls.from_data(json.loads(text))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text with the Chinese name of its field, for the check of characters."""
        yield from _texts(self, "")


LABELS: Final = {
    "kind": "文书种类",
    "office": "发文机关",
    "code": "区划代码",
    "name": "名称",
    "mark": "机关代字",
    "government": "复议机关",
    "contact": "联系人",
    "phone": "联系电话",
    "address": "地址",
    "court": "诉讼法院",
    "number": "发文字号",
    "enterprise": "建设单位",
    "credit_code": "统一社会信用代码",
    "project": "项目名称",
    "project_code": "项目代码",
    "place": "建设地点",
    "industry": "所属行业",
    "stage": "建设状态",
    "units": "装置",
    "product": "主要产品",
    "variant": "工艺规格",
    "sec": "单位产品能耗",
    "sec_kind": "能耗类别",
    "unit": "能耗单位",
    "benchmark": "标杆水平",
    "baseline": "基准水平",
    "class_id": "能效分类标识",
    "class_words": "能效分类",
    "document": "能效水平文件",
    "evidence": "依据核对情况",
    "limit": "限额标准对比",
    "findings": "认定情形",
    "id": "标识",
    "words": "情形",
    "text": "内容",
    "disposition": "处置",
    "ground": "处置事由",
    "instrument": "措施",
    "organ": "实施机关",
    "basis": "依据",
    "clause": "条款",
    "reasons": "处置理由",
    "remedies": "救济途径",
    "review_clause": "复议条款",
    "suit_clause": "诉讼条款",
    "signatory": "签发人",
    "copies_to": "抄送机关",
    "recipient": "受文机关",
    "earlier": "原文书",
    "items": "所需资料",
    "missing": "待补事项",
    "edition": "能效水平版本",
    "verify_at": "查验网址",
    "rules_version": "规则版本",
    "due": "到期日",
    "months": "期限（月）",
    "outer_limit": "最长期限",
    "signed_on": "签发日期",
    "reply_days": "答复期限（工作日）",
    "exit_months": "退出期限（月）",
    "first_listed": "首次列入清单日期",
    "national_target": "国家目标日期",
    "as_of": "筛查日期",
    "effect": "决定的效力",
    "cited": "引用条款",
    "rule": "条款标识",
    "fault": "条款效力",
    "free": "自拟段落",
    "countersigned": "会签",
    "attention": "收件部门或者联系人",
    "remark": "附注",
    "capacity": "产能",
    "energy_tce": "年综合能源消费量（等价值）",
    "ordered": "决定所列装置",
    "review_days": "复议期限（日）",
    "suit_months": "起诉期限（月）",
    "harmful": "减损权益的文书",
    "by_person": "措施由人选定",
    "sample": "样张",
    "day": "日期",
}
"""What the fields of a letter are called where a message names them."""


_LATER: Final = frozenset({
    "effect", "cited", "free", "countersigned", "attention", "remark", "verify_at", "rule", "fault", "capacity",
    "energy_tce",
})  # fmt: skip
_Part = LetterInputs | Office | LetterUnit | LetterFinding | Provision | Remedies | FreeParagraph | Countersigned


def _plain(value: object) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, _Part):
        parts = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {name: part for name, part in parts.items() if part or name not in _LATER}
    return value


def _texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, StrEnum):
        return
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, tuple):
        for order, item in enumerate(value, 1):
            yield from _texts(item, f"{where}第{order}项")
    elif isinstance(value, _Part):
        for f in fields(value):
            yield from _texts(getattr(value, f.name), f"{where}·{LABELS.get(f.name, f.name)}".lstrip("·"))
