"""Every address × method × person × thing against a table written by hand: who may open it, and what is his."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import MapAdapter, Rule

from screening import clock
from screening.domain.people import Role
from screening.services import registration
from tests.scope.world import BANNERS, BATCH_OF, DRAFT_OF, MISSING, SCOPES, UUIDS, Somebody, World, bare, told

LETTER_OF = {
    Role.REGISTRAR: "r", Role.REVIEWER: "v", Role.SIGNATORY: "s", Role.OFFICE: "o", Role.LEGAL: "l",
    Role.RULES_OFFICER: "u", Role.AUDITOR: "a", Role.ADMINISTRATOR: "m",
}  # fmt: skip
READERS = "rvsolua"
ALL = READERS + "m"
TABLE = {
    "GET /": ALL,
    "GET /help": ALL,
    "GET /help/moves": ALL,
    "GET /account": ALL,
    "POST /account": ALL,
    "POST /notices/read": "vo",
    "GET /password": ALL,
    "POST /password": ALL,
    "GET /projects": READERS,
    "GET /projects.xlsx": READERS,
    "GET /projects.pdf": READERS,
    "GET /projects.csv": READERS,
    "GET /projects/list.xlsx": READERS,
    "GET /projects/list.csv": READERS,
    "GET /lists/efficiency": READERS,
    "GET /lists/efficiency.pdf": READERS,
    "GET /lists/efficiency.xlsx": READERS,
    "GET /lists/efficiency.csv": READERS,
    "GET /lists/gaps": READERS,
    "GET /lists/gaps.pdf": READERS,
    "GET /lists/gaps.xlsx": READERS,
    "GET /lists/gaps.csv": READERS,
    "GET /lists/plan": READERS,
    "GET /lists/plan.pdf": READERS,
    "GET /lists/plan.xlsx": READERS,
    "GET /lists/plan.csv": READERS,
    "GET /projects/columns": READERS,
    "POST /projects/columns": READERS,
    "GET /projects/selected": READERS,
    "GET /projects/selected/recommend": "v",
    "POST /projects/selected/recommend": "v",
    "GET /views": READERS,
    "POST /views": READERS,
    "POST /views/default": READERS,
    "GET /views/<uuid:view>": READERS,
    "POST /views/<uuid:view>": READERS,
    "POST /views/<uuid:view>/remove": READERS,
    "GET /projects/<uuid:project>": READERS,
    "GET /api/projects/<uuid:project>.json": READERS,
    "GET /api/projects.json": READERS,
    "GET /projects/<uuid:project>/edit": "r",
    "GET /projects/<uuid:project>/void": "r",
    "POST /projects/<uuid:project>/void": "r",
    "POST /projects/<uuid:project>/reinstate": "r",
    "GET /projects/<uuid:project>/attachments": READERS,
    "POST /projects/<uuid:project>/attachments": "r",
    "GET /attachments/<uuid:attachment>": READERS,
    "POST /attachments/<uuid:attachment>/void": "r",
    "GET /projects/<uuid:project>/doubts": READERS,
    "POST /projects/<uuid:project>/doubts": "rv",
    "GET /projects/<uuid:project>/history": READERS,
    "POST /projects/<uuid:project>/history/seen": READERS,
    "GET /projects/<uuid:project>/timeline": READERS,
    "GET /projects/<uuid:project>/casefile.pdf": READERS,
    "GET /check": READERS,
    "GET /register": "r",
    "POST /register": "r",
    "GET /register/drafts": "r",
    "POST /register/check.json": "r",
    "GET /register/products.json": "r",
    "GET /register/products": "r",
    "GET /register/<uuid:draft>": "r",
    "GET /register/<uuid:draft>/answers": "r",
    "POST /register/<uuid:draft>/answers": "r",
    "POST /register/<uuid:draft>/discard": "r",
    "GET /import": "rv",
    "POST /import": "rv",
    "POST /import/columns": "rv",
    "GET /import/template.xlsx": "rv",
    "GET /import/<uuid:batch>": "rv",
    "POST /import/<uuid:batch>": "rv",
    "GET /import/<uuid:batch>/workbook": "rv",
    "POST /import/<uuid:batch>/undo": "rv",
    "GET /forms": READERS,
    "POST /forms": "rv",
    "GET /forms/<uuid:form>": "rv",
    "POST /forms/<uuid:form>": "rv",
    "POST /forms/<uuid:form>/remove": "rv",
    "GET /forms/<uuid:form>/filled.xlsx": READERS,
    "GET /review": READERS,
    "GET /review/<uuid:project>": "v",
    "POST /review/<uuid:project>": "v",
    "POST /review/<uuid:project>/trial": "v",
    "POST /review/<uuid:project>/accept": "v",
    "POST /review/<uuid:project>/return": "v",
    "GET /review/returns": READERS,
    "POST /projects/<uuid:project>/submit": "rv",
    "GET /projects/<uuid:project>/withdraw": "rv",
    "POST /projects/<uuid:project>/withdraw": "rv",
    "GET /projects/<uuid:project>/recall": "v",
    "POST /projects/<uuid:project>/recall": "v",
    "GET /projects/<uuid:project>/close": "v",
    "POST /projects/<uuid:project>/close": "v",
    "GET /projects/<uuid:project>/reopen": "v",
    "POST /projects/<uuid:project>/reopen": "v",
    "POST /review/<uuid:project>/findings/<finding>": "v",
    "POST /review/<uuid:project>/findings": "v",
    "GET /projects/<uuid:project>/drafts": READERS,
    "POST /projects/<uuid:project>/drafts": "v",
    "GET /projects/<uuid:project>/drafts/versions": READERS,
    "POST /projects/<uuid:project>/drafts/restore": "v",
    "POST /projects/<uuid:project>/drafts/comments": "vsl",
    "POST /projects/<uuid:project>/drafts/comments/respond": "vsl",
    "GET /procedure/<uuid:project>": READERS,
    "GET /procedure/<uuid:project>/steps/<step>": "v",
    "POST /procedure/<uuid:project>/steps/<step>": "v",
    "POST /procedure/<uuid:project>/steps/<step>/void": "v",
    "GET /procedure/<uuid:project>/notice": "s",
    "POST /procedure/<uuid:project>/notice": "s",
    "GET /procedure/<uuid:project>/notice/<kind>.pdf": READERS,
    "GET /legal": "l",
    "GET /legal/<uuid:project>": "l",
    "POST /legal/<uuid:project>": "l",
    "POST /legal/<uuid:project>/void": "l",
    "GET /sign": READERS,
    "GET /deputies": ALL,
    "POST /deputies": ALL,
    "POST /deputies/<uuid:deputy>/end": ALL,
    "POST /acting": ALL,
    "GET /sign/selected": "s",
    "POST /sign/selected": "s",
    "GET /sign/<uuid:project>": "s",
    "POST /sign/<uuid:project>": "s",
    "POST /sign/<uuid:project>/return": "s",
    "GET /letters": READERS,
    "GET /letters/<uuid:letter>": READERS,
    "GET /letters/<uuid:letter>.pdf": READERS,
    "GET /letters/<uuid:letter>/receipt.pdf": READERS,
    "GET /letters/<uuid:letter>/reminder.pdf": READERS,
    "POST /letters/<uuid:letter>/reminder": "s",
    "GET /projects/<uuid:project>/request.pdf": READERS,
    "POST /projects/<uuid:project>/request": "s",
    "GET /projects/<uuid:project>/draft.pdf": READERS,
    "POST /letters/<uuid:letter>/print": "o",
    "GET /letters/<uuid:letter>/seal": "o",
    "POST /letters/<uuid:letter>/seal": "o",
    "GET /seals": "m",
    "POST /seals": "m",
    "GET /seals/<uuid:seal>.png": "om",
    "POST /seals/<uuid:seal>/revoke": "m",
    "POST /letters/<uuid:letter>/serve": "o",
    "POST /letters/<uuid:letter>/void": "s",
    "POST /letters/<uuid:letter>/scan": "o",
    "GET /letters/print": "o",
    "POST /letters/print": "o",
    "GET /letters/send": "o",
    "POST /letters/send": "o",
    "GET /letters/serve": "o",
    "POST /letters/serve": "o",
    "GET /print-runs": "o",
    "GET /print-runs/<uuid:run>": "so",
    "GET /print-runs/<uuid:run>.json": "so",
    "GET /print-runs/<uuid:run>.pdf": "so",
    "POST /print-runs/<uuid:run>/again": "o",
    "POST /print-runs/<uuid:run>/proceed": "o",
    "GET /projects/<uuid:project>/objections": READERS,
    "POST /projects/<uuid:project>/objections": "v",
    "POST /projects/<uuid:project>/objections/stay": "v",
    "POST /projects/<uuid:project>/objections/lift": "v",
    "POST /projects/<uuid:project>/objections/outcome": "v",
    "POST /projects/<uuid:project>/revoke": "s",
    "GET /referrals": READERS,
    "GET /letters/<uuid:letter>/replies": READERS,
    "POST /letters/<uuid:letter>/replies": "vo",
    "GET /deadlines": READERS,
    "GET /exits": READERS,
    "GET /projects/<uuid:project>/exit": READERS,
    "POST /projects/<uuid:project>/exit": "v",
    "POST /projects/<uuid:project>/exit/void": "v",
    "GET /projects/<uuid:project>/plan": READERS,
    "GET /projects/<uuid:project>/plan.pdf": READERS,
    "POST /projects/<uuid:project>/plan": "v",
    "POST /projects/<uuid:project>/plan/report": "v",
    "POST /projects/<uuid:project>/plan/void": "v",
    "GET /frontrunners": READERS,
    "GET /frontrunners.pdf": READERS,
    "GET /frontrunners.xlsx": READERS,
    "GET /frontrunners.csv": READERS,
    "GET /projects/<uuid:project>/frontrunner": READERS,
    "POST /projects/<uuid:project>/frontrunner": "v",
    "POST /projects/<uuid:project>/frontrunner/step": "v",
    "POST /projects/<uuid:project>/frontrunner/void": "v",
    "GET /projects/<uuid:project>/acceptance": READERS,
    "POST /projects/<uuid:project>/acceptance": "v",
    "POST /projects/<uuid:project>/acceptance/void": "v",
    "GET /deadlines.pdf": READERS,
    "GET /deadlines.xlsx": READERS,
    "GET /deadlines/calendar": READERS,
    "GET /deadlines/gantt": READERS,
    "GET /deadlines/figures": READERS,
    "GET /deadlines/figures.pdf": READERS,
    "GET /deadlines/figures.csv": READERS,
    "GET /deadlines/remind": "s",
    "POST /deadlines/remind": "s",
    "GET /projects/<uuid:project>/chases": READERS,
    "POST /projects/<uuid:project>/chases": "vso",
    "POST /projects/<uuid:project>/chases/void": "vso",
    "GET /account/calendar": READERS,
    "POST /account/calendar": READERS,
    "POST /account/calendar/revoke": READERS,
    "GET /deadlines.csv": READERS,
    "GET /numbers": READERS,
    "GET /numbers.pdf": READERS,
    "GET /numbers.xlsx": READERS,
    "GET /numbers.csv": READERS,
    "GET /numbers/rules": READERS,
    "POST /numbers/rules": "o",
    "GET /projects/<uuid:project>/letters/late": "o",
    "POST /projects/<uuid:project>/letters/late": "o",
    "GET /letters/list.pdf": READERS,
    "GET /letters/list.csv": READERS,
    "GET /rules": READERS,
    "POST /rules/confirm": "u",
    "GET /rules/confirmations": READERS,
    "POST /rules/confirmations/<uuid:confirmation>/countersign": "us",
    "POST /rules/confirmations/<uuid:confirmation>/refuse": "us",
    "GET /system/people": "m",
    "POST /system/people": "m",
    "POST /system/people/<uuid:who>/password": "m",
    "POST /system/people/<uuid:who>/active": "m",
    "GET /system/mail": "m",
    "POST /system/mail/<uuid:mail>/again": "m",
    "GET /system/trail": "a",
    "GET /system/trail/head.json": "a",
}
"""What every role may open, as the office decided it; not read from the program."""
OPEN = {"GET /sign-in", "POST /sign-in", "GET /verify", "POST /verify"}
APART = {
    "POST /sign-out",
    "GET /calendar/<token>.ics",
    "GET /static/<path:filename>",
    "GET /bootstrap/static/<path:filename>",
}
"""Ends the session that asks; opens by its own secret (tests/web/test_deadlines.py); files without the ledger."""
ANSWERS: dict[str, set[str]] = {}
for _entry in (*TABLE, *OPEN):
    ANSWERS.setdefault(_entry.split(" ")[1], set()).add(_entry.split(" ")[0])
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OWNED = {"batch": BATCH_OF, "draft": DRAFT_OF, "view": DRAFT_OF}
"""Things that only the person sees who made them: whose each banner's is."""
FINDINGS = {"finding": "excess_emission", "step": "two_officers", "kind": "ADVANCE_NOTICE"}
LOOKED_UP_LATE = {"POST /rules/confirmations/<uuid:confirmation>/refuse"}
"""Of a rule, which belongs to nobody's banner, the form is read first."""
HEAVY = re.compile(r"\.(pdf|xlsx|csv)$")
"""Slow to make: of those who may have them, two roles ask, in every division."""
FAILED = {401, 403, 404, 405, 500}


@dataclass(frozen=True)
class Cell:
    """One question: who asks what of which thing; `home` is its banner, "missing", or blank where there is none."""

    who: Somebody
    method: str
    rule: str
    address: str
    home: str

    @property
    def words(self) -> str:
        """For a failed test."""
        return f"{self.who.words}: {self.method} {self.rule} of {self.home or 'no thing'}"


def rules_of(world: World) -> list[Rule]:
    """The addresses of the site, the files apart."""
    return [r for r in world.site.url_map.iter_rules() if f"GET {r.rule}" not in APART]


def cells(world: World) -> Iterator[Cell]:
    """All of them."""
    addresses = sorted({rule.rule for rule in rules_of(world)})
    for who in world.people:
        for rule in addresses:
            if rule == "/sign-out":
                continue
            named = re.findall(r"<(?:\w+:)?(\w+)>", rule)
            homes = [*BANNERS, "missing"] if any(name not in FINDINGS for name in named) else [""]
            for home in homes:
                address = rule
                for name in named:
                    value = FINDINGS.get(name) or (MISSING if home == "missing" else getattr(world.things[home], name))
                    address = re.sub(rf"<(?:\w+:)?{name}>", str(value), address)
                for method in METHODS:
                    yield Cell(who, method, rule, address, home)


def answers_to(rule: str) -> set[str]:
    """The methods that the table knows of an address."""
    return ANSWERS.get(rule, set())


def expected(cell: Cell) -> str:
    """What the table says: passes, refused (403), missing (404), stranger (to the door), no such act (405)."""
    if cell.method not in answers_to(cell.rule):
        return "no such act"
    entry = f"{cell.method} {cell.rule}"
    if entry in OPEN:
        return "passes"
    if cell.who.person is None:
        return "stranger"
    if LETTER_OF[cell.who.person.role] not in TABLE[entry]:
        return "refused"
    named = re.findall(r"<uuid:(\w+)>", cell.rule)
    if not named or entry in LOOKED_UP_LATE:
        return "passes"
    if named[0] in OWNED:
        mine = (cell.who.person.role, cell.who.person.scope) == OWNED[named[0]].get(cell.home)
        return "passes" if mine else "missing"
    if named[0] in {"form", "seal"}:  # belongs to an office, whoever of it asks
        mine = cell.home in DRAFT_OF and cell.who.person.scope == DRAFT_OF[cell.home][1]
        return "passes" if mine else "missing"
    if named[0] == "deputy":  # for the one who is stood in for, and the administrator of his office
        mine = cell.home != "missing" and cell.who.person.role is Role.ADMINISTRATOR and cell.who.sees(cell.home)
        return "passes" if mine else "missing"
    if named[0] == "confirmation":  # rules are nobody's banner
        return "missing" if cell.home == "missing" else "passes"
    return "passes" if cell.home != "missing" and cell.who.sees(cell.home) else "missing"


ROUTES: list[MapAdapter] = []


def unrouted(cell: Cell) -> str | None:
    """Whether the map of addresses itself refuses the method, before anybody is asked who he is."""
    try:
        found = ROUTES[0].match(cell.address, cell.method)
    except MethodNotAllowed:
        return None
    return f"{found[0]} for a method that it does not know"


def wrong(cell: Cell) -> str | None:  # one sentence for each way of being wrong
    """What is wrong with the answer, if anything."""
    should = expected(cell)
    if should == "no such act" and cell.who.person and cell.who.person.role is not Role.LEGAL:
        return unrouted(cell)
    if should == "passes" and HEAVY.search(cell.rule) and LETTER_OF[cell.who.person.role] not in "ra":  # type: ignore[union-attr]
        return None
    answer = cell.who.ask(cell.method, cell.address)
    status = answer.status_code
    match should:
        case "no such act":  # through the client
            return None if status == 405 else f"{status} for a method that it does not know"
        case "stranger":
            if cell.rule.endswith(".json"):
                return None if status == 401 else f"{status} for a stranger"
            at_the_door = status == 302 and answer.headers["Location"].startswith("/sign-in")
            return None if at_the_door else f"{status} for a stranger"
        case "refused":
            return None if status == 403 else f"{status}, not 403"
        case "missing":
            if status != 404:
                return f"{status}, not 404"
        case _:
            if status in FAILED:
                return f"{status}, though it is allowed"
    return leaked(cell.who, told(answer))


def leaked(who: Somebody, text: str) -> str | None:
    """The canary of another's banner in a text."""
    found = [canary for banner, (_, _, canary) in BANNERS.items() if not who.sees(banner) and canary in text]
    return f"tells of {'、'.join(found)}" if found else None


def test_the_table_is_whole(world: World) -> None:
    """A new address stands in no table yet: whoever adds it says here who may open it."""
    there = {
        f"{method} {rule.rule}" for rule in rules_of(world) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert there - set(TABLE) - OPEN - APART == set(), "say in TABLE who may open these"
    assert set(TABLE) - there == set(), "these are gone"


def test_every_cell_is_as_the_table_says(world: World) -> None:
    every = list(cells(world))
    assert len(every) >= 20_000, len(every)
    refusals = [cell for cell in every if expected(cell) != "passes"]
    ROUTES[:] = [world.site.url_map.bind("localhost")]
    before = world.state()
    found = [f"{cell.words}: {fault}" for cell in refusals if (fault := wrong(cell))]
    assert found == [], f"{len(found)} of {len(refusals)}:\n" + "\n".join(found[:40])
    after = world.state()
    assert [name for name in before if before[name] != after[name]] == [], "a refusal changed something"

    allowed = [cell for cell in every if expected(cell) == "passes"]
    found = [f"{cell.words}: {fault}" for cell in allowed if (fault := wrong(cell))]
    assert found == [], f"{len(found)} of {len(allowed)}:\n" + "\n".join(found[:40])


def test_a_foreign_thing_looks_like_a_missing_one(world: World) -> None:
    for who in world.people:
        if who.person is None or who.person.scope == SCOPES[0]:
            continue
        who.ask("GET", "/help")  # shows and forgets what earlier acts left to be said
        letter = LETTER_OF[who.person.role]
        for entry, roles in TABLE.items():
            method, rule = entry.split(" ")
            if letter not in roles or not re.search(
                r"<uuid:(project|letter|run|who|deputy|attachment|draft|batch|view)>", rule
            ):
                continue
            pages = []
            for thing in (world.things["150302"], None):
                address = re.sub(
                    r"<(?:\w+:)?(\w+)>",
                    lambda hit, of=thing: FINDINGS.get(hit[1]) or str(getattr(of, hit[1]) if of else MISSING),
                    rule,
                )
                answer = who.ask(method, address)
                pages.append((answer.status_code, bare(answer), len(answer.data), sorted(answer.headers.keys())))
            assert pages[0] == pages[1], f"{who.words} {entry}"
            assert pages[0][0] == 404, f"{who.words} {entry}"
            assert not UUIDS.search(pages[0][1])


FORM = {"opened": "{}", "draft_version": "0", "seen": "1", "name": "新项目"}
BODIES: tuple[tuple[Role, str, dict[str, str], int], ...] = (
    (Role.REGISTRAR, "GET /register?from={project}", {}, 404),
    (Role.REGISTRAR, "POST /register", {**FORM, "draft": "{new}", "project": "{project}", "act": "check"}, 404),
    (Role.REGISTRAR, "POST /register", {**FORM, "draft": "{new}", "project": "{project}", "act": "draft"}, 404),
    (Role.REGISTRAR, "POST /register", {**FORM, "draft": "{new}", "project": "{project}", "act": "answers"}, 404),
    (Role.REGISTRAR, "POST /register", {**FORM, "draft": "{new}", "project": "{project}", "act": "add-unit"}, 404),
    (Role.REGISTRAR, "POST /register/check.json", {**FORM, "draft": "{new}", "project": "{project}"}, 404),
    (Role.REGISTRAR, "POST /register/check.json", {**FORM, "draft": "{draft}"}, 200),
    (Role.REGISTRAR, "POST /import/{own.batch}", {"seen": "1", "merge-{line}": "ledger:{project}"}, 409),
    (Role.REGISTRAR, "POST /projects/{own.project}/doubts", {"seen": "1", "text-{digest}": "说明"}, 409),
    (Role.RULES_OFFICER, "POST /rules/confirm", {"tick": "{project}", "document": "文", "page": "1"}, 422),
    (Role.LEGAL, "GET /projects/{own.project}/history?from={seq}", {}, 200),
)
"""Ids of other banners in bodies and queries: who sends them where, and what is answered; to a missing id the same."""


def test_a_foreign_id_in_a_body_is_answered_as_a_missing_one(world: World) -> None:
    own = world.things["150204"]
    with world.ledger.engine.connect() as connection:
        key = connection.exec_driver_sql("SELECT content FROM import_batch WHERE id = ?", (own.batch.hex,)).scalar_one()
        seq = connection.exec_driver_sql(
            "SELECT max(seq) FROM event WHERE subject = ?", (f"project:{world.things['150302'].project}",)
        ).scalar_one()
    line = json.loads(zlib.decompress(key))["new"][0][0]
    before = world.state()
    for role, entry, body, status in BODIES:
        who = world.one(role, "150204")
        who.ask("GET", "/help")  # shows and forgets what earlier acts left to be said
        answers = []
        for thing, number, digest in ((world.things["150302"], seq, "a" * 64), (None, 10**7, "b" * 64)):
            ids = {
                "project": getattr(thing, "project", MISSING), "draft": getattr(thing, "draft", MISSING), "own": own,
                "line": line, "seq": number, "digest": digest, "new": UUID(int=7),
            }  # fmt: skip
            method, address = entry.format(**ids).split(" ")
            data = {name.format(**ids): text.format(**ids) if text != "{}" else text for name, text in body.items()}
            data |= {"csrf_token": who.token} if method == "POST" else {}
            answer = who.client.open(address, method=method, data=data or None)
            echoed = str(number) if "{seq}" in entry else digest
            answers.append((answer.status_code, bare(answer).replace(echoed, "-")))
            assert leaked(who, told(answer)) is None, entry
        assert answers[0] == answers[1], entry
        assert answers[0][0] == status, entry
    after = world.state()
    assert [name for name in before if before[name] != after[name]] == []


def test_the_key_of_a_foreign_form_gives_nothing_away(world: World) -> None:
    """A form that was sent already gives its first result, but only to whom it belongs."""
    who, own, foreign = world.one(Role.REGISTRAR, "150204"), world.things["150204"], world.things["150302"]
    scan = (io.BytesIO(b"\x89PNG\r\n\x1a\nnew"), "新.png")
    body = {"csrf_token": who.token, "key": foreign.key, "seen": "1", "about": "节能审查意见", "file": scan}
    answer = who.client.post(f"/projects/{own.project}/attachments", data=body)
    assert answer.status_code == 409
    assert leaked(who, told(answer)) is None
    owner = world.one(*DRAFT_OF["150302"])
    theirs = registration.blank(by=owner.person, ledger=world.ledger)
    registration.save_draft(world.ledger, theirs, by=owner.person, at=clock.now())
    draft = {**FORM, "csrf_token": who.token, "draft": str(theirs.id), "act": "draft"}
    answer = who.client.post("/register", data=draft)
    assert answer.status_code == 404
    assert leaked(who, told(answer)) is None
    assert "新项目" not in told(owner.ask("GET", f"/register/{theirs.id}"))


QUERIES = (
    "", "?q={canary}", "?q=化工", "?q={code}", "?league=150300", "?banner=150302", "?league=150200", "?sort=-changed",
    "?deadline=running", "?state=served", "?page=2", "?class=BELOW_BASELINE", "?group=overdue", "?kind=project_changed",
    "?verify=1", "?rule=x",
)  # fmt: skip
LISTS = (
    "/", "/projects", "/projects.xlsx", "/api/projects.json", "/review", "/sign", "/letters", "/letters/list.csv",
    "/review/returns", "/deadlines", "/deadlines.csv", "/deadlines/gantt", "/deadlines/calendar", "/deadlines/figures", "/referrals", "/lists/efficiency", "/lists/efficiency.csv", "/lists/efficiency.xlsx",
    "/lists/plan", "/lists/plan.csv", "/lists/plan.xlsx", "/projects/list.csv", "/projects/list.xlsx", "/projects.csv",
    "/register", "/register/drafts", "/register/products", "/register/products.json", "/import",
    "/system/trail", "/system/people", "/rules", "/rules/confirmations", "/views", "/projects/columns",
)  # fmt: skip
PRINTED = ("/projects.pdf", "/deadlines.pdf", "/letters/list.pdf", "/lists/efficiency.pdf", "/lists/plan.pdf")
ASKERS = "rvam"
"""Scope is asked of the division, never of the role: between them these open every list."""


def echoless(text: str, typed: str) -> str:
    """A page without what it repeats of the question, in boxes, links and chips."""
    return re.sub(rf"(value=\"|q=|“|>)(?:{typed}|%[0-9A-F%]+)", r"\1", text)


def test_no_canary_is_found_outside_its_scope_whatever_is_asked(world: World) -> None:
    asked = 0
    for who in world.people:
        if who.person is None or who.person.scope == SCOPES[0] or LETTER_OF[who.person.role] not in ASKERS:
            continue
        role = LETTER_OF[who.person.role]
        for address in LISTS + PRINTED:
            if role not in TABLE[f"GET {address}"] or (role in "ra" and "v" in TABLE[f"GET {address}"]):
                continue
            for query in QUERIES if address in LISTS else ("?q={canary}",):
                canary, code = BANNERS["150302"][2], "150302-26"
                answer = who.ask("GET", address + query.format(canary=canary, code=code))
                if answer.status_code != 200:
                    assert query or answer.status_code == 302, f"{who.words} {address}: {answer.status_code}"
                    continue
                asked += 1
                fault = leaked(who, echoless(told(answer), canary))
                assert fault is None, f"{who.words} {address}{query}: {fault}"
    assert asked > 200


def test_counts_and_facets_count_the_own_only(world: World) -> None:
    with world.ledger.engine.connect() as connection:
        homes = connection.exec_driver_sql("SELECT banner FROM project").scalars().all()
    for scope in SCOPES:
        number = sum(world.one(Role.LEGAL, scope).sees(home) for home in homes)
        page = world.one(Role.LEGAL, scope).client.get("/projects").get_data(as_text=True)
        assert f"{number} 个项目" in re.sub(r"<[^>]+>|(?<=\d),", "", page).replace("\xa0", " "), scope
        for banner, (league, _, _) in BANNERS.items():
            sees = any(world.one(Role.LEGAL, scope).sees(b) for b, (of, _, _) in BANNERS.items() if of == league)
            body = page.split('id="content"', 1)[1]
            assert (league in body) is sees, f"{scope} {banner} {league}"


COUNTED = {
    "/review": ("个项目", "SELECT banner FROM project WHERE case_state IN ('submitted', 'returned')"),
    "/sign": ("个项目", "SELECT banner FROM project WHERE case_state = 'recommended'"),
    "/letters": ("份文书", "SELECT banner FROM letter JOIN project ON project.id = letter.project_id"),
    "/letters?state=served": (
        "份文书", "SELECT banner FROM letter JOIN project ON project.id = letter.project_id WHERE letter.state = 'served'",
    ),
    "/deadlines": ("个期限", "SELECT banner FROM deadline_clock JOIN project ON project.id = project_id"),
}  # fmt: skip
"""List -> the noun behind its total, and all rows that could be in it with their banners."""


@pytest.mark.parametrize("scope", SCOPES)
def test_totals_count_the_own_only(world: World, scope: str) -> None:
    who = world.one(Role.SIGNATORY, scope)
    for address, (noun, query) in COUNTED.items():
        with world.ledger.engine.connect() as connection:
            homes = connection.exec_driver_sql(query).scalars().all()
        own = sum(map(who.sees, homes))
        text = who.ask("GET", address).get_data(as_text=True)
        assert own or scope == "150204", address
        assert (f"共 {own} {noun}" in text) is (own > 0), f"{who.words} {address}"
    with world.ledger.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT banner, in_focus, efficiency_class FROM project").all()
    own_rows = [row for row in rows if who.sees(row[0])]
    figures = re.findall(r"<strong>(\d+)</strong><span>([^<]+)", who.ask("GET", "/").get_data(as_text=True))
    found = {words: int(number) for number, words in figures}
    assert found["在册项目"] == len(own_rows)
    assert found["低于基准水平"] == sum(row[2] == "BELOW_BASELINE" for row in own_rows)
    assert found["期限计算中"] == sum(who.sees(home) for home in ("150302", "150204"))


def test_the_papers_of_the_own_banner_are_there(world: World) -> None:
    """Or else nothing would be found because there is nothing."""
    for scope in SCOPES:
        who = world.one(Role.OFFICE, scope)
        thing, canary = world.things["150204"], BANNERS["150204"][2]
        for address in (
            f"/projects/{thing.project}", f"/letters/{thing.letter}.pdf", f"/letters/{thing.letter}", "/projects.xlsx",
            "/api/projects.json", "/letters", "/deadlines", f"/attachments/{thing.attachment}", "/letters/list.csv",
            f"/projects/{thing.project}/attachments", "/deadlines.pdf",
        ):  # fmt: skip
            answer = who.ask("GET", address)
            assert answer.status_code == 200, address
            assert canary in told(answer), address
    for address in (f"/import/{thing.batch}", f"/import/{thing.batch}/workbook"):
        assert canary in told(world.one(*BATCH_OF["150204"]).ask("GET", address)), address
    trail = world.one(Role.AUDITOR, "150204").ask("GET", f"/system/trail?q={canary}")
    assert "提出处置建议" in told(trail)


@pytest.mark.parametrize(("address", "status"), [("/projects/{}", 404), ("/system/people", 403)])
def test_a_refused_attempt_is_noted_once_a_minute(world: World, address: str, status: int) -> None:
    who = world.one(Role.LEGAL, "150204")
    address = address.format(world.things["150203"].project)
    for _ in range(3):
        assert who.ask("GET", address).status_code == status
    with world.ledger.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT who, substr(at, 1, 16) FROM event WHERE kind = 'attempt_refused' AND subject = ?",
            (f"address:GET {address}",),
        ).all()
    mine = [at for login, at in found if login == who.person.login]  # type: ignore[union-attr]
    assert mine
    assert len(mine) == len(set(mine))


def test_a_form_without_its_token_is_noted(world: World) -> None:
    who = world.one(Role.REVIEWER, "150204")
    address = f"/review/{world.things['150204'].project}"
    assert who.client.post(address, data={"reason": "x"}).status_code == 400
    with world.ledger.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT why FROM event WHERE kind = 'attempt_refused' AND subject = ? AND who = ?",
            (f"address:POST {address}", who.person.login),  # type: ignore[union-attr]
        ).scalars()
        assert any("凭据" in why for why in found)
