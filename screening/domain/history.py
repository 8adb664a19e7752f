"""What happened: past-tense events, their canonical form, and the chain of hashes that holds them together."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from screening.domain.people import Person

FORM = "screening-event-2"
"""Names the canonical form; another form would start another chain."""
NOTHING_BEFORE = "0" * 64
FOR = "for"
"""Under this name `after` holds whom a deputy stood in for; no other event has it."""
BETWEEN_FIELDS, BETWEEN_RECORDS = "\x1f", "\x1e"
"""Signs that no field of an honest link holds, so that texts strung together can be taken apart in one way only."""
_UNWRITABLE = dict.fromkeys([*range(32), 127], "\ufffd") | {ord(sign): sign for sign in "\t\n\r"}


class Happening(StrEnum):
    """Everything that the trail records."""

    PROJECT_REGISTERED = "project_registered"
    PROJECT_CHANGED = "project_changed"
    PROJECT_SCREENED_AGAIN = "project_screened_again"
    PROJECT_VOIDED = "project_voided"
    PROJECT_REINSTATED = "project_reinstated"
    ATTACHMENT_ADDED = "attachment_added"
    ATTACHMENT_VOIDED = "attachment_voided"
    LEDGER_IMPORTED = "ledger_imported"
    IMPORT_UNDONE = "import_undone"
    COLUMNS_MAPPED = "columns_mapped"
    FORM_ADDED = "form_added"
    FORM_MAPPED = "form_mapped"
    FORM_REMOVED = "form_removed"
    FINDING_CONFIRMED = "finding_confirmed"
    FINDING_DISMISSED = "finding_dismissed"
    FINDING_ENTERED = "finding_entered"
    WARNING_EXPLAINED = "warning_explained"
    CASE_SUBMITTED = "case_submitted"
    CASE_WITHDRAWN = "case_withdrawn"
    CASE_CHECKED = "case_checked"
    CASE_FORWARDED = "case_forwarded"
    CASE_ACCEPTED = "case_accepted"
    CASE_SENT_BACK = "case_sent_back"
    DISPOSITION_RECOMMENDED = "disposition_recommended"
    RECOMMENDATION_RECALLED = "recommendation_recalled"
    DRAFT_REVISED = "draft_revised"
    DRAFT_COMMENTED = "draft_commented"
    COMMENT_ANSWERED = "comment_answered"
    COMMENT_SETTLED = "comment_settled"
    NOTICE_SIGNED = "notice_signed"
    LETTER_ISSUED = "letter_issued"
    STEP_TAKEN = "step_taken"
    STEP_VOIDED = "step_voided"
    RECOMMENDATION_RETURNED = "recommendation_returned"
    RECOMMENDATION_OUTDATED = "recommendation_outdated"
    DECISION_SIGNED = "decision_signed"
    SIGNED_TOGETHER = "signed_together"
    PRINT_RUN_STARTED = "print_run_started"
    PRINT_RUN_FINISHED = "print_run_finished"
    LETTER_PRINTED = "letter_printed"
    LETTER_SENT = "letter_sent"
    LETTER_SERVED = "letter_served"
    LETTER_VOIDED = "letter_voided"
    LETTER_ENTERED = "letter_entered"
    CLOCK_STARTED = "clock_started"
    CHASE_LOGGED = "chase_logged"
    CHASE_VOIDED = "chase_voided"
    FEED_MADE = "feed_made"
    FEED_REVOKED = "feed_revoked"
    METERING_ENTERED = "metering_entered"
    METERING_VOIDED = "metering_voided"
    PLAN_FILED = "plan_filed"
    PROGRESS_REPORTED = "progress_reported"
    PROGRESS_VOIDED = "progress_voided"
    FRONTRUNNER_APPLIED = "frontrunner_applied"
    FRONTRUNNER_MOVED = "frontrunner_moved"
    FRONTRUNNER_VOIDED = "frontrunner_voided"
    EXIT_RECORDED = "exit_recorded"
    EXIT_VOIDED = "exit_voided"
    CASE_CLOSED = "case_closed"
    OBJECTION_RECEIVED = "objection_received"
    OBJECTION_ENDED = "objection_ended"
    STAY_ORDERED = "stay_ordered"
    STAY_LIFTED = "stay_lifted"
    DECISION_UPHELD = "decision_upheld"
    DECISION_REVOKED = "decision_revoked"
    CASE_REOPENED = "case_reopened"
    REPLY_RECEIVED = "reply_received"
    SEAL_ADDED = "seal_added"
    SEAL_REVOKED = "seal_revoked"
    LETTER_SEALED = "letter_sealed"
    NUMBER_RULE_CHANGED = "number_rule_changed"
    DEPUTY_NAMED = "deputy_named"
    DEPUTY_ENDED = "deputy_ended"
    RULES_CONFIRMED = "rules_confirmed"
    RULES_COUNTERSIGNED = "rules_countersigned"
    CONFIRMATION_REFUSED = "confirmation_refused"
    VIEW_SAVED = "view_saved"
    VIEW_CHANGED = "view_changed"
    VIEW_REMOVED = "view_removed"
    DEADLINE_NOTICED = "deadline_noticed"
    APPROVAL_LAPSED = "approval_lapsed"
    ACCOUNT_DORMANT = "account_dormant"
    DAY_SWEPT = "day_swept"
    MAIL_SENT = "mail_sent"
    MAIL_REFUSED = "mail_refused"
    MAIL_RELEASED = "mail_released"
    EMAIL_CHANGED = "email_changed"
    LEDGER_INITIALISED = "ledger_initialised"
    PERSON_ADDED = "person_added"
    PERSON_LET_IN = "person_let_in"
    PERSON_KEPT_OUT = "person_kept_out"
    PASSWORD_RESET = "password_reset"  # noqa: S105  # the name of an event
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # the name of an event
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    ATTEMPT_REFUSED = "attempt_refused"

    @property
    def words(self) -> str:
        """As users read it."""
        return HAPPENING_WORDS[self]


HAPPENING_WORDS = {
    Happening.PROJECT_REGISTERED: "登记项目",
    Happening.PROJECT_CHANGED: "变更项目",
    Happening.PROJECT_SCREENED_AGAIN: "重新筛查",
    Happening.PROJECT_VOIDED: "作废项目",
    Happening.PROJECT_REINSTATED: "恢复项目",
    Happening.ATTACHMENT_ADDED: "上传附件",
    Happening.ATTACHMENT_VOIDED: "作废附件",
    Happening.LEDGER_IMPORTED: "导入台账",
    Happening.IMPORT_UNDONE: "撤销导入",
    Happening.COLUMNS_MAPPED: "设定列名对应",
    Happening.FORM_ADDED: "上传上级表样",
    Happening.FORM_MAPPED: "标定上级表样",
    Happening.FORM_REMOVED: "删除上级表样",
    Happening.FINDING_CONFIRMED: "确认情形",
    Happening.FINDING_DISMISSED: "排除情形",
    Happening.FINDING_ENTERED: "录入情形",
    Happening.WARNING_EXPLAINED: "说明数据疑点",
    Happening.CASE_SUBMITTED: "提交审核",
    Happening.CASE_WITHDRAWN: "撤回",
    Happening.CASE_CHECKED: "旗县核对通过",
    Happening.CASE_FORWARDED: "报送自治区审核",
    Happening.CASE_ACCEPTED: "审核通过",
    Happening.CASE_SENT_BACK: "退回补正",
    Happening.DISPOSITION_RECOMMENDED: "提出处置建议",
    Happening.RECOMMENDATION_RECALLED: "收回处置建议",
    Happening.DRAFT_REVISED: "修改文书草稿",
    Happening.DRAFT_COMMENTED: "提出草稿意见",
    Happening.COMMENT_ANSWERED: "答复草稿意见",
    Happening.COMMENT_SETTLED: "了结草稿意见",
    Happening.NOTICE_SIGNED: "签发告知书",
    Happening.LETTER_ISSUED: "签发程序文书",
    Happening.STEP_TAKEN: "办理程序步骤",
    Happening.STEP_VOIDED: "作废程序步骤",
    Happening.RECOMMENDATION_RETURNED: "退回处置建议",
    Happening.RECOMMENDATION_OUTDATED: "处置建议失效",
    Happening.DECISION_SIGNED: "签发处置决定",
    Happening.SIGNED_TOGETHER: "批量签发",
    Happening.PRINT_RUN_STARTED: "开始成批印制",
    Happening.PRINT_RUN_FINISHED: "成批印制完成",
    Happening.LETTER_PRINTED: "印制文书",
    Happening.LETTER_SENT: "寄出或者交接文书",
    Happening.LETTER_SERVED: "登记送达",
    Happening.LETTER_VOIDED: "作废文书",
    Happening.LETTER_ENTERED: "补录纸质文书",
    Happening.CLOCK_STARTED: "开始计算期限",
    Happening.CHASE_LOGGED: "登记催办",
    Happening.CHASE_VOIDED: "作废催办记录",
    Happening.FEED_MADE: "生成日历地址",
    Happening.FEED_REVOKED: "停用日历地址",
    Happening.METERING_ENTERED: "登记验收计量",
    Happening.METERING_VOIDED: "作废验收计量",
    Happening.PLAN_FILED: "登记改造计划",
    Happening.PROGRESS_REPORTED: "报告改造进度",
    Happening.PROGRESS_VOIDED: "作废进度报告",
    Happening.FRONTRUNNER_APPLIED: "申报领跑者",
    Happening.FRONTRUNNER_MOVED: "登记领跑者申报结果",
    Happening.FRONTRUNNER_VOIDED: "作废领跑者申报记录",
    Happening.EXIT_RECORDED: "登记淘汰退出",
    Happening.EXIT_VOIDED: "作废退出记录",
    Happening.CASE_CLOSED: "结案",
    Happening.OBJECTION_RECEIVED: "登记复议或者诉讼",
    Happening.OBJECTION_ENDED: "复议或者诉讼终结",
    Happening.STAY_ORDERED: "登记停止执行",
    Happening.STAY_LIFTED: "登记恢复执行",
    Happening.DECISION_UPHELD: "维持原决定",
    Happening.DECISION_REVOKED: "撤销决定",
    Happening.CASE_REOPENED: "重新审核",
    Happening.REPLY_RECEIVED: "登记移送回复",
    Happening.SEAL_ADDED: "上传印模",
    Happening.SEAL_REVOKED: "停用印章",
    Happening.LETTER_SEALED: "文书用印",
    Happening.NUMBER_RULE_CHANGED: "变更文号规则",
    Happening.DEPUTY_NAMED: "指定代理人",
    Happening.DEPUTY_ENDED: "结束代理",
    Happening.RULES_CONFIRMED: "核对规则",
    Happening.RULES_COUNTERSIGNED: "复核规则",
    Happening.CONFIRMATION_REFUSED: "不予复核",
    Happening.VIEW_SAVED: "保存视图",
    Happening.VIEW_CHANGED: "修改视图",
    Happening.VIEW_REMOVED: "删除视图",
    Happening.DEADLINE_NOTICED: "期限提醒",
    Happening.APPROVAL_LAPSED: "节能审查意见逾期未开工",
    Happening.ACCOUNT_DORMANT: "账户长期未登录",
    Happening.DAY_SWEPT: "每日巡查",
    Happening.MAIL_SENT: "发出提醒邮件",
    Happening.MAIL_REFUSED: "提醒邮件未送达",
    Happening.MAIL_RELEASED: "重新发送提醒邮件",
    Happening.EMAIL_CHANGED: "变更电子邮箱",
    Happening.LEDGER_INITIALISED: "建立台账",
    Happening.PERSON_ADDED: "添加人员",
    Happening.PERSON_LET_IN: "启用人员",
    Happening.PERSON_KEPT_OUT: "停用人员",
    Happening.PASSWORD_RESET: "重置密码",
    Happening.PASSWORD_CHANGED: "修改密码",
    Happening.SIGNED_IN: "登录",
    Happening.SIGN_IN_REFUSED: "登录被拒",
    Happening.SIGNED_OUT: "退出登录",
    Happening.ATTEMPT_REFUSED: "操作被拒",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: `at` aware, `subject` like `project:<id>`, before and after JSON data.

    `who` is a person, or the login of nobody in particular. Of a deputy the trail keeps his own login, and under FOR
    the login of the one he stood in for.
    """

    at: datetime
    who: Person | str
    kind: Happening
    subject: str
    why: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    @property
    def login(self) -> str:
        """Who did it."""
        return self.who if isinstance(self.who, str) else self.who.login

    @property
    def outcome(self) -> Mapping[str, Any] | None:
        """What the trail keeps as `after`."""
        principal = None if isinstance(self.who, str) else self.who.stands_for
        return self.after if principal is None else {**(self.after or {}), FOR: principal.login}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An event as it stands in the chain; every field is text or a whole number, and all of them are hashed."""

    seq: int
    at: str
    who: str
    kind: str
    subject: str
    why: str | None
    before: str | None
    after: str | None
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first place where a chain does not hold."""

    seq: int
    problem: str


def canonical(data: object) -> str:
    """JSON data as one text: keys sorted, no spaces, characters composed (NFC); floats are refused (TypeError)."""
    _refuse_floats(data)
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _refuse_floats(data: object) -> None:
    kind = type(data)
    if kind is dict:
        for value in data.values():  # type: ignore[attr-defined]  # a dict
            if value is not None and type(value) is not str:
                _refuse_floats(value)
    elif kind is list or kind is tuple:
        for value in data:  # type: ignore[attr-defined]  # a list or tuple
            _refuse_floats(value)
    elif not isinstance(data, str | int | None):
        raise TypeError(f"the trail holds text, whole numbers, yes and no, never {kind.__name__}")


def moment(at: datetime) -> str:
    """A moment as the trail writes it: UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def plain(text: str) -> str:
    """A text as the trail takes it: composed signs, control characters other than line ends and tabs made visible."""
    return text if text.isprintable() else text.translate(_UNWRITABLE)


def written(link: Link) -> str:
    """What is hashed of a link: the form's name and every field but the hash, each in its place, blanks told apart."""
    why = "-" if link.why is None else "=" + link.why
    before = "-" if link.before is None else "=" + link.before
    after = "-" if link.after is None else "=" + link.after
    return (
        f"{FORM}\x1f{link.previous}\x1f{link.seq}\x1f{link.at}\x1f{link.who}\x1f{link.kind}\x1f{link.subject}"
        f"\x1f{why}\x1f{before}\x1f{after}"
    )


def digest(link: Link) -> str:
    """The hash of a link: SHA-256 over the form's name and every other field."""
    return hashlib.sha256(written(link).encode()).hexdigest()


def follow(records: bytes, hashes: str, befores: str, count: int, previous: str) -> str | None:
    """Walks `count` records that follow the hash `previous`: the hash of the last, or None where one does not hold.

    `records` are the links as `written`, `hashes` and `befores` their columns of these names, each side by side with
    ␞ between. As honest fields hold neither that sign nor ␟, a text that has the right number of records and the right
    hashes was strung from the right fields. This is the quick look: `examine` says where and what.
    """
    sha256 = hashlib.sha256
    parted = [sha256(record).hexdigest() for record in records.split(BETWEEN_RECORDS.encode())]
    holds = (
        len(parted) == count
        and BETWEEN_RECORDS.join(parted) == hashes
        and BETWEEN_RECORDS.join([previous, *parted[:-1]]) == befores
    )
    return parted[-1] if holds else None


def chained(events: Iterable[Event], *, after_seq: int, previous: str) -> Iterator[Link]:
    """The events as links that follow the link `after_seq` whose hash is `previous`."""
    for seq, event in enumerate(events, start=after_seq + 1):
        bare = Link(
            seq=seq,
            at=moment(event.at),
            who=plain(event.login),
            kind=event.kind.value,
            subject=plain(event.subject),
            why=None if event.why is None else plain(event.why),
            before=None if event.before is None else canonical(event.before),
            after=None if event.outcome is None else canonical(event.outcome),
            previous=previous,
            hash="",
        )
        previous = digest(bare)
        yield Link(**{name: getattr(bare, name) for name in Link.__slots__ if name != "hash"}, hash=previous)


def examine(links: Iterable[Link], *, known: Mapping[int, str] | None = None) -> tuple[int, str, Flaw | None]:
    """Walks a chain from its start: (rows, last hash, the first flaw).

    `known` are heads kept elsewhere (seq -> hash): the chain must still contain each of them.
    """
    wanted = dict(known or {})
    rows, previous = 0, NOTHING_BEFORE
    for link in links:
        rows += 1
        if link.seq != rows:
            return rows, previous, Flaw(rows, f"第{rows}条记录缺失")
        if not _is_text(link):
            return rows, previous, Flaw(rows, f"第{rows}条记录的内容不是文本")
        if link.previous != previous:
            return rows, previous, Flaw(rows, f"第{rows}条记录与前一条不衔接")
        if digest(link) != link.hash:
            return rows, previous, Flaw(rows, f"第{rows}条记录内容与其校验值不符")
        if wanted.pop(rows, link.hash) != link.hash:
            return rows, previous, differs(rows)
        previous = link.hash
    if wanted:
        return rows, previous, cut(rows, max(wanted))
    return rows, previous, None


def _is_text(link: Link) -> bool:
    fields = (link.at, link.who, link.kind, link.subject, link.previous, link.hash)
    blanks = (link.why, link.before, link.after)
    return all(type(text) is str for text in fields) and all(text is None or type(text) is str for text in blanks)


def differs(seq: int) -> Flaw:
    """The chain has another hash at `seq` than a head kept elsewhere."""
    return Flaw(seq, f"第{seq}条记录与留存的链首不一致")


def cut(rows: int, kept: int) -> Flaw:
    """The chain ends before a head kept elsewhere."""
    return Flaw(rows + 1, f"留存的链首为第{kept}条，现只有{rows}条：末尾记录被删去")
