"""What a broken constraint of the database means to the person who met it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from screening.domain.errors import Conflict, Forbidden, Refusal

MESSAGES: dict[str, tuple[type[Refusal], str, str | None]] = {
    "uq_person_login_folded": (Refusal, "登录名已有人使用。请换一个登录名。", "login"),
    "ck_person_failures_not_negative": (Refusal, "登录失败次数不能为负。", None),
    "ck_person_scope_is_division_code": (Refusal, "管辖区域应为六位行政区划代码，如 150000、150200、150204。", "scope"),
    "ck_person_role_is_known": (Refusal, "角色不在名单内。请从列表中选择。", "role"),
    "uq_project_identity": (Conflict, "同一项目刚由他人登记。请核对台账后再办理；导入的请重新上传文件。", None),
    "ck_project_version_counts_from_one": (Refusal, "版本号应从1开始。", None),
    "ck_project_division_codes_have_six_digits": (Refusal, "盟市、旗县代码应为六位数字。", "banner"),
    "ck_project_void_has_reason": (Refusal, "作废项目须写明理由。", "reason"),
    "ck_import_batch_revision_counts_from_one": (Refusal, "比对的次数应从1开始。", None),
    "ck_import_batch_undo_has_reason": (Refusal, "撤销导入须写明理由。", "reason"),
    "ck_import_batch_undone_was_confirmed": (Refusal, "尚未写入的导入不需要撤销。", None),
    "uq_superior_form_key": (Conflict, "这份表样刚上传过。请刷新页面查看。", None),
    "uq_superior_form_office": (Refusal, "本单位已有同名的表样。请换一个名称，或先删除原来的。", "name"),
    "ck_superior_form_form_is_not_empty": (Refusal, "文件是空的。请重新选择。", "file"),
    "ck_superior_form_version_counts_from_one": (Refusal, "版本号应从1开始。", None),
    "ck_registration_draft_submitted_has_project": (Refusal, "已提交的草稿须记录对应的项目。", None),
    "ck_registration_draft_version_counts_from_one": (Refusal, "版本号应从1开始。", None),
    "uq_attachment_key": (Conflict, "这个文件刚上传过。请刷新页面查看。", None),
    "ck_attachment_file_is_not_empty": (Refusal, "文件是空的。请重新选择。", "file"),
    "ck_attachment_file_has_hash": (Refusal, "附件须有校验值。", None),
    "ck_attachment_void_has_reason": (Refusal, "作废附件须写明理由。", "reason"),
    "uq_finding_project_id": (Conflict, "该情形刚由他人处理。请刷新页面。", None),
    "ck_finding_finding_has_reason": (Refusal, "认定或者排除情形须写明理由。", "reason"),
    "ck_finding_finding_has_evidence": (Refusal, "认定或者排除情形须有证据：勾选附件，或者写明出处。", "reference"),
    "ck_finding_finding_has_day": (Refusal, "认定情形须填写发现日期。", "found_on"),
    "uq_explanation_project_id": (Conflict, "该疑点刚由他人说明。请刷新页面。", None),
    "ck_explanation_explanation_has_text": (Refusal, "疑点的说明不能为空。", "text"),
    "uq_recommendation_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "uq_recommendation_project_id": (Conflict, "该项目已有一份待签发的处置建议。请刷新页面。", None),
    "ck_recommendation_returned_has_moment": (Refusal, "退回须同时记录时间。", None),
    "ck_recommendation_recommendation_has_reason": (Refusal, "处置建议须写明理由。", "reason"),
    "ck_recommendation_recommendation_has_effect": (Refusal, "请用一句话写明处置的效力。", "effect"),
    "ck_recommendation_override_has_clause": (Refusal, "处置与系统建议不同的，须写明所依据的条款。", "clause"),
    "uq_decision_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "uq_decision_recommendation_id": (Conflict, "该处置建议刚由他人签发。请刷新页面。", None),
    "ck_decision_nobody_signs_his_own": (Refusal, "处置建议由您本人提出，不能由您签发。请由另一位签发人签发。", None),
    "ck_number_series_numbers_count_from_one": (Refusal, "文号流水号应从1开始。", None),
    "uq_letter_number": (Conflict, "文号已被使用。请重试。", None),
    "uq_number_pattern_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "uq_number_pattern_office": (Conflict, "文号规则刚由他人变更。请刷新页面查看。", None),
    "ck_number_pattern_pattern_has_reason": (Refusal, "请写明变更文号规则的依据。", "reason"),
    "ck_number_pattern_version_counts_from_one": (Refusal, "版本号应从1开始。", None),
    "ck_letter_paper_stands_alone": (Refusal, "补录的纸质文书以扫描件为准，不属于系统内的决定。", None),
    "uq_letter_decision_id": (Conflict, "该决定的这项措施已有文书。请刷新页面。", None),
    "ck_letter_serial_counts_from_one": (Refusal, "文号流水号应从1开始。", None),
    "ck_letter_bytes_have_hash": (Refusal, "文书文件须有校验值。", None),
    "ck_letter_void_has_reason": (Refusal, "作废文书须写明理由。", "reason"),
    "uq_print_run_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_print_run_copies_are_few": (Refusal, "每份文书印1至9份。", "copies"),
    "ck_print_run_done_run_has_file": (Refusal, "印制完成须有文件和校验值。", None),
    "ck_print_run_done_run_has_no_fault": (Refusal, "印制已完成，不能再登记故障。", None),
    "uq_print_run_letter_run_id": (Conflict, "同一批次中一份文书只列一次。请刷新页面。", None),
    "ck_print_run_letter_left_out_says_why": (Refusal, "未印的文书须写明原因。", None),
    "uq_print_record_letter_id": (Conflict, "文书刚由他人印制。请刷新页面。", None),
    "uq_dispatch_record_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_dispatch_record_posted_has_tracking": (Refusal, "寄出的文书须填写邮件号。", "numbers"),
    "ck_dispatch_record_dispatch_has_person": (Refusal, "请填写经办人或者接收人。", "receiver"),
    "uq_service_record_letter_id": (Conflict, "该文书的送达已登记。请刷新页面。", None),
    "uq_deadline_clock_letter_id": (Conflict, "该文书的期限已开始计算。请刷新页面。", None),
    "ck_deadline_clock_due_within_outer_limit": (
        Refusal,
        "改造到期日不得超过起算日后三年（《实施方案》四（三）：淘汰时限不超过3年）。",
        "due",
    ),
    "clock_exceeds_three_years": (
        Refusal,
        "最长期限不得超过起算日后三年（《实施方案》四（三）：淘汰时限不超过3年）。",
        "due",
    ),
    "clock_starts_anew": (Refusal, "期限不重新起算：同类文书的期限从首份文书送达之日起算。", None),
    "retrofit_stops_unaccepted": (Refusal, "限期改造还没有验收，期限不能停止：只有验收通过才能结束改造期限。", None),
    "clock_accepted_by_nobody": (Refusal, "没有签发验收决定，期限不能按已验收办理。", None),
    "acceptance_without_metering": (Refusal, "验收须有有效的计量记录，并与决定一致。请核对计量记录。", None),
    "plan_without_letter": (
        Refusal,
        "没有正在计算的改造期限或者已送达的升级文书，不能登记改造计划。请刷新页面。",
        None,
    ),
    "plan_skips_version": (Conflict, "改造计划刚由他人登记了新版本。请刷新页面后重新填写。", None),
    "milestone_past_outer_limit": (
        Refusal,
        "计划日期不得超过起算日后三年的最长期限（《实施方案》四（三）：淘汰时限不超过3年）。",
        None,
    ),
    "uq_retrofit_plan_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "uq_retrofit_plan_holder_id": (Conflict, "改造计划刚由他人登记了新版本。请刷新页面后重新填写。", None),
    "ck_retrofit_plan_plan_versions_count_from_one": (Refusal, "改造计划的版本号应自1起。", None),
    "ck_retrofit_plan_plan_hangs_on_clock_or_letter": (Refusal, "改造计划应属于一项期限或者一份文书。", None),
    "ck_retrofit_plan_plan_has_measures": (Refusal, "请填写改造措施。", "measures"),
    "ck_retrofit_plan_plan_not_negative": (Refusal, "投资和节能量不能为负数。", "investment"),
    "ck_retrofit_plan_plan_sec_above_nothing": (Refusal, "改造后单位产品能耗应大于0。", "expected_sec"),
    "uq_plan_milestone_plan_id": (Conflict, "同一里程碑在一版计划中只能有一个日期。", None),
    "ck_plan_milestone_milestone_has_somebody": (Refusal, "请填写里程碑的责任人。", None),
    "uq_plan_report_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_plan_report_report_says_what": (Refusal, "请填写进度说明。", "said"),
    "ck_plan_report_report_percent": (Refusal, "工程进度应为1至100的整数。", "percent"),
    "ck_plan_report_reached_on_a_day": (Refusal, "达到里程碑的，请填写达到日期。", "reached_on"),
    "ck_plan_report_reached_before_reported": (Refusal, "达到日期不能晚于报告日期。", "reached_on"),
    "ck_plan_report_reported_sec_above_nothing": (Refusal, "单位产品能耗应大于0。", "sec"),
    "ck_plan_report_report_void_has_reason": (Refusal, "作废进度报告须写明理由。", "reason"),
    "uq_frontrunner_application_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_frontrunner_application_application_year": (Refusal, "申报年度应在2000至2100之间。", "year"),
    "ck_frontrunner_application_application_has_product": (Refusal, "请填写产品。", "product"),
    "ck_frontrunner_application_application_level": (Refusal, "限额等级应为1至3级。", "gb_level"),
    "uq_frontrunner_step_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_frontrunner_step_application_step_has_document": (Refusal, "请填写文件的名称和文号。", "document"),
    "ck_frontrunner_step_application_void_has_reason": (Refusal, "作废申报记录须写明理由。", "reason"),
    "exit_without_letter": (Refusal, "淘汰退出的文书还没有送达，没有退出可以登记。", None),
    "uq_exit_step_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_exit_step_exit_has_document": (Refusal, "请填写文书或者记录的名称和文号。", "document"),
    "ck_exit_step_exit_void_has_reason": (Refusal, "作废退出记录须写明理由。", "reason"),
    "uq_chase_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_chase_chase_says_what": (Refusal, "请填写联系人和所说的内容。", "said"),
    "ck_chase_promise_is_of_a_day_to_come": (Refusal, "承诺日期不能早于联系日期。", "promised"),
    "ck_chase_chased_by_that_letter": (Refusal, "只有发函才附文书。", None),
    "ck_chase_chase_void_has_reason": (Refusal, "作废催办记录须写明理由。", "reason"),
    "uq_calendar_feed_token_hash": (Conflict, "日历地址没有生成，请重试。", None),
    "uq_metering_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_metering_metered_in_order": (Refusal, "计量期的结束日不能早于开始日。", "last_day"),
    "ck_metering_metered_above_nothing": (Refusal, "单位产品能耗应大于0。", "sec"),
    "ck_metering_metering_has_report": (Refusal, "请填写计量单位和计量报告的文号。", "document"),
    "ck_metering_metering_void_has_reason": (Refusal, "作废计量记录须写明理由。", "reason"),
    "uq_acceptance_decision_id": (Conflict, "该装置的验收刚由他人签发。请刷新页面。", None),
    "ck_deadline_clock_due_after_start": (Refusal, "到期日应在起算日之后。", "due"),
    "uq_rule_page_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_rule_page_two_different_people": (Refusal, "核对人和复核人应为两个人。请由另一人复核。", None),
    "ck_rule_page_settled_by_somebody": (Refusal, "复核须记录复核人。", None),
    "uq_person_session_token_hash": (Conflict, "登录未成功，请重试。", None),
    "ck_last_seen_seen_up_to_an_event": (Refusal, "已阅位置应为一条记录的序号。", None),
    "uq_saved_view_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "uq_saved_view_owner_id": (Conflict, "您已有同名的视图。请换一个名称。", "name"),
    "ck_saved_view_view_has_name": (Refusal, "请填写视图的名称。", "name"),
    "ck_saved_view_version_counts_from_one": (Refusal, "版本号应从1开始。", None),
    "ck_event_head_there_is_one_head": (Refusal, "变更记录只有一个链首。", None),
    "uq_case_move_project_id": (Conflict, "该案件刚由他人办理。请刷新页面。", None),
    "ck_case_move_move_is_in_the_table": (Refusal, "案件现在的状态不能这样办理。请刷新页面查看最新状态。", None),
    "ck_case_move_role_may_make_it": (Forbidden, "您的角色不能办理这一步。请由有此权限的人员办理。", None),
    "ck_case_move_league_or_higher": (Forbidden, "这一步须由盟市或者自治区办理。", None),
    "ck_case_move_region_or_higher": (Forbidden, "这一步须由自治区办理。", None),
    "ck_case_move_move_has_reason": (Refusal, "请写明理由。", "reason"),
    "ck_case_move_return_has_code_and_field": (Refusal, "请选择退回的原因和所涉栏目。", "code"),
    "ck_case_move_move_has_document": (Refusal, "请写明所依据的文书。", "document"),
    "ck_case_move_move_has_paper_date": (Refusal, "请填写文书上的日期。", "paper_date"),
    "ck_case_move_nobody_reviews_his_own": (
        Forbidden,
        "项目由您本人登记或变更，不能由您审核或签发。请由另一位人员办理。",
        None,
    ),
    "ck_case_move_nobody_signs_his_own": (
        Forbidden,
        "处置建议由您本人提出，不能由您签发。请由另一位签发人签发。",
        None,
    ),
    "uq_procedure_step_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "uq_procedure_step_project_id": (Conflict, "这一步刚由他人登记。请刷新页面。", None),
    "ck_procedure_step_step_has_evidence": (Refusal, "请填写这一步的证据。", None),
    "ck_procedure_step_void_has_reason": (Refusal, "作废须写明理由。", "reason"),
    "ck_procedure_step_lawyer_reviews": (Forbidden, "法制审核须由法制审核员办理。", None),
    "ck_procedure_step_notice_is_a_letter": (Refusal, "事先告知书以送达登记为准，不能手工登记。", None),
    "ck_decision_follows_another": (Refusal, "决定不能承接它自己。", None),
    "uq_objection_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "uq_objection_project_id": (Conflict, "该项目已有一件尚未办结的复议或者诉讼。请刷新页面。", None),
    "ck_objection_late_has_reason": (Refusal, "超过法定期限的，请写明受理或者顺延的理由。", "late_reason"),
    "ck_objection_objection_says_what": (Refusal, "请填写申请人、受理机关、请求和所依据的文书。", None),
    "ck_objection_outcome_is_whole": (Refusal, "结果须同时写明日期、文书和登记人。", "outcome"),
    "ck_objection_outcome_comes_after": (Refusal, "结果的日期不应早于收到复议、诉讼的日期。", "outcome_on"),
    "uq_stay_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_stay_stay_has_order": (Refusal, "停止执行须有书面文书：请填写作出机关和文号。", "order_number"),
    "ck_stay_stay_begins_with_order": (Refusal, "停止执行不应早于作出文书之日。", "first_day"),
    "ck_stay_stay_is_in_order": (Refusal, "停止执行的截止日期不应早于开始日期。", "last_day"),
    "ck_stay_lifting_has_order": (Refusal, "恢复执行须写明所依据的文书和日期。", "lift_document"),
    "uq_revocation_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "uq_revocation_decision_id": (Conflict, "该决定刚由他人撤销或者变更。请刷新页面。", None),
    "ck_revocation_decision_falls": (Refusal, "请选择撤销或者变更。", "effect"),
    "ck_revocation_revocation_has_order": (Refusal, "撤销决定须写明机关、文书和理由。", "reason"),
    "uq_referral_reply_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_referral_reply_reply_has_document": (Refusal, "请填写回复机关和回复文书。", "document"),
    "uq_draft_version_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "uq_draft_version_recommendation_id": (Conflict, "文书草稿刚由他人修改。请刷新页面核对后再保存。", None),
    "ck_draft_version_number_counts_from_one": (Refusal, "草稿的版本号应从1开始。", None),
    "ck_draft_version_version_says_why": (Refusal, "请写明修改说明。", "why"),
    "uq_draft_comment_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_draft_comment_comment_has_text": (Refusal, "请填写意见。", "text"),
    "ck_draft_comment_number_counts_from_nought": (Refusal, "意见所针对的草稿版本不能为负。", None),
    "ck_draft_comment_answer_is_whole": (Refusal, "答复须同时记录内容、答复人和时间。", "answer"),
    "ck_draft_comment_settled_by_somebody": (Refusal, "了结意见须记录办理人和时间。", None),
    "draft_is_closed": (Refusal, "处置建议已经办结，文书草稿不能再修改。请刷新页面。", None),
    "draft_skips_version": (Conflict, "文书草稿刚由他人修改。请刷新页面核对后再保存。", None),
    "comment_on_closed_draft": (Refusal, "处置建议已经办结，不能再对文书草稿提意见。请刷新页面。", None),
    "settled_comment_stands": (Refusal, "意见已经了结，不能再改动。", None),
    "signs_own_draft": (Forbidden, "您修改过本案的文书草稿，不能签发。请由另一位签发人签发。", None),
    "draft_awaits_legal_review": (Refusal, "法制审核之后文书的文字有修改，须重新法制审核后才能签发。", None),
    "draft_has_open_comment": (Refusal, "文书草稿还有须先处理的意见没有了结，不能签发。", None),
    "letter_hides_draft": (Refusal, "所签发的不是文书草稿的最新版本。请刷新页面核对后重新签发。", None),
    "uq_deputy_key": (Conflict, "这份表单刚提交过。请刷新页面查看结果。", None),
    "ck_deputy_two_people": (Refusal, "代理人和被代理人应为两个人。", "deputy"),
    "ck_deputy_period_is_in_order": (Refusal, "代理的结束日期不应早于开始日期。", "last_day"),
    "ck_deputy_deputy_has_reason": (Refusal, "请写明代理的事由。", "reason"),
    "deputies_overlap": (Conflict, "被代理人在此期间已有代理人，期间不能重叠。请刷新页面查看。", "first_day"),
    "deputies_in_a_chain": (Conflict, "代理人或者被代理人在此期间另有代理关系，不得转代理。请刷新页面查看。", "deputy"),
    "ck_deputy_ended_by_somebody": (Refusal, "提前结束代理须记录办理人。", None),
    "state_without_move": (Refusal, "案件状态只能按办理环节表变更，并须留下记录。", None),
    "move_hides_registrant": (Refusal, "办理记录所写的登记人与项目不符，没有写入。", None),
    "reviews_in_his_name": (Forbidden, "项目由他人代您登记或变更，不能由您审核或签发。请由另一位人员办理。", None),
    "signs_in_his_name": (Forbidden, "处置建议由他人代您提出，不能由您签发。请由另一位签发人签发。", None),
    "notice_was_not_served": (Refusal, "告知书还没有就同一事项送达，不能登记为已告知。", None),
    "lawyer_is_not_apart": (Forbidden, "法制审核须由没有参与本案的人员办理。", None),
    "lawyer_does_not_sign": (Forbidden, "您是本案的法制审核人，不能签发。请由另一位签发人签发。", None),
    "heavier_after_defence": (Refusal, "不得因陈述申辩加重处理。须有新的事实并重新告知。", None),
    "voided_step_stands": (Refusal, "已作废的办理记录不能再改动。请重新办理这一步。", None),
    "decision_lacks_step": (Refusal, "签发前应办的程序还没有办完。请按清单逐项办理后再签发。", None),
    "project_is_halted": (Refusal, "该项目已被叫停，解除之前不能作出准予、保持或者鼓励的决定。", None),
    "decision_hides_first": (Refusal, "重新作出的决定须写明承接的原决定。", None),
    "decision_follows_stranger": (Refusal, "承接的原决定不属于该项目。", None),
    "decision_is_stayed": (Refusal, "原决定依书面文书停止执行，停止期间不能作出淘汰退出的决定。", None),
    "objection_without_service": (Refusal, "只能对已送达的决定登记复议或者诉讼。", "letter"),
    "stay_without_objection": (Refusal, "停止执行须在尚未办结的复议或者诉讼中登记。", None),
    "objection_has_ended": (Refusal, "这件复议或者诉讼已有结果，不能再修改。", None),
    "reply_without_referral": (Refusal, "只能对已送达的移送函登记回复。", None),
    "uq_seal_key": (Conflict, "这枚印模刚上传过。请刷新页面查看。", None),
    "ck_seal_seal_has_name": (Refusal, "请填写印章名称。", "name"),
    "ck_seal_seal_has_hash": (Refusal, "印模须有校验值。", None),
    "ck_seal_seal_days_in_order": (Refusal, "停用日期不能早于启用日期。", "last_day"),
    "ck_seal_revocation_has_reason": (Refusal, "停用印章须写明理由。", "reason"),
    "uq_letter_edition_letter_id": (Conflict, "这份文书刚由他人用印。请刷新页面。", None),
    "ck_letter_edition_place_counts_from_one": (Refusal, "用印的次序应从1开始。", None),
    "ck_letter_edition_edition_has_hash": (Refusal, "用印后的文件须有校验值，并与用印前不同。", None),
    "ck_sweep_sweep_in_order": (Refusal, "巡查的结束时间不应早于开始时间。请核对系统时间。", None),
    "uq_notice_subject": (Conflict, "这条提醒刚由另一次巡查生成。请重新运行。", None),
    "ck_notice_deadline_has_clock": (Refusal, "期限提醒须写明是哪一项期限。", None),
    "ck_notice_account_has_person": (Refusal, "账户提醒须写明是哪一个账户。", None),
    "ck_notice_notice_is_of_somebody": (Refusal, "提醒须写明所涉项目或者账户。", None),
    "uq_mail_person_id": (Conflict, "该人员当日的提醒邮件刚由另一次巡查生成。请重新运行。", None),
    "ck_mail_tries_not_negative": (Refusal, "发送次数不能为负。", None),
    "ck_mail_mail_was_claimed": (Refusal, "邮件须先取出再发送。", None),
    "ck_mail_refused_says_why": (Refusal, "被拒收的邮件须记录原因。", None),
    "ck_letter_edition_picture_has_seal": (Refusal, "加盖印模须记录所用的印章。", None),
    "seal_of_another_office": (Forbidden, "印章不属于发文机关，不能用在这份文书上。", None),
    "seal_is_revoked": (Refusal, "这枚印章已经停用。请刷新页面后另选。", "seal"),
    "sealed_too_late": (Refusal, "文书已印制或者已作废，不能再用印。已印制的请在纸质文书上加盖实物印章。", None),
    "edition_follows_nothing": (Conflict, "这份文书刚由他人用印。请刷新页面。", None),
    "revoked_seal_stands": (Conflict, "这枚印章已由他人停用。请刷新页面。", None),
    "procedure_is_append_only": (Refusal, "办理记录只能追加，不能修改或删除。", None),
    "event_is_append_only": (Refusal, "变更记录只能追加，不能修改或删除。", None),
    "decision_is_final": (Refusal, "已签发的决定不能修改或删除。", None),
    "letter_is_frozen": (Refusal, "已签发的文书不能修改或删除；有误的请作废后重新办理。", None),
}
"""Constraint or trigger name -> kind of refusal, sentence, form field."""

UNIQUE_COLUMNS = re.compile(r"UNIQUE constraint failed: (\w+)\.(\w+)")
BUSY = "database is locked"
STAYS_BUSY = "台账正忙，未能写入，数据没有变化。请稍后重试。"
CROSSED = {"40P01", "40001", "55P03"}
"""PostgreSQL's states for transactions that got into each other's way; nothing of them was written."""


def message_of(name: str) -> tuple[type[Refusal], str, str | None] | None:
    """What a constraint's name means; enum checks speak for their column."""
    if name in MESSAGES:
        return MESSAGES[name]
    if name.endswith("_is_known"):
        return Refusal, "所选的值不在名单内。请从列表中选择。", None
    return None


def name_in(error: sa.exc.DBAPIError) -> str | None:
    """The constraint or trigger that the database named, on SQLite or PostgreSQL."""
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None and diagnostics.constraint_name:
        return str(diagnostics.constraint_name)
    text = str(error.orig)
    unique = UNIQUE_COLUMNS.search(text)
    if unique:
        return f"uq_{unique[1]}_{unique[2]}"
    return next((n for n in sorted(MESSAGES, key=len, reverse=True) if n in text), None) or next(
        iter(re.findall(r"ck_\w+_is_known", text)), None
    )


@contextmanager
def explained() -> Iterator[None]:
    """Turns a violation into its refusal, and a database that stays busy into a sentence."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        name = name_in(error)
        known = message_of(name) if name else None
        if known:
            kind, sentence, field = known
            raise kind(sentence, field=field) from error
        if BUSY in str(error.orig) or getattr(error.orig, "sqlstate", None) in CROSSED:
            raise Conflict(STAYS_BUSY) from error
        raise
