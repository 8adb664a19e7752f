"""Finding on the ledger page: what was searched stays, every count is a link to as many rows, few statements."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from screening.domain.people import Role
from screening.services import Ledger
from tests.bench import plenty
from tests.web.site import Visitor

MOST = 8
"""Statements of a page, the session's included; what begins and ends a transaction is none."""
NO_STATEMENT = ("BEGIN", "PRAGMA", "SET TRANSACTION", "COMMIT", "ROLLBACK")


def statements(ledger: Ledger, visitor: Visitor, address: str) -> list[str]:
    made: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(NO_STATEMENT):
            made.append(statement)

    sa.event.listen(ledger.engine, "before_cursor_execute", note)
    visitor.go(address)
    sa.event.remove(ledger.engine, "before_cursor_execute", note)
    assert visitor.status == 200, visitor.text
    return made


@pytest.mark.parametrize("rows", [3, 120])
def test_the_page_takes_few_statements_whatever_the_rows(
    rows: int, sqlite_ledger: Ledger, visit: Callable[..., Visitor]
) -> None:
    plenty.fill(sqlite_ledger, rows)
    visitor = visit(Role.REVIEWER)
    for address in (
        "/projects",
        "/projects?q=公司&sort=-tce&stage=existing",
        "/projects?page=2&deadline=running&sort=code",
    ):
        for state in ("cold", "warm"):
            made = statements(sqlite_ledger, visitor, address)
            assert len(made) <= MOST, f"{address}, {state}: {len(made)}\n" + "\n\n".join(made)


def test_every_count_is_a_link_to_as_many_rows(sqlite_ledger: Ledger, visit: Callable[..., Visitor]) -> None:
    plenty.fill(sqlite_ledger, 120)
    visitor = visit(Role.REVIEWER)
    seen = 0
    for address in ("/projects", "/projects?q=有限公司&stage=existing"):
        links = visitor.go(address).page.select("#counts a")
        assert links
        for link in links:
            count = link.select_one(".count").get_text()
            visitor.go(str(link["href"]))
            assert f"共 {count} 个项目" in visitor.text, (address, unquote(str(link["href"])))
            seen += 1
    assert seen > 40
    assert any("作废" in link.get_text() for link in links) or "作废" in visitor.go("/projects").text


def test_what_was_searched_stays_and_an_empty_result_says_what_it_was(
    filled_site: Visitor,
) -> None:
    filled_site.go("/projects?q=硅铁炉")
    assert filled_site.page.find(id="filter-q")["value"] == "硅铁炉"
    assert "共 1 个项目" in filled_site.text

    filled_site.go("/projects?q=硅铁炉 海勃湾&stage=existing")
    assert "含“硅铁炉 海勃湾”并符合其他条件的项目" in filled_site.text
    assert "须全部含有" in filled_site.text
    filled_site.go(filled_site.link("清除筛选条件"))
    assert "共 3 个项目" in filled_site.text


def test_too_long_a_search_is_refused_in_words(filled_site: Visitor) -> None:
    filled_site.go("/projects?q=" + "长" * 101)
    assert filled_site.status == 422
    assert "请不超过100字" in filled_site.text
