"""Drafts of letters: edited in versions, compared, restored, commented on; what is signed is what was shown."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from screening.domain.drafting import CommentState, DraftPart, Texts, begun, changed, differences, laid_over, words
from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.history import Happening
from screening.domain.letters import LetterInputs, LetterKind
from screening.domain.procedure import StepId
from screening.domain.review import CaseState
from screening.services import drafting, letters, notices, procedure
from screening.services.specimens import specimen_inputs
from screening.store import cases
from tests.conftest import NOW
from tests.services.desks import once
from tests.services.sheets import row

OWN = "你单位于2026年8月提交的情况说明已经收悉。"


def recommended(desks) -> UUID:
    """A retrofit of 青山区 that is recommended, with its rules official."""
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    return project


@pytest.fixture
@once
def case(desks) -> UUID:
    """It, on each database."""
    return recommended(desks)


@pytest.fixture
@once
def small(sqlite_desks) -> UUID:
    """It, on SQLite alone, for what is not about the database."""
    return recommended(sqlite_desks)


def texts_of(desks, project: UUID, part: str | None = None) -> tuple[drafting.Sheet, Texts]:
    sheet = drafting.sheet(desks.ledger, project, part, by=desks.reviewer, at=NOW)
    return sheet, sheet.texts


def edit(
    desks, project: UUID, *, part: str | None = None, by=None, why="补充情况说明", seen=None, key=None, **parts
) -> int:
    sheet, texts = texts_of(desks, project, part)
    return drafting.save(
        desks.ledger, project, sheet.tab.part, replace(texts, **parts), why=why,
        seen=sheet.tab.number if seen is None else seen, key=key or desks.key(), by=by or desks.reviewer, at=NOW,
    )  # fmt: skip


def events(desks, project: UUID) -> list[str]:
    with desks.ledger.reader() as session:
        rows = session.execute(
            sa.text("SELECT kind FROM event WHERE subject = :s ORDER BY seq"), {"s": f"project:{project}"}
        )
        return [row.kind for row in rows]


def test_what_is_edited_stands_in_the_letter_and_nothing_else_changes(desks, case) -> None:
    before, texts = texts_of(desks, case)

    assert (
        edit(
            desks,
            case,
            after_facts=(OWN,),
            attention="安全环保部",
            copies_to=("包头市生态环境局",),
            remark="此件不公开",
        )
        == 2
    )

    after, _ = texts_of(desks, case)
    assert OWN in [text for _, text in after.paragraphs]
    assert after.addressee == f"{before.addressee}（安全环保部）"
    assert after.fixed == before.fixed
    assert [text for _, text in after.paragraphs if text != OWN] == [text for _, text in before.paragraphs]
    assert (after.tab.number, after.versions) == (2, 2)
    assert after.generated == texts
    assert events(desks, case)[-1] == Happening.DRAFT_REVISED
    signed = desks.sign(case)
    with desks.ledger.reader() as session:
        row, _ = cases.letter(session, signed.letter.id, by=desks.signatory)
        inputs = LetterInputs.from_json(row.inputs)
    assert [own.text for own in inputs.free] == [OWN]
    assert (inputs.attention, inputs.copies_to, inputs.remark) == ("安全环保部", ("包头市生态环境局",), "此件不公开")
    assert letters.render_again(desks.ledger, signed.letter.number, by=desks.signatory)[1]


def test_the_version_that_was_signed_is_marked(desks, case) -> None:
    edit(desks, case, after_facts=(OWN,))
    part = texts_of(desks, case)[0].tab.part
    signed = desks.sign(case)

    found = drafting.compare(desks.ledger, case, part, by=desks.reviewer)

    assert [(v.number, [number for _, number, _ in v.signed]) for v in found.versions] == [
        (2, [signed.letter.number]),
        (1, []),
    ]
    assert not found.editable
    assert letters.show(desks.ledger, signed.letter.id, by=desks.reviewer, today=NOW.date()).draft == (part, 2)
    with pytest.raises(Refusal):
        texts_of(desks, case)


def test_a_second_editor_learns_what_the_first_wrote_and_loses_nothing(sqlite_desks, small) -> None:
    edit(sqlite_desks, small, after_facts=(OWN,))

    with pytest.raises(drafting.Overtaken, match="第2版") as caught:
        edit(sqlite_desks, small, seen=0, by=sqlite_desks.regional, remark="此件不公开")

    assert caught.value.theirs.after_facts == (OWN,)
    assert caught.value.number == 2


def test_the_same_form_sent_twice_saves_once(sqlite_desks, small) -> None:
    assert edit(sqlite_desks, small, key="once", remark="此件不公开") == 2
    sheet, texts = texts_of(sqlite_desks, small)

    again = drafting.save(
        sqlite_desks.ledger, small, sheet.tab.part, replace(texts, remark="别的"), why="别的", seen=0, key="once",
        by=sqlite_desks.reviewer, at=NOW,
    )  # fmt: skip

    assert again == 2
    assert texts_of(sqlite_desks, small)[1].remark == "此件不公开"


def test_signing_what_was_shown_before_an_edit_is_a_conflict(desks, case) -> None:
    desks.take_steps(case)
    shown = desks.version(case)
    edit(desks, case, remark="此件不公开")
    desks.take_steps(case)

    with pytest.raises(Conflict):
        desks.sign(case, seen=shown)
    assert desks.sign(case).letter


def test_an_edit_of_free_wording_after_the_legal_review_asks_for_another(desks, case) -> None:
    desks.take_steps(case)
    edit(desks, case, copies_to=("包头市生态环境局",), phone="0472-5550100", attention="安全环保部")
    assert "法制审核" not in " ".join(desks.view(case, by=desks.signatory).obstacles)

    edit(desks, case, before_remedies=(OWN,))

    assert "法制审核" in " ".join(desks.view(case, by=desks.signatory).obstacles)
    listed = procedure.checklist(desks.ledger, case, by=desks.reviewer, today=NOW.date())
    (line,) = [each for each in listed.lines if each.step is StepId.LEGAL_REVIEW]
    assert line.record is None
    assert "第3版" in line.voided[0].void_reason
    assert "重新法制审核" in line.voided[0].void_reason
    desks.take_steps(case)
    assert desks.sign(case).letter


UNPRINTABLE = (
    ({"after_facts": ("好。", "第二段\u200b有零宽字符。")}, "after_facts", "事实之后的段落第2段.*U\\+200B"),
    ({"remark": "附注😀"}, "remark", "附注.*😀"),
    ({"copies_to": ("甲", "乙\ue000")}, "copies_to", "抄送第2项.*U\\+E000"),
    ({"before_remedies": ("长" * 2001,)}, "before_remedies", "权利告知之前的段落第1段.*2001字"),
    ({"attention": "部" * 101}, "attention", "101字"),
    ({"copies_to": tuple(f"机关{n}" for n in range(21))}, "copies_to", "21行"),
)


def test_what_cannot_be_printed_is_refused_by_name(sqlite_desks, small) -> None:
    for given, field, says in UNPRINTABLE:
        with pytest.raises(Refusal, match=says) as caught:
            edit(sqlite_desks, small, **given)
        assert caught.value.field == field

    assert texts_of(sqlite_desks, small)[0].tab.number == 0


def test_nothing_changed_and_no_reason_given_are_refused(sqlite_desks, small) -> None:
    with pytest.raises(Refusal, match="没有改动"):
        edit(sqlite_desks, small)
    with pytest.raises(Refusal, match="修改说明"):
        edit(sqlite_desks, small, why=" ", remark="此件不公开")


def test_a_restored_version_is_a_new_one(sqlite_desks, small) -> None:
    edit(sqlite_desks, small, after_facts=(OWN,))
    edit(sqlite_desks, small, after_facts=("另一段。",))
    sheet, _ = texts_of(sqlite_desks, small)
    found = drafting.compare(sqlite_desks.ledger, small, sheet.tab.part, by=sqlite_desks.reviewer)
    (second,) = [v for v in found.versions if v.number == 2]

    number = drafting.restore(
        sqlite_desks.ledger,
        small,
        sheet.tab.part,
        second.id,
        why="",
        seen=3,
        key=sqlite_desks.key(),
        by=sqlite_desks.reviewer,
        at=NOW,
    )

    assert number == 4
    after = drafting.compare(sqlite_desks.ledger, small, sheet.tab.part, by=sqlite_desks.reviewer)
    assert (after.versions[0].texts, after.versions[0].taken_from, after.versions[0].why) == (
        second.texts,
        2,
        "恢复第2版",
    )
    assert [v.number for v in after.versions] == [4, 3, 2, 1]
    with pytest.raises(NotFound):
        drafting.compare(sqlite_desks.ledger, small, sheet.tab.part, old=small, by=sqlite_desks.reviewer)


def test_after_voiding_the_texts_are_offered_again(sqlite_desks, small) -> None:
    edit(sqlite_desks, small, after_facts=(OWN,))
    signed = sqlite_desks.sign(small)
    letters.void(
        sqlite_desks.ledger, signed.letter.id, reason="当事人名称有误", seen=1, by=sqlite_desks.signatory, at=NOW
    )
    sqlite_desks.recommend(small)

    sheet, texts = texts_of(sqlite_desks, small)

    assert texts.after_facts == ()
    assert sheet.offered.texts.after_facts == (OWN,)
    drafting.restore(
        sqlite_desks.ledger, small, sheet.tab.part, sheet.offered.id, why="沿用", seen=0, key=sqlite_desks.key(), by=sqlite_desks.reviewer,
        at=NOW,
    )  # fmt: skip
    assert texts_of(sqlite_desks, small)[1].after_facts == (OWN,)
    assert texts_of(sqlite_desks, small)[0].offered is None


def test_the_notice_has_a_draft_of_its_own(sqlite_desks, small) -> None:
    part = LetterKind.ADVANCE_NOTICE.value
    edit(sqlite_desks, small, part=part, before_remedies=(OWN,))
    assert OWN not in [text for _, text in texts_of(sqlite_desks, small)[0].paragraphs]

    told = notices.sign(sqlite_desks.ledger, small, seen=sqlite_desks.version(small), by=sqlite_desks.signatory, at=NOW)

    with sqlite_desks.ledger.reader() as session:
        kept = {
            row.kind: row for row, _ in (cases.letter(session, line.id, by=sqlite_desks.signatory) for line in told)
        }
        assert OWN in kept[part].inputs
        assert kept[part].draft_id is not None
    with pytest.raises(NotFound):
        texts_of(sqlite_desks, small, part)


def test_who_may_edit(sqlite_desks, small) -> None:
    for who in (sqlite_desks.signatory, sqlite_desks.legal, sqlite_desks.office, sqlite_desks.registrar):
        with pytest.raises(Forbidden):
            edit(sqlite_desks, small, by=who, remark="此件不公开")
    with pytest.raises(NotFound):
        edit(
            sqlite_desks,
            small,
            by=sqlite_desks.hire(sqlite_desks.reviewer.role, "elsewhere", scope="150300"),
            remark="此件不公开",
        )


def comment(desks, project: UUID, by, **more) -> UUID:
    sheet, _ = texts_of(desks, project)
    given = {
        "about": None,
        "text": "请写明停止建设的范围。",
        "must": False,
        "seen": sheet.tab.number,
        "key": desks.key(),
        **more,
    }
    return drafting.comment(desks.ledger, project, sheet.tab.part, by=by, at=NOW, **given)


def test_a_comment_that_must_be_settled_keeps_the_letter_from_being_signed(desks, case) -> None:
    sheet, _ = texts_of(desks, case)
    about = drafting.excerpt(sheet.paragraphs[1][1])
    key = comment(desks, case, desks.legal, about=about, must=True)
    comment(desks, case, desks.signatory)
    assert [c.about for c in drafting.waiting(desks.ledger, case, by=desks.signatory, at=NOW)] == [about, None]

    with pytest.raises(Refusal, match="1条须先处理的意见"):
        desks.sign(case)
    drafting.answer(desks.ledger, case, [key], text="已在第2段写明。", by=desks.reviewer, at=NOW)
    with pytest.raises(Refusal, match="须先处理的意见"):
        desks.sign(case)
    with pytest.raises(Forbidden, match="法制审核员提出"):
        drafting.settle(desks.ledger, case, [key], by=desks.signatory, at=NOW)
    assert drafting.settle(desks.ledger, case, [key], by=desks.legal, at=NOW) == 1
    with pytest.raises(Conflict):
        drafting.settle(desks.ledger, case, [key], by=desks.legal, at=NOW)

    assert desks.sign(case).letter
    assert events(desks, case).count(Happening.COMMENT_SETTLED) == 1


def test_comments_are_made_on_what_was_read_and_answered_together(sqlite_desks, small) -> None:
    keys = [comment(sqlite_desks, small, sqlite_desks.legal), comment(sqlite_desks, small, sqlite_desks.signatory)]
    with pytest.raises(Refusal, match="段落"):
        comment(sqlite_desks, small, sqlite_desks.legal, about="没有这一段")
    with pytest.raises(Forbidden):
        comment(sqlite_desks, small, sqlite_desks.office)
    with pytest.raises(Forbidden):
        drafting.answer(sqlite_desks.ledger, small, keys, text="好", by=sqlite_desks.legal, at=NOW)

    assert drafting.answer(sqlite_desks.ledger, small, keys, text="均已采纳。", by=sqlite_desks.reviewer, at=NOW) == 2

    found = drafting.sheet(sqlite_desks.ledger, small, by=sqlite_desks.legal, at=NOW).comments
    assert {(c.state, c.answer) for c in found} == {(CommentState.ANSWERED, "均已采纳。")}
    assert sorted(c.mine for c in found) == [False, True]
    edit(sqlite_desks, small, remark="此件不公开")
    with pytest.raises(Conflict, match="新的版本"):
        comment(sqlite_desks, small, sqlite_desks.legal, seen=0)


STATEMENTS = {
    "UPDATE draft_version SET why = 'x'": "只能追加",
    "DELETE FROM draft_version": "只能追加",
    "UPDATE draft_comment SET text = 'x'": "只能追加",
    "INSERT INTO draft_version SELECT '{id}', 'k9', project_id, recommendation_id, part, kind, 9, texts, why, taken_from,"
    ' substance, "by", for_whom, at FROM draft_version WHERE number = 2': "由他人修改",
}


def test_the_database_itself_keeps_versions_and_comments(desks, case) -> None:
    edit(desks, case, remark="此件不公开")
    comment(desks, case, desks.legal)

    for statement, says in STATEMENTS.items():
        with pytest.raises(Refusal, match=says), desks.ledger.writer() as session:
            session.execute(sa.text(statement.format(id="0" * 32)))


def test_whoever_wrote_in_the_draft_does_not_sign_it(sqlite_desks, small) -> None:
    edit(sqlite_desks, small, remark="此件不公开")
    deputy = replace(sqlite_desks.signatory, stands_for=sqlite_desks.reviewer)

    assert "您修改过本案的文书草稿" in " ".join(sqlite_desks.view(small, by=deputy).obstacles)
    assert sqlite_desks.view(small).line.case_state is CaseState.RECOMMENDED


# --- the texts themselves -------------------------------------------------------------------------------------------


def test_texts_read_back_as_typed_and_change_nothing_else_of_any_letter() -> None:
    for kind in LetterKind:
        inputs = specimen_inputs(kind, 1)
        texts = begun(inputs)
        assert Texts.from_json(texts.to_json()) == texts
        assert Texts.read({part.value: texts.typed(part) for part in DraftPart}) == texts
        assert begun(laid_over(inputs, texts)) == texts
        fuller = replace(texts, attention="部门", reasons="理由。", after_facts=("一", "二"), before_remedies=("三",),
                         contact="张三", phone="1", remark="附", copies_to=("甲",))  # fmt: skip
        over = laid_over(inputs, fuller)
        assert begun(over) == fuller
        touched = {"office", "attention", "reasons", "free", "remark", "copies_to"}
        assert {k for k, v in over.to_data().items() if v != inputs.to_data().get(k)} <= touched


def test_differences_are_told_word_by_word() -> None:
    told = words("限2026年6月30日前整改，依据《节约能源法》。", "限2026年12月31日前完成整改，依据《节能审查办法》。")

    assert "".join(p.text for p in told if p.kind != "new") == "限2026年6月30日前整改，依据《节约能源法》。"
    assert "".join(p.text for p in told if p.kind != "gone") == "限2026年12月31日前完成整改，依据《节能审查办法》。"
    assert ("gone", "《节约能源法》") in [(p.kind, p.text) for p in told]
    assert ("new", "完成") in [(p.kind, p.text) for p in told]


def test_differences_pair_the_paragraphs_that_belong_together() -> None:
    old = Texts(after_facts=("第一段文字不变。", "第二段写的是甲乙丙。"), remark="旧")
    new = Texts(after_facts=("第一段文字不变。", "插入的一段另起话头。", "第二段写的是甲乙丁。"), remark="旧")

    (found,) = differences(old, new)

    assert changed(old, new) == (DraftPart.AFTER_FACTS,) == (found.part,)
    assert [[p.kind for p in paragraph] for paragraph in found.paragraphs] == [
        ["same"], ["new"], ["same", "gone", "new", "same"],
    ]  # fmt: skip
