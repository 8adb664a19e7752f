"""The tables; their constraints are sentences, and a broken one comes back as the message in `violations`."""

# No `from __future__ import annotations` here: SQLModel reads the annotations as they stand.
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from screening.domain.acceptance import AcceptanceStage
from screening.domain.chasing import ChaseKind
from screening.domain.classification import Disposition, EfficiencyClass, FindingId
from screening.domain.drafting import CommentState
from screening.domain.exits import ExitStep
from screening.domain.frontrunners import ApplicationState
from screening.domain.noticing import MailState, NoticeKind
from screening.domain.numbering import NumberGroup
from screening.domain.objections import FALLING, ObjectionKind, Outcome, ReplyResult
from screening.domain.people import GRANTS, Level, Role
from screening.domain.plans import PlanStep
from screening.domain.procedure import StepId, StepState
from screening.domain.registry import Industry, Stage
from screening.domain.review import (
    MOVES,
    Apart,
    CaseState,
    FindingSource,
    FindingState,
    LetterState,
    Manner,
    Move,
    PageState,
    Proof,
    RecommendationState,
    ReturnReason,
    Step,
)
from screening.domain.seals import EditionKind
from screening.store.types import Exact, Ordinal, by_value

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class PersonRow(SQLModel, table=True):
    """Somebody who acts."""

    __tablename__ = "person"
    __table_args__ = (
        sa.UniqueConstraint("login_folded"),
        sa.CheckConstraint("failures >= 0", name="failures_not_negative"),
        sa.CheckConstraint("length(scope) = 6", name="scope_is_division_code"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    login: str = Field(sa_type=sa.Text)
    login_folded: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    role: Role = Field(sa_type=by_value(Role))
    scope: str = Field(max_length=6)
    password_hash: str = Field(sa_type=sa.Text)
    must_change: bool
    active: bool
    failures: int = 0
    locked_until: datetime | None = None
    epoch: int = 0
    added_at: datetime
    last_sign_in: datetime | None = None
    email: str | None = Field(default=None, sa_type=sa.Text)
    """Where notices are sent to as well; the person's own affair."""


class PersonSessionRow(SQLModel, table=True):
    """A session on the server; only the hash of its token is kept."""

    __tablename__ = "person_session"
    __table_args__ = (sa.UniqueConstraint("token_hash"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    token_hash: str = Field(max_length=64)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    epoch: int
    address: str = Field(sa_type=sa.Text)
    started_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None = None


class SignInAttemptRow(SQLModel, table=True):
    """An attempt to sign in, kept as evidence."""

    __tablename__ = "sign_in_attempt"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    login: str = Field(sa_type=sa.Text, index=True)
    address: str = Field(sa_type=sa.Text)
    at: datetime
    succeeded: bool


FACETED = (
    "league", "industry", "stage", "efficiency_class", "disposition", "case_state", "banner", "in_focus", "near_line",
    "findings",
)  # fmt: skip
"""Columns that lists are filtered by."""


class ProjectRow(SQLModel, table=True):
    """A project: its facts as they were stated, and the columns that lists sort and filter by."""

    __tablename__ = "project"
    __table_args__ = (
        sa.UniqueConstraint("identity"),
        sa.CheckConstraint("version >= 1", name="version_counts_from_one"),
        sa.CheckConstraint("length(banner) = 6 AND length(league) = 6", name="division_codes_have_six_digits"),
        sa.CheckConstraint("(case_state = 'void') = (void_reason IS NOT NULL)", name="void_has_reason"),
        # The facets of the ledger page are counted from this index alone.
        sa.Index("ix_project_facets", *FACETED),
        sa.Index("ix_project_banner", "banner", "case_state", "name", "id"),
        # The page of a list is found on one of these alone, filters and all; then only its rows are read.
        sa.Index("ix_project_by_name", "name", "id", *FACETED),
        sa.Index("ix_project_by_code", "code", "name", "id", *FACETED),
        sa.Index("ix_project_by_enterprise", "enterprise", "name", "id", *FACETED),
        sa.Index("ix_project_by_class", "class_order", "name", "id", *FACETED),
        sa.Index("ix_project_by_tce", "equivalent_tce", "name", "id", *FACETED),
        sa.Index("ix_project_by_changed", "changed_at", "name", "id", *FACETED),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    identity: str = Field(sa_type=sa.Text)
    code: str | None = Field(default=None, sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    enterprise: str = Field(sa_type=sa.Text)
    credit_code: str | None = Field(default=None, sa_type=sa.Text)
    league: str = Field(max_length=6)
    banner: str = Field(max_length=6)
    industry: Industry = Field(sa_type=by_value(Industry))
    stage: Stage = Field(sa_type=by_value(Stage))
    efficiency_class: EfficiencyClass = Field(sa_type=by_value(EfficiencyClass))
    class_order: int
    """The place of the class from best to worst, to sort by."""
    disposition: Disposition = Field(sa_type=by_value(Disposition))
    disposition_if_confirmed: Disposition | None = Field(
        default=None, sa_type=by_value(Disposition, "disposition_if_confirmed")
    )
    equivalent_tce: Decimal | None = Field(default=None, sa_type=Exact(18, 6))
    """To sort and sum by, at most six places; the exact figure stands in `screening`."""
    in_focus: bool | None = None
    near_line: bool
    findings: int
    """Findings that count or wait for a person's judgement."""
    units: int
    case_state: CaseState = Field(sa_type=by_value(CaseState))
    state_since: datetime
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    """Why the project was voided; it is never deleted."""
    halted_on: date | None = None
    """The day of the signed halt that stands: nothing may be approved for the project until it is released."""
    rules_version: str = Field(sa_type=sa.Text)
    as_of: date
    search: str = Field(sa_type=sa.Text)
    registered_by: UUID = Field(foreign_key="person.id")
    registered_at: datetime
    changed_by: UUID = Field(foreign_key="person.id")
    """Who last stated the facts."""
    changed_at: datetime
    saved_by: UUID = Field(foreign_key="person.id")
    """Who wrote the present version, whatever it changed."""
    saved_at: datetime
    version: int = 1
    # The long texts stand last: SQLite then reads lists without touching them.
    basis_refs: str = Field(sa_type=sa.Text)
    """Refs of the rules it rests on, each between two spaces."""
    facts: str = Field(sa_type=sa.Text)
    screening: str = Field(sa_type=sa.Text)


class FindingRow(SQLModel, table=True):
    """What a person said of a finding, the facts it was said of, and what proves it."""

    __tablename__ = "finding"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "finding", "digest"),
        sa.CheckConstraint("length(reason) > 0", name="finding_has_reason"),
        sa.CheckConstraint("length(reference) > 0 OR attachments <> '[]'", name="finding_has_evidence"),
        sa.CheckConstraint("state = 'dismissed' OR found_on IS NOT NULL", name="finding_has_day"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    finding: FindingId = Field(sa_type=by_value(FindingId))
    source: FindingSource = Field(sa_type=by_value(FindingSource))
    state: FindingState = Field(sa_type=by_value(FindingState))
    digest: str = Field(max_length=64)
    """SHA-256 of the facts: a project may have several findings of one situation."""
    facts: str = Field(sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    """As the decision and its letter state it."""
    details: str = Field(sa_type=sa.Text)
    """The fields of the situation (domain/grounds.py) as JSON; `{}` where it was only dismissed."""
    found_on: date | None
    attachments: str = Field(sa_type=sa.Text)
    """The project's files that prove it: JSON list of id, name and SHA-256."""
    reference: str = Field(sa_type=sa.Text)
    """Evidence that is no file of the ledger, in words; may be empty where there are files."""
    reason: str = Field(sa_type=sa.Text)
    by: UUID = Field(foreign_key="person.id")
    at: datetime


class ExplanationRow(SQLModel, table=True):
    """What a person said of a warning of plausibility; it holds for the figures in `facts` and lapses with them."""

    __tablename__ = "explanation"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "digest"),
        sa.CheckConstraint("length(text) > 0", name="explanation_has_text"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    warning: str = Field(sa_type=sa.Text)
    """The id of the warning."""
    digest: str = Field(max_length=64)
    """SHA-256 of the warning's id and the facts."""
    facts: str = Field(sa_type=sa.Text)
    sentence: str = Field(sa_type=sa.Text)
    """The warning as the person read it."""
    text: str = Field(sa_type=sa.Text)
    by: UUID = Field(foreign_key="person.id")
    at: datetime


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(f"'{text}'" for text in sorted(set(texts)))


def _moves(asked: Callable[[Step], bool]) -> str:
    """The moves from a state that ask for something, as SQL: `before>move`."""
    return (
        f"before || '>' || move IN ({_listed(f'{before}>{move}' for (before, move), s in MOVES.items() if asked(s))})"
    )


class CaseMoveRow(SQLModel, table=True):
    """A move of a case: who made it, from where to where, on what. The table of moves stands in the constraints."""

    __tablename__ = "case_move"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "version"),
        sa.Index(
            "ix_case_move_sent_back",
            "at",
            sqlite_where=sa.text("move = 'send_back'"),
            postgresql_where=sa.text("move = 'send_back'"),
        ),
        sa.CheckConstraint(
            "before || '>' || move || '>' || after IN ("
            + _listed(f"{b}>{m}>{s.after}" for (b, m), s in MOVES.items())
            + ")",
            name="move_is_in_the_table",
        ),
        sa.CheckConstraint(
            "before || '>' || move || '<' || role IN ("
            + _listed(
                f"{b}>{m}<{role}" for (b, m), s in MOVES.items() for role, may in GRANTS.items() if s.permission in may
            )
            + ")",
            name="role_may_make_it",
        ),
        sa.CheckConstraint(
            f"level >= {Level.LEAGUE.value} OR NOT ({_moves(lambda s: s.least >= Level.LEAGUE)})",
            name="league_or_higher",
        ),
        sa.CheckConstraint(
            f"level >= {Level.REGION.value} OR NOT ({_moves(lambda s: s.least >= Level.REGION)})",
            name="region_or_higher",
        ),
        sa.CheckConstraint(
            f"length(coalesce(reason, '')) > 0 OR NOT ({_moves(lambda s: Proof.REASON in s.proofs)})",
            name="move_has_reason",
        ),
        sa.CheckConstraint(
            f"(code IS NOT NULL AND field IS NOT NULL) OR NOT ({_moves(lambda s: Proof.CODE in s.proofs)})",
            name="return_has_code_and_field",
        ),
        sa.CheckConstraint(
            f"length(coalesce(document, '')) > 0 OR NOT ({_moves(lambda s: Proof.DOCUMENT in s.proofs)})",
            name="move_has_document",
        ),
        sa.CheckConstraint(
            f"paper_date IS NOT NULL OR NOT ({_moves(lambda s: Proof.PAPER_DATE in s.proofs)})",
            name="move_has_paper_date",
        ),
        sa.CheckConstraint(
            '("by" <> registered_by AND "by" <> changed_by'
            " AND (for_whom IS NULL OR (for_whom <> registered_by AND for_whom <> changed_by)))"
            f" OR NOT ({_moves(lambda s: Apart.REGISTERED in s.apart)})",
            name="nobody_reviews_his_own",
        ),
        sa.CheckConstraint(
            'recommended_by IS NOT NULL AND "by" <> recommended_by'
            " AND (for_whom IS NULL OR for_whom <> recommended_by)"
            f" OR NOT ({_moves(lambda s: Apart.RECOMMENDED in s.apart)})",
            name="nobody_signs_his_own",
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    version: int
    """The version of the project that the move made."""
    move: Move = Field(sa_type=by_value(Move))
    before: CaseState = Field(sa_type=by_value(CaseState, "before"))
    after: CaseState = Field(sa_type=by_value(CaseState, "after"))
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    """Whom a deputy stood in for."""
    role: Role = Field(sa_type=by_value(Role))
    level: int
    registered_by: UUID = Field(foreign_key="person.id")
    changed_by: UUID = Field(foreign_key="person.id")
    recommended_by: UUID | None = Field(default=None, foreign_key="person.id")
    reason: str | None = Field(default=None, sa_type=sa.Text)
    code: ReturnReason | None = Field(default=None, sa_type=by_value(ReturnReason))
    field: str | None = Field(default=None, sa_type=sa.Text)
    document: str | None = Field(default=None, sa_type=sa.Text)
    paper_date: date | None = None
    at: datetime


class RecommendationRow(SQLModel, table=True):
    """A disposition that a reviewer proposed for signing."""

    __tablename__ = "recommendation"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("(state = 'returned') = (returned_at IS NOT NULL)", name="returned_has_moment"),
        sa.CheckConstraint("length(reason) > 0", name="recommendation_has_reason"),
        sa.CheckConstraint("length(effect) > 0", name="recommendation_has_effect"),
        sa.CheckConstraint("disposition = proposed OR coalesce(length(clause), 0) > 0", name="override_has_clause"),
        sa.Index(
            "uq_recommendation_project_id",
            "project_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    project_version: int
    """The version of the project that it was made on; tells newer from older."""
    disposition: Disposition = Field(sa_type=by_value(Disposition))
    proposed: Disposition = Field(sa_type=by_value(Disposition, "proposed"))
    reason: str = Field(sa_type=sa.Text)
    clause: str | None = Field(default=None, sa_type=sa.Text)
    despite: str | None = Field(default=None, sa_type=sa.Text)
    """Why it was made while warnings of plausibility stood unexplained."""
    effect: str = Field(sa_type=sa.Text)
    """What it does, in one sentence."""
    measures: str = Field(sa_type=sa.Text)
    named: str = Field(default="{}", sa_type=sa.Text)
    """JSON by measure: instrument, organ and clause that the reviewer named where the table leaves them open."""
    due: date | None = None
    matter: str = Field(max_length=64)
    """SHA-256 of the facts, the basis and the measure: a step serves only the matter that it was taken for."""
    state: RecommendationState = Field(sa_type=by_value(RecommendationState))
    by: UUID = Field(foreign_key="person.id")
    at: datetime
    returned_reason: str | None = Field(default=None, sa_type=sa.Text)
    returned_by: UUID | None = Field(default=None, foreign_key="person.id")
    returned_at: datetime | None = None


class NeedRow(SQLModel, table=True):
    """A step that must be on file before a recommendation is signed; the database refuses the decision without it."""

    __tablename__ = "recommendation_need"
    recommendation_id: UUID = Field(foreign_key="recommendation.id", primary_key=True)
    step: StepId = Field(sa_type=by_value(StepId), primary_key=True)


class DraftVersionRow(SQLModel, table=True):
    """A saved version of the edited texts of one letter of a recommendation; versions are added, never changed."""

    __tablename__ = "draft_version"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("recommendation_id", "part", "number"),
        sa.CheckConstraint("number >= 1", name="number_counts_from_one"),
        sa.CheckConstraint("length(why) > 0", name="version_says_why"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    recommendation_id: UUID = Field(foreign_key="recommendation.id")
    part: str = Field(sa_type=sa.Text)
    """Which letter: the ref of its measure, or the kind of a notice."""
    kind: str = Field(max_length=32)
    number: int
    texts: str = Field(sa_type=sa.Text)
    """JSON: all edited texts (`domain.drafting.Texts`)."""
    why: str = Field(sa_type=sa.Text)
    taken_from: UUID | None = Field(default=None, foreign_key="draft_version.id")
    """The older version that it restores."""
    substance: bool
    """Whether free wording changed, so that the legal review starts again."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime


class DraftCommentRow(SQLModel, table=True):
    """What somebody said of a draft: its answer and its settling are added, the comment itself stands."""

    __tablename__ = "draft_comment"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(text) > 0", name="comment_has_text"),
        sa.CheckConstraint("number >= 0", name="number_counts_from_nought"),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL)"
            " AND (state <> 'answered' OR answer IS NOT NULL) AND (state <> 'open' OR answer IS NULL)",
            name="answer_is_whole",
        ),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_by IS NOT NULL) AND (state = 'settled') = (settled_at IS NOT NULL)",
            name="settled_by_somebody",
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    recommendation_id: UUID = Field(foreign_key="recommendation.id", index=True)
    part: str = Field(sa_type=sa.Text)
    number: int
    """The version of the draft that was read; 0 where nobody had edited it."""
    about: str | None = Field(default=None, sa_type=sa.Text)
    """How the paragraph begins that it is about; None for the whole letter."""
    text: str = Field(sa_type=sa.Text)
    must: bool
    """Whether nothing is signed before it is settled."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    role: Role = Field(sa_type=by_value(Role))
    at: datetime
    state: CommentState = Field(sa_type=by_value(CommentState))
    answer: str | None = Field(default=None, sa_type=sa.Text)
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = None
    settled_by: UUID | None = Field(default=None, foreign_key="person.id")
    settled_at: datetime | None = None


class ProcedureStepRow(SQLModel, table=True):
    """A step taken on a matter, with its evidence; one taken in error is voided and taken again, never changed."""

    __tablename__ = "procedure_step"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(facts) > 2", name="step_has_evidence"),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="void_has_reason"),
        sa.CheckConstraint("step <> 'legal_review' OR role = 'legal'", name="lawyer_reviews"),
        sa.CheckConstraint(
            "step <> 'advance_notice' OR state = 'not_required' OR letter_id IS NOT NULL", name="notice_is_a_letter"
        ),
        sa.Index(
            "uq_procedure_step_project_id",
            "project_id",
            "matter",
            "step",
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id")
    matter: str = Field(max_length=64)
    step: StepId = Field(sa_type=by_value(StepId))
    state: StepState = Field(sa_type=by_value(StepState))
    happened_on: date
    """The day on paper."""
    facts: str = Field(sa_type=sa.Text)
    """JSON: what was filled in for this step, by the fields that it has; `reason` where it is not required."""
    letter_id: UUID | None = Field(default=None, foreign_key="letter.id")
    """The served letter that it rests on (an advance notice)."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    role: Role = Field(sa_type=by_value(Role))
    at: datetime
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    voided_by: UUID | None = Field(default=None, foreign_key="person.id")
    voided_at: datetime | None = None


class DeputyRow(SQLModel, table=True):
    """A period in which one person stands in for another; both names go on record with everything done in it."""

    __tablename__ = "deputy"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("principal_id <> deputy_id", name="two_people"),
        sa.CheckConstraint("first_day <= last_day", name="period_is_in_order"),
        sa.CheckConstraint("length(reason) > 0", name="deputy_has_reason"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    principal_id: UUID = Field(foreign_key="person.id", index=True)
    deputy_id: UUID = Field(foreign_key="person.id", index=True)
    first_day: date
    last_day: date
    reason: str = Field(sa_type=sa.Text)
    added_by: UUID = Field(foreign_key="person.id")
    added_at: datetime
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = None


class DecisionRow(SQLModel, table=True):
    """A signed decision with everything that it rested on at that moment; never changed."""

    __tablename__ = "decision"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("recommendation_id"),
        sa.CheckConstraint(
            "signed_by <> recommended_by AND (signed_for IS NULL OR signed_for <> recommended_by)",
            name="nobody_signs_his_own",
        ),
        sa.CheckConstraint("follows IS NULL OR follows <> id", name="follows_another"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    project_version: int
    recommendation_id: UUID = Field(foreign_key="recommendation.id")
    disposition: Disposition = Field(sa_type=by_value(Disposition))
    facts: str = Field(sa_type=sa.Text)
    screening: str = Field(sa_type=sa.Text)
    grounds: str = Field(sa_type=sa.Text)
    """Confirmed findings, measures, bases with their evidence, and the confirmations relied on, as JSON."""
    rules_version: str = Field(sa_type=sa.Text)
    as_of: date
    recommended_by: UUID = Field(foreign_key="person.id")
    signed_by: UUID = Field(foreign_key="person.id")
    signed_for: UUID | None = Field(default=None, foreign_key="person.id")
    """Whom a deputy stood in for."""
    signed_at: datetime
    """The moment of entry; `signed_on` is the day on paper."""
    signed_on: date
    follows: UUID | None = Field(default=None, foreign_key="decision.id", index=True)
    """The earlier decision on the same case that was revoked or reopened; that one stays as it is."""


class NumberSeriesRow(SQLModel, table=True):
    """The highest number given or taken in a series (内发改两高停〔2026〕), whatever kinds and patterns share it."""

    __tablename__ = "number_series"
    __table_args__ = (sa.CheckConstraint("last >= 1", name="numbers_count_from_one"),)
    series: str = Field(sa_type=sa.Text, primary_key=True)
    office: str = Field(max_length=6)
    year: int
    last: int


class NumberPatternRow(SQLModel, table=True):
    """How an office numbers a group of its letters from a day on; only ever added to."""

    __tablename__ = "number_pattern"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("office", "group", "version"),
        sa.CheckConstraint("length(reason) > 0", name="pattern_has_reason"),
        sa.CheckConstraint("version >= 1", name="version_counts_from_one"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    office: str = Field(max_length=6)
    group: NumberGroup = Field(sa_type=by_value(NumberGroup))
    pattern: str = Field(sa_type=sa.Text)
    from_day: date
    version: int
    """Counts the patterns of the office as they were entered; of one day the highest holds."""
    reason: str = Field(sa_type=sa.Text)
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime


HOLDS_NUMBER = "state <> 'void' OR scan_id IS NULL"
"""The letters whose number nobody else may bear."""


class LetterRow(SQLModel, table=True):
    """A numbered letter: its frozen inputs, and its bytes once rendered."""

    __tablename__ = "letter"
    __table_args__ = (
        sa.UniqueConstraint("decision_id", "measure"),
        sa.CheckConstraint("serial >= 1", name="serial_counts_from_one"),
        sa.CheckConstraint("(pdf IS NULL) = (sha256 IS NULL)", name="bytes_have_hash"),
        sa.CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name="void_has_reason"),
        sa.CheckConstraint("scan_id IS NULL OR (decision_id IS NULL AND pdf IS NULL)", name="paper_stands_alone"),
        # An entry of a paper letter that was made in error gives the number back to the paper that bears it.
        sa.Index(
            "uq_letter_number",
            "number",
            unique=True,
            sqlite_where=sa.text(HOLDS_NUMBER),
            postgresql_where=sa.text(HOLDS_NUMBER),
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    decision_id: UUID | None = Field(default=None, foreign_key="decision.id", index=True)
    """The decision that it carries out; None for a letter of the procedure (a notice, a reminder)."""
    measure: str | None = Field(default=None, sa_type=sa.Text)
    """Ref of the measure that it carries out."""
    place: int = 0
    """Its place among the letters of its decision."""
    matter: str | None = Field(default=None, max_length=64)
    """The matter that a notice tells of."""
    scan_id: UUID | None = Field(default=None, foreign_key="attachment.id")
    """The scan of a letter that was issued on paper and entered later; `signed_by` is then who entered it."""
    draft_id: UUID | None = Field(default=None, foreign_key="draft_version.id")
    """The version of the draft that was signed; None where nobody had edited it."""
    project_id: UUID = Field(foreign_key="project.id", index=True)
    office: str = Field(max_length=6)
    kind: str = Field(max_length=32)
    series: str = Field(sa_type=sa.Text, index=True)
    """内发改两高停〔2026〕; with `serial` it is the `number`."""
    year: int
    serial: int
    number: str = Field(sa_type=sa.Text)
    inputs: str = Field(sa_type=sa.Text)
    pdf: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    sha256: str | None = Field(default=None, max_length=64, index=True)
    versions: str | None = Field(default=None, sa_type=sa.Text)
    state: LetterState = Field(sa_type=by_value(LetterState), index=True)
    rules_version: str = Field(sa_type=sa.Text)
    signed_by: UUID = Field(foreign_key="person.id")
    signed_for: UUID | None = Field(default=None, foreign_key="person.id")
    signed_at: datetime
    signed_on: date
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    version: int = 1
    saved_by: UUID = Field(foreign_key="person.id")
    saved_at: datetime


class PrintRunRow(SQLModel, table=True):
    """Letters that are printed together; its file, once there, is known by its hash."""

    __tablename__ = "print_run"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("copies BETWEEN 1 AND 9", name="copies_are_few"),
        sa.CheckConstraint(
            "(done_at IS NULL) = (sha256 IS NULL) AND (done_at IS NULL) = (pages IS NULL)", name="done_run_has_file"
        ),
        sa.CheckConstraint("done_at IS NULL OR fault IS NULL", name="done_run_has_no_fault"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    office: str = Field(max_length=6)
    """The division of the person who started it."""
    duplex: bool
    copies: int
    """Of each letter."""
    receipts: bool
    """Whether the 送达回证 of each letter follows it."""
    reason: str | None = Field(default=None, sa_type=sa.Text)
    """Why letters that were printed before are printed again."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime
    done_at: datetime | None = None
    sha256: str | None = Field(default=None, max_length=64)
    pages: int | None = None
    fault: str | None = Field(default=None, sa_type=sa.Text)
    """Why it stands still."""


class PrintRunLetterRow(SQLModel, table=True):
    """A letter of a print run, in its place."""

    __tablename__ = "print_run_letter"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "letter_id"),
        sa.CheckConstraint("left_out IS NULL OR length(left_out) > 0", name="left_out_says_why"),
    )
    run_id: UUID = Field(foreign_key="print_run.id", primary_key=True)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    letter_id: UUID = Field(foreign_key="letter.id", index=True)
    pages: int | None = None
    """Known once its PDF is there."""
    left_out: str | None = Field(default=None, sa_type=sa.Text)


class PrintRecordRow(SQLModel, table=True):
    """A print of a letter; the first is the original, every further one a copy."""

    __tablename__ = "print_record"
    __table_args__ = (sa.UniqueConstraint("letter_id", "copy_number"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    letter_id: UUID = Field(foreign_key="letter.id", index=True)
    copy_number: int
    run_id: UUID | None = Field(default=None, foreign_key="print_run.id", index=True)
    reason: str | None = Field(default=None, sa_type=sa.Text)
    """Why a copy was made."""
    by: UUID = Field(foreign_key="person.id")
    at: datetime


class DispatchRecordRow(SQLModel, table=True):
    """A printed letter that left the office: by post under a number, or handed to somebody."""

    __tablename__ = "dispatch_record"
    __table_args__ = (
        sa.UniqueConstraint("key", "letter_id"),
        sa.CheckConstraint("manner <> 'posted' OR length(coalesce(tracking, '')) > 0", name="posted_has_tracking"),
        sa.CheckConstraint("length(person) > 0", name="dispatch_has_person"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    letter_id: UUID = Field(foreign_key="letter.id", index=True)
    manner: Manner = Field(sa_type=by_value(Manner))
    sent_on: date
    tracking: str | None = Field(default=None, sa_type=sa.Text)
    person: str = Field(sa_type=sa.Text)
    """Who posted it, or who took it over."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime


class ServiceRecordRow(SQLModel, table=True):
    """The service of a letter: the day on paper, how, and who received it."""

    __tablename__ = "service_record"
    __table_args__ = (sa.UniqueConstraint("letter_id"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    letter_id: UUID = Field(foreign_key="letter.id")
    served_on: date
    method: str = Field(sa_type=sa.Text)
    receiver: str = Field(sa_type=sa.Text)
    by: UUID = Field(foreign_key="person.id")
    at: datetime


class ClockRow(SQLModel, table=True):
    """The clock of a letter with a term, one for each unit that it orders; no due date passes the outer limit.

    It runs while `stopped_on` (another letter, or the fall of the decision) and `accepted_on` are blank.
    """

    __tablename__ = "deadline_clock"
    __table_args__ = (
        sa.UniqueConstraint("letter_id", "position"),
        sa.CheckConstraint("due <= outer_limit", name="due_within_outer_limit"),
        sa.CheckConstraint("start < due", name="due_after_start"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    letter_id: UUID = Field(foreign_key="letter.id")
    start: date
    due: date = Field(index=True)
    outer_limit: date
    hints: str = Field(sa_type=sa.Text)
    steps: str = Field(sa_type=sa.Text)
    """JSON: how it was computed, a sentence each."""
    unit: str = Field(default="", sa_type=sa.Text)
    """Name of the unit as the letter prints it; blank where the letter names none."""
    position: int = 0
    """Its place in the ledger when the letter was signed."""
    stopped_on: date | None = None
    accepted_on: date | None = None


class MeteringRow(SQLModel, table=True):
    """What was metered after a retrofit: the ground on which it is accepted, or not. Never changed, only voided."""

    __tablename__ = "metering"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("first_day <= last_day", name="metered_in_order"),
        sa.CheckConstraint("sec > 0", name="metered_above_nothing"),
        sa.CheckConstraint("length(metered_by) > 0 AND length(document) > 0", name="metering_has_report"),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name="metering_void_has_reason",
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    clock_id: UUID = Field(foreign_key="deadline_clock.id", index=True)
    stage: AcceptanceStage = Field(sa_type=by_value(AcceptanceStage))
    first_day: date
    last_day: date
    sec: Decimal = Field(sa_type=Exact(18, 6))
    unit: str = Field(sa_type=sa.Text)
    """The measure of the SEC, as the benchmark states it."""
    baseline: Decimal | None = Field(default=None, sa_type=Exact(18, 6))
    reached: EfficiencyClass = Field(sa_type=by_value(EfficiencyClass))
    """The class that the SEC gave by the rules of the day of entry."""
    metered_by: str = Field(sa_type=sa.Text)
    document: str = Field(sa_type=sa.Text)
    attachments: str = Field(sa_type=sa.Text)
    """JSON: id, name and SHA-256 of the files on record."""
    rules_version: str
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    voided_by: UUID | None = Field(default=None, foreign_key="person.id")
    voided_at: datetime | None = None


class AcceptanceRow(SQLModel, table=True):
    """What a signed decision said of the retrofit of one clock."""

    __tablename__ = "acceptance"
    __table_args__ = (sa.UniqueConstraint("decision_id", "clock_id"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    clock_id: UUID = Field(foreign_key="deadline_clock.id", index=True)
    decision_id: UUID = Field(foreign_key="decision.id")
    metering_id: UUID = Field(foreign_key="metering.id")
    stage: AcceptanceStage = Field(sa_type=by_value(AcceptanceStage))
    passed: bool
    on: date


class ChaseRow(SQLModel, table=True):
    """What was said about a running term. Never changed, only voided."""

    __tablename__ = "chase"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(with_whom) > 0 AND length(said) > 0", name="chase_says_what"),
        sa.CheckConstraint("promised IS NULL OR promised >= day", name="promise_is_of_a_day_to_come"),
        sa.CheckConstraint("letter_id IS NULL OR kind = 'letter'", name="chased_by_that_letter"),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name="chase_void_has_reason",
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    clock_id: UUID = Field(foreign_key="deadline_clock.id", index=True)
    kind: ChaseKind = Field(sa_type=by_value(ChaseKind))
    day: date
    with_whom: str = Field(sa_type=sa.Text)
    said: str = Field(sa_type=sa.Text)
    promised: date | None = None
    """The day for which something was promised."""
    letter_id: UUID | None = Field(default=None, foreign_key="letter.id")
    """The reminder that was signed here."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    voided_by: UUID | None = Field(default=None, foreign_key="person.id")
    voided_at: datetime | None = None


class CalendarFeedRow(SQLModel, table=True):
    """The secret address under which a person's calendar program fetches deadlines; only its hash is kept.

    It serves who the person was when it was made: another role or division, and it is dead.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (sa.UniqueConstraint("token_hash"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(max_length=64)
    role: Role = Field(sa_type=by_value(Role))
    scope: str = Field(max_length=6)
    made_at: datetime
    revoked_at: datetime | None = None


class PlanRow(SQLModel, table=True):
    """A version of the plan of a retrofit (by its clock), or of a voluntary upgrade (by its letter). Never changed."""

    __tablename__ = "retrofit_plan"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("holder_id", "number"),
        sa.CheckConstraint("number > 0", name="plan_versions_count_from_one"),
        sa.CheckConstraint("holder_id = coalesce(clock_id, letter_id)", name="plan_hangs_on_clock_or_letter"),
        sa.CheckConstraint("length(measures) > 0", name="plan_has_measures"),
        sa.CheckConstraint("investment >= 0 AND saving >= 0", name="plan_not_negative"),
        sa.CheckConstraint("expected_sec > 0", name="plan_sec_above_nothing"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    letter_id: UUID = Field(foreign_key="letter.id")
    clock_id: UUID | None = Field(default=None, foreign_key="deadline_clock.id")
    """Blank for a voluntary upgrade, which has no clock."""
    holder_id: UUID
    """The clock, else the letter."""
    number: int
    measures: str = Field(sa_type=sa.Text)
    investment: Decimal = Field(sa_type=Exact(18, 6))
    """万元."""
    expected_sec: Decimal = Field(sa_type=Exact(18, 6))
    sec_unit: str = Field(sa_type=sa.Text)
    saving: Decimal = Field(sa_type=Exact(18, 6))
    """tce a year."""
    reason: str | None = Field(default=None, sa_type=sa.Text)
    """Why it replaces the version before."""
    attachments: str = Field(sa_type=sa.Text)
    """JSON: id, name and SHA-256 of the files on record."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime


class PlanMilestoneRow(SQLModel, table=True):
    """A milestone as a version of a plan sets it; none lies beyond the outer limit."""

    __tablename__ = "plan_milestone"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "step"),
        sa.CheckConstraint("length(responsible) > 0", name="milestone_has_somebody"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    plan_id: UUID = Field(foreign_key="retrofit_plan.id")
    step: PlanStep = Field(sa_type=by_value(PlanStep))
    planned: date
    responsible: str = Field(sa_type=sa.Text)


class PlanReportRow(SQLModel, table=True):
    """What was reported on the way: a share of the works, or a milestone reached. Never changed, only voided."""

    __tablename__ = "plan_report"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(said) > 0", name="report_says_what"),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name="report_percent"),
        sa.CheckConstraint("(step IS NULL) = (reached_on IS NULL)", name="reached_on_a_day"),
        sa.CheckConstraint("reached_on <= day", name="reached_before_reported"),
        sa.CheckConstraint("sec > 0", name="reported_sec_above_nothing"),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name="report_void_has_reason",
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    plan_id: UUID = Field(foreign_key="retrofit_plan.id", index=True)
    """The version that stood when it was reported."""
    day: date
    said: str = Field(sa_type=sa.Text)
    percent: int | None = None
    step: PlanStep | None = Field(default=None, sa_type=by_value(PlanStep))
    reached_on: date | None = None
    sec: Decimal | None = Field(default=None, sa_type=Exact(18, 6))
    attachments: str = Field(sa_type=sa.Text)
    """JSON: id, name and SHA-256 of the files on record."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    voided_by: UUID | None = Field(default=None, foreign_key="person.id")
    voided_at: datetime | None = None


class ApplicationRow(SQLModel, table=True):
    """An application for 领跑者 of a year, with what was known of the project then. Never changed."""

    __tablename__ = "frontrunner_application"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name="application_year"),
        sa.CheckConstraint("length(product) > 0", name="application_has_product"),
        sa.CheckConstraint("gb_level BETWEEN 1 AND 3", name="application_level"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    year: int = Field(index=True)
    product: str = Field(sa_type=sa.Text)
    efficiency_class: EfficiencyClass = Field(sa_type=by_value(EfficiencyClass))
    sec: Decimal | None = Field(default=None, sa_type=Exact(18, 6))
    sec_unit: str = Field(sa_type=sa.Text)
    gb_level: int | None = None
    tce: Decimal | None = Field(default=None, sa_type=Exact(18, 6))
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime


class ApplicationStepRow(SQLModel, table=True):
    """A step of an application, from applied to listed or refused. Never changed, only voided."""

    __tablename__ = "frontrunner_step"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(document) > 0", name="application_step_has_document"),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name="application_void_has_reason",
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    application_id: UUID = Field(foreign_key="frontrunner_application.id", index=True)
    state: ApplicationState = Field(sa_type=by_value(ApplicationState))
    happened_on: date
    document: str = Field(sa_type=sa.Text)
    attachments: str = Field(sa_type=sa.Text)
    """JSON: id, name and SHA-256 of the files on record."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    voided_by: UUID | None = Field(default=None, foreign_key="person.id")
    voided_at: datetime | None = None


class ExitRow(SQLModel, table=True):
    """A step of an exit after its letter was served. Never changed, only voided."""

    __tablename__ = "exit_step"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(document) > 0", name="exit_has_document"),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name="exit_void_has_reason",
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    letter_id: UUID = Field(foreign_key="letter.id", index=True)
    step: ExitStep = Field(sa_type=by_value(ExitStep))
    happened_on: date
    document: str = Field(sa_type=sa.Text)
    note: str | None = Field(default=None, sa_type=sa.Text)
    attachments: str = Field(sa_type=sa.Text)
    """JSON: id, name and SHA-256 of the files on record."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    voided_by: UUID | None = Field(default=None, foreign_key="person.id")
    voided_at: datetime | None = None


class ObjectionRow(SQLModel, table=True):
    """A 行政复议 or 行政诉讼 against a served decision; once it has an outcome, nothing of it changes any more."""

    __tablename__ = "objection"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("received_on <= last_day OR length(coalesce(late_reason, '')) > 0", name="late_has_reason"),
        sa.CheckConstraint(
            "length(objector) > 0 AND length(organ) > 0 AND length(request) > 0 AND length(document) > 0",
            name="objection_says_what",
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (outcome_on IS NULL) AND (outcome IS NULL) = (outcome_document IS NULL)"
            " AND (outcome IS NULL) = (ended_by IS NULL) AND (outcome IS NULL) = (ended_at IS NULL)",
            name="outcome_is_whole",
        ),
        sa.CheckConstraint("outcome_on IS NULL OR outcome_on >= received_on", name="outcome_comes_after"),
        sa.Index(
            "uq_objection_project_id",
            "project_id",
            unique=True,
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    decision_id: UUID = Field(foreign_key="decision.id")
    letter_id: UUID = Field(foreign_key="letter.id")
    """The served letter that the objector holds."""
    kind: ObjectionKind = Field(sa_type=by_value(ObjectionKind))
    objector: str = Field(sa_type=sa.Text)
    agent: str | None = Field(default=None, sa_type=sa.Text)
    organ: str = Field(sa_type=sa.Text)
    """The government that reviews, or the court."""
    case_number: str | None = Field(default=None, sa_type=sa.Text)
    request: str = Field(sa_type=sa.Text)
    document: str = Field(sa_type=sa.Text)
    """The paper that told of it, as it is named or attached."""
    received_on: date
    last_day: date
    """Until when it would have been in time, by the rules of the day of service."""
    late_reason: str | None = Field(default=None, sa_type=sa.Text)
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime
    outcome: Outcome | None = Field(default=None, sa_type=by_value(Outcome))
    outcome_on: date | None = None
    outcome_document: str | None = Field(default=None, sa_type=sa.Text)
    outcome_note: str | None = Field(default=None, sa_type=sa.Text)
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = None


class StayRow(SQLModel, table=True):
    """停止执行: a written order that suspends a decision for a time; it moves no due date and no outer limit."""

    __tablename__ = "stay"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(organ) > 0 AND length(order_number) > 0", name="stay_has_order"),
        sa.CheckConstraint("first_day >= ordered_on", name="stay_begins_with_order"),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name="stay_is_in_order"),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lift_document IS NULL) AND (lifted_at IS NULL) = (lifted_by IS NULL)"
            " AND (lifted_at IS NULL OR last_day IS NOT NULL)",
            name="lifting_has_order",
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    objection_id: UUID = Field(foreign_key="objection.id")
    decision_id: UUID = Field(foreign_key="decision.id", index=True)
    organ: str = Field(sa_type=sa.Text)
    order_number: str = Field(sa_type=sa.Text)
    ordered_on: date
    first_day: date
    last_day: date | None = None
    """The last day of the stay; None while it has no end."""
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime
    lift_document: str | None = Field(default=None, sa_type=sa.Text)
    """The order that ended it before its day, or gave it an end."""
    lifted_by: UUID | None = Field(default=None, foreign_key="person.id")
    lifted_at: datetime | None = None


class RevocationRow(SQLModel, table=True):
    """A decision that no longer stands: revoked or changed on an order, or by the office itself; it stays on file."""

    __tablename__ = "revocation"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("decision_id"),
        sa.CheckConstraint(f"effect IN ({_listed(FALLING)})", name="decision_falls"),
        sa.CheckConstraint(
            "length(organ) > 0 AND length(document) > 0 AND length(reason) > 0", name="revocation_has_order"
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    decision_id: UUID = Field(foreign_key="decision.id")
    project_id: UUID = Field(foreign_key="project.id", index=True)
    objection_id: UUID | None = Field(default=None, foreign_key="objection.id")
    effect: Outcome = Field(sa_type=by_value(Outcome, "effect"))
    organ: str = Field(sa_type=sa.Text)
    document: str = Field(sa_type=sa.Text)
    ordered_on: date
    reason: str = Field(sa_type=sa.Text)
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime


class ReferralReplyRow(SQLModel, table=True):
    """A reply to a served 移送函; the newest says how the referral stands."""

    __tablename__ = "referral_reply"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(organ) > 0 AND length(document) > 0", name="reply_has_document"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    letter_id: UUID = Field(foreign_key="letter.id", index=True)
    project_id: UUID = Field(foreign_key="project.id")
    received_on: date
    organ: str = Field(sa_type=sa.Text)
    document: str = Field(sa_type=sa.Text)
    result: ReplyResult = Field(sa_type=by_value(ReplyResult))
    summary: str | None = Field(default=None, sa_type=sa.Text)
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime


class RulePageRow(SQLModel, table=True):
    """A page of an official document that one person confirmed and another countersigns."""

    __tablename__ = "rule_page"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("countersigned_by <> confirmed_by", name="two_different_people"),
        sa.CheckConstraint("(state = 'waiting') = (countersigned_by IS NULL)", name="settled_by_somebody"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    document: str = Field(sa_type=sa.Text)
    page: str = Field(sa_type=sa.Text)
    day: date
    state: PageState = Field(sa_type=by_value(PageState))
    confirmed_by: UUID = Field(foreign_key="person.id")
    confirmed_at: datetime
    countersigned_by: UUID | None = Field(default=None, foreign_key="person.id")
    countersigned_at: datetime | None = None
    refused_reason: str | None = Field(default=None, sa_type=sa.Text)


class RuleConfirmationRow(SQLModel, table=True):
    """A rule ticked on a page; `content` is the hash of what the rule said then, and holds for nothing else."""

    __tablename__ = "rule_confirmation"
    page_id: UUID = Field(foreign_key="rule_page.id", primary_key=True)
    ref: str = Field(sa_type=sa.Text, primary_key=True, index=True)
    content: str = Field(max_length=64)


class ImportBatchRow(SQLModel, table=True):
    """A workbook that was read: what it said, compressed, and what its import did."""

    __tablename__ = "import_batch"
    __table_args__ = (
        sa.CheckConstraint("revision >= 1", name="revision_counts_from_one"),
        sa.CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name="undo_has_reason"),
        sa.CheckConstraint("undone_at IS NULL OR confirmed_at IS NOT NULL", name="undone_was_confirmed"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    file: str = Field(sa_type=sa.Text)
    sheet: str = Field(sa_type=sa.Text)
    uploaded_by: UUID = Field(foreign_key="person.id")
    uploaded_at: datetime
    content: bytes = Field(sa_type=sa.LargeBinary)
    """zlib of JSON: the projects read, the preview, and the versions that it was compared with."""
    digest: str = Field(max_length=64)
    confirmed_by: UUID | None = Field(default=None, foreign_key="person.id")
    confirmed_at: datetime | None = None
    result: str | None = Field(default=None, sa_type=sa.Text)
    revision: int = 1
    """Counts the readings of the file: each correction is a new one."""
    undone_by: UUID | None = Field(default=None, foreign_key="person.id")
    undone_at: datetime | None = None
    undo_reason: str | None = Field(default=None, sa_type=sa.Text)


class ImportFileRow(SQLModel, table=True):
    """The uploaded bytes of a person's latest workbook, to be read again with corrections and handed back marked."""

    __tablename__ = "import_file"
    batch_id: UUID = Field(foreign_key="import_batch.id", primary_key=True)
    suffix: str = Field(max_length=8)
    content: bytes = Field(sa_type=sa.LargeBinary)


class ImportColumnRow(SQLModel, table=True):
    """What an office calls a column of the template; all imports of that office know it."""

    __tablename__ = "import_column"
    office: str = Field(max_length=6, primary_key=True)
    header: str = Field(sa_type=sa.Text, primary_key=True)
    field_key: str = Field(sa_type=sa.Text)
    saved_by: UUID = Field(foreign_key="person.id")
    saved_at: datetime


class SuperiorFormRow(SQLModel, table=True):
    """A superior's own form that an office fills from its lists, and which column of it holds what."""

    __tablename__ = "superior_form"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("office", "name"),
        sa.CheckConstraint("length(content) >= 1", name="form_is_not_empty"),
        sa.CheckConstraint("version >= 1", name="version_counts_from_one"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    office: str = Field(max_length=6)
    name: str = Field(sa_type=sa.Text)
    file: str = Field(sa_type=sa.Text)
    content: bytes = Field(sa_type=sa.LargeBinary)
    shown: str = Field(sa_type=sa.Text)
    """JSON: the first rows of its sheets, as the person marks them."""
    mapping: str | None = Field(default=None, sa_type=sa.Text)
    """JSON: sheet, first row, columns and single cells; None until they are marked."""
    version: int = 1
    saved_by: UUID = Field(foreign_key="person.id")
    saved_at: datetime


class RegistrationDraftRow(SQLModel, table=True):
    """What a person typed into the form of a project and has not submitted, or has; seen by that person alone."""

    __tablename__ = "registration_draft"
    __table_args__ = (
        sa.CheckConstraint("(submitted_at IS NULL) = (result_id IS NULL)", name="submitted_has_project"),
        sa.CheckConstraint("version >= 1", name="version_counts_from_one"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    project_id: UUID | None = Field(default=None, foreign_key="project.id")
    """The project that it changes; None for a new one."""
    seen: int | None = None
    """The version of that project that the person has before the eyes."""
    title: str = Field(sa_type=sa.Text)
    content: str = Field(sa_type=sa.Text)
    """JSON: what was typed, and what stood in the boxes when they were opened."""
    started_at: datetime
    saved_at: datetime
    version: int = 1
    submitted_at: datetime | None = None
    result_id: UUID | None = Field(default=None, foreign_key="project.id")


class AttachmentRow(SQLModel, table=True):
    """A file that belongs to a project; its bytes lie in the data folder under their hash."""

    __tablename__ = "attachment"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("size >= 1", name="file_is_not_empty"),
        sa.CheckConstraint("length(sha256) = 64", name="file_has_hash"),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="void_has_reason"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    name: str = Field(sa_type=sa.Text)
    about: str = Field(sa_type=sa.Text)
    media_type: str = Field(sa_type=sa.Text)
    size: int
    sha256: str = Field(max_length=64)
    added_by: UUID = Field(foreign_key="person.id")
    added_at: datetime
    void_reason: str | None = Field(default=None, sa_type=sa.Text)
    voided_by: UUID | None = Field(default=None, foreign_key="person.id")
    voided_at: datetime | None = None


class LetterScanRow(SQLModel, table=True):
    """A scanned receipt of a letter: of its posting or handing over, or (without one) of its service."""

    __tablename__ = "letter_scan"
    attachment_id: UUID = Field(foreign_key="attachment.id", primary_key=True)
    letter_id: UUID = Field(foreign_key="letter.id", primary_key=True, index=True)
    dispatch_id: UUID | None = Field(default=None, foreign_key="dispatch_record.id", index=True)


class EventRow(SQLModel, table=True):
    """The trail: append-only, every column chained by `hash`; triggers refuse UPDATE and DELETE."""

    __tablename__ = "event"
    seq: int = Field(primary_key=True, sa_type=Ordinal, sa_column_kwargs={"autoincrement": False})
    at: str = Field(sa_type=sa.Text)
    who: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    subject: str = Field(sa_type=sa.Text, index=True)
    why: str | None = Field(default=None, sa_type=sa.Text)
    before: str | None = Field(default=None, sa_type=sa.Text)
    after: str | None = Field(default=None, sa_type=sa.Text)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class LastSeenRow(SQLModel, table=True):
    """Up to which event a person has seen the history of a project; a bookmark of that person's own."""

    __tablename__ = "last_seen"
    __table_args__ = (sa.CheckConstraint("seq >= 0", name="seen_up_to_an_event"),)
    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    project_id: UUID = Field(foreign_key="project.id", primary_key=True)
    seq: int = Field(sa_type=sa.BigInteger)
    at: datetime


class SealRow(SQLModel, table=True):
    """The picture of an office's seal: who uploaded it, on which days it may be used, and whether it was revoked."""

    __tablename__ = "seal"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("length(name) > 0", name="seal_has_name"),
        sa.CheckConstraint("length(sha256) = 64", name="seal_has_hash"),
        sa.CheckConstraint("first_day <= last_day", name="seal_days_in_order"),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoke_reason IS NULL)",
            name="revocation_has_reason",
        ),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    office: str = Field(max_length=6, index=True)
    name: str = Field(sa_type=sa.Text)
    picture: bytes = Field(sa_type=sa.LargeBinary)
    """PNG, as it was uploaded."""
    sha256: str = Field(max_length=64)
    side: int
    """Pixels."""
    first_day: date
    last_day: date
    added_by: UUID = Field(foreign_key="person.id")
    added_at: datetime
    revoked_by: UUID | None = Field(default=None, foreign_key="person.id")
    revoked_at: datetime | None = None
    revoke_reason: str | None = Field(default=None, sa_type=sa.Text)


class LetterEditionRow(SQLModel, table=True):
    """An issued letter after it was sealed or signed electronically: its bytes take the place of those before."""

    __tablename__ = "letter_edition"
    __table_args__ = (
        sa.UniqueConstraint("letter_id", "place"),
        sa.CheckConstraint("place >= 1", name="place_counts_from_one"),
        sa.CheckConstraint("length(sha256) = 64 AND sha256 <> before_sha256", name="edition_has_hash"),
        sa.CheckConstraint("(kind = 'picture') = (seal_id IS NOT NULL)", name="picture_has_seal"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    letter_id: UUID = Field(foreign_key="letter.id")
    place: int
    kind: EditionKind = Field(sa_type=by_value(EditionKind))
    seal_id: UUID | None = Field(default=None, foreign_key="seal.id", index=True)
    facts: str = Field(sa_type=sa.Text)
    """JSON: where the seal stands (page, left, top, mm), whose certificate, which program."""
    before_sha256: str = Field(max_length=64)
    """Of the letter as rendered, or of the edition before."""
    pdf: bytes = Field(sa_type=sa.LargeBinary)
    sha256: str = Field(max_length=64, index=True)
    by: UUID = Field(foreign_key="person.id")
    for_whom: UUID | None = Field(default=None, foreign_key="person.id")
    """Whom a deputy stood in for."""
    at: datetime


class SavedViewRow(SQLModel, table=True):
    """A way to look at the ledger that a person named: a query and columns, never rows; shared within one office."""

    __tablename__ = "saved_view"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("owner_id", "name_folded"),
        sa.CheckConstraint("length(name) > 0", name="view_has_name"),
        sa.CheckConstraint("version >= 1", name="version_counts_from_one"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text)
    owner_id: UUID = Field(foreign_key="person.id")
    office: str = Field(max_length=6, index=True)
    """The owner's division."""
    name: str = Field(sa_type=sa.Text)
    name_folded: str = Field(sa_type=sa.Text)
    query: str = Field(sa_type=sa.Text)
    """The query string of the ledger's address."""
    column_keys: str = Field(sa_type=sa.Text)
    shared: bool
    version: int = 1
    saved_at: datetime


class LedgerPreferenceRow(SQLModel, table=True):
    """How a person likes the ledger: the columns in their order (None: the usual ones), and the view it opens with."""

    __tablename__ = "ledger_preference"
    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    column_keys: str | None = Field(default=None, sa_type=sa.Text)
    default_view_id: UUID | None = Field(default=None, foreign_key="saved_view.id", index=True)
    saved_at: datetime


class SweepRow(SQLModel, table=True):
    """A day that the sweep looked at; it is done with the day when `ended_at` is there."""

    __tablename__ = "sweep"
    __table_args__ = (sa.CheckConstraint("ended_at IS NULL OR ended_at >= begun_at", name="sweep_in_order"),)
    day: date = Field(primary_key=True)
    begun_at: datetime
    ended_at: datetime | None = None


class NoticeRow(SQLModel, table=True):
    """An automatic notice: of what, which one of those that it can have, and the day it was due for. Made once."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("subject", "threshold"),
        sa.CheckConstraint("(kind = 'deadline') = (clock_id IS NOT NULL)", name="deadline_has_clock"),
        sa.CheckConstraint("(kind = 'account') = (person_id IS NOT NULL)", name="account_has_person"),
        sa.CheckConstraint("(person_id IS NULL) = (project_id IS NOT NULL)", name="notice_is_of_somebody"),
    )
    id: UUID = Field(primary_key=True)
    """Made of subject and threshold: whoever makes the notice again makes the same."""
    kind: NoticeKind = Field(sa_type=by_value(NoticeKind))
    subject: str = Field(sa_type=sa.Text)
    threshold: str = Field(max_length=16)
    """Days before the due date, or a word of domain/noticing.py."""
    day: date
    text: str = Field(sa_type=sa.Text)
    project_id: UUID | None = Field(default=None, foreign_key="project.id", index=True)
    clock_id: UUID | None = Field(default=None, foreign_key="deadline_clock.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    made_at: datetime


class NoticeReadRow(SQLModel, table=True):
    """That a person has read a notice; a bookmark of that person's own."""

    __tablename__ = "notice_read"
    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    notice_id: UUID = Field(foreign_key="notice.id", primary_key=True, index=True)
    at: datetime


class MailRow(SQLModel, table=True):
    """The one e-mail that a person gets on a day; taken out (`claimed`) before it is sent, so that it goes once."""

    __tablename__ = "mail"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "day"),
        sa.CheckConstraint("tries >= 0", name="tries_not_negative"),
        sa.CheckConstraint("state = 'waiting' OR claimed_at IS NOT NULL", name="mail_was_claimed"),
        sa.CheckConstraint("state <> 'refused' OR answer IS NOT NULL", name="refused_says_why"),
        sa.Index("ix_mail_state", "state", "next_at"),
    )
    id: UUID = Field(primary_key=True)
    """Made of person and day; the Message-ID is made of it."""
    person_id: UUID = Field(foreign_key="person.id")
    day: date
    address: str = Field(sa_type=sa.Text)
    title: str = Field(sa_type=sa.Text)
    body: str = Field(sa_type=sa.Text)
    state: MailState = Field(sa_type=by_value(MailState))
    tries: int = 0
    made_at: datetime
    next_at: datetime
    """Not before this moment."""
    claimed_at: datetime | None = None
    answer: str | None = Field(default=None, sa_type=sa.Text)
    """What the mail server said last, or why there was none."""


class MailNoticeRow(SQLModel, table=True):
    """Which notices an e-mail tells a person of; each is told him once."""

    __tablename__ = "mail_notice"
    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    notice_id: UUID = Field(foreign_key="notice.id", primary_key=True, index=True)
    mail_id: UUID = Field(foreign_key="mail.id", index=True)


class EventHeadRow(SQLModel, table=True):
    """The end of the chain, in one row that writers lock so that they append one after another."""

    __tablename__ = "event_head"
    __table_args__ = (sa.CheckConstraint("id = 1", name="there_is_one_head"),)
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(sa_type=sa.BigInteger)
    hash: str = Field(max_length=64)
