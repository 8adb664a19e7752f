"""Make the ledger.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import screening.store.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "event",
        sa.Column("seq", screening.store.types.Ordinal(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_subject"), ["subject"], unique=False)

    op.create_table(
        "event_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_head_there_is_one_head")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_head")),
    )
    op.create_table(
        "number_series",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=6), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last >= 1", name=op.f("ck_number_series_numbers_count_from_one")),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_number_series")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("login_folded", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "registrar",
                "reviewer",
                "signatory",
                "office",
                "legal",
                "rules_officer",
                "auditor",
                "administrator",
                name="role_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scope", sa.String(length=6), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_sign_in", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_person_failures_not_negative")),
        sa.CheckConstraint("length(scope) = 6", name=op.f("ck_person_scope_is_division_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login_folded", name=op.f("uq_person_login_folded")),
    )
    op.create_table(
        "number_pattern",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=6), nullable=False),
        sa.Column(
            "group",
            sa.Enum(
                "decision",
                "notice",
                "letter",
                name="number_group_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_number_pattern_pattern_has_reason")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_number_pattern_version_counts_from_one")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_number_pattern_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_number_pattern_for_whom_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_pattern")),
        sa.UniqueConstraint("key", name=op.f("uq_number_pattern_key")),
        sa.UniqueConstraint("office", "group", "version", name=op.f("uq_number_pattern_office")),
    )
    op.create_table(
        "deputy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_deputy_ended_by_somebody")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_deputy_period_is_in_order")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_deputy_deputy_has_reason")),
        sa.CheckConstraint("principal_id <> deputy_id", name=op.f("ck_deputy_two_people")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_deputy_added_by_person")),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_deputy_deputy_id_person")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_deputy_ended_by_person")),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("fk_deputy_principal_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
        sa.UniqueConstraint("key", name=op.f("uq_deputy_key")),
    )
    with op.batch_alter_table("deputy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deputy_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deputy_principal_id"), ["principal_id"], unique=False)

    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_login"), ["login"], unique=False)

    op.create_table(
        "import_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("undo_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_import_batch_revision_counts_from_one")),
        sa.CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name=op.f("ck_import_batch_undo_has_reason")),
        sa.CheckConstraint(
            "undone_at IS NULL OR confirmed_at IS NOT NULL", name=op.f("ck_import_batch_undone_was_confirmed")
        ),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_import_batch_undone_by_person")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_import_batch_confirmed_by_person")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_import_batch_uploaded_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_table(
        "import_file",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("suffix", sa.String(length=8), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_file_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_import_file")),
    )
    op.create_table(
        "import_column",
        sa.Column("office", sa.String(length=6), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("field_key", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_import_column_saved_by_person")),
        sa.PrimaryKeyConstraint("office", "header", name=op.f("pk_import_column")),
    )
    op.create_table(
        "superior_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=6), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(content) >= 1", name=op.f("ck_superior_form_form_is_not_empty")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_superior_form_version_counts_from_one")),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_superior_form_saved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_superior_form")),
        sa.UniqueConstraint("key", name=op.f("uq_superior_form_key")),
        sa.UniqueConstraint("office", "name", name=op.f("uq_superior_form_office")),
    )
    op.create_table(
        "person_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_session_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_person_session_token_hash")),
    )
    with op.batch_alter_table("person_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=True),
        sa.Column("league", sa.String(length=6), nullable=False),
        sa.Column("banner", sa.String(length=6), nullable=False),
        sa.Column(
            "industry",
            sa.Enum(
                "petrochemical",
                "coking",
                "chemical",
                "coal_chemical",
                "building_materials",
                "steel",
                "nonferrous",
                "coal_power",
                name="industry_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "proposed",
                "under_construction",
                "existing",
                name="stage_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "efficiency_class",
            sa.Enum(
                "AT_BENCHMARK",
                "BETWEEN",
                "NOT_COVERED",
                "UNDETERMINED",
                "BELOW_BASELINE",
                name="efficiency_class_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("class_order", sa.Integer(), nullable=False),
        sa.Column(
            "disposition",
            sa.Enum(
                "PROCEED",
                "HALT",
                "RECTIFY",
                "REFER",
                "KEEP",
                "UPGRADE",
                "RETROFIT",
                "ELIMINATE",
                "RELEASE",
                "ACCEPTED",
                "NOT_ACCEPTED",
                "MANUAL",
                name="disposition_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "disposition_if_confirmed",
            sa.Enum(
                "PROCEED",
                "HALT",
                "RECTIFY",
                "REFER",
                "KEEP",
                "UPGRADE",
                "RETROFIT",
                "ELIMINATE",
                "RELEASE",
                "ACCEPTED",
                "NOT_ACCEPTED",
                "MANUAL",
                name="disposition_if_confirmed_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("equivalent_tce", screening.store.types.Exact(), nullable=True),
        sa.Column("in_focus", sa.Boolean(), nullable=True),
        sa.Column("near_line", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column(
            "case_state",
            sa.Enum(
                "registered",
                "submitted",
                "checked",
                "forwarded",
                "accepted",
                "correction",
                "withdrawn",
                "recommended",
                "returned",
                "signed",
                "printed",
                "served",
                "closed",
                "objected",
                "revoked",
                "reopened",
                "void",
                name="case_state_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("halted_on", sa.Date(), nullable=True),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("basis_refs", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("screening", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "length(banner) = 6 AND length(league) = 6", name=op.f("ck_project_division_codes_have_six_digits")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_project_version_counts_from_one")),
        sa.CheckConstraint(
            "(case_state = 'void') = (void_reason IS NOT NULL)", name=op.f("ck_project_void_has_reason")
        ),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_project_changed_by_person")),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("fk_project_registered_by_person")),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_project_saved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("identity", name=op.f("uq_project_identity")),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        faceted = ["league", "industry", "stage", "efficiency_class", "disposition", "case_state", "banner"]
        faceted += ["in_focus", "near_line", "findings"]
        batch_op.create_index("ix_project_facets", faceted, unique=False)
        batch_op.create_index("ix_project_banner", ["banner", "case_state", "name", "id"], unique=False)
        batch_op.create_index("ix_project_by_name", ["name", "id", *faceted], unique=False)
        for key, column in (
            ("code", "code"),
            ("enterprise", "enterprise"),
            ("class", "class_order"),
            ("tce", "equivalent_tce"),
            ("changed", "changed_at"),
        ):
            batch_op.create_index(f"ix_project_by_{key}", [column, "name", "id", *faceted], unique=False)

    op.create_table(
        "case_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "move",
            sa.Enum(
                "submit",
                "withdraw",
                "check",
                "forward",
                "accept",
                "send_back",
                "recommend",
                "recall",
                "return",
                "sign",
                "print",
                "serve",
                "void",
                "close",
                "object",
                "uphold",
                "revoke",
                "reopen",
                "change_facts",
                "strike_off",
                "reinstate",
                name="move_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "before",
            sa.Enum(
                "registered",
                "submitted",
                "checked",
                "forwarded",
                "accepted",
                "correction",
                "withdrawn",
                "recommended",
                "returned",
                "signed",
                "printed",
                "served",
                "closed",
                "objected",
                "revoked",
                "reopened",
                "void",
                name="before_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "registered",
                "submitted",
                "checked",
                "forwarded",
                "accepted",
                "correction",
                "withdrawn",
                "recommended",
                "returned",
                "signed",
                "printed",
                "served",
                "closed",
                "objected",
                "revoked",
                "reopened",
                "void",
                name="after_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "registrar",
                "reviewer",
                "signatory",
                "office",
                "legal",
                "rules_officer",
                "auditor",
                "administrator",
                name="role_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("recommended_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "code",
            sa.Enum(
                "missing",
                "unclear_unit",
                "implausible",
                "no_proof",
                "approval",
                "wrong_product",
                "wrong_place",
                "duplicate",
                "other",
                name="return_reason_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("paper_date", sa.Date(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(code IS NOT NULL AND field IS NOT NULL) OR NOT (before || '>' || move IN ('accepted>send_back', 'checked>send_back', 'forwarded>send_back', 'reopened>send_back', 'returned>send_back', 'submitted>send_back'))",
            name=op.f("ck_case_move_return_has_code_and_field"),
        ),
        sa.CheckConstraint(
            "before || '>' || move || '<' || role IN ('accepted>change_facts<registrar', 'accepted>change_facts<reviewer', 'accepted>recommend<reviewer', 'accepted>send_back<reviewer', 'accepted>strike_off<registrar', 'checked>accept<reviewer', 'checked>change_facts<registrar', 'checked>change_facts<reviewer', 'checked>forward<reviewer', 'checked>send_back<reviewer', 'checked>strike_off<registrar', 'closed>change_facts<registrar', 'closed>change_facts<reviewer', 'closed>object<reviewer', 'closed>print<office', 'closed>recommend<reviewer', 'closed>reopen<reviewer', 'closed>revoke<signatory', 'correction>change_facts<registrar', 'correction>change_facts<reviewer', 'correction>strike_off<registrar', 'correction>submit<registrar', 'correction>submit<reviewer', 'forwarded>accept<reviewer', 'forwarded>change_facts<registrar', 'forwarded>change_facts<reviewer', 'forwarded>send_back<reviewer', 'forwarded>strike_off<registrar', 'objected>change_facts<registrar', 'objected>change_facts<reviewer', 'objected>print<office', 'objected>revoke<signatory', 'objected>uphold<reviewer', 'printed>change_facts<registrar', 'printed>change_facts<reviewer', 'printed>print<office', 'printed>serve<office', 'printed>void<signatory', 'recommended>change_facts<registrar', 'recommended>change_facts<reviewer', 'recommended>recall<reviewer', 'recommended>return<signatory', 'recommended>sign<signatory', 'registered>change_facts<registrar', 'registered>change_facts<reviewer', 'registered>strike_off<registrar', 'registered>submit<registrar', 'registered>submit<reviewer', 'reopened>change_facts<registrar', 'reopened>change_facts<reviewer', 'reopened>recommend<reviewer', 'reopened>send_back<reviewer', 'returned>change_facts<registrar', 'returned>change_facts<reviewer', 'returned>recommend<reviewer', 'returned>send_back<reviewer', 'returned>strike_off<registrar', 'revoked>change_facts<registrar', 'revoked>change_facts<reviewer', 'revoked>reopen<reviewer', 'served>change_facts<registrar', 'served>change_facts<reviewer', 'served>close<reviewer', 'served>object<reviewer', 'served>print<office', 'served>recommend<reviewer', 'served>revoke<signatory', 'signed>change_facts<registrar', 'signed>change_facts<reviewer', 'signed>print<office', 'signed>void<signatory', 'submitted>accept<reviewer', 'submitted>change_facts<registrar', 'submitted>change_facts<reviewer', 'submitted>check<reviewer', 'submitted>forward<reviewer', 'submitted>send_back<reviewer', 'submitted>strike_off<registrar', 'submitted>withdraw<registrar', 'submitted>withdraw<reviewer', 'void>reinstate<registrar', 'withdrawn>change_facts<registrar', 'withdrawn>change_facts<reviewer', 'withdrawn>strike_off<registrar', 'withdrawn>submit<registrar', 'withdrawn>submit<reviewer')",
            name=op.f("ck_case_move_role_may_make_it"),
        ),
        sa.CheckConstraint(
            "before || '>' || move || '>' || after IN ('accepted>change_facts>submitted', 'accepted>recommend>recommended', 'accepted>send_back>correction', 'accepted>strike_off>void', 'checked>accept>accepted', 'checked>change_facts>submitted', 'checked>forward>forwarded', 'checked>send_back>correction', 'checked>strike_off>void', 'closed>change_facts>closed', 'closed>object>objected', 'closed>print>closed', 'closed>recommend>recommended', 'closed>reopen>reopened', 'closed>revoke>revoked', 'correction>change_facts>submitted', 'correction>strike_off>void', 'correction>submit>submitted', 'forwarded>accept>accepted', 'forwarded>change_facts>submitted', 'forwarded>send_back>correction', 'forwarded>strike_off>void', 'objected>change_facts>objected', 'objected>print>objected', 'objected>revoke>revoked', 'objected>uphold>served', 'printed>change_facts>printed', 'printed>print>printed', 'printed>serve>served', 'printed>void>returned', 'recommended>change_facts>returned', 'recommended>recall>accepted', 'recommended>return>returned', 'recommended>sign>signed', 'registered>change_facts>registered', 'registered>strike_off>void', 'registered>submit>submitted', 'reopened>change_facts>reopened', 'reopened>recommend>recommended', 'reopened>send_back>correction', 'returned>change_facts>returned', 'returned>recommend>recommended', 'returned>send_back>correction', 'returned>strike_off>void', 'revoked>change_facts>revoked', 'revoked>reopen>reopened', 'served>change_facts>served', 'served>close>closed', 'served>object>objected', 'served>print>served', 'served>recommend>recommended', 'served>revoke>revoked', 'signed>change_facts>signed', 'signed>print>printed', 'signed>void>returned', 'submitted>accept>accepted', 'submitted>change_facts>submitted', 'submitted>check>checked', 'submitted>forward>forwarded', 'submitted>send_back>correction', 'submitted>strike_off>void', 'submitted>withdraw>withdrawn', 'void>reinstate>registered', 'withdrawn>change_facts>withdrawn', 'withdrawn>strike_off>void', 'withdrawn>submit>submitted')",
            name=op.f("ck_case_move_move_is_in_the_table"),
        ),
        sa.CheckConstraint(
            "length(coalesce(document, '')) > 0 OR NOT (before || '>' || move IN ('closed>object', 'closed>revoke', 'objected>revoke', 'objected>uphold', 'served>object', 'served>revoke'))",
            name=op.f("ck_case_move_move_has_document"),
        ),
        sa.CheckConstraint(
            "length(coalesce(reason, '')) > 0 OR NOT (before || '>' || move IN ('accepted>send_back', 'accepted>strike_off', 'checked>send_back', 'checked>strike_off', 'closed>reopen', 'closed>revoke', 'correction>strike_off', 'forwarded>send_back', 'forwarded>strike_off', 'objected>revoke', 'printed>void', 'recommended>recall', 'recommended>return', 'registered>strike_off', 'reopened>send_back', 'returned>send_back', 'returned>strike_off', 'revoked>reopen', 'served>close', 'served>revoke', 'signed>void', 'submitted>send_back', 'submitted>strike_off', 'submitted>withdraw', 'void>reinstate', 'withdrawn>strike_off'))",
            name=op.f("ck_case_move_move_has_reason"),
        ),
        sa.CheckConstraint(
            "level >= 2 OR NOT (before || '>' || move IN ('accepted>recommend', 'accepted>send_back', 'checked>accept', 'checked>forward', 'checked>send_back', 'closed>recommend', 'closed>reopen', 'closed>revoke', 'forwarded>accept', 'forwarded>send_back', 'objected>revoke', 'recommended>sign', 'reopened>recommend', 'reopened>send_back', 'returned>recommend', 'returned>send_back', 'revoked>reopen', 'served>close', 'served>recommend', 'served>revoke', 'submitted>accept', 'submitted>forward'))",
            name=op.f("ck_case_move_league_or_higher"),
        ),
        sa.CheckConstraint(
            "level >= 3 OR NOT (before || '>' || move IN ('forwarded>accept', 'forwarded>send_back'))",
            name=op.f("ck_case_move_region_or_higher"),
        ),
        sa.CheckConstraint(
            "paper_date IS NOT NULL OR NOT (before || '>' || move IN ('closed>object', 'closed>revoke', 'objected>revoke', 'objected>uphold', 'printed>serve', 'recommended>sign', 'served>object', 'served>revoke'))",
            name=op.f("ck_case_move_move_has_paper_date"),
        ),
        sa.CheckConstraint(
            "(\"by\" <> registered_by AND \"by\" <> changed_by AND (for_whom IS NULL OR (for_whom <> registered_by AND for_whom <> changed_by))) OR NOT (before || '>' || move IN ('accepted>recommend', 'accepted>send_back', 'checked>accept', 'checked>forward', 'checked>send_back', 'closed>recommend', 'closed>reopen', 'forwarded>accept', 'forwarded>send_back', 'recommended>sign', 'reopened>recommend', 'reopened>send_back', 'returned>recommend', 'returned>send_back', 'revoked>reopen', 'served>recommend', 'submitted>accept', 'submitted>check', 'submitted>forward', 'submitted>send_back'))",
            name=op.f("ck_case_move_nobody_reviews_his_own"),
        ),
        sa.CheckConstraint(
            "recommended_by IS NOT NULL AND \"by\" <> recommended_by AND (for_whom IS NULL OR for_whom <> recommended_by) OR NOT (before || '>' || move IN ('recommended>sign'))",
            name=op.f("ck_case_move_nobody_signs_his_own"),
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_case_move_by_person")),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_case_move_changed_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_case_move_for_whom_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_case_move_project_id_project")),
        sa.ForeignKeyConstraint(["recommended_by"], ["person.id"], name=op.f("fk_case_move_recommended_by_person")),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("fk_case_move_registered_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_move")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_case_move_project_id")),
    )
    with op.batch_alter_table("case_move", schema=None) as batch_op:
        batch_op.create_index(
            "ix_case_move_sent_back",
            ["at"],
            unique=False,
            sqlite_where=sa.text("move = 'send_back'"),
            postgresql_where=sa.text("move = 'send_back'"),
        )

    op.create_table(
        "rule_page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "done",
                "refused",
                name="page_state_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("confirmed_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("countersigned_by", sa.Uuid(), nullable=True),
        sa.Column("countersigned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("refused_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (countersigned_by IS NULL)", name=op.f("ck_rule_page_settled_by_somebody")
        ),
        sa.CheckConstraint("countersigned_by <> confirmed_by", name=op.f("ck_rule_page_two_different_people")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_rule_page_confirmed_by_person")),
        sa.ForeignKeyConstraint(["countersigned_by"], ["person.id"], name=op.f("fk_rule_page_countersigned_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_page")),
        sa.UniqueConstraint("key", name=op.f("uq_rule_page_key")),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(
            "finding",
            sa.Enum(
                "policy_noncompliance",
                "unlawful_approval",
                "built_before_approval",
                "deviates_from_approval",
                "exceeds_approved_energy",
                "excess_emission",
                name="finding_id_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "detected",
                "entered",
                name="finding_source_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "confirmed",
                "dismissed",
                name="finding_state_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "length(reference) > 0 OR attachments <> '[]'", name=op.f("ck_finding_finding_has_evidence")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_finding_finding_has_reason")),
        sa.CheckConstraint("state = 'dismissed' OR found_on IS NOT NULL", name=op.f("ck_finding_finding_has_day")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_finding_by_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_finding_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("project_id", "finding", "digest", name=op.f("uq_finding_project_id")),
    )
    op.create_table(
        "last_seen",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_last_seen_seen_up_to_an_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_last_seen_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_last_seen_project_id_project")),
        sa.PrimaryKeyConstraint("person_id", "project_id", name=op.f("pk_last_seen")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("office", sqlmodel.sql.sqltypes.AutoString(length=6), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("column_keys", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_saved_view_view_has_name")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_saved_view_version_counts_from_one")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_saved_view_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("key", name=op.f("uq_saved_view_key")),
        sa.UniqueConstraint("owner_id", "name_folded", name=op.f("uq_saved_view_owner_id")),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_view_office"), ["office"], unique=False)

    op.create_table(
        "ledger_preference",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("column_keys", sa.Text(), nullable=True),
        sa.Column("default_view_id", sa.Uuid(), nullable=True),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledger_preference_person_id_person")),
        sa.ForeignKeyConstraint(
            ["default_view_id"], ["saved_view.id"], name=op.f("fk_ledger_preference_default_view_id_saved_view")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_ledger_preference")),
    )
    with op.batch_alter_table("ledger_preference", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_preference_default_view_id"), ["default_view_id"], unique=False)

    op.create_table(
        "explanation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(text) > 0", name=op.f("ck_explanation_explanation_has_text")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_explanation_by_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_explanation_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
        sa.UniqueConstraint("project_id", "digest", name=op.f("uq_explanation_project_id")),
    )
    op.create_table(
        "recommendation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("project_version", sa.Integer(), nullable=False),
        sa.Column(
            "disposition",
            sa.Enum(
                "PROCEED",
                "HALT",
                "RECTIFY",
                "REFER",
                "KEEP",
                "UPGRADE",
                "RETROFIT",
                "ELIMINATE",
                "RELEASE",
                "ACCEPTED",
                "NOT_ACCEPTED",
                "MANUAL",
                name="disposition_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "proposed",
            sa.Enum(
                "PROCEED",
                "HALT",
                "RECTIFY",
                "REFER",
                "KEEP",
                "UPGRADE",
                "RETROFIT",
                "ELIMINATE",
                "RELEASE",
                "ACCEPTED",
                "NOT_ACCEPTED",
                "MANUAL",
                name="proposed_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=True),
        sa.Column("despite", sa.Text(), nullable=True),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("matter", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "signed",
                "returned",
                "recalled",
                "outdated",
                name="recommendation_state_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("returned_reason", sa.Text(), nullable=True),
        sa.Column("returned_by", sa.Uuid(), nullable=True),
        sa.Column("returned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'returned') = (returned_at IS NOT NULL)", name=op.f("ck_recommendation_returned_has_moment")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_recommendation_recommendation_has_reason")),
        sa.CheckConstraint("length(effect) > 0", name=op.f("ck_recommendation_recommendation_has_effect")),
        sa.CheckConstraint(
            "disposition = proposed OR coalesce(length(clause), 0) > 0",
            name=op.f("ck_recommendation_override_has_clause"),
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_recommendation_by_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_recommendation_project_id_project")),
        sa.ForeignKeyConstraint(["returned_by"], ["person.id"], name=op.f("fk_recommendation_returned_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("key", name=op.f("uq_recommendation_key")),
    )
    with op.batch_alter_table("recommendation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recommendation_project_id"), ["project_id"], unique=False)
        batch_op.create_index(
            "uq_recommendation_project_id",
            ["project_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "recommendation_need",
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "competent_organ",
                "two_officers",
                "fact_evidence",
                "advance_notice",
                "statement_and_defence",
                "hearing_window",
                "legal_review",
                "collective_discussion",
                "ninety_days",
                "addressee_checked",
                "law_of_the_day",
                "official_evidence",
                "industry_department",
                "ecology_department",
                "energy_department",
                name="step_id_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["recommendation.id"],
            name=op.f("fk_recommendation_need_recommendation_id_recommendation"),
        ),
        sa.PrimaryKeyConstraint("recommendation_id", "step", name=op.f("pk_recommendation_need")),
    )

    op.create_table(
        "draft_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("taken_from", sa.Uuid(), nullable=True),
        sa.Column("substance", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(why) > 0", name=op.f("ck_draft_version_version_says_why")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_draft_version_number_counts_from_one")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_draft_version_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_draft_version_for_whom_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_draft_version_project_id_project")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["recommendation.id"],
            name=op.f("fk_draft_version_recommendation_id_recommendation"),
        ),
        sa.ForeignKeyConstraint(
            ["taken_from"], ["draft_version.id"], name=op.f("fk_draft_version_taken_from_draft_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_version")),
        sa.UniqueConstraint("key", name=op.f("uq_draft_version_key")),
        sa.UniqueConstraint("recommendation_id", "part", "number", name=op.f("uq_draft_version_recommendation_id")),
    )
    with op.batch_alter_table("draft_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_version_project_id"), ["project_id"], unique=False)

    op.create_table(
        "draft_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("must", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "registrar",
                "reviewer",
                "signatory",
                "office",
                "legal",
                "rules_officer",
                "auditor",
                "administrator",
                name="role_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "answered",
                "settled",
                name="comment_state_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL)"
            " AND (state <> 'answered' OR answer IS NOT NULL) AND (state <> 'open' OR answer IS NULL)",
            name=op.f("ck_draft_comment_answer_is_whole"),
        ),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_by IS NOT NULL) AND (state = 'settled') = (settled_at IS NOT NULL)",
            name=op.f("ck_draft_comment_settled_by_somebody"),
        ),
        sa.CheckConstraint("length(text) > 0", name=op.f("ck_draft_comment_comment_has_text")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_draft_comment_number_counts_from_nought")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_draft_comment_answered_by_person")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_draft_comment_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_draft_comment_for_whom_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_draft_comment_project_id_project")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["recommendation.id"],
            name=op.f("fk_draft_comment_recommendation_id_recommendation"),
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_draft_comment_settled_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_comment")),
        sa.UniqueConstraint("key", name=op.f("uq_draft_comment_key")),
    )
    with op.batch_alter_table("draft_comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_comment_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_comment_recommendation_id"), ["recommendation_id"], unique=False)

    op.create_table(
        "rule_confirmation",
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["rule_page.id"], name=op.f("fk_rule_confirmation_page_id_rule_page")),
        sa.PrimaryKeyConstraint("page_id", "ref", name=op.f("pk_rule_confirmation")),
    )
    with op.batch_alter_table("rule_confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_confirmation_ref"), ["ref"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("project_version", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "disposition",
            sa.Enum(
                "PROCEED",
                "HALT",
                "RECTIFY",
                "REFER",
                "KEEP",
                "UPGRADE",
                "RETROFIT",
                "ELIMINATE",
                "RELEASE",
                "ACCEPTED",
                "NOT_ACCEPTED",
                "MANUAL",
                name="disposition_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("screening", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("recommended_by", sa.Uuid(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_for", sa.Uuid(), nullable=True),
        sa.Column("signed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("follows", sa.Uuid(), nullable=True),
        sa.CheckConstraint("follows IS NULL OR follows <> id", name=op.f("ck_decision_follows_another")),
        sa.CheckConstraint(
            "signed_by <> recommended_by AND (signed_for IS NULL OR signed_for <> recommended_by)",
            name=op.f("ck_decision_nobody_signs_his_own"),
        ),
        sa.ForeignKeyConstraint(["follows"], ["decision.id"], name=op.f("fk_decision_follows_decision")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_decision_project_id_project")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendation.id"], name=op.f("fk_decision_recommendation_id_recommendation")
        ),
        sa.ForeignKeyConstraint(["recommended_by"], ["person.id"], name=op.f("fk_decision_recommended_by_person")),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("fk_decision_signed_by_person")),
        sa.ForeignKeyConstraint(["signed_for"], ["person.id"], name=op.f("fk_decision_signed_for_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("key", name=op.f("uq_decision_key")),
        sa.UniqueConstraint("recommendation_id", name=op.f("uq_decision_recommendation_id")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_follows"), ["follows"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_project_id"), ["project_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_attachment_void_has_reason")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_attachment_file_has_hash")),
        sa.CheckConstraint("size >= 1", name=op.f("ck_attachment_file_is_not_empty")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_attachment_added_by_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_attachment_project_id_project")),
        sa.ForeignKeyConstraint(["voided_by"], ["person.id"], name=op.f("fk_attachment_voided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("key", name=op.f("uq_attachment_key")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_project_id"), ["project_id"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("matter", sa.String(length=64), nullable=True),
        sa.Column("scan_id", sa.Uuid(), nullable=True),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("versions", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "signed",
                "printed",
                "served",
                "void",
                name="letter_state_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_for", sa.Uuid(), nullable=True),
        sa.Column("signed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name=op.f("ck_letter_void_has_reason")),
        sa.CheckConstraint("(pdf IS NULL) = (sha256 IS NULL)", name=op.f("ck_letter_bytes_have_hash")),
        sa.CheckConstraint("serial >= 1", name=op.f("ck_letter_serial_counts_from_one")),
        sa.CheckConstraint(
            "scan_id IS NULL OR (decision_id IS NULL AND pdf IS NULL)", name=op.f("ck_letter_paper_stands_alone")
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_letter_decision_id_decision")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft_version.id"], name=op.f("fk_letter_draft_id_draft_version")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_letter_project_id_project")),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_letter_saved_by_person")),
        sa.ForeignKeyConstraint(["scan_id"], ["attachment.id"], name=op.f("fk_letter_scan_id_attachment")),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("fk_letter_signed_by_person")),
        sa.ForeignKeyConstraint(["signed_for"], ["person.id"], name=op.f("fk_letter_signed_for_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("decision_id", "measure", name=op.f("uq_letter_decision_id")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_series"), ["series"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_letter_number",
            ["number"],
            unique=True,
            sqlite_where=sa.text("state <> 'void' OR scan_id IS NULL"),
            postgresql_where=sa.text("state <> 'void' OR scan_id IS NULL"),
        )

    op.create_table(
        "objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "review", "suit", name="objection_kind_is_known", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("objector", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "upheld",
                "revoked",
                "changed",
                "withdrawn",
                "settled",
                name="outcome_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("outcome_on", sa.Date(), nullable=True),
        sa.Column("outcome_document", sa.Text(), nullable=True),
        sa.Column("outcome_note", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "received_on <= last_day OR length(coalesce(late_reason, '')) > 0",
            name=op.f("ck_objection_late_has_reason"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (outcome_on IS NULL) AND (outcome IS NULL) = (outcome_document IS NULL) AND (outcome IS NULL) = (ended_by IS NULL) AND (outcome IS NULL) = (ended_at IS NULL)",
            name=op.f("ck_objection_outcome_is_whole"),
        ),
        sa.CheckConstraint(
            "length(objector) > 0 AND length(organ) > 0 AND length(request) > 0 AND length(document) > 0",
            name=op.f("ck_objection_objection_says_what"),
        ),
        sa.CheckConstraint(
            "outcome_on IS NULL OR outcome_on >= received_on", name=op.f("ck_objection_outcome_comes_after")
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_objection_by_person")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_objection_decision_id_decision")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_objection_ended_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_objection_for_whom_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_objection_letter_id_letter")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_objection_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("key", name=op.f("uq_objection_key")),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_project_id"), ["project_id"], unique=False)
        batch_op.create_index(
            "uq_objection_project_id",
            ["project_id"],
            unique=True,
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )

    op.create_table(
        "stay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lift_document", sa.Text(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lift_document IS NULL) AND (lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL OR last_day IS NOT NULL)",
            name=op.f("ck_stay_lifting_has_order"),
        ),
        sa.CheckConstraint("first_day >= ordered_on", name=op.f("ck_stay_stay_begins_with_order")),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_stay_stay_is_in_order")),
        sa.CheckConstraint("length(organ) > 0 AND length(order_number) > 0", name=op.f("ck_stay_stay_has_order")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_stay_by_person")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_stay_decision_id_decision")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_stay_for_whom_person")),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_stay_lifted_by_person")),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name=op.f("fk_stay_objection_id_objection")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_stay_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
        sa.UniqueConstraint("key", name=op.f("uq_stay_key")),
    )
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stay_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stay_project_id"), ["project_id"], unique=False)

    op.create_table(
        "revocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("objection_id", sa.Uuid(), nullable=True),
        sa.Column(
            "effect",
            sa.Enum(
                "upheld",
                "revoked",
                "changed",
                "withdrawn",
                "settled",
                name="effect_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("effect IN ('changed', 'revoked')", name=op.f("ck_revocation_decision_falls")),
        sa.CheckConstraint(
            "length(organ) > 0 AND length(document) > 0 AND length(reason) > 0",
            name=op.f("ck_revocation_revocation_has_order"),
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_revocation_by_person")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_revocation_decision_id_decision")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_revocation_for_whom_person")),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name=op.f("fk_revocation_objection_id_objection")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_revocation_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_revocation_decision_id")),
        sa.UniqueConstraint("key", name=op.f("uq_revocation_key")),
    )
    with op.batch_alter_table("revocation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revocation_project_id"), ["project_id"], unique=False)

    op.create_table(
        "referral_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "accepted",
                "not_accepted",
                "settled",
                name="reply_result_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "length(organ) > 0 AND length(document) > 0", name=op.f("ck_referral_reply_reply_has_document")
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_referral_reply_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_referral_reply_for_whom_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_referral_reply_letter_id_letter")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_referral_reply_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_reply")),
        sa.UniqueConstraint("key", name=op.f("uq_referral_reply_key")),
    )
    with op.batch_alter_table("referral_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_reply_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "procedure_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("matter", sa.String(length=64), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "competent_organ",
                "two_officers",
                "fact_evidence",
                "advance_notice",
                "statement_and_defence",
                "hearing_window",
                "legal_review",
                "collective_discussion",
                "ninety_days",
                "addressee_checked",
                "law_of_the_day",
                "official_evidence",
                "industry_department",
                "ecology_department",
                "energy_department",
                name="step_id_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "done",
                "not_required",
                "refused",
                name="step_state_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "registrar",
                "reviewer",
                "signatory",
                "office",
                "legal",
                "rules_officer",
                "auditor",
                "administrator",
                name="role_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("step <> 'legal_review' OR role = 'legal'", name=op.f("ck_procedure_step_lawyer_reviews")),
        sa.CheckConstraint(
            "step <> 'advance_notice' OR state = 'not_required' OR letter_id IS NOT NULL",
            name=op.f("ck_procedure_step_notice_is_a_letter"),
        ),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_procedure_step_void_has_reason")
        ),
        sa.CheckConstraint("length(facts) > 2", name=op.f("ck_procedure_step_step_has_evidence")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_procedure_step_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_procedure_step_for_whom_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_procedure_step_letter_id_letter")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_procedure_step_project_id_project")),
        sa.ForeignKeyConstraint(["voided_by"], ["person.id"], name=op.f("fk_procedure_step_voided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_step")),
        sa.UniqueConstraint("key", name=op.f("uq_procedure_step_key")),
    )
    with op.batch_alter_table("procedure_step", schema=None) as batch_op:
        batch_op.create_index(
            "uq_procedure_step_project_id",
            ["project_id", "matter", "step"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "deadline_clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("outer_limit", sa.Date(), nullable=False),
        sa.Column("hints", sa.Text(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.CheckConstraint("due <= outer_limit", name=op.f("ck_deadline_clock_due_within_outer_limit")),
        sa.CheckConstraint("start < due", name=op.f("ck_deadline_clock_due_after_start")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_deadline_clock_letter_id_letter")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_deadline_clock_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_clock")),
        sa.UniqueConstraint("letter_id", "position", name=op.f("uq_deadline_clock_letter_id")),
    )
    with op.batch_alter_table("deadline_clock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deadline_clock_due"), ["due"], unique=False)
        batch_op.create_index(batch_op.f("ix_deadline_clock_project_id"), ["project_id"], unique=False)

    op.create_table(
        "metering",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "trial", "year", name="acceptance_stage_is_known", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("sec", screening.store.types.Exact(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("baseline", screening.store.types.Exact(), nullable=True),
        sa.Column(
            "reached",
            sa.Enum(
                "AT_BENCHMARK",
                "BETWEEN",
                "NOT_COVERED",
                "UNDETERMINED",
                "BELOW_BASELINE",
                name="efficiency_class_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("metered_by", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("rules_version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_metering_metered_in_order")),
        sa.CheckConstraint("sec > 0", name=op.f("ck_metering_metered_above_nothing")),
        sa.CheckConstraint(
            "length(metered_by) > 0 AND length(document) > 0", name=op.f("ck_metering_metering_has_report")
        ),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name=op.f("ck_metering_metering_void_has_reason"),
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_metering_by_person")),
        sa.ForeignKeyConstraint(["clock_id"], ["deadline_clock.id"], name=op.f("fk_metering_clock_id_deadline_clock")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_metering_for_whom_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_metering_project_id_project")),
        sa.ForeignKeyConstraint(["voided_by"], ["person.id"], name=op.f("fk_metering_voided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metering")),
        sa.UniqueConstraint("key", name=op.f("uq_metering_key")),
    )
    with op.batch_alter_table("metering", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_metering_clock_id"), ["clock_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_metering_project_id"), ["project_id"], unique=False)

    op.create_table(
        "chase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "call",
                "letter",
                "visit",
                name="chase_kind_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("with_whom", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("promised", sa.Date(), nullable=True),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("length(with_whom) > 0 AND length(said) > 0", name=op.f("ck_chase_chase_says_what")),
        sa.CheckConstraint("promised IS NULL OR promised >= day", name=op.f("ck_chase_promise_is_of_a_day_to_come")),
        sa.CheckConstraint("letter_id IS NULL OR kind = 'letter'", name=op.f("ck_chase_chased_by_that_letter")),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name=op.f("ck_chase_chase_void_has_reason"),
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_chase_by_person")),
        sa.ForeignKeyConstraint(["clock_id"], ["deadline_clock.id"], name=op.f("fk_chase_clock_id_deadline_clock")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_chase_for_whom_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_chase_letter_id_letter")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_chase_project_id_project")),
        sa.ForeignKeyConstraint(["voided_by"], ["person.id"], name=op.f("fk_chase_voided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chase")),
        sa.UniqueConstraint("key", name=op.f("uq_chase_key")),
    )
    with op.batch_alter_table("chase", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chase_clock_id"), ["clock_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_chase_project_id"), ["project_id"], unique=False)

    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "registrar",
                "reviewer",
                "signatory",
                "office",
                "legal",
                "rules_officer",
                "auditor",
                "administrator",
                name="role_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scope", sqlmodel.sql.sqltypes.AutoString(length=6), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_feed_person_id"), ["person_id"], unique=False)

    op.create_table(
        "retrofit_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("investment", screening.store.types.Exact(), nullable=False),
        sa.Column("expected_sec", screening.store.types.Exact(), nullable=False),
        sa.Column("sec_unit", sa.Text(), nullable=False),
        sa.Column("saving", screening.store.types.Exact(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("expected_sec > 0", name=op.f("ck_retrofit_plan_plan_sec_above_nothing")),
        sa.CheckConstraint(
            "holder_id = coalesce(clock_id, letter_id)", name=op.f("ck_retrofit_plan_plan_hangs_on_clock_or_letter")
        ),
        sa.CheckConstraint("investment >= 0 AND saving >= 0", name=op.f("ck_retrofit_plan_plan_not_negative")),
        sa.CheckConstraint("length(measures) > 0", name=op.f("ck_retrofit_plan_plan_has_measures")),
        sa.CheckConstraint("number > 0", name=op.f("ck_retrofit_plan_plan_versions_count_from_one")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_retrofit_plan_by_person")),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["deadline_clock.id"], name=op.f("fk_retrofit_plan_clock_id_deadline_clock")
        ),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_retrofit_plan_for_whom_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_retrofit_plan_letter_id_letter")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_retrofit_plan_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrofit_plan")),
        sa.UniqueConstraint("holder_id", "number", name=op.f("uq_retrofit_plan_holder_id")),
        sa.UniqueConstraint("key", name=op.f("uq_retrofit_plan_key")),
    )
    with op.batch_alter_table("retrofit_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retrofit_plan_project_id"), ["project_id"], unique=False)

    op.create_table(
        "plan_milestone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "filed",
                "contract",
                "start",
                "finish",
                "acceptance",
                name="plan_step_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("planned", sa.Date(), nullable=False),
        sa.Column("responsible", sa.Text(), nullable=False),
        sa.CheckConstraint("length(responsible) > 0", name=op.f("ck_plan_milestone_milestone_has_somebody")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["retrofit_plan.id"], name=op.f("fk_plan_milestone_plan_id_retrofit_plan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_milestone")),
        sa.UniqueConstraint("plan_id", "step", name=op.f("uq_plan_milestone_plan_id")),
    )

    op.create_table(
        "plan_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column(
            "step",
            sa.Enum(
                "filed",
                "contract",
                "start",
                "finish",
                "acceptance",
                name="plan_step_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("sec", screening.store.types.Exact(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(step IS NULL) = (reached_on IS NULL)", name=op.f("ck_plan_report_reached_on_a_day")),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name=op.f("ck_plan_report_report_void_has_reason"),
        ),
        sa.CheckConstraint("length(said) > 0", name=op.f("ck_plan_report_report_says_what")),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name=op.f("ck_plan_report_report_percent")),
        sa.CheckConstraint("reached_on <= day", name=op.f("ck_plan_report_reached_before_reported")),
        sa.CheckConstraint("sec > 0", name=op.f("ck_plan_report_reported_sec_above_nothing")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_plan_report_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_plan_report_for_whom_person")),
        sa.ForeignKeyConstraint(["plan_id"], ["retrofit_plan.id"], name=op.f("fk_plan_report_plan_id_retrofit_plan")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_plan_report_project_id_project")),
        sa.ForeignKeyConstraint(["voided_by"], ["person.id"], name=op.f("fk_plan_report_voided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_report")),
        sa.UniqueConstraint("key", name=op.f("uq_plan_report_key")),
    )
    with op.batch_alter_table("plan_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_report_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_report_project_id"), ["project_id"], unique=False)

    op.create_table(
        "frontrunner_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column(
            "efficiency_class",
            sa.Enum(
                "AT_BENCHMARK",
                "BETWEEN",
                "NOT_COVERED",
                "UNDETERMINED",
                "BELOW_BASELINE",
                name="efficiency_class_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sec", screening.store.types.Exact(), nullable=True),
        sa.Column("sec_unit", sa.Text(), nullable=False),
        sa.Column("gb_level", sa.Integer(), nullable=True),
        sa.Column("tce", screening.store.types.Exact(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("gb_level BETWEEN 1 AND 3", name=op.f("ck_frontrunner_application_application_level")),
        sa.CheckConstraint("length(product) > 0", name=op.f("ck_frontrunner_application_application_has_product")),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_frontrunner_application_application_year")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_frontrunner_application_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_frontrunner_application_for_whom_person")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_frontrunner_application_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontrunner_application")),
        sa.UniqueConstraint("key", name=op.f("uq_frontrunner_application_key")),
    )
    with op.batch_alter_table("frontrunner_application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_frontrunner_application_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_frontrunner_application_year"), ["year"], unique=False)

    op.create_table(
        "frontrunner_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "recommended",
                "listed",
                "refused",
                name="application_state_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name=op.f("ck_frontrunner_step_application_void_has_reason"),
        ),
        sa.CheckConstraint("length(document) > 0", name=op.f("ck_frontrunner_step_application_step_has_document")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["frontrunner_application.id"],
            name=op.f("fk_frontrunner_step_application_id_frontrunner_application"),
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_frontrunner_step_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_frontrunner_step_for_whom_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_frontrunner_step_project_id_project")),
        sa.ForeignKeyConstraint(["voided_by"], ["person.id"], name=op.f("fk_frontrunner_step_voided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontrunner_step")),
        sa.UniqueConstraint("key", name=op.f("uq_frontrunner_step_key")),
    )
    with op.batch_alter_table("frontrunner_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_frontrunner_step_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_frontrunner_step_project_id"), ["project_id"], unique=False)

    op.create_table(
        "exit_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "refused",
                "ordered",
                "stopped",
                "dismantled",
                "carried_out",
                name="exit_step_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("length(document) > 0", name=op.f("ck_exit_step_exit_has_document")),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL)",
            name=op.f("ck_exit_step_exit_void_has_reason"),
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_exit_step_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_exit_step_for_whom_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_exit_step_letter_id_letter")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_exit_step_project_id_project")),
        sa.ForeignKeyConstraint(["voided_by"], ["person.id"], name=op.f("fk_exit_step_voided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exit_step")),
        sa.UniqueConstraint("key", name=op.f("uq_exit_step_key")),
    )
    with op.batch_alter_table("exit_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exit_step_letter_id"), ["letter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exit_step_project_id"), ["project_id"], unique=False)

    op.create_table(
        "acceptance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("metering_id", sa.Uuid(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "trial", "year", name="acceptance_stage_is_known", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["deadline_clock.id"], name=op.f("fk_acceptance_clock_id_deadline_clock")
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_acceptance_decision_id_decision")),
        sa.ForeignKeyConstraint(["metering_id"], ["metering.id"], name=op.f("fk_acceptance_metering_id_metering")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_acceptance_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
        sa.UniqueConstraint("decision_id", "clock_id", name=op.f("uq_acceptance_decision_id")),
    )
    with op.batch_alter_table("acceptance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acceptance_clock_id"), ["clock_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_acceptance_project_id"), ["project_id"], unique=False)

    op.create_table(
        "print_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=6), nullable=False),
        sa.Column("duplex", sa.Boolean(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("receipts", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.CheckConstraint("copies BETWEEN 1 AND 9", name=op.f("ck_print_run_copies_are_few")),
        sa.CheckConstraint(
            "(done_at IS NULL) = (sha256 IS NULL) AND (done_at IS NULL) = (pages IS NULL)",
            name=op.f("ck_print_run_done_run_has_file"),
        ),
        sa.CheckConstraint("done_at IS NULL OR fault IS NULL", name=op.f("ck_print_run_done_run_has_no_fault")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_print_run_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_print_run_for_whom_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
        sa.UniqueConstraint("key", name=op.f("uq_print_run_key")),
    )

    op.create_table(
        "print_run_letter",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("left_out", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "left_out IS NULL OR length(left_out) > 0", name=op.f("ck_print_run_letter_left_out_says_why")
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_print_run_letter_letter_id_letter")),
        sa.ForeignKeyConstraint(["run_id"], ["print_run.id"], name=op.f("fk_print_run_letter_run_id_print_run")),
        sa.PrimaryKeyConstraint("run_id", "place", name=op.f("pk_print_run_letter")),
        sa.UniqueConstraint("run_id", "letter_id", name=op.f("uq_print_run_letter_run_id")),
    )
    with op.batch_alter_table("print_run_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_run_letter_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "print_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("copy_number", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_print_record_by_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_print_record_letter_id_letter")),
        sa.ForeignKeyConstraint(["run_id"], ["print_run.id"], name=op.f("fk_print_record_run_id_print_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_record")),
        sa.UniqueConstraint("letter_id", "copy_number", name=op.f("uq_print_record_letter_id")),
    )
    with op.batch_alter_table("print_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_record_letter_id"), ["letter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_record_run_id"), ["run_id"], unique=False)

    op.create_table(
        "dispatch_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column(
            "manner",
            sa.Enum("posted", "handed", name="manner_is_known", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("tracking", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "manner <> 'posted' OR length(coalesce(tracking, '')) > 0",
            name=op.f("ck_dispatch_record_posted_has_tracking"),
        ),
        sa.CheckConstraint("length(person) > 0", name=op.f("ck_dispatch_record_dispatch_has_person")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_dispatch_record_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_dispatch_record_for_whom_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_dispatch_record_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_record")),
        sa.UniqueConstraint("key", "letter_id", name=op.f("uq_dispatch_record_key")),
    )
    with op.batch_alter_table("dispatch_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispatch_record_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "service_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_service_record_by_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_service_record_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_record")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_service_record_letter_id")),
    )

    op.create_table(
        "seal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=6), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_seal_seal_has_name")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_seal_seal_has_hash")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_seal_seal_days_in_order")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoke_reason IS NULL)",
            name=op.f("ck_seal_revocation_has_reason"),
        ),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_seal_added_by_person")),
        sa.ForeignKeyConstraint(["revoked_by"], ["person.id"], name=op.f("fk_seal_revoked_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
        sa.UniqueConstraint("key", name=op.f("uq_seal_key")),
    )
    with op.batch_alter_table("seal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seal_office"), ["office"], unique=False)

    op.create_table(
        "letter_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "picture",
                "signature",
                "service",
                name="edition_kind_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("seal_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("before_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("for_whom", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("place >= 1", name=op.f("ck_letter_edition_place_counts_from_one")),
        sa.CheckConstraint(
            "length(sha256) = 64 AND sha256 <> before_sha256", name=op.f("ck_letter_edition_edition_has_hash")
        ),
        sa.CheckConstraint(
            "(kind = 'picture') = (seal_id IS NOT NULL)", name=op.f("ck_letter_edition_picture_has_seal")
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_letter_edition_by_person")),
        sa.ForeignKeyConstraint(["for_whom"], ["person.id"], name=op.f("fk_letter_edition_for_whom_person")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_edition_letter_id_letter")),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name=op.f("fk_letter_edition_seal_id_seal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_edition")),
        sa.UniqueConstraint("letter_id", "place", name=op.f("uq_letter_edition_letter_id")),
    )
    with op.batch_alter_table("letter_edition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_edition_seal_id"), ["seal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_edition_sha256"), ["sha256"], unique=False)

    op.create_table(
        "registration_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("result_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (result_id IS NULL)", name=op.f("ck_registration_draft_submitted_has_project")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_registration_draft_version_counts_from_one")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registration_draft_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_registration_draft_project_id_project")),
        sa.ForeignKeyConstraint(["result_id"], ["project.id"], name=op.f("fk_registration_draft_result_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_draft")),
    )
    with op.batch_alter_table("registration_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_draft_person_id"), ["person_id"], unique=False)

    op.create_table(
        "letter_scan",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("dispatch_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_letter_scan_attachment_id_attachment")
        ),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatch_record.id"], name=op.f("fk_letter_scan_dispatch_id_dispatch_record")
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_scan_letter_id_letter")),
        sa.PrimaryKeyConstraint("attachment_id", "letter_id", name=op.f("pk_letter_scan")),
    )
    with op.batch_alter_table("letter_scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_scan_dispatch_id"), ["dispatch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_scan_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "sweep",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begun_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= begun_at", name=op.f("ck_sweep_sweep_in_order")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_sweep")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "deadline",
                "approval",
                "account",
                name="notice_kind_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("threshold", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("clock_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("(kind = 'deadline') = (clock_id IS NOT NULL)", name=op.f("ck_notice_deadline_has_clock")),
        sa.CheckConstraint("(kind = 'account') = (person_id IS NOT NULL)", name=op.f("ck_notice_account_has_person")),
        sa.CheckConstraint(
            "(person_id IS NULL) = (project_id IS NOT NULL)", name=op.f("ck_notice_notice_is_of_somebody")
        ),
        sa.ForeignKeyConstraint(["clock_id"], ["deadline_clock.id"], name=op.f("fk_notice_clock_id_deadline_clock")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_notice_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("subject", "threshold", name=op.f("uq_notice_subject")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_clock_id"), ["clock_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_project_id"), ["project_id"], unique=False)

    op.create_table(
        "notice_read",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id_notice")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_read_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "notice_id", name=op.f("pk_notice_read")),
    )
    with op.batch_alter_table("notice_read", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_read_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "claimed",
                "sent",
                "refused",
                name="mail_state_is_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("next_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("claimed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_mail_tries_not_negative")),
        sa.CheckConstraint("state = 'waiting' OR claimed_at IS NOT NULL", name=op.f("ck_mail_mail_was_claimed")),
        sa.CheckConstraint("state <> 'refused' OR answer IS NOT NULL", name=op.f("ck_mail_refused_says_why")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_mail_person_id")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("ix_mail_state", ["state", "next_at"], unique=False)

    op.create_table(
        "mail_notice",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_notice_mail_id_mail")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_mail_notice_notice_id_notice")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_notice_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "notice_id", name=op.f("pk_mail_notice")),
    )
    with op.batch_alter_table("mail_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_notice_mail_id"), ["mail_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_notice_notice_id"), ["notice_id"], unique=False)
