"""Workbooks taken in: nothing before it is confirmed, nothing twice, nothing over somebody else's change."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.people import Role
from screening.domain.review import CaseState
from screening.services import CONSOLE, headings, history, registry
from screening.workbook import UnknownColumns
from tests.conftest import NOW, TODAY
from tests.services.sheets import row, sheet

LATER = NOW + timedelta(hours=1)


def counts(preview: registry.Preview) -> tuple[int, int, int, int]:
    return len(preview.new), len(preview.changed), preview.same, preview.rejected


def total(desks) -> int:
    return registry.list_projects(desks.ledger, registry.Filter(), by=CONSOLE, today=TODAY).total


def test_nothing_is_written_before_it_is_confirmed(desks) -> None:
    preview = desks.preview([row(1), row(2)])

    assert counts(preview) == (2, 0, 0, 0)
    assert total(desks) == 0
    assert registry.show_import(desks.ledger, preview.batch, by=desks.registrar) == preview


def test_the_same_file_again_changes_nothing(desks) -> None:
    rows = [row(1), row(2)]
    desks.take_in(rows)
    before = history.head(desks.ledger).rows
    preview = desks.preview(rows)

    assert counts(preview) == (0, 0, 2, 0)
    assert preview.nothing_to_do
    done = registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=NOW)
    assert (done.new, done.changed, done.same) == (0, 0, 2)
    assert total(desks) == 2
    assert history.head(desks.ledger).rows == before + 1, "only that a file was taken in"


def test_equality_is_by_value_not_spelling(desks) -> None:
    desks.take_in([row(1)])
    preview = desks.preview([row(1, 实际单位产品能耗=" ９５１.２0 ", 盟市="150200", 建设状态="存量 ")])

    assert counts(preview) == (0, 0, 1, 0), preview.changed


def test_a_change_is_shown_field_by_field(desks) -> None:
    desks.take_in([row(1)])
    preview = desks.preview([row(1, 实际单位产品能耗="930", 法定代表人="李四")])

    assert counts(preview) == (0, 1, 0, 0)
    told = {c.words: (c.old, c.new) for c in preview.changed[0].changes}
    assert told == {"法定代表人": ("张三", "李四"), "1号电石炉·实际单位产品能耗": ("951.2", "930")}
    registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=NOW)
    view = desks.view(desks.find("第1"))
    assert view.line.version == 2
    assert view.line.efficiency_class == "BETWEEN"
    event = view.history[0]
    assert event.kind == "project_changed"
    assert event.before["legal_representative"] == "张三"
    assert event.after["legal_representative"] == "李四"
    assert "name" not in event.after


def test_a_column_that_the_file_lacks_changes_nothing(desks) -> None:
    desks.take_in([row(1, 备注="老项目")])
    short = {k: v for k, v in row(1).items() if k not in {"住所", "法定代表人", "备注", "设计产能", "产能单位"}}
    preview = desks.preview([short])

    assert counts(preview) == (0, 0, 1, 0), preview.changed


def test_a_cell_made_blank_is_a_change(desks) -> None:
    desks.take_in([row(1)])
    preview = desks.preview([row(1, 住所="")])

    assert [(c.words, c.new) for c in preview.changed[0].changes] == [("住所", None)]


def test_units_come_and_go(desks) -> None:
    desks.take_in([row(1)])
    second = row(1, 装置名称="2号电石炉", 实际单位产品能耗="800")
    preview = desks.preview([row(1), second])
    assert "装置数" in {c.words for c in preview.changed[0].changes}
    registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=NOW)
    assert desks.view(desks.find("第1")).line.units == 2
    assert counts(desks.preview([row(1)])) == (0, 1, 0, 0)


def test_a_bad_cell_rejects_its_project_alone(desks) -> None:
    preview = desks.preview([row(1), row(2, 实际单位产品能耗="约900"), row(3)])

    assert counts(preview) == (2, 0, 0, 1)
    assert [(r.cell, r.column, r.value) for r in preview.rejections] == [("N3", "实际单位产品能耗", "约900")]


def test_near_duplicates_warn_and_stay_apart(desks) -> None:
    desks.take_in([row(1)])
    preview = desks.preview([row(2, 项目名称="青山第1电石工程"), row(3)])

    assert counts(preview) == (2, 0, 0, 0)
    assert "青山第1电石项目" in preview.new[0].warnings[0]
    assert preview.new[1].warnings == ()
    assert desks.take_in([row(2, 项目名称="青山第1电石工程")]).new == 1


def test_confirming_twice_is_once(desks) -> None:
    preview = desks.preview([row(1)])
    first = registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=NOW)
    second = registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=NOW)

    assert first == second
    assert total(desks) == 1


def test_a_ledger_that_changed_meanwhile_is_not_overwritten(desks) -> None:
    desks.take_in([row(1)])
    mine = desks.preview([row(1, 法定代表人="李四")])
    desks.take_in([row(1, 法定代表人="王五")], by=desks.reviewer)

    with pytest.raises(Conflict, match="已被他人修改"):
        registry.confirm_import(desks.ledger, mine.batch, by=desks.registrar, at=NOW)
    assert desks.view(desks.find("第1")).project.legal_representative == "王五"
    assert history.verify(desks.ledger).ok


def test_two_files_with_the_same_new_project_make_one(desks) -> None:
    mine = desks.preview([row(1), row(2)])
    desks.take_in([row(1)], by=desks.reviewer)

    with pytest.raises(Conflict, match="刚由他人登记"):
        registry.confirm_import(desks.ledger, mine.batch, by=desks.registrar, at=NOW)
    assert total(desks) == 1


def test_a_change_takes_the_ground_from_under_a_recommendation(desks) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.take_in([row(1, 实际单位产品能耗="930")])

    view = desks.view(project)
    assert view.line.case_state is CaseState.RETURNED
    assert view.recommendation.state == "outdated"
    assert [e.kind for e in view.history[:2]] == ["recommendation_outdated", "project_changed"]


def test_nobody_imports_into_another_division(desks) -> None:
    preview = desks.preview([row(1), row(2, 盟市="呼和浩特市", 旗县="新城区")])

    assert counts(preview) == (1, 0, 0, 1)
    assert "管辖区域" in preview.rejections[0].message


def test_a_code_taken_elsewhere_is_not_taken_over(desks) -> None:
    desks.take_in([row(1, 盟市="呼和浩特市", 旗县="新城区", 园区="新城园区")], by=CONSOLE)
    preview = desks.preview([row(1)])

    assert counts(preview) == (0, 0, 0, 1)
    assert "其他地区" in preview.rejections[0].message


def test_a_preview_is_for_its_maker(desks) -> None:
    preview = desks.preview([row(1)])

    with pytest.raises(NotFound):
        registry.confirm_import(desks.ledger, preview.batch, by=desks.reviewer, at=NOW)
    with pytest.raises(Forbidden):
        desks.preview([row(1)], by=desks.signatory)


def test_comparing_writes_nothing_at_all(desks) -> None:
    path = sheet(desks.folder, [row(1)])
    before = history.head(desks.ledger)
    preview = registry.compare(desks.ledger, path, file="x", by=desks.registrar, at=NOW)

    assert counts(preview) == (1, 0, 0, 0)
    assert preview.batch is None
    assert history.head(desks.ledger) == before
    with desks.ledger.reader() as session:
        assert session.execute(sa.text("SELECT count(*) FROM import_batch")).scalar() == 0


def test_unknown_columns_are_kept(desks) -> None:
    preview = desks.preview([row(1, 备用编号="甲-7")])
    assert preview.unknown_columns == ("备用编号",)
    registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=NOW)

    assert desks.view(desks.find("第1")).project.extra == (("备用编号", "甲-7"),)


def test_an_export_read_back_changes_nothing(desks) -> None:
    desks.take_in([row(1, 备用编号="甲-7", 备注="=1+1"), row(2, 实际单位产品能耗="-1.5"), row(3)])
    for name in ("出.xlsx", "出.csv"):
        path = desks.folder / name
        count = registry.export(desks.ledger, path, registry.Filter(), by=desks.registrar, today=TODAY)
        assert count == 3
        preview = registry.compare(desks.ledger, path, file=name, by=desks.registrar, at=NOW)
        assert counts(preview) == (0, 0, 3, 0), preview


def test_every_change_is_an_event(desks) -> None:
    desks.take_in([row(1), row(2)])
    desks.take_in([row(1, 法定代表人="李四"), row(3)])
    with desks.ledger.reader() as session:
        kinds = session.execute(sa.text("SELECT kind, after FROM event WHERE who = 'registrar' ORDER BY seq")).all()

    assert [k for k, _ in kinds] == [
        "project_registered", "project_registered", "ledger_imported",
        "project_registered", "project_changed", "ledger_imported",
    ]  # fmt: skip
    assert json.loads(kinds[0].after)["units"][0]["actual_sec"] == "951.2"
    assert history.verify(desks.ledger).ok


def test_two_thousand_projects_take_seconds(desks) -> None:
    rows = [row(n) for n in range(2000)]
    done = desks.take_in(rows)

    assert done.new == 2000
    assert counts(desks.preview(rows)) == (0, 0, 2000, 0)
    assert history.verify(desks.ledger).ok


def test_a_change_that_is_not_ticked_stays_out(desks) -> None:
    desks.take_in([row(1), row(2)])
    preview = desks.preview([row(1, 法定代表人="李四"), row(2, 法定代表人="王五")])
    unwanted = next(line.key for line in preview.changed if "第2" in line.name)
    done = registry.confirm_import(desks.ledger, preview.batch, seen=1, declined={unwanted}, by=desks.registrar, at=NOW)

    assert (done.changed, done.declined) == (1, 1)
    assert desks.view(desks.find("第1")).project.legal_representative == "李四"
    assert desks.view(desks.find("第2")).project.legal_representative == "张三"
    assert history.verify(desks.ledger).ok


def test_a_cell_is_corrected_on_the_page_and_read_like_the_file(desks) -> None:
    rows = [row(1), row(2, 实际单位产品能耗="约900", 建设状态="停缓")]
    preview = desks.preview(rows)
    assert [r.has_box for r in preview.rejections] == [True, True]
    spec = next(n for n, r in enumerate(preview.rejections) if r.column == "实际单位产品能耗")
    again = registry.correct_import(
        desks.ledger, preview.batch, {spec: "９０" + "O"}, seen=1, by=desks.registrar, at=NOW
    )

    assert counts(again) == (1, 0, 0, 1)
    assert {r.column: r.value for r in again.rejections} == {"实际单位产品能耗": "９０O", "建设状态": "停缓"}, (
        "as typed"
    )
    fixes = {n: {"实际单位产品能耗": "９０0", "建设状态": "存量"}[r.column] for n, r in enumerate(again.rejections)}
    last = registry.correct_import(desks.ledger, preview.batch, fixes, seen=2, by=desks.registrar, at=NOW)
    assert counts(last) == (2, 0, 0, 0)
    assert last == registry.show_import(desks.ledger, preview.batch, by=desks.registrar)
    assert total(desks) == 0, "nothing is written before it is confirmed"

    with pytest.raises(Conflict, match="另一个窗口"):
        registry.confirm_import(desks.ledger, preview.batch, seen=1, by=desks.registrar, at=NOW)
    assert registry.confirm_import(desks.ledger, preview.batch, seen=3, by=desks.registrar, at=NOW).new == 2
    assert desks.view(desks.find("第2")).project.units[0].actual_sec == 900
    with desks.ledger.reader() as session:
        after = session.execute(sa.text("SELECT after FROM event WHERE kind = 'ledger_imported'")).scalar()
    assert {"was": "约900", "is": "９０0"} in json.loads(after)["corrected"].values()
    with pytest.raises(Conflict, match="已经导入"):
        registry.correct_import(desks.ledger, preview.batch, {}, seen=3, by=desks.registrar, at=NOW)


def test_only_listed_cells_can_be_corrected_and_by_their_person(desks) -> None:
    preview = desks.preview([row(1), row(2, 实际单位产品能耗="约900")])
    again = registry.correct_import(desks.ledger, preview.batch, {7: "x", -1: "x"}, seen=1, by=desks.registrar, at=NOW)
    assert counts(again) == (1, 0, 0, 1)
    assert again.corrected == 0
    with pytest.raises(NotFound):
        registry.correct_import(desks.ledger, preview.batch, {}, seen=2, by=desks.reviewer, at=NOW)


def test_a_new_code_for_a_known_project_can_be_merged(desks) -> None:
    desks.take_in([row(1, 项目代码=""), row(5)])
    preview = desks.preview([row(1, 法定代表人="李四"), row(3)])
    near = preview.new[0].alike
    assert [(a.why, a.name, a.project is None) for a in near] == [("建设单位和项目名称相同", "青山第1电石项目", False)]
    assert {c.words for c in near[0].changes} >= {"项目代码", "法定代表人"}
    before = desks.find("第1")
    merges = {preview.new[0].key: near[0].target}
    done = registry.confirm_import(desks.ledger, preview.batch, merges=merges, by=desks.registrar, at=NOW)

    assert (done.new, done.changed) == (1, 1)
    assert desks.find("第1") == before
    assert desks.view(before).line.code == row(1)["项目代码"]
    assert counts(desks.preview([row(1, 法定代表人="李四"), row(3)])) == (0, 0, 2, 0), "known by its code from now on"


def test_near_names_are_shown_and_numbers_tell_projects_apart(desks) -> None:
    desks.take_in([row(1, 项目名称="青山化工密闭式电石炉节能改造项目")])
    preview = desks.preview([
        row(2, 项目名称="青山化工密闭电石炉节能改造项目"), row(3, 项目名称="青山化工密闭式电石炉节能改造二期项目"),
    ])  # fmt: skip
    assert [[a.why for a in line.alike] for line in preview.new] == [["同一建设单位，项目名称相近"], []]


def test_two_rows_of_the_file_become_one_project(desks) -> None:
    rows = [row(1, 装置名称="1号炉"), row(2, 项目名称="青山第1电石项目", 装置名称="2号炉")]
    preview = desks.preview(rows)
    line = preview.new[1]
    assert line.alike[0].project is None
    merges = {line.key: line.alike[0].target}
    done = registry.confirm_import(desks.ledger, preview.batch, merges=merges, by=desks.registrar, at=NOW)

    assert done.new == 1
    assert [u.unit_name for u in desks.view(desks.find("第1")).project.units] == ["1号炉", "2号炉"]


def test_two_projects_are_not_merged_into_one_at_once(desks) -> None:
    desks.take_in([row(1, 项目代码="")])
    preview = desks.preview([row(1), row(2, 项目名称="青山第1电石项目")])
    merges = {line.key: next(a.target for a in line.alike if a.project) for line in preview.new}
    with pytest.raises(Refusal, match="只保留其中一个"):
        registry.confirm_import(desks.ledger, preview.batch, merges=merges, by=desks.registrar, at=NOW)
    with pytest.raises(Conflict, match="已不在比对结果中"):
        registry.confirm_import(
            desks.ledger, preview.batch, merges={preview.new[0].key: "ledger:x"}, by=desks.registrar, at=NOW
        )
    assert total(desks) == 1


def test_a_whole_import_is_undone(desks) -> None:
    desks.take_in([row(1)])
    preview = desks.preview([row(1, 法定代表人="李四"), row(2), row(3)])
    registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=LATER)
    kept = desks.find("第2")
    with pytest.raises(Refusal, match="理由"):
        registry.undo_import(desks.ledger, preview.batch, reason=" ", by=desks.registrar, at=LATER)
    with pytest.raises(NotFound):
        registry.undo_import(desks.ledger, preview.batch, reason="选错了", by=desks.reviewer, at=LATER)
    gone = registry.undo_import(desks.ledger, preview.batch, reason="选错了文件", by=desks.registrar, at=LATER)

    assert (gone.voided, gone.restored) == (2, 1)
    assert total(desks) == 1
    assert desks.view(desks.find("第1")).project.legal_representative == "张三"
    assert desks.view(kept).line.case_state is CaseState.VOID
    assert "选错了文件" in desks.view(kept).history[0].why
    before = history.head(desks.ledger).rows
    assert registry.undo_import(desks.ledger, preview.batch, reason="再来", by=desks.registrar, at=LATER) == gone
    assert history.head(desks.ledger).rows == before, "a second time changes nothing"
    assert history.verify(desks.ledger).ok
    assert registry.past_imports(desks.ledger, by=desks.registrar)[0].undone_at == LATER
    assert counts(desks.preview([row(1), row(2), row(3)])) == (2, 0, 1, 0), "the mended file brings them in anew"


def test_an_import_that_was_built_on_stays(desks) -> None:
    preview = desks.preview([row(1), row(2), row(3)])
    registry.confirm_import(desks.ledger, preview.batch, by=desks.registrar, at=NOW)
    desks.recommend(desks.find("第1"))
    desks.take_in([row(2, 法定代表人="李四")], by=desks.reviewer)
    before = history.head(desks.ledger)
    with pytest.raises(Conflict, match="青山第1电石项目") as refused:
        registry.undo_import(desks.ledger, preview.batch, reason="选错了", by=desks.registrar, at=LATER)

    assert "青山第2电石项目（数据已再次变更或办理）" in refused.value.message
    assert "青山第3" not in refused.value.message
    assert history.head(desks.ledger) == before
    assert total(desks) == 3


def test_the_workbook_comes_back_with_its_faults_marked(sqlite_desks) -> None:
    desks = sqlite_desks
    preview = desks.preview([row(1), row(2, 实际单位产品能耗="约900", 建设状态="停缓", 备用编号="甲-7")])
    spec = next(n for n, r in enumerate(preview.rejections) if r.column == "实际单位产品能耗")
    registry.correct_import(desks.ledger, preview.batch, {spec: "900"}, seen=1, by=desks.registrar, at=NOW)
    name, content = registry.marked_workbook(desks.ledger, preview.batch, by=desks.registrar)
    path = desks.folder / name
    path.write_bytes(content)
    again = registry.compare(desks.ledger, path, file=name, by=desks.registrar, at=NOW)

    assert name == "台账（已标注）.xlsx"
    assert [r.column for r in again.rejections] == ["建设状态"]
    assert again.unknown_columns == ("备用编号",)
    with pytest.raises(NotFound):
        registry.marked_workbook(desks.ledger, preview.batch, by=desks.reviewer)
    desks.preview([row(1)])
    desks.preview([row(9)], by=desks.reviewer)
    with pytest.raises(NotFound):
        registry.marked_workbook(desks.ledger, preview.batch, by=desks.registrar)


def test_column_names_are_known_to_their_office_alone(desks) -> None:
    foreign = [{("业主" if k == "建设单位" else k): v for k, v in row(1).items()}]
    with pytest.raises(UnknownColumns) as unknown:
        desks.preview(foreign)
    assert (unknown.value.headers, unknown.value.lacking) == (("业主",), ("建设单位",))
    written = headings.name_columns(desks.ledger, {"业主": "enterprise"}, by=desks.registrar, at=NOW)

    assert written == 1
    assert headings.named_columns(desks.ledger, by=desks.reviewer) == {"业主": "建设单位"}
    assert counts(desks.preview(foreign)) == (1, 0, 0, 0)
    elsewhere = desks.hire(Role.REGISTRAR, "other", scope="150100")
    with pytest.raises(UnknownColumns):
        desks.preview(foreign, by=elsewhere)
    for chosen, words in (
        ({"业主": "nothing"}, "不在模板中"),
        ({"建设单位": "name"}, "就是模板中的栏目"),
        ({}, "至少"),
    ):
        with pytest.raises(Refusal, match=words):
            headings.name_columns(desks.ledger, chosen, by=desks.registrar, at=NOW)
    with pytest.raises(Forbidden):
        headings.name_columns(desks.ledger, {"业主": "enterprise"}, by=desks.signatory, at=NOW)
    headings.name_columns(desks.ledger, {"业主": None}, by=desks.registrar, at=NOW)
    assert headings.named_columns(desks.ledger, by=desks.registrar) == {}
    assert history.verify(desks.ledger).ok
