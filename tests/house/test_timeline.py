"""Every event of a case has a place on its time line."""

from __future__ import annotations

from pathlib import Path

import screening
from screening.domain.history import Happening

FOLDER = Path(screening.__file__).parent / "templates" / "timeline"
NOT_OF_A_CASE = {
    "ledger_imported", "import_undone", "columns_mapped", "form_added", "form_mapped", "form_removed", "signed_together",
    "feed_made", "feed_revoked", "print_run_started", "print_run_finished",
    "account_dormant", "day_swept", "mail_sent", "mail_refused", "mail_released", "email_changed", "deputy_named", "number_rule_changed", "deputy_ended", "seal_added", "seal_revoked", "rules_confirmed", "rules_countersigned", "confirmation_refused", "view_saved",
    "view_changed", "view_removed", "ledger_initialised", "person_added", "person_let_in", "person_kept_out",
    "password_reset", "password_changed", "signed_in", "sign_in_refused", "signed_out", "attempt_refused",
}  # fmt: skip
"""Events whose subject is no project."""


def test_each_event_of_a_case_has_its_partial() -> None:
    there = {path.stem for path in FOLDER.glob("[!_]*.html")}

    assert there == {kind.value for kind in Happening} - NOT_OF_A_CASE
