"""The ledger page: what a filter means, that figures equal their rows, and results that follow the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screening.domain.errors import NotFound, Refusal
from screening.domain.review import CaseState
from screening.services import CONSOLE, Ledger, beginning, history, monitoring, registry
from tests.conftest import NOW, TODAY
from tests.services.sheets import row
from tests.services.test_decisions import UNLAWFUL

ROWS = [
    row(1),
    row(2, 实际单位产品能耗="930"),
    row(3, 实际单位产品能耗="805"),
    row(4, 实际单位产品能耗=""),
    row(5, 主要产品="不在表内的产品"),
    row(6, **UNLAWFUL),
    row(7, 盟市="呼和浩特市", 旗县="新城区", 园区="", 建设单位="呼和浩特市某某公司"),
    row(8, 主要产品="水泥熟料", 所属行业="建材", 实际单位产品能耗="130", **{"设计年综合能耗（等价值）": "49999.9"}),
]


@pytest.fixture
def filled(desks):
    desks.take_in(ROWS, by=CONSOLE)
    return desks


def listed(desks, by=CONSOLE, **query: str) -> registry.LedgerPage:
    return registry.list_projects(desks.ledger, registry.Filter.read(query), by=by, today=TODAY)


def names(page: registry.LedgerPage) -> list[str]:
    return [r.name.removeprefix("青山第").removesuffix("电石项目") for r in page.rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "12345678"),
        ({"class": "BELOW_BASELINE"}, "178"),
        ({"class": "AT_BENCHMARK"}, "36"),
        ({"class": "UNDETERMINED"}, "4"),
        ({"class": "NOT_COVERED"}, "5"),
        ({"league": "150100"}, "7"),
        ({"banner": "150204", "industry": "building_materials"}, "8"),
        ({"stage": "under_construction"}, "6"),
        ({"findings": "yes"}, "6"),
        ({"findings": "no"}, "1234578"),
        ({"q": "某某公司"}, "7"),
        ({"q": "水泥 青山"}, "8"),
        ({"q": "2026-150204-26-03-000003"}, "3"),
        ({"q": "１号电石炉 第2"}, "2"),
        ({"q": "100%"}, ""),
        ({"q": "_"}, ""),
        ({"focus": "yes", "class": "BETWEEN"}, "2"),
        ({"disposition": "RETROFIT"}, "178"),
        ({"state": "submitted"}, "12345678"),
        ({"state": "signed"}, ""),
        ({"deadline": "running"}, ""),
        ({"sort": "-code"}, "87654321"),
    ],
)
def test_a_filter_finds_its_projects(filled, query: dict[str, str], found: str) -> None:
    page = listed(filled, **query)

    assert "".join(names(page)) == found
    assert page.total == len(found)


@pytest.mark.parametrize("sort", registry.SORTS)
def test_every_sort_keeps_every_project(filled, sort: str) -> None:
    rising, falling = names(listed(filled, sort=sort)), names(listed(filled, sort=f"-{sort}"))

    assert sorted(rising) == sorted(falling) == list("12345678")


def test_every_facet_equals_its_list(filled) -> None:
    for query in ({}, {"stage": "existing"}, {"league": "150200", "q": "青山"}):
        for name, values in listed(filled, **query).facets.items():
            for value in values:
                assert registry.list_projects(
                    filled.ledger, registry.Filter.read(value.query), by=CONSOLE, today=TODAY
                ).total == (value.count), (name, value)
                assert value.words


def test_every_figure_equals_its_list(filled) -> None:
    for by in (CONSOLE, filled.reviewer, filled.signatory, filled.office):
        bench = monitoring.workbench(filled.ledger, by=by, today=TODAY)
        assert bench.projects == listed(filled, by=by).total
        for figure in (*bench.waiting, *bench.figures, *bench.by_class, *bench.by_disposition):
            if figure.page == "ledger":
                assert listed(filled, by=by, **figure.query).total == figure.count, figure
        assert sum(f.count for f in bench.by_class) == sum(f.count for f in bench.by_disposition) == bench.projects


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"class": "x"}, "class"),
        ({"stage": "拟建"}, "stage"),
        ({"page": "0"}, "page"),
        ({"page": "一"}, "page"),
        ({"sort": "password"}, "sort"),
        ({"focus": "perhaps"}, "focus"),
        ({"deadline": "5"}, "deadline"),
        ({"league": "15"}, "league"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(query: dict[str, str], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        registry.Filter.read(query)
    assert refused.value.field == field


def test_a_filter_goes_into_a_link_and_comes_back() -> None:
    query = {"q": "电石 炉", "class": "BETWEEN", "focus": "no", "deadline": "30", "sort": "-tce", "page": "3"}
    filters = registry.Filter.read(query)

    assert filters.query() == query
    assert registry.Filter.read({"q": " ", "stage": ""}).query() == {}
    assert filters.query(page=1, case_state=CaseState.SIGNED)["state"] == "signed"


def test_pages_have_fifty_rows(desks) -> None:
    desks.take_in([row(n) for n in range(101)])
    first, last = listed(desks), listed(desks, page="3")

    assert (first.total, first.pages, len(first.rows), len(last.rows)) == (101, 3, 50, 1)
    assert listed(desks, page="99").page == 3
    seen = {r.id for p in "123" for r in listed(desks, page=p).rows}
    assert len(seen) == 101


def test_a_page_reads_what_its_row_says(filled) -> None:
    for line in listed(filled).rows:
        view = filled.view(line.id)
        assert view.line == line
        assert view.screening.efficiency_class is line.efficiency_class
        assert view.screening.disposition is line.disposition
        assert view.screening.energy.in_focus is line.in_focus
        assert not view.stale


def test_the_contract_comes_from_the_ledger_too(filled) -> None:
    found = registry.contract(filled.ledger, registry.Filter(), by=CONSOLE, today=TODAY)
    again = registry.contract(filled.ledger, registry.Filter(), by=CONSOLE, today=TODAY, as_of=TODAY)
    before = registry.contract(filled.ledger, registry.Filter(), by=CONSOLE, today=TODAY, as_of=TODAY.replace(2021))

    assert found == again
    assert found["summary"]["by_class"]["BELOW_BASELINE"] == 3
    assert before["rules"]["edition"] is None
    assert before["summary"]["by_class"]["NOT_COVERED"] >= 6


def test_a_project_that_is_not_there_is_not_found(desks) -> None:
    with pytest.raises(NotFound):
        desks.view(desks.registrar.id)


def test_new_rules_screen_the_ledger_again(filled) -> None:
    book = filled.ledger.rules
    ref = "levels/2023/calcium_carbide"
    editions = tuple(
        replace(e, standards=tuple(replace(s, baseline=s.baseline + 100) if s.ref == ref else s for s in e.standards))
        for e in book.editions
    )
    changed = Ledger(filled.ledger.engine, replace(book, editions=editions, version="another"))
    project = filled.find("第1")
    assert registry.show(changed, project, by=CONSOLE, today=TODAY).stale

    assert monitoring.rescreen(changed, at=NOW) == len(ROWS)
    view = registry.show(changed, project, by=CONSOLE, today=TODAY)
    assert (view.line.efficiency_class, view.line.version, view.stale) == ("BETWEEN", 1, False)
    assert monitoring.rescreen(changed, at=NOW) == 0
    assert history.verify(changed).ok


def test_beginning_twice_is_beginning_once(ledger) -> None:
    first = beginning.initialise(ledger, at=NOW, demonstration=True)
    second = beginning.initialise(ledger, at=NOW, demonstration=True)

    assert [p.login for p in first.people][:2] == ["admin", "registrar"]
    assert len(first.people) == 9
    assert all(p.password for p in first.people)
    assert (second.people, second.sample, second.migrated, second.rescreened) == ((), 0, False, 0)
