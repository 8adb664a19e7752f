"""The search finds what LIKE finds, no more and no less, whatever is typed and whoever wrote the project."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from screening.domain.errors import Refusal
from screening.domain.history import Event, Happening
from screening.domain.people import Person, Role
from screening.domain.review import CaseState
from screening.services import CONSOLE, Ledger, mirroring, people, registration, registry
from screening.services.registry import Filter
from screening.store import mirror, schema, search, trail
from screening.store import registry as store
from screening.store.tables import ProjectRow
from tests.bench import plenty
from tests.conftest import NOW, PASSWORD, TODAY

PROJECTS = 800
QUERIES = 1000
SIGNS = "%_\"'*-\\/()×⁴ＡＢ０１２a公Z·.,，。\x00\ud800𠮷"


def queries(texts: list[str], number: int, chance: Random) -> Iterator[str]:
    """What clerks type, and what nobody should: parts of names and codes, several words, lone signs, no hits."""
    for place in range(number):
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        part = text[start : start + chance.choice((1, 2, 2, 2, 3, 4, 6, 12, 30))].replace("\n", " ")
        match place % 8:
            case 0 | 1 | 2 | 3:
                yield part
            case 4:
                yield f"{part} {chance.choice(texts)[:2]}"
            case 5:
                yield "".join(chance.choice(SIGNS) for _ in range(chance.randrange(1, 4)))
            case 6:
                yield "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in part.upper())
            case _:
                yield f"{part[:2]}{chance.choice('龘靐齉')}{part[2:]}"


def found(session: Session, text: str, by=CONSOLE) -> set[str]:
    """The identities under the conditions of the ledger page."""
    made = store.conditions({"words": search.words_of(text)}, by=by, today=TODAY)
    return set(session.execute(sa.select(ProjectRow.identity).where(*made.values())).scalars())


def liked(session: Session, text: str, by=CONSOLE) -> set[str]:
    """The identities of those whose folded text is LIKE every word."""
    words = [word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in search.words_of(text)]
    like = [ProjectRow.search.like(f"%{word}%", escape="\\") for word in words]
    mine = ProjectRow.banner.startswith(by.scope_prefix)
    return set(
        session.execute(sa.select(ProjectRow.identity).where(mine, ProjectRow.case_state != "void", *like)).scalars()
    )


def test_the_search_equals_like(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    plenty.fill(ledger, PROJECTS, seed=seed)
    league = people.add(
        ledger, "l", name="盟市", role=Role.REVIEWER, scope="150200", password=PASSWORD, by=CONSOLE, at=NOW
    )[0]
    monkeypatch.setattr(store, "MANY", 200)  # so that a small ledger, too, has words that stand in many projects
    hits = 0
    with ledger.reader() as session:
        texts = list(session.execute(sa.select(ProjectRow.search).limit(200)).scalars())
        identities = dict(session.execute(sa.select(ProjectRow.id, ProjectRow.identity)).all())
        mirrored = mirror.made_of(mirror.read(session, today=TODAY), seq=0, today=TODAY, last=None)
        chance = Random(seed)  # noqa: S311  # printed above
        for place, text in enumerate(queries(texts, QUERIES, chance)):
            by = league if place % 5 == 0 else CONSOLE
            wanted = liked(session, text, by)
            assert found(session, text, by) == wanted, f"{text!r}, seed {seed}"
            asked = mirrored.asked({"words": search.words_of(text)}, by=by)
            assert asked is not None
            assert asked.total() == len(wanted), f"{text!r}, seed {seed}"
            keys = asked.page(falls=place % 2 == 0, offset=0, limit=PROJECTS)
            assert {identities[key] for key in keys} == wanted, f"{text!r}, seed {seed}"
            hits += bool(wanted)
            if place % 10 == 0:
                page = registry.list_projects(ledger, Filter(q=text), by=by, today=TODAY)
                assert page.total == len(wanted), f"{text!r}, seed {seed}"
                assert {identities[row.id] for row in page.rows} <= wanted
                assert sum(value.count for value in page.facets["league"]) == len(wanted)
                assert len(page.rows) == min(len(wanted), registry.PER_PAGE), f"{text!r}, seed {seed}"
    assert hits > QUERIES / 2


def test_pages_along_an_index_are_the_pages_of_the_sorted_list(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    plenty.fill(ledger, 400)
    for sort in (name for key in registry.SORTS for name in (key, f"-{key}")):
        orders = []
        for many in (0, 10_000):
            monkeypatch.setattr(store, "MANY", many)
            pages = [
                registry.list_projects(ledger, Filter(sort=sort, page=p), by=CONSOLE, today=TODAY) for p in (1, 4, 8)
            ]
            orders.append([row.id for page in pages for row in page.rows])
        assert orders[0] == orders[1], sort
        whole = [project.name for project in registry.projects(ledger, Filter(sort=sort), by=CONSOLE, today=TODAY)]
        assert [row.name for row in pages[0].rows] == whole[:50]


def test_the_index_follows_every_write(ledger: Ledger) -> None:
    plenty.fill(ledger, 60)
    with ledger.writer() as session:
        row = session.execute(sa.select(ProjectRow).order_by(ProjectRow.name).limit(1)).scalar_one()
        store.save(session, row, {"search": "改过的名称\n另一个字段", "name": "改过的名称"}, seen=1)
        key, identity = row.id, row.identity
    with ledger.reader() as session:
        assert found(session, "改过") == found(session, "的") == found(session, "一个 名称") == {identity}
        assert found(session, "称另") == set(), "a find spans two fields"
    with ledger.writer() as session:
        store.update(session, [(key, 2, {"search": "又改"})])
    with ledger.reader() as session:
        assert (found(session, "改过"), found(session, "又改")) == (set(), {identity})
    with pytest.raises(ZeroDivisionError), ledger.writer() as session:  # noqa: PT012  # undone as one
        store.update(session, [(key, 3, {"search": "没有写入"})])
        raise ZeroDivisionError
    with ledger.reader() as session:
        assert (found(session, "没有写入"), found(session, "又改")) == (set(), {identity})


def test_a_lost_index_is_missed_and_made_again(ledger: Ledger) -> None:
    plenty.fill(ledger, 60)
    kind = "INDEX ix_project_pieces" if ledger.engine.dialect.name == "postgresql" else "TRIGGER project_pieces_changed"
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(sa.text(f"DROP {kind}"))
        connection.execute(sa.text("UPDATE project SET search = '悄悄改过'"))

    with pytest.raises(Refusal, match="查找索引不完整"):
        schema.demand(ledger)
    schema.upgrade(ledger)
    schema.demand(ledger)
    with ledger.reader() as session:
        assert len(found(session, "悄改")) == 59


def test_counts_are_fresh_after_every_write(ledger: Ledger) -> None:
    def shown(**query: str) -> registry.LedgerPage:
        return registry.list_projects(ledger, Filter.read(query), by=CONSOLE, today=TODAY)

    def statements(**query: str) -> int:
        made: list[str] = []

        def note(*given: object) -> None:
            made.append(str(given[2]))

        sa.event.listen(ledger.engine, "before_cursor_execute", note)
        shown(**query)
        sa.event.remove(ledger.engine, "before_cursor_execute", note)
        return len([one for one in made if "GROUP BY project" in one])

    plenty.fill(ledger, 60)
    assert shown().total == 59
    assert statements() == 0, "counted again though nothing happened"
    people.add(ledger, "x", name="甲", role=Role.AUDITOR, scope="150000", password=PASSWORD, by=CONSOLE, at=NOW)
    assert statements() == 0, "counted again for what touches no project"
    with ledger.reader() as session:
        row = session.execute(sa.select(ProjectRow).where(ProjectRow.case_state == "registered").limit(1)).scalar_one()
    registration.strike_off(ledger, row.id, reason="重复登记", seen=row.version, by=CONSOLE, at=NOW + timedelta(days=1))
    assert shown().total == 58
    voided = next(value for value in shown().facets["state"] if value.value == "void")
    assert (voided.count, shown(**voided.query).total) == (2, 2)
    found = shown(q="项目")
    assert found.total == 58, "the search looks at what the project was"
    assert {value.query["state"]: value.count for value in found.facets["state"]}["void"] == 2
    assert shown(q="项目", state="void").total == 2


def moved(ledger: Ledger, chance: Random) -> None:
    """Some projects written anew at random, with an event as every use case leaves one."""
    with ledger.writer() as session:
        rows = list(session.execute(sa.select(ProjectRow)).scalars())
        for row in chance.sample(rows, 25):
            other = chance.choice(rows)
            values = chance.choice(
                (
                    {"search": other.search[::2], "name": other.name},
                    {"league": other.league, "banner": other.banner},
                    {"stage": other.stage, "disposition": other.disposition, "in_focus": None, "findings": 3},
                )
            )
            store.save(session, row, values, seen=row.version)
        trail.record(session, Event(at=NOW, who=CONSOLE.login, kind=Happening.PROJECT_CHANGED, subject="ledger"))
        row = next(row for row in rows if row.case_state is CaseState.REGISTERED)
        key, version = row.id, row.version
    registration.strike_off(ledger, key, reason="重复登记", seen=version, by=CONSOLE, at=NOW + timedelta(days=1))


def test_the_mirror_shows_what_the_database_counts_and_never_what_it_counted_before(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    chance = Random(seed)  # noqa: S311  # printed above
    plenty.fill(ledger, 200, seed=seed)
    asking: list[Person] = [CONSOLE]
    for scope in ("150200", "150204"):
        add = {"name": "测试", "role": Role.REVIEWER, "scope": scope, "password": PASSWORD}
        asking.append(people.add(ledger, f"p{scope}", **add, by=CONSOLE, at=NOW)[0])
    monkeypatch.setattr(ledger, "next_mirror", float("inf"))  # none but those made here

    def shown(filters: Filter, by: Person, *, used: bool) -> registry.LedgerPage:
        with ledger.reader() as session:
            assert (mirroring.mirrored(ledger, session, TODAY) is not None) == used
        return registry.list_projects(ledger, filters, by=by, today=TODAY)

    for _ in range(3):
        mirroring.make(ledger, TODAY)
        made, ledger.next_mirror = ledger.mirror, float("inf")
        for _ in range(12):
            with ledger.reader() as session:
                row = session.execute(
                    sa.select(ProjectRow).order_by(ProjectRow.id).offset(chance.randrange(200)).limit(1)
                ).scalar_one()
            conditions = {
                "league": row.league, "banner": row.banner, "industry": row.industry, "stage": row.stage,
                "efficiency_class": row.efficiency_class, "disposition": row.disposition,
                "case_state": row.case_state, "in_focus": True, "near_line": False, "findings": chance.random() < 0.5,
                "deadline": registry.Deadline.OVERDUE, "q": row.name[4:6], "page": 2,
            }  # fmt: skip
            asked = {name: conditions[name] for name in chance.sample(list(conditions), chance.randrange(4))}
            filters = Filter(**asked, sort=chance.choice(("name", "-name", "tce")))
            by = chance.choice(asking)
            ledger.mirror = made
            fast = shown(filters, by, used=True)
            ledger.mirror = None
            assert fast == shown(filters, by, used=False), f"{filters}, seed {seed}"
        ledger.mirror = made
        moved(ledger, chance)
        shown(Filter(), CONSOLE, used=False)


def test_a_large_ledger_is_mirrored_beside_the_requests(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(today: date = TODAY) -> registry.LedgerPage:
        return registry.list_projects(ledger, Filter(q="项目"), by=CONSOLE, today=today)

    def used(today: date = TODAY) -> bool:
        with ledger.reader() as session:
            return mirroring.mirrored(ledger, session, today) is not None

    plenty.fill(ledger, 60)
    whole = shown()
    assert ledger.mirroring is None, "a small ledger needs no mirror"
    monkeypatch.setattr(mirroring, "LEAST", 1)
    ledger.next_mirror = 0.0
    assert shown() == whole
    ledger.mirroring.join()
    ledger.next_mirror = float("inf")
    assert used()
    assert shown() == whole
    people.add(ledger, "x", name="甲", role=Role.AUDITOR, scope="150000", password=PASSWORD, by=CONSOLE, at=NOW)
    assert used(), "what touches no project leaves it standing"
    assert not used(TODAY + timedelta(days=1)), "yesterday's due dates"
    with ledger.reader() as before:
        before.execute(sa.select(ProjectRow.id).limit(1)).all()
        with ledger.writer() as session:
            trail.record(session, Event(at=NOW, who=CONSOLE.login, kind=Happening.PROJECT_CHANGED, subject="ledger"))
        assert not used()
        mirroring.make(ledger, TODAY)
        assert used()
        assert mirroring.mirrored(ledger, before, TODAY) is None, "it shows what this session cannot see yet"
