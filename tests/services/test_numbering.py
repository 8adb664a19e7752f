"""Document numbers: patterns that change, paper numbers that are entered late, and a register that shows them all."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.letters import LetterInputs, LetterKind, office_of
from screening.domain.numbering import (
    KIND,
    MARK,
    TAIL,
    NumberGroup,
    Pattern,
    Series,
    group_of,
    read_number,
    read_pattern,
)
from screening.domain.people import Role
from screening.domain.review import LetterState
from screening.services import casefile, deadlines, gaps, letters, lists, numbering, papers
from screening.store import cases, numbers
from tests.conftest import NOW, TODAY
from tests.services.desks import once
from tests.services.sheets import row

SCAN = b"\x89PNG\r\n\x1a\nscan"
WORDS = st.text("内蒙古包头发改环资两高能函告决审批备〇", min_size=1, max_size=12)
DAY = timedelta(days=1)


# -- the pattern and the number as text -------------------------------------------------------------------------------


@given(WORDS, st.integers(1949, 9999), st.integers(1, 999_999))
@example("内发改两高停", 2026, 7)
def test_a_number_says_its_series_and_serial(head, year, serial) -> None:
    head = head.replace("〇", "资")
    series = Series(head, year)
    assert read_number(series.number(serial)) == (series, serial)
    spelt = series.number(serial).replace("〔", " [").replace("〕", "] ")
    assert read_number(spelt) == (series, serial)


@settings(max_examples=40)
@given(st.text(max_size=14), st.text(max_size=8))
def test_what_is_read_as_a_number_is_written_the_same_again(before, after) -> None:
    for typed in (before, f"内发改{before}〔2026〕{after}号", f"{before}〔{after}〕1号"):
        try:
            series, serial = read_number(typed)
        except Refusal:
            continue
        assert read_number(series.number(serial)) == (series, serial)


@settings(max_examples=40)
@given(st.text(max_size=20))
def test_a_pattern_gives_one_year_one_serial_and_nothing_twice(typed) -> None:
    for text in (typed, typed + TAIL, f"内发改{typed}{TAIL}", f"{MARK}{typed}{KIND}{TAIL}"):
        try:
            pattern = read_pattern(text)
        except Refusal:
            continue
        assert read_pattern(pattern.text) == pattern
        made = [pattern.series("包发改", "停", year).number(n) for year in (2026, 2027) for n in (1, 12)]
        assert len(set(made)) == 4
        for number in made:
            series, serial = read_number(number)
            assert series.number(serial) == number
            assert "第" not in number


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("内发改环资〔{年}〕{序号}", "以“号”结尾"),
        ("内发改环资〔{年}〕第{序号}号", "“第”"),
        ("内发改环资〔2026〕{序号}号", "一处年份"),
        ("内发改〔{年}〕{年}{序号}号", "一处年份"),
        ("内发改环资{年}{序号}号", "六角括号"),
        ("内发改〔{年}〕0{序号}号", "虚位"),
        ("内发改〔{年}〕{序号:03}号", "一处序号"),
        ("{序号}内发改〔{年}〕号", "紧接序号"),
        ("内发改 环资〔{年}〕{序号}号", "空格"),
        ("NFG〔{年}〕{序号}号", "“N”"),
        ("〔{年}〕{序号}号", "1至20个字"),
        ("{代字}{代字}〔{年}〕{序号}号", "最多一处"),
        ("内发改\u200b〔{年}〕{序号}号", "不可见"),
    ],
)
def test_what_the_standard_does_not_have_is_refused(typed, says) -> None:
    with pytest.raises(Refusal, match=says):
        read_pattern(typed)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("内发改〔2026〕第12号", "“第”"),
        ("内发改〔2026〕012号", "虚位"),
        ("内发改〔26〕12号", "四位"),
        ("内发改2026-12号", "六角括号"),
        ("〔2026〕12号", "机关代字"),
        ("内发改〔2026〕12345678号", "超过"),
        ("内发A改〔2026〕1号", "“A”"),
    ],
)
def test_numbers_that_are_none_are_refused(typed, says) -> None:
    with pytest.raises(Refusal, match=says):
        read_number(typed)


def test_groups_follow_the_form_of_the_letter() -> None:
    assert group_of(LetterKind.HALT.words) is NumberGroup.DECISION
    assert group_of(LetterKind.ADVANCE_NOTICE.words) is NumberGroup.NOTICE
    assert group_of(LetterKind.REFER.words) is NumberGroup.LETTER


# -- patterns of an office --------------------------------------------------------------------------------------------


def change(desks, pattern, group=NumberGroup.DECISION, *, from_day=TODAY, seen=None, by=None, key=None, at=NOW):
    by = by or desks.office
    count = numbering.rules_of(desks.ledger, by=by, today=TODAY)[0].version if seen is None else seen
    return numbering.change(
        desks.ledger, group, pattern=pattern, from_day=from_day, reason="办公室通知", seen=count,
        key=key or desks.key(), by=by, at=at,
    )  # fmt: skip


def take(desks, kind=LetterKind.HALT, day=TODAY) -> str:
    office = office_of(desks.ledger.rules, "150200")
    with desks.ledger.writer() as session:
        return numbering.take(session, desks.ledger.rules, office, kind, day).text


def test_a_pattern_holds_from_its_day_on_and_repeats_no_number(desks) -> None:
    year = TODAY.year
    assert [take(desks), take(desks)] == [f"包发改两高停〔{year}〕1号", f"包发改两高停〔{year}〕2号"]
    change(desks, "包发改环资[{年}]{序号}号", from_day=TODAY + DAY)
    assert take(desks) == f"包发改两高停〔{year}〕3号", "not yet"
    assert take(desks, day=TODAY + DAY) == f"包发改环资〔{year}〕1号"
    assert take(desks, LetterKind.RETROFIT, TODAY + DAY) == f"包发改环资〔{year}〕2号", "two kinds share the series"
    assert take(desks, LetterKind.KEEP, TODAY + DAY) == f"包发改两高保〔{year}〕1号", "another group"
    change(desks, "{代字}两高{类}〔{年}〕{序号}号", from_day=TODAY + 2 * DAY)
    assert take(desks, day=TODAY + 2 * DAY) == f"包发改两高停〔{year}〕4号", "the old series goes on"
    assert take(desks, day=TODAY) == f"包发改两高停〔{year}〕5号", "a paper date follows the pattern of its day"
    shown = numbering.rules_of(desks.ledger, by=desks.auditor, today=TODAY + DAY)[0]
    assert (shown.pattern, shown.by_rules, [line.state for line in shown.history]) == (
        "包发改环资〔{年}〕{序号}号", False, ["待施行", "现行"],
    )  # fmt: skip
    assert dict(shown.kinds)["叫停决定"] == f"包发改环资〔{year}〕3号"


def test_a_pattern_is_refused_where_it_would_harm(desks) -> None:
    with pytest.raises(Forbidden):
        change(desks, "包发改环资〔{年}〕{序号}号", by=desks.signatory)
    with pytest.raises(Refusal, match="已过"):
        change(desks, "包发改环资〔{年}〕{序号}号", from_day=TODAY - DAY)
    with pytest.raises(Refusal, match="内蒙古自治区发展和改革委员会的文号"):
        change(desks, "内发改两高{类}〔{年}〕{序号}号")
    with pytest.raises(Refusal, match="不需要变更"):
        change(desks, desks.ledger.rules.number_pattern)
    with pytest.raises(Refusal, match="没有字形"):
        change(desks, "包发改\U00030123〔{年}〕{序号}号")
    read = change(desks, "包发改环资〔{年}〕{序号}号", key="once", seen=0)
    assert (
        change(desks, "包发改环资〔{年}〕{序号}号", key="once", seen=0) == read == Pattern("包发改环资〔{年}〕{序号}号")
    )
    with pytest.raises(Conflict, match="他人变更"):
        change(desks, "包发改能〔{年}〕{序号}号", seen=0)
    other = desks.hire(Role.OFFICE, "other.office", scope="150300")
    with pytest.raises(Refusal, match="包头市发展和改革委员会的文号"):
        change(desks, "包发改环资〔{年}〕{序号}号", by=other)


# -- paper letters ----------------------------------------------------------------------------------------------------


def paper(desks, number, *, project, gap=False, by=None, key=None, at=NOW, scan=SCAN, **told):
    given = {
        "kind": LetterKind.RETROFIT, "number": number, "signed_on": TODAY - 30 * DAY, "signatory": "老主任",
        "addressee": "包头某公司", "origin": papers.Origin.BEFORE, **told,
    }  # fmt: skip
    return papers.enter(
        desks.ledger, project, papers.PaperLetter(**given), scan=scan, name="原件.png", folder=desks.folder,
        leaves_gap=gap, key=key or desks.key(), by=by or desks.office, at=at,
    )  # fmt: skip


@pytest.fixture
@once
def project(desks):
    desks.take_in([row(1)])
    return desks.find("第1电石")


def test_a_paper_letter_takes_its_number_and_its_service_starts_the_clock(desks, project, tmp_path) -> None:
    year = TODAY.year
    state = desks.view(project).line.case_state
    with pytest.raises(Refusal, match="没有自己的文号"):
        paper(desks, f"包发改两高证〔{year}〕1号", project=project, kind=LetterKind.RECEIPT)
    with pytest.raises(Refusal, match="还没有登记过文书，补录12号之后，1号至11号将不再自动编号"):
        paper(desks, f"包发改两高改〔{year}〕12号", project=project)
    done = paper(desks, f"包发改两高改[{year}]12号", project=project, gap=True, key="once", due=TODAY + 300 * DAY)
    assert (done.number, done.next) == (f"包发改两高改〔{year}〕12号", f"包发改两高改〔{year}〕13号")
    again = paper(desks, f"包发改两高改〔{year}〕12号", project=project, gap=True, key="once", due=TODAY + 300 * DAY)
    assert again == done
    assert take(desks, LetterKind.RETROFIT) == f"包发改两高改〔{year}〕13号"
    with pytest.raises(Refusal, match="已登记"):
        paper(desks, f"包发改两高改〔{year}〕12号", project=project, gap=True)
    below = paper(desks, f"包发改两高改〔{year}〕3号", project=project, kind=LetterKind.HALT)
    assert below.next == f"包发改两高改〔{year}〕14号"
    assert casefile.dossier(desks.ledger, project, by=desks.auditor).startswith(b"%PDF")
    with pytest.raises(Refusal, match="扫描件"):
        letters.render(desks.ledger, done.letter, by=desks.office)
    with pytest.raises(Refusal, match="扫描件"):
        letters.render_again(desks.ledger, f"包发改两高改[{year}]12号", by=desks.office)
    served = TODAY - 20 * DAY
    clock = letters.serve(
        desks.ledger, done.letter, served_on=served, method="直接送达", receiver="王五", seen=1, by=desks.office, at=NOW
    )
    assert (clock.start, clock.due, clock.letter_number) == (served, TODAY + 300 * DAY, done.number)
    assert desks.view(project).line.case_state is state, "the case stands where it stood"
    line = letters.show(desks.ledger, done.letter, by=desks.office, today=TODAY).line
    assert (line.signed_by, line.signed_late, line.served_late, line.scan is not None) == ("老主任", 30, 20, True)
    with pytest.raises(Refusal, match="到期日留空"):
        paper(desks, f"包发改两高改〔{year}〕4号", project=project, due=TODAY + 99 * DAY, signed_on=TODAY - 60 * DAY)
    shown = numbering.register(desks.ledger, by=desks.auditor, today=TODAY)
    (group,) = shown.listing.groups
    assert [cells[0] for cells in group.rows] == [
        f"包发改两高改〔{year}〕1—2号", f"包发改两高改〔{year}〕3号", f"包发改两高改〔{year}〕4—11号",
        f"包发改两高改〔{year}〕12号",
    ]  # fmt: skip
    assert shown.gaps == 10
    assert [cells[5] for cells in group.rows] == ["空号", "待送达", "空号", "已送达"]
    assert group.rows[-1][-1] == "纸质补录，晚30天"
    for form in ("csv", "xlsx"):
        lists.write(shown.listing, tmp_path / f"numbers.{form}")
    assert f"包发改两高改〔{year}〕4—11号" in (tmp_path / "numbers.csv").read_text("utf-8-sig")
    ((_, *figures),) = gaps.listing(desks.ledger, by=desks.auditor, today=TODAY).groups[0].rows
    assert figures[:2] == [2, 2]
    assert [c.letter_number for c in deadlines.running(desks.ledger, by=desks.office, today=TODAY)] == [done.number]


def test_a_term_past_the_outer_limit_starts_no_clock(sqlite_desks) -> None:
    sqlite_desks.take_in([row(1)])
    there = sqlite_desks.find("第1电石")
    done = paper(sqlite_desks, f"包发改两高改〔{TODAY.year}〕1号", project=there, due=TODAY + 1200 * DAY)
    with pytest.raises(Refusal, match="超过最长期限"):
        letters.serve(
            sqlite_desks.ledger, done.letter, served_on=TODAY - 25 * DAY, method="直接送达", receiver="王五", seen=1,
            by=sqlite_desks.office, at=NOW,
        )  # fmt: skip


def test_papers_that_cannot_be_are_refused(sqlite_desks) -> None:
    desks, year = sqlite_desks, TODAY.year
    desks.take_in([row(1)])
    there, number = desks.find("第1电石"), f"包发改两高改〔{TODAY.year}〕1号"
    for says, told in (
        ("晚于今天", {"signed_on": TODAY + DAY}),
        ("不在这一年", {"signed_on": date(year - 1, 3, 1)}),
        ("不设改造、整改期限", {"kind": LetterKind.HALT, "due": TODAY + DAY}),
        ("不在签发日期之后", {"due": TODAY - 30 * DAY}),
        ("请照纸质文书填写", {"signatory": " "}),
        ("不是可以上传的文件", {"scan": b"MZ"}),
        ("扫描件", {"scan": b""}),
    ):
        with pytest.raises(Refusal, match=says):
            paper(desks, number, project=there, **told)
    with pytest.raises(Refusal, match="内蒙古自治区发展和改革委员会的文号"):
        paper(desks, f"内发改两高改〔{year}〕1号", project=there)
    with pytest.raises(Forbidden):
        paper(desks, number, project=there, by=desks.signatory)
    with pytest.raises(NotFound):
        paper(desks, f"乌海发改两高改〔{year}〕1号", project=there, by=desks.hire(Role.OFFICE, "far", scope="150300"))
    done = paper(desks, number, project=there)
    letters.void(desks.ledger, done.letter, reason="录错项目", seen=1, by=desks.signatory, at=NOW)
    assert paper(desks, number, project=there, at=NOW + timedelta(hours=1)).number == number, (
        "the paper still bears its number"
    )
    states = [
        cells[5] for cells in numbering.register(desks.ledger, by=desks.auditor, today=TODAY).listing.groups[0].rows
    ]
    assert states == ["已作废", "待送达"]


# -- everything at once -----------------------------------------------------------------------------------------------


def test_200_signings_while_the_pattern_changes_and_papers_come_in(desks) -> None:
    """Two kinds by turns, in both series that the change brings; nothing is lost, nothing comes twice."""
    desks.take_in([row(1)])
    project, year = desks.find("第1电石"), TODAY.year
    office = office_of(desks.ledger.rules, "150200")
    kinds = (LetterKind.HALT, LetterKind.RETROFIT)
    start, faults, late = threading.Barrier(20), [], []

    def sign(first: int) -> None:
        start.wait()
        for place in range(10):
            if (first, place) == (0, 5):
                change(desks, "包发改环资〔{年}〕{序号}号")
            if first == 1 and place in {3, 6, 9}:
                with desks.ledger.reader() as session:
                    coming = numbers.last(session, Series("包发改两高停", year)) + 40
                late.append(paper(desks, f"包发改两高停〔{year}〕{coming}号", project=project, gap=True).number)
            kind = kinds[(first + place) % 2]
            with desks.ledger.writer() as session:
                number = numbering.take(session, desks.ledger.rules, office, kind, TODAY)
                session.add(signed(desks, project, kind, number))

    def run(first: int) -> None:
        try:
            sign(first)
        except Exception as fault:  # noqa: BLE001  # told below
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(first,)) for first in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    shown = numbering.register(desks.ledger, by=desks.auditor, today=TODAY)
    given = [read_number(str(cells[0])) for group in shown.listing.groups for cells in group.rows if cells[5] != "空号"]
    assert len(given) == len(set(given)) == 203
    assert {series.head for series, _ in given} == {"包发改两高停", "包发改两高改", "包发改环资"}
    for series in {series for series, _ in given}:
        serials = sorted(serial for of, serial in given if of == series)
        papers_of = {serial for of, serial in map(read_number, late) if of == series}
        for before, after in pairwise([0, *serials]):
            assert after == before + 1 or after in papers_of, "only below a paper number may anything be missing"


def signed(desks, project, kind, number) -> cases.LetterRow:
    """The least that a signed letter is."""
    inputs = LetterInputs(
        kind=kind, office=office_of(desks.ledger.rules, "150200"), number=number.text, enterprise="甲", project="乙",
        place="丙", industry="化工", stage="existing", as_of=TODAY, rules_version="x", disposition="丁", ground="x",
        instrument="戊", organ="己", signed_on=TODAY, signatory="庚",
    )  # fmt: skip
    return cases.LetterRow(
        project_id=project, office="150200", kind=kind.value, series=number.series.text, year=number.series.year,
        serial=number.serial, number=number.text, inputs=inputs.to_json(), state=LetterState.SIGNED, rules_version="x",
        signed_by=desks.signatory.id, signed_at=NOW, signed_on=TODAY, saved_by=desks.signatory.id, saved_at=NOW,
    )  # fmt: skip
