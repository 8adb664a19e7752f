"""What no statement may do, said to the database itself: rewrite the trail, a decision, or an issued letter."""

from __future__ import annotations

import re

import sqlalchemy as sa

from screening.domain.review import APPROVALS, MOVES, Apart
from screening.domain.steps import WEIGHTS

FROZEN = (
    "decision_id", "measure", "matter", "draft_id", "project_id", "office", "kind", "year", "serial", "number",
    "inputs", "rules_version", "signed_by", "signed_for", "signed_at", "signed_on", "scan_id", "series",
)  # fmt: skip
"""Columns of a letter that stand from signing on; its bytes stand once they are there."""
STEP_FROZEN = (
    "id", "key", "project_id", "matter", "step", "state", "happened_on", "facts", "letter_id", '"by"', "for_whom",
    "role", "at",
)  # fmt: skip
"""Columns of a step that stand once it is recorded: it can only be voided."""

OBJECTION_FROZEN = (
    "id", "key", "project_id", "decision_id", "letter_id", "kind", "objector", "agent", "organ", "case_number",
    "request", "document", "received_on", "last_day", "late_reason", '"by"', "for_whom", "at",
)  # fmt: skip
DRAFT_COMMENT_FROZEN = (
    "id", "key", "project_id", "recommendation_id", "part", "number", "about", "text", "must", '"by"', "for_whom",
    "role", "at",
)  # fmt: skip
"""Columns of a comment on a draft that stand: its answer and its settling are added."""
STAY_FROZEN = (
    "id", "key", "project_id", "objection_id", "decision_id", "organ", "order_number", "ordered_on", "first_day",
    '"by"', "for_whom", "at",
)  # fmt: skip
"""Columns of an objection and of a stay that stand once they are recorded: only their end is added."""
CLOCK_FROZEN = ("id", "project_id", "letter_id", "start", "due", "outer_limit", "hints", "steps", "unit", "position")
METERING_FROZEN = (
    "id", "key", "project_id", "clock_id", "stage", "first_day", "last_day", "sec", "unit", "baseline", "reached",
    "metered_by", "document", "attachments", "rules_version", '"by"', "for_whom", "at",
)  # fmt: skip
EXIT_FROZEN = (
    "id", "key", "project_id", "letter_id", "step", "happened_on", "document", "note", "attachments", '"by"',
    "for_whom", "at",
)  # fmt: skip
"""A clock only ends, and what was metered is only voided: another term is another letter's clock."""
REPORT_FROZEN = (
    "id", "key", "project_id", "plan_id", "day", "said", "percent", "step", "reached_on", "sec", "attachments", '"by"',
    "for_whom", "at",
)  # fmt: skip
APPLICATION_STEP_FROZEN = (
    "id", "key", "project_id", "application_id", "state", "happened_on", "document", "attachments", '"by"', "for_whom",
    "at",
)  # fmt: skip
"""What was reported stands, and is only voided."""
CHASE_FROZEN = (
    "id", "key", "project_id", "clock_id", "kind", "day", "with_whom", "said", "promised", "letter_id", '"by"',
    "for_whom", "at",
)  # fmt: skip
FEED_FROZEN = ("id", "person_id", "token_hash", "role", "scope", "made_at")
"""What was said stands, and is only voided; a feed is only revoked: another address is another feed."""
SEAL_FROZEN = (
    "id", "key", "office", "name", "picture", "sha256", "side", "first_day", "last_day", "added_by", "added_at",
)  # fmt: skip
"""A seal is only revoked; another picture or other days are another seal."""
PARTLY_FROZEN = {
    "seal": SEAL_FROZEN, "procedure_step": STEP_FROZEN, "objection": OBJECTION_FROZEN, "stay": STAY_FROZEN,
    "draft_comment": DRAFT_COMMENT_FROZEN, "chase": CHASE_FROZEN, "calendar_feed": FEED_FROZEN,
    "deadline_clock": CLOCK_FROZEN, "metering": METERING_FROZEN, "exit_step": EXIT_FROZEN,
    "plan_report": REPORT_FROZEN, "frontrunner_step": APPLICATION_STEP_FROZEN,
}  # fmt: skip
APPEND_ONLY = (
    "letter_edition", "case_move", "recommendation_need", "revocation", "referral_reply",
    "number_pattern", "draft_version", "number_pattern", "acceptance", "notice",
    "retrofit_plan", "plan_milestone", "frontrunner_application",
)  # fmt: skip

HARMFUL = ", ".join(f"'{d.value}'" for d in sorted(WEIGHTS))


def _weight(of: str) -> str:
    """How hard the disposition in a column falls."""
    rows = " ".join(f"WHEN '{d.value}' THEN {weight}" for d, weight in sorted(WEIGHTS.items()))
    return f"CASE {of}.disposition {rows} ELSE 0 END"


def _apart(whose: Apart) -> str:
    """The moves from a state that may not be one's own work, as SQL: `before>move`."""
    return ", ".join(f"'{before}>{move}'" for (before, move), step in MOVES.items() if whose in step.apart)


APPROVING = ", ".join(f"'{d.value}'" for d in sorted(APPROVALS))
CONDITIONS = {
    # A case moves only by a move on record, and the record names those whose own work it is.
    "state_without_move": (
        "project",
        "UPDATE OF case_state",
        """NEW.case_state <> OLD.case_state AND NOT EXISTS (SELECT 1 FROM case_move m WHERE m.project_id = NEW.id
        AND m.version = NEW.version AND m.before = OLD.case_state AND m.after = NEW.case_state)""",
    ),
    "move_hides_registrant": (
        "case_move",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM project p WHERE p.id = NEW.project_id AND p.registered_by = NEW.registered_by
        AND p.changed_by = NEW.changed_by)""",
    ),
    # What a deputy did in somebody's name is that person's own work, too.
    "reviews_in_his_name": (
        "case_move",
        "INSERT",
        f"""NEW.before || '>' || NEW.move IN ({_apart(Apart.REGISTERED)}) AND EXISTS (SELECT 1 FROM case_move m
        WHERE m.project_id = NEW.project_id AND (m.for_whom = NEW."by" OR m.for_whom = NEW.for_whom)
        AND (m.version = 1 OR (m.move = 'change_facts' AND NOT EXISTS (SELECT 1 FROM case_move n
        WHERE n.project_id = m.project_id AND n.move = 'change_facts' AND n.version > m.version))))""",  # noqa: S608
    ),
    "signs_in_his_name": (
        "case_move",
        "INSERT",
        f"""NEW.before || '>' || NEW.move IN ({_apart(Apart.RECOMMENDED)}) AND EXISTS (SELECT 1 FROM case_move m
        WHERE m.project_id = NEW.project_id AND (m.for_whom = NEW."by" OR m.for_whom = NEW.for_whom)
        AND m.move = 'recommend' AND NOT EXISTS (SELECT 1 FROM case_move n
        WHERE n.project_id = m.project_id AND n.move = 'recommend' AND n.version > m.version))""",  # noqa: S608
    ),
    # A decision waits for every step that its recommendation needs, taken on the very same matter.
    "decision_lacks_step": (
        "decision",
        "INSERT",
        f"""EXISTS (SELECT 1 FROM recommendation_need n JOIN recommendation r ON r.id = n.recommendation_id
        WHERE n.recommendation_id = NEW.recommendation_id AND NOT EXISTS (SELECT 1 FROM procedure_step s
        WHERE s.project_id = r.project_id AND s.matter = r.matter AND s.step = n.step AND s.voided_at IS NULL
        AND s.state <> 'refused')) OR (NEW.disposition IN ({HARMFUL}) AND NOT EXISTS (SELECT 1
        FROM recommendation_need n WHERE n.recommendation_id = NEW.recommendation_id))""",  # noqa: S608  # own names
    ),
    # A notice is told by a letter that was served on the very same matter.
    "notice_was_not_served": (
        "procedure_step",
        "INSERT",
        """NEW.step = 'advance_notice' AND NEW.state <> 'not_required' AND NOT EXISTS (SELECT 1 FROM letter l
        JOIN service_record r ON r.letter_id = l.id WHERE l.id = NEW.letter_id AND l.project_id = NEW.project_id
        AND l.matter = NEW.matter AND l.kind = 'ADVANCE_NOTICE')""",
    ),
    # The lawyer has no other part in the case: did not register, recommend or work on it.
    "lawyer_is_not_apart": (
        "procedure_step",
        "INSERT",
        """NEW.step = 'legal_review' AND (EXISTS (SELECT 1 FROM project p WHERE p.id = NEW.project_id
        AND (p.registered_by IN (NEW."by", NEW.for_whom) OR p.changed_by IN (NEW."by", NEW.for_whom)))
        OR EXISTS (SELECT 1 FROM recommendation r WHERE r.project_id = NEW.project_id AND r.matter = NEW.matter
        AND r."by" IN (NEW."by", NEW.for_whom))
        OR EXISTS (SELECT 1 FROM procedure_step s WHERE s.project_id = NEW.project_id AND s.matter = NEW.matter
        AND s.step <> 'legal_review' AND s.voided_at IS NULL AND s."by" IN (NEW."by", NEW.for_whom)))""",
    ),
    "lawyer_does_not_sign": (
        "decision",
        "INSERT",
        """EXISTS (SELECT 1 FROM recommendation r JOIN procedure_step s ON s.project_id = r.project_id
        AND s.matter = r.matter WHERE r.id = NEW.recommendation_id AND s.step = 'legal_review'
        AND s.voided_at IS NULL AND s."by" IN (NEW.signed_by, NEW.signed_for))""",
    ),
    # Nobody fares worse for having spoken: a heavier result than the one answered needs facts told anew.
    "heavier_after_defence": (
        "decision",
        "INSERT",
        f"""EXISTS (SELECT 1 FROM recommendation n JOIN recommendation o ON o.project_id = n.project_id
        JOIN procedure_step s ON s.project_id = o.project_id AND s.matter = o.matter
        WHERE n.id = NEW.recommendation_id AND o.matter <> n.matter AND o.state <> 'signed'
        AND o.project_version < n.project_version AND s.step = 'statement_and_defence' AND s.voided_at IS NULL
        AND s.facts LIKE '%"outcome":"received"%'
        AND {_weight("n")} > {_weight("o")}
        AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.project_id = o.project_id
        AND d.project_version > o.project_version)
        AND NOT EXISTS (SELECT 1 FROM procedure_step a WHERE a.project_id = n.project_id AND a.matter = n.matter
        AND a.step = 'advance_notice' AND a.state = 'done' AND a.voided_at IS NULL))""",  # noqa: S608  # own names
    ),
    "voided_step_stands": (
        "procedure_step",
        "UPDATE OF void_reason, voided_by, voided_at",
        "OLD.voided_at IS NOT NULL",
    ),
    "project_is_halted": (
        "decision",
        "INSERT",
        f"""NEW.disposition IN ({APPROVING}) AND EXISTS (SELECT 1 FROM project p WHERE p.id = NEW.project_id
        AND p.halted_on IS NOT NULL)""",  # noqa: S608  # names of the program's own
    ),
    # What follows a decision that fell says so, and follows one of the same project.
    "decision_hides_first": (
        "decision",
        "INSERT",
        """NEW.follows IS NULL AND EXISTS (SELECT 1 FROM revocation r WHERE r.project_id = NEW.project_id
        AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.follows = r.decision_id))""",
    ),
    "decision_follows_stranger": (
        "decision",
        "INSERT",
        """NEW.follows IS NOT NULL AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.id = NEW.follows
        AND d.project_id = NEW.project_id)""",
    ),
    # While the decision with the term is stayed, nothing may be built on its having passed.
    "decision_is_stayed": (
        "decision",
        "INSERT",
        """NEW.disposition = 'ELIMINATE' AND EXISTS (SELECT 1 FROM stay s JOIN decision d ON d.id = s.decision_id
        WHERE s.project_id = NEW.project_id AND d.disposition IN ('RECTIFY', 'RETROFIT', 'ELIMINATE')
        AND s.first_day <= NEW.signed_on AND (s.last_day IS NULL OR s.last_day >= NEW.signed_on))""",
    ),
    # A letter bears its own office's seal, in force, set before it is first printed; each edition follows the last.
    "seal_of_another_office": (
        "letter_edition",
        "INSERT",
        """NEW.seal_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM seal s JOIN letter l ON l.id = NEW.letter_id
        WHERE s.id = NEW.seal_id AND s.office = l.office)""",
    ),
    "seal_is_revoked": (
        "letter_edition",
        "INSERT",
        "EXISTS (SELECT 1 FROM seal s WHERE s.id = NEW.seal_id AND s.revoked_at IS NOT NULL)",
    ),
    "sealed_too_late": (
        "letter_edition",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM letter l WHERE l.id = NEW.letter_id AND l.state = 'signed')",
    ),
    "edition_follows_nothing": (
        "letter_edition",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM letter l WHERE l.id = NEW.letter_id AND l.sha256 = NEW.before_sha256
        AND NEW.place = 1) AND NOT EXISTS (SELECT 1 FROM letter_edition e WHERE e.letter_id = NEW.letter_id
        AND e.sha256 = NEW.before_sha256 AND e.place = NEW.place - 1)""",
    ),
    "revoked_seal_stands": ("seal", "UPDATE", "OLD.revoked_at IS NOT NULL"),
    "objection_without_service": (
        "objection",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM letter l WHERE l.id = NEW.letter_id AND l.decision_id = NEW.decision_id
        AND l.project_id = NEW.project_id AND l.state = 'served')""",
    ),
    "stay_without_objection": (
        "stay",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM objection o WHERE o.id = NEW.objection_id AND o.project_id = NEW.project_id
        AND o.decision_id = NEW.decision_id AND o.outcome IS NULL)""",
    ),
    "objection_has_ended": ("objection", "UPDATE", "OLD.outcome IS NOT NULL"),
    "reply_without_referral": (
        "referral_reply",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM letter l WHERE l.id = NEW.letter_id AND l.project_id = NEW.project_id
        AND l.kind = 'REFER' AND l.state = 'served')""",
    ),
    # Three years, not a day more, and counted once: a later letter of the same kind starts no new clock.
    "clock_exceeds_three_years": ("deadline_clock", "INSERT", "NEW.outer_limit > @three_years_after(NEW.start)"),
    "clock_starts_anew": (
        "deadline_clock",
        "INSERT",
        """EXISTS (SELECT 1 FROM deadline_clock c JOIN letter o ON o.id = c.letter_id
        JOIN letter n ON n.id = NEW.letter_id WHERE c.project_id = NEW.project_id AND o.kind = n.kind
        AND c.start < NEW.start)""",
    ),
    # Only acceptance ends a retrofit: else another retrofit letter takes its place, its decision falls, or the plant
    # has left.
    "retrofit_stops_unaccepted": (
        "deadline_clock",
        "UPDATE OF stopped_on",
        """NEW.stopped_on IS NOT NULL AND NEW.accepted_on IS NULL AND EXISTS (SELECT 1 FROM letter l
        WHERE l.id = NEW.letter_id AND l.kind = 'RETROFIT'
        AND NOT EXISTS (SELECT 1 FROM revocation r WHERE r.decision_id = l.decision_id)
        AND NOT EXISTS (SELECT 1 FROM deadline_clock c JOIN letter o ON o.id = c.letter_id
        WHERE c.project_id = NEW.project_id AND o.kind = 'RETROFIT' AND c.letter_id <> NEW.letter_id
        AND o.signed_at >= l.signed_at
        AND (c.unit = NEW.unit OR c.position = NEW.position OR c.unit = '' OR NEW.unit = ''))
        AND NOT EXISTS (SELECT 1 FROM exit_step x WHERE x.project_id = NEW.project_id AND x.step = 'carried_out'
        AND x.voided_at IS NULL))""",
    ),
    "clock_accepted_by_nobody": (
        "deadline_clock",
        "UPDATE OF accepted_on",
        """NEW.accepted_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM acceptance a WHERE a.clock_id = NEW.id
        AND a.passed AND a."on" = NEW.accepted_on)""",
    ),
    "acceptance_without_metering": (
        "acceptance",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM metering m JOIN decision d ON d.id = NEW.decision_id
        WHERE m.id = NEW.metering_id AND m.clock_id = NEW.clock_id AND m.stage = NEW.stage AND m.voided_at IS NULL
        AND m.project_id = NEW.project_id AND d.project_id = NEW.project_id
        AND d.disposition = CASE WHEN NEW.passed THEN 'ACCEPTED' ELSE 'NOT_ACCEPTED' END
        AND (NOT NEW.passed OR m.reached IN ('BETWEEN', 'AT_BENCHMARK')))""",
    ),
    # A plan hangs on a running retrofit clock, or on a served upgrade letter, and keeps within the three years.
    "plan_without_letter": (
        "retrofit_plan",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM letter l WHERE l.id = NEW.letter_id AND l.project_id = NEW.project_id
        AND l.state = 'served' AND ((NEW.clock_id IS NULL AND l.kind = 'UPGRADE') OR (l.kind = 'RETROFIT'
        AND EXISTS (SELECT 1 FROM deadline_clock c WHERE c.id = NEW.clock_id AND c.letter_id = l.id
        AND c.stopped_on IS NULL))))""",
    ),
    "plan_skips_version": (
        "retrofit_plan",
        "INSERT",
        """NEW.number <> (SELECT coalesce(max(p.number), 0) + 1 FROM retrofit_plan p
        WHERE p.holder_id = NEW.holder_id)""",
    ),
    "milestone_past_outer_limit": (
        "plan_milestone",
        "INSERT",
        """EXISTS (SELECT 1 FROM retrofit_plan p JOIN deadline_clock c ON c.id = p.clock_id
        WHERE p.id = NEW.plan_id AND NEW.planned > c.outer_limit)""",
    ),
    # A draft is worked on while its recommendation is open, version by version.
    "draft_is_closed": (
        "draft_version",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM recommendation r WHERE r.id = NEW.recommendation_id
        AND r.project_id = NEW.project_id AND r.state = 'open')""",
    ),
    "draft_skips_version": (
        "draft_version",
        "INSERT",
        """NEW.number <> (SELECT coalesce(max(v.number), 0) + 1 FROM draft_version v
        WHERE v.recommendation_id = NEW.recommendation_id AND v.part = NEW.part)""",
    ),
    "comment_on_closed_draft": (
        "draft_comment",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM recommendation r WHERE r.id = NEW.recommendation_id
        AND r.project_id = NEW.project_id AND r.state = 'open')""",
    ),
    "settled_comment_stands": ("draft_comment", "UPDATE", "OLD.state = 'settled'"),
    # What is signed is the newest version, read by the lawyer, nothing left to settle, by one who did not write it.
    "signs_own_draft": (
        "decision",
        "INSERT",
        """EXISTS (SELECT 1 FROM draft_version v WHERE v.recommendation_id = NEW.recommendation_id
        AND (v."by" IN (NEW.signed_by, NEW.signed_for) OR v.for_whom IN (NEW.signed_by, NEW.signed_for)))""",
    ),
    "draft_awaits_legal_review": (
        "decision",
        "INSERT",
        """EXISTS (SELECT 1 FROM draft_version v JOIN recommendation r ON r.id = v.recommendation_id
        JOIN procedure_step s ON s.project_id = r.project_id AND s.matter = r.matter
        WHERE r.id = NEW.recommendation_id AND v.substance AND s.step = 'legal_review' AND s.voided_at IS NULL
        AND s.at < v.at)""",
    ),
    "draft_has_open_comment": (
        "decision",
        "INSERT",
        """EXISTS (SELECT 1 FROM draft_comment c WHERE c.recommendation_id = NEW.recommendation_id AND c.must
        AND c.state <> 'settled')""",
    ),
    "letter_hides_draft": (
        "letter",
        "INSERT",
        """NEW.decision_id IS NOT NULL AND EXISTS (SELECT 1 FROM draft_version v
        JOIN decision d ON d.recommendation_id = v.recommendation_id WHERE d.id = NEW.decision_id
        AND v.part = NEW.measure AND (NEW.draft_id IS NULL OR NOT EXISTS (SELECT 1 FROM draft_version n
        WHERE n.id = NEW.draft_id AND n.recommendation_id = v.recommendation_id AND n.part = v.part
        AND n.number >= v.number)))""",
    ),
    "exit_without_letter": (
        "exit_step",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM letter l JOIN decision d ON d.id = l.decision_id WHERE l.id = NEW.letter_id
        AND l.project_id = NEW.project_id AND l.state = 'served' AND d.disposition = 'ELIMINATE')""",
    ),
    "deputies_overlap": (
        "deputy",
        "INSERT",
        """EXISTS (SELECT 1 FROM deputy d WHERE d.principal_id = NEW.principal_id AND d.ended_at IS NULL
        AND d.first_day <= NEW.last_day AND d.last_day >= NEW.first_day)""",
    ),
    "deputies_in_a_chain": (
        "deputy",
        "INSERT",
        """EXISTS (SELECT 1 FROM deputy d WHERE (d.principal_id = NEW.deputy_id OR d.deputy_id = NEW.principal_id)
        AND d.ended_at IS NULL AND d.first_day <= NEW.last_day AND d.last_day >= NEW.first_day)""",
    ),
}
"""What other rows must say before a row is written: message -> (table, when, the condition that refuses it)."""
_THREE_YEARS = re.compile(r"@three_years_after\(([\w.]+)\)")


def _said(condition: str, dialect: str) -> str:
    """The condition in the words of a database: three years on is the same day, or the last day of that month."""
    if dialect == "sqlite":
        return _THREE_YEARS.sub(
            r"date(\1, '+3 years', CASE strftime('%m-%d', \1) WHEN '02-29' THEN '-1 day' ELSE '+0 days' END)", condition
        )
    return _THREE_YEARS.sub(r"(\1 + interval '36 months')::date", condition)


SQLITE = {
    **{
        message: (
            f"CREATE TRIGGER {message} BEFORE {when} ON {table} WHEN {_said(condition, 'sqlite')} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        for message, (table, when, condition) in CONDITIONS.items()
    },
    **{
        f"{table}_no_{act.lower()}": (
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'procedure_is_append_only'); END"
        )
        for table in (*APPEND_ONLY, *PARTLY_FROZEN)
        for act in ("UPDATE", "DELETE")
        if table in APPEND_ONLY or act == "DELETE"
    },
    **{
        f"{table}_stands": (
            f"CREATE TRIGGER {table}_stands BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'procedure_is_append_only'); END"
        )
        for table, columns in PARTLY_FROZEN.items()
    },
    "event_no_update": (
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event_is_append_only'); END"
    ),
    "event_no_delete": (
        "CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event_is_append_only'); END"
    ),
    # INSERT OR REPLACE walks past a delete trigger where recursive_triggers is off: this one stops it as well.
    "event_only_next": (
        "CREATE TRIGGER event_only_next BEFORE INSERT ON event "
        "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event) "
        "BEGIN SELECT RAISE(ABORT, 'event_is_append_only'); END"
    ),
    "decision_no_update": (
        "CREATE TRIGGER decision_no_update BEFORE UPDATE ON decision "
        "BEGIN SELECT RAISE(ABORT, 'decision_is_final'); END"
    ),
    "decision_no_delete": (
        "CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision "
        "BEGIN SELECT RAISE(ABORT, 'decision_is_final'); END"
    ),
    "decision_no_replace": (
        "CREATE TRIGGER decision_no_replace BEFORE INSERT ON decision "
        "WHEN EXISTS (SELECT 1 FROM decision WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'decision_is_final'); END"
    ),
    "letter_no_delete": (
        "CREATE TRIGGER letter_no_delete BEFORE DELETE ON letter BEGIN SELECT RAISE(ABORT, 'letter_is_frozen'); END"
    ),
    "letter_no_replace": (
        "CREATE TRIGGER letter_no_replace BEFORE INSERT ON letter "
        "WHEN EXISTS (SELECT 1 FROM letter WHERE id = NEW.id "
        "OR (number = NEW.number AND (state <> 'void' OR scan_id IS NULL))) "
        "BEGIN SELECT RAISE(ABORT, 'letter_is_frozen'); END"
    ),
    "letter_stands": (
        f"CREATE TRIGGER letter_stands BEFORE UPDATE OF {', '.join(FROZEN)} ON letter "
        "BEGIN SELECT RAISE(ABORT, 'letter_is_frozen'); END"
    ),
    "letter_bytes_stand": (
        "CREATE TRIGGER letter_bytes_stand BEFORE UPDATE OF pdf, sha256, versions ON letter "
        "WHEN OLD.sha256 IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'letter_is_frozen'); END"
    ),
}

FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
)
NEXT = (
    "CREATE OR REPLACE FUNCTION refuse_unless_next() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event) THEN "
    "RAISE EXCEPTION 'event_is_append_only' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
    "RETURN NEW; END $$"
)


def _refusing(name: str, when: str, table: str, message: str, condition: str = "", each: str = "ROW") -> str:
    condition = f"WHEN ({condition}) " if condition else ""
    event = f"BEFORE {when} ON {table} FOR EACH {each}"
    return f"CREATE TRIGGER {name} {event} {condition}EXECUTE FUNCTION refuse('{message}')"


def _function(message: str, condition: str) -> str:
    """The function of a conditional trigger: PostgreSQL's own WHEN takes no subquery."""
    return (
        f"CREATE OR REPLACE FUNCTION {message}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {condition} THEN RAISE EXCEPTION '{message}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )


FUNCTIONS = (
    FUNCTION,
    NEXT,
    *(_function(message, _said(condition, "postgresql")) for message, (_, _, condition) in CONDITIONS.items()),
)
POSTGRESQL = {
    **{
        message: f"CREATE TRIGGER {message} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {message}()"
        for message, (table, when, _) in CONDITIONS.items()
    },
    **{
        f"{table}_no_{act.lower()}": _refusing(
            f"{table}_no_{act.lower()}",
            act,
            table,
            "procedure_is_append_only",
            each="STATEMENT" if act == "TRUNCATE" else "ROW",
        )
        for table in (*APPEND_ONLY, *PARTLY_FROZEN)
        for act in ("UPDATE", "DELETE", "TRUNCATE")
        if table in APPEND_ONLY or act != "UPDATE"
    },
    **{
        f"{table}_stands": _refusing(
            f"{table}_stands", f"UPDATE OF {', '.join(columns)}", table, "procedure_is_append_only"
        )
        for table, columns in PARTLY_FROZEN.items()
    },
    "event_no_update": _refusing("event_no_update", "UPDATE", "event", "event_is_append_only"),
    "event_no_delete": _refusing("event_no_delete", "DELETE", "event", "event_is_append_only"),
    "event_no_truncate": _refusing("event_no_truncate", "TRUNCATE", "event", "event_is_append_only", each="STATEMENT"),
    "event_only_next": (
        "CREATE TRIGGER event_only_next BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION refuse_unless_next()"
    ),
    "decision_no_update": _refusing("decision_no_update", "UPDATE", "decision", "decision_is_final"),
    "decision_no_delete": _refusing("decision_no_delete", "DELETE", "decision", "decision_is_final"),
    "decision_no_truncate": _refusing(
        "decision_no_truncate", "TRUNCATE", "decision", "decision_is_final", each="STATEMENT"
    ),
    "letter_no_delete": _refusing("letter_no_delete", "DELETE", "letter", "letter_is_frozen"),
    "letter_no_truncate": _refusing("letter_no_truncate", "TRUNCATE", "letter", "letter_is_frozen", each="STATEMENT"),
    "letter_stands": _refusing("letter_stands", f"UPDATE OF {', '.join(FROZEN)}", "letter", "letter_is_frozen"),
    "letter_bytes_stand": _refusing(
        "letter_bytes_stand", "UPDATE OF pdf, sha256, versions", "letter", "letter_is_frozen", "OLD.sha256 IS NOT NULL"
    ),
}


def install(connection: sa.Connection) -> None:
    """Makes all triggers, replacing those that are there."""
    if connection.dialect.name == "sqlite":
        for name, statement in SQLITE.items():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(statement)
        return
    for function in FUNCTIONS:
        connection.exec_driver_sql(function.replace("%", "%%"))
    for name, statement in POSTGRESQL.items():
        table = re.search(r" ON (\w+) ", statement)[1]  # type: ignore[index]  # each of them names its table
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        connection.exec_driver_sql(statement)


def missing(connection: sa.Connection) -> tuple[str, ...]:
    """The triggers that are not there, switched off, or not as we made them."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        found = {name: _spaced(sql) for name, sql in rows}
        return tuple(name for name, statement in SQLITE.items() if found.get(name) != _spaced(statement))
    rows = connection.execute(
        sa.text(
            "SELECT t.tgname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled = 'O'"
        )
    )
    bodies = {_spaced(function.split("$$")[1]) for function in FUNCTIONS}
    there = {name: _bare(definition) for name, definition, body in rows if _spaced(body) in bodies}
    return tuple(name for name, statement in POSTGRESQL.items() if there.get(name) != _bare(statement))


def _bare(definition: str) -> str:
    """A trigger's definition without what PostgreSQL writes in its own way: schema, brackets, case."""
    return _spaced(re.sub(r"[()\"]| ON \w+\.", lambda hit: " ON " if "." in hit[0] else "", definition)).lower()


def _spaced(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).strip()
