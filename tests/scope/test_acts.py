"""Every act of the site, one by one: without the trail it does nothing, a stale or a second sending does no harm.

A new address that is posted to stands in no table yet: whoever adds it says here how it is sent and what guards it.
"""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel

from screening import clock
from screening.app import create_app
from screening.config import Config
from screening.domain.people import Role
from screening.domain.plans import STEPS
from screening.services import Ledger, printruns
from tests.compiled import opened
from tests.letters import seals
from tests.scope.test_matrix import APART, TABLE
from tests.scope.world import PASSWORD, SCAN, World, canary_row
from tests.services.desks import take_steps
from tests.web.site import Visitor, filled

LEAVING = "需要整改的情况已经核对过。"
"""What is typed into every box for free text, to be found again on a page that refuses."""
TODAY = clock.day_of(clock.now())


@dataclass
class Office:
    """A copy of the world that one act may change: its site, and visitors who are signed in."""

    world: World
    path: Path
    ledger: Ledger

    def visitor(self, role: Role, scope: str = "150000") -> Visitor:
        """The person of that role, with a browser of this site."""
        client = self.world.site.test_client()
        with self.old.one(role, scope).client.session_transaction() as there, client.session_transaction() as here:
            here.update({name: there[name] for name in ("_user_id", "_fresh")})
        client.get("/help")
        return Visitor(client)

    old: World = field(kw_only=True)

    def project(self, number: int) -> str:
        """A project by the number in its name."""
        with sqlite3.connect(self.path) as connection:
            found = connection.execute("SELECT id FROM project WHERE name LIKE ?", (f"%第{number}电石项目",)).fetchone()
        key = found[0]
        return "-".join((key[:8], key[8:12], key[12:16], key[16:20], key[20:]))

    def state(self) -> dict[str, str]:
        """All tables but sessions and moments of saving, and all events but refused attempts, as text."""
        found = {}
        with sqlite3.connect(self.path) as connection:
            for table in SQLModel.metadata.sorted_tables:
                if table.name not in {"person_session", "event", "event_head"}:
                    columns = ", ".join(f'"{c.name}"' for c in table.columns if c.name != "saved_at")
                    found[table.name] = str(connection.execute(f"SELECT {columns} FROM {table.name}").fetchall())
            acts = connection.execute("SELECT seq, kind FROM event WHERE kind <> 'attempt_refused'").fetchall()
            return {**found, "event": str(acts)}

    def without_trail(self) -> None:
        """From now on the trail takes nothing."""
        with sqlite3.connect(self.path) as connection:
            connection.execute(
                "CREATE TRIGGER full BEFORE INSERT ON event WHEN NEW.kind <> 'attempt_refused' "
                "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )

    def with_trail(self) -> None:
        """As it was."""
        with sqlite3.connect(self.path) as connection:
            connection.execute("DROP TRIGGER full")


Sent = tuple[Visitor, str, dict[str, Any]]
"""Who sends, to which address, what."""


@dataclass(frozen=True)
class Act:
    """How an address is posted to, and what guards it.

    `stale` names the field with the version (None: nothing that is shown is changed over, and `because` says why);
    `again` is what a second sending of the same form does: nothing, unless `because` says why it may.
    """

    send: Callable[[Office], Sent]
    stale: str | None = None
    because: str = ""
    again: bool = False
    event: bool = True
    """Whether it writes to the trail."""
    keeps: bool = True
    """Whether a refusal shows again what was typed."""


def form(
    who: Role,
    address: str | Callable[[Office], str],
    ends: str | Callable[[Office], str],
    /,
    *,
    button: tuple[str, str] | None = None,
    before: Callable[[Office], object] = lambda office: None,
    **typed: Any,
) -> Callable[[Office], Sent]:
    """The form of the page at `address` whose action ends so, filled in."""

    def send(office: Office) -> Sent:
        before(office)
        visitor = office.visitor(who)
        visitor.go(address if isinstance(address, str) else address(office))
        assert visitor.status == 200, visitor.text
        end = ends if isinstance(ends, str) else ends(office)
        found = [
            f for f in visitor.page.find_all("form", method="post") if str(f["action"]).split("?")[0].endswith(end)
        ]
        if not end:
            found = [f for f in found if visitor.answer and str(f["action"]).endswith(visitor.answer.request.path)]
        assert found, f"no form {end} on {visitor.text}"
        data = filled(found[0])
        for name, value in typed.items():
            assert name in data or found[0].find(attrs={"name": name}), name
            data[name] = value(office, visitor) if callable(value) else value
        if button:
            data[button[0]] = button[1]
        for box in found[0].find_all("textarea"):
            if not typed.get(str(box["name"])):
                data[str(box["name"])] = LEAVING
        return visitor, str(found[0]["action"]), data

    return send


def done(send: Callable[[Office], Sent]) -> Callable[[Office], object]:
    """An act that another one needs before it."""

    def act(office: Office) -> object:
        visitor, address, data = send(office)
        answer = visitor.client.post(address, data=data)
        assert answer.status_code < 400, answer.get_data(as_text=True)
        return answer

    return act


def of(name: str, banner: str, rest: str = "", start: str = "") -> Callable[[Office], str]:
    """The address of a thing of a banner."""
    return lambda office: f"{start}/{getattr(office.old.things[banner], name)}{rest}"


def project(number: int, start: str, rest: str = "") -> Callable[[Office], str]:
    """The address of a project."""
    return lambda office: f"{start}/{office.project(number)}{rest}"


def _sheet(rows: list[dict[str, str]]) -> tuple[io.BytesIO, str]:
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return io.BytesIO("\r\n".join(",".join(line) for line in lines).encode()), "新台账.csv"


def _book() -> tuple[io.BytesIO, str]:
    import openpyxl

    book, kept = openpyxl.Workbook(), io.BytesIO()
    page = book.active
    assert page is not None
    page["A1"], page["B1"] = "项目名称", "建设单位"
    book.save(kept)
    return io.BytesIO(kept.getvalue()), "表样.xlsx"


EARLY = {
    "建设状态": "在建",
    "实际单位产品能耗": "",
    "设计单位产品能耗": "804",
    "节能审查日期": "2024-06-10",
    "开工日期": "2024-03-01",
}
R = Role
UPLOAD = form(
    R.REGISTRAR,
    "/import",
    "/import",
    file=lambda o, v: _sheet(
        [canary_row("150204", 900, **EARLY), canary_row("150204", 901, 实际单位产品能耗="951200")]
    ),
)


def _steps_taken(office: Office) -> None:
    """What must be on file before the project is signed, put there by those who may."""
    key = UUID(office.project(201))
    who = {role: office.old.one(role, "150000").person for role in (R.REVIEWER, R.LEGAL)}
    take_steps(office.ledger, key, reviewer=who[R.REVIEWER], legal=who[R.LEGAL], at=clock.now())


def _taken_in(office: Office) -> None:
    """A project that began before its approval, number 900."""
    visitor, address, data = UPLOAD(office)
    place = visitor.client.post(address, data=data).headers["Location"]
    visitor.go(place)
    visitor.send(place)
    assert visitor.status == 200, visitor.text


def _batch(office: Office) -> str:
    """The import that brought number 900."""
    with sqlite3.connect(office.path) as connection:
        key = connection.execute("SELECT id FROM import_batch ORDER BY uploaded_at DESC LIMIT 1").fetchone()[0]
    return f"/import/{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


def _columns(office: Office) -> Sent:
    visitor = office.visitor(R.REGISTRAR).go("/import")
    token = visitor.page.find("input", {"name": "csrf_token"})
    assert token is not None
    return visitor, "/import/columns", {"csrf_token": token["value"], "header": "厂名", "field": "enterprise"}


def _answers(office: Office) -> Sent:
    visitor, address, data = form(
        R.REGISTRAR, project(200, "/projects", "/edit"), "/register", button=("act", "answers"), park="新园区"
    )(office)
    place = visitor.client.post(address, data=data).headers["Location"]
    visitor.go(place)
    found = next(f for f in visitor.page.find_all("form") if str(f["action"]).endswith("/answers"))
    return visitor, str(found["action"]), {**filled(found), "why": LEAVING}


def _first(name: str) -> Callable[[Office, Visitor], str]:
    """The first choice of a list that is not blank."""

    def value(_office: Office, visitor: Visitor) -> str:
        box = visitor.page.find("select", {"name": name})
        assert box is not None
        return next(str(o["value"]) for o in box.find_all("option") if o["value"])

    return value


VOID = form(R.REGISTRAR, project(200, "/projects", "/void"), "/void")
DRAFT = form(R.REGISTRAR, of("draft", "150302", start="/register"), "/register", button=("act", "draft"), name=LEAVING)
PRINT = form(R.OFFICE, of("letter", "150203", start="/letters"), "/print")
KEEP_SEAL = form(
    R.ADMINISTRATOR, "/seals", "/seals", name=LEAVING, file=lambda o, v: (io.BytesIO(seals.seal()), "印模.png"),
    first_day=TODAY.isoformat(), last_day="2099-12-31",
)  # fmt: skip
OBJECT = form(
    R.REVIEWER, of("project", "150204", "/objections", "/projects"), "/objections", kind="review",
    received_on=TODAY.isoformat(), document="行政复议受理通知书",
)  # fmt: skip
STAY = form(
    R.REVIEWER, of("project", "150204", "/objections", "/projects"), "/stay", before=done(OBJECT),
    order_number=LEAVING, ordered_on=TODAY.isoformat(), first_day=TODAY.isoformat(),
)  # fmt: skip


def _referred(office: Office) -> None:
    """A served referral in the place of the letter of 青山区, as its reply is asked of a referral only."""
    key = office.old.things["150204"].letter.hex
    with sqlite3.connect(office.path) as connection:
        connection.execute("DROP TRIGGER letter_stands")
        connection.execute("UPDATE letter SET kind = 'REFER' WHERE id = ?", (key,))


def _retrofitted(office: Office) -> None:
    """No retrofit runs on the project of 海勃湾区 any more, as its case is closed only then."""
    with sqlite3.connect(office.path) as connection:
        connection.execute("DROP TRIGGER retrofit_stops_unaccepted")
        connection.execute(
            "UPDATE deadline_clock SET stopped_on = due WHERE project_id = ?",
            (UUID(str(office.old.things["150302"].project)).hex,),
        )


def _ticked(banner: str, page: str) -> Callable[[Office], str]:
    """The page of an act on ticked letters, with the letter of a banner."""
    return lambda office: f"/letters/{page}?pick={office.old.things[banner].letter.hex}"


def _run_worked(office: Office) -> None:
    """The print run of 昆都仑区 has its file."""
    printruns.work(
        office.ledger, office.old.things["150203"].run, folder=office.old.folder / "print-runs", now=clock.now
    )


def _run_stuck(office: Office) -> None:
    """The print run of 昆都仑区 stands still."""
    with sqlite3.connect(office.path) as connection:
        key = office.old.things["150203"].run.hex
        connection.execute("UPDATE print_run SET fault = '磁盘已满。' WHERE id = ?", (key,))


def _served(office: Office) -> Sent:
    done(PRINT)(office)
    letter = office.old.things["150203"].letter
    fields = {
        f"l{letter.hex}-{name}": value
        for name, value in (("served_on", TODAY.isoformat()), ("method", "直接送达"), ("receiver", "张三"))
    }
    return form(R.OFFICE, _ticked("150203", "serve"), "/letters/serve", **fields)(office)


WITHDRAW = form(R.REGISTRAR, project(200, "/projects", "/withdraw"), "/withdraw")


def _served_long_ago(office: Office) -> None:
    """The letter of 青山区 was served in 2020: what is metered comes after service."""
    key = UUID(str(office.old.things["150204"].letter)).hex
    with sqlite3.connect(office.path) as connection:
        connection.execute("UPDATE service_record SET served_on = '2020-01-01' WHERE letter_id = ?", (key,))


METER = form(
    R.REVIEWER, of("project", "150204", "/acceptance", "/projects"), "/acceptance", before=_served_long_ago,
    first_day="2026-01-05", last_day="2026-01-09", sec="850", metered_by=LEAVING, document="检测报告第1号",
)  # fmt: skip


PLAN = form(
    R.REVIEWER, of("project", "150204", "/plan", "/projects"), "/plan", measures=LEAVING, investment="120.5",
    expected_sec="800", saving="300", **dict.fromkeys(STEPS, TODAY.isoformat()),
    **{f"{step}_by": "王工" for step in STEPS},
)  # fmt: skip
REPORT = form(
    R.REVIEWER, of("project", "150204", "/plan", "/projects"), "/plan/report", before=done(PLAN), said=LEAVING,
    percent="10",
)  # fmt: skip


def _notices(office: Office) -> Sent:
    """Presses the button under all notices."""
    visitor, address, data = form(R.OFFICE, "/", "/notices/read")(office)
    return visitor, address, {**data, "notice": str(visitor.page.select("#notices .actions button")[0]["value"])}


def _best(office: Office) -> None:
    """The project of 青山区 is at the benchmark."""
    key = office.old.things["150204"].project.hex
    with sqlite3.connect(office.path) as connection:
        found = connection.execute("UPDATE project SET facts = replace(facts, '951.2', '700') WHERE id = ?", (key,))
        assert found.rowcount == 1


APPLY = form(
    R.REVIEWER, of("project", "150204", "/frontrunner", "/projects"), "/frontrunner", before=_best,
    year=str(TODAY.year), product="电石", happened_on=TODAY.isoformat(), document=LEAVING,
)  # fmt: skip


def _applied(office: Office) -> str:
    """The page on which the newest application is moved on."""
    with sqlite3.connect(office.path) as connection:
        (key,) = connection.execute("SELECT id FROM frontrunner_application").fetchone()
    return f"/projects/{office.old.things['150204'].project}/frontrunner?application={UUID(key)}"


def _left(office: Office) -> None:
    """The letter of 青山区 proposes an exit."""
    key = UUID(str(office.old.things["150204"].letter)).hex
    with sqlite3.connect(office.path) as connection:
        for trigger in ("letter_stands", "decision_no_update"):
            connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        connection.execute("UPDATE letter SET kind = 'ELIMINATE' WHERE id = ?", (key,))
        connection.execute(
            "UPDATE decision SET disposition = 'ELIMINATE' WHERE id = (SELECT decision_id FROM letter WHERE id = ?)",
            (key,),
        )


EXIT = form(
    R.REVIEWER, of("project", "150204", "/exit", "/projects"), "/exit", before=_left, step="stopped",
    happened_on=TODAY.isoformat(), document="停产记录第1号", note=LEAVING,
)  # fmt: skip
CHASE = form(R.REVIEWER, of("project", "150204", "/chases", "/projects"), "/chases", with_whom="王厂长", said=LEAVING)


def _clock(office: Office) -> str:
    """The clock of the letter of 青山区."""
    key = UUID(str(office.old.things["150204"].letter)).hex
    with sqlite3.connect(office.path) as connection:
        found = connection.execute("SELECT id FROM deadline_clock WHERE letter_id = ?", (key,)).fetchone()
    return str(UUID(found[0]))


FEED = form(R.LEGAL, "/account/calendar", "/account/calendar")
CLOSE = form(R.REVIEWER, of("project", "150302", "/close", "/projects"), "/close", before=_retrofitted)
REVISE = form(R.REVIEWER, project(201, "/projects", "/drafts"), "/drafts", why=LEAVING)
REMARK = form(R.LEGAL, project(201, "/projects", "/drafts"), "/comments")
STEP = form(R.REVIEWER, project(201, "/procedure", "/steps/competent_organ"), "/steps/competent_organ")
OPINION = form(R.LEGAL, project(201, "/legal"), "", opinion="agree", reviewed_on=TODAY.isoformat(), text=LEAVING)
OWN = "one's own setting: the last word counts"
SETTLED = "settled once: another settling is refused by its state"
ACTS = {
    "POST /password": Act(
        form(R.LEGAL, "/password", "/password", old=PASSWORD, new="北方的春天来得晚一些，草原绿得慢一些", again="北方的春天来得晚一些，草原绿得慢一些"),
        because="asks for the old password", keeps=False,
    ),
    "POST /account": Act(
        form(R.LEGAL, "/account", "/account", email="wang@example.gov.cn"), because="says the address that is wanted"
    ),
    "POST /notices/read": Act(
        _notices, event=False, because=OWN
    ),
    "POST /system/mail/<uuid:mail>/again": Act(form(R.ADMINISTRATOR, "/system/mail", "/again"), because=SETTLED),
    "POST /import": Act(UPLOAD, because="only a preview of the person's own, the last of which counts", event=False, again=True),
    "POST /import/columns": Act(_columns, because="names a column: the same name again is the same"),
    "POST /import/<uuid:batch>": Act(
        form(R.REGISTRAR, _batch, "", before=done(UPLOAD)), stale="seen", keeps=False
    ),
    "POST /import/<uuid:batch>/undo": Act(
        form(R.REGISTRAR, _batch, "/undo", before=_taken_in), because=SETTLED
    ),
    "POST /register": Act(DRAFT, stale="draft_version", event=False, because="a draft, seen by one person alone"),
    "POST /register/<uuid:draft>/answers": Act(_answers, because="the draft carries the version: see test_registration"),
    "POST /register/<uuid:draft>/discard": Act(
        form(R.REGISTRAR, "/register/drafts", "/discard"), event=False, because="gone is gone"
    ),
    "POST /projects/<uuid:project>/void": Act(VOID, stale="seen"),
    "POST /projects/<uuid:project>/reinstate": Act(
        form(R.REGISTRAR, project(200, "/projects", "/void"), "/reinstate", before=done(VOID)), stale="seen"
    ),
    "POST /projects/<uuid:project>/attachments": Act(
        form(R.REGISTRAR, project(200, "/projects", "/attachments"), "/attachments", about="节能审查意见",
             file=lambda o, v: (io.BytesIO(SCAN + b"9"), "扫描.png")),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /attachments/<uuid:attachment>/void": Act(
        form(R.REGISTRAR, of("project", "150204", "/attachments", "/projects"), "/void", reason=LEAVING), because=SETTLED
    ),
    "POST /projects/<uuid:project>/doubts": Act(
        form(R.REVIEWER, project(901, "/projects", "/doubts"), "/doubts", before=_taken_in), stale="seen"
    ),
    "POST /projects/<uuid:project>/history/seen": Act(
        form(R.LEGAL, project(200, "/projects", "/history"), "/seen"), event=False, because=OWN
    ),
    "POST /projects/<uuid:project>/submit": Act(
        form(R.REGISTRAR, project(200, "/projects"), "/submit", before=done(WITHDRAW)), stale="seen", keeps=False
    ),
    "POST /projects/<uuid:project>/withdraw": Act(WITHDRAW, stale="seen"),
    "POST /projects/<uuid:project>/recall": Act(
        form(R.REVIEWER, project(201, "/projects", "/recall"), "/recall"), stale="seen"
    ),
    "POST /projects/<uuid:project>/close": Act(CLOSE, stale="seen"),
    "POST /projects/<uuid:project>/reopen": Act(
        form(R.REVIEWER, of("project", "150302", "/reopen", "/projects"), "/reopen", before=done(CLOSE)), stale="seen"
    ),
    "POST /review/<uuid:project>/accept": Act(
        form(R.REVIEWER, project(200, "/review"), "/accept"), stale="seen", keeps=False
    ),
    "POST /review/<uuid:project>/return": Act(
        form(R.REVIEWER, project(200, "/review"), "/return", code=_first("code"), field=_first("field")), stale="seen"
    ),
    "POST /review/<uuid:project>": Act(
        form(R.REVIEWER, project(200, "/review"), "", disposition="RETROFIT", due=f"{TODAY.year + 1}-12-01"),
        stale="seen",
    ),
    "POST /review/<uuid:project>/findings/<finding>": Act(
        form(
            R.REVIEWER, project(900, "/review"), "/built_before_approval", before=_taken_in,
            button=("verdict", "confirm"), reference=LEAVING,
        ),
        stale="seen",
    ),
    "POST /review/<uuid:project>/findings": Act(
        form(
            R.REVIEWER, lambda o: f"/review/{o.project(200)}?ground=deviates_from_approval", "/findings",
            what="产品", approved="电石", built="硅铁", found_on=TODAY.isoformat(), found_by="材料核查",
            reference=LEAVING,
        ),
        stale="seen",
    ),
    "POST /projects/selected/recommend": Act(
        form(R.REVIEWER, lambda o: f"/projects/selected/recommend?pick={o.project(200).replace('-', '')}", "/recommend",
             due=f"{TODAY.year + 1}-12-01"),
        because="every item carries its version: a stale one is left out and named, see test_selection",
    ),
    "POST /projects/<uuid:project>/drafts": Act(REVISE, stale="seen"),
    "POST /projects/<uuid:project>/drafts/restore": Act(
        form(R.REVIEWER, project(201, "/projects", "/drafts/versions"), "/restore", before=done(REVISE), why=LEAVING),
        stale="seen",
    ),
    "POST /projects/<uuid:project>/drafts/comments": Act(REMARK, stale="comment-seen"),
    "POST /projects/<uuid:project>/drafts/comments/respond": Act(
        form(R.REVIEWER, project(201, "/projects", "/drafts"), "/respond", before=done(REMARK),
             pick=lambda o, v: str(v.page.find("input", {"name": "pick"})["value"]), button=("act", "answer")),
        because=SETTLED,
    ),
    "POST /procedure/<uuid:project>/steps/<step>": Act(STEP, stale="seen"),
    "POST /procedure/<uuid:project>/steps/<step>/void": Act(
        form(R.REVIEWER, project(201, "/procedure", "/steps/competent_organ"), "/void", before=done(STEP)), because=SETTLED
    ),
    "POST /procedure/<uuid:project>/notice": Act(
        form(R.SIGNATORY, project(201, "/procedure", "/notice"), "/notice", password=PASSWORD), stale="seen", keeps=False
    ),
    "POST /legal/<uuid:project>": Act(OPINION, stale="seen"),
    "POST /legal/<uuid:project>/void": Act(
        form(R.LEGAL, project(201, "/legal"), "/void", before=done(OPINION)), because=SETTLED
    ),
    "POST /sign/<uuid:project>": Act(
        form(R.SIGNATORY, project(201, "/sign"), "", password=PASSWORD, before=_steps_taken), stale="seen", keeps=False
    ),
    "POST /sign/selected": Act(
        form(R.SIGNATORY, lambda o: f"/sign/selected?pick={o.project(201).replace('-', '')}", "/selected", password=PASSWORD,
             before=_steps_taken),
        because="every item carries its version: a stale one is left out and named, see test_bulk", keeps=False,
    ),
    "POST /sign/<uuid:project>/return": Act(form(R.SIGNATORY, project(201, "/sign"), "/return"), stale="seen"),
    "POST /letters/<uuid:letter>/seal": Act(
        form(R.OFFICE, of("letter", "150203", "/seal", "/letters"), "/seal", before=done(KEEP_SEAL),
             choice=_first("choice")),
        stale="seen", keeps=False,
    ),
    "POST /seals": Act(KEEP_SEAL, because="adds, changes nothing: its key makes it once"),
    "POST /seals/<uuid:seal>/revoke": Act(
        form(R.ADMINISTRATOR, "/seals", "/revoke", before=done(KEEP_SEAL), reason=LEAVING), because=SETTLED
    ),
    "POST /letters/<uuid:letter>/print": Act(PRINT, stale="seen", keeps=False),
    "POST /letters/<uuid:letter>/serve": Act(
        form(R.OFFICE, of("letter", "150203", start="/letters"), "/serve", before=done(PRINT),
             served_on=TODAY.isoformat(), method=_first("method"), receiver=LEAVING),
        stale="seen",
    ),
    "POST /letters/<uuid:letter>/void": Act(
        form(R.SIGNATORY, of("letter", "150203", start="/letters"), "/void"), stale="seen"
    ),
    "POST /letters/<uuid:letter>/reminder": Act(
        form(R.SIGNATORY, of("letter", "150204", start="/letters"), "/reminder"), stale="seen", keeps=False
    ),
    "POST /projects/<uuid:project>/request": Act(
        form(
            R.SIGNATORY, project(200, "/projects"), "/request",
            before=done(form(R.REVIEWER, project(200, "/review"), "/return", code=_first("code"), field=_first("field"))),
        ),
        stale="seen", keeps=False,
    ),
    "POST /projects/<uuid:project>/objections": Act(OBJECT, stale="seen"),
    "POST /projects/<uuid:project>/objections/stay": Act(STAY, stale="seen"),
    "POST /projects/<uuid:project>/objections/lift": Act(
        form(R.REVIEWER, of("project", "150204", "/objections", "/projects"), "/lift", before=done(STAY),
             last_day=TODAY.isoformat(), document=LEAVING),
        stale="seen",
    ),
    "POST /projects/<uuid:project>/objections/outcome": Act(
        form(R.REVIEWER, of("project", "150204", "/objections", "/projects"), "/outcome", before=done(OBJECT),
             outcome="upheld", outcome_on=TODAY.isoformat(), document=LEAVING),
        stale="seen",
    ),
    "POST /projects/<uuid:project>/revoke": Act(
        form(R.SIGNATORY, of("project", "150204", "/objections", "/projects"), "/revoke", effect="revoked",
             document=LEAVING, ordered_on=TODAY.isoformat(), password=PASSWORD),
        stale="seen",
    ),
    "POST /letters/<uuid:letter>/scan": Act(
        form(R.OFFICE, of("letter", "150204", start="/letters"), "/scan", file=lambda o, v: (io.BytesIO(SCAN + b"back"), "回证.png")),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /letters/print": Act(
        form(R.OFFICE, _ticked("150203", "print"), "/letters/print"), because="starts one run: its key makes it once"
    ),
    "POST /letters/send": Act(
        form(R.OFFICE, _ticked("150204", "send"), "/letters/send", numbers="EY123456789CN"),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /letters/serve": Act(_served, because="each letter carries its own version: tests/web/test_printruns.py"),
    "POST /print-runs/<uuid:run>/again": Act(
        form(R.OFFICE, of("run", "150203", start="/print-runs"), "/again", before=_run_worked), stale="seen"
    ),
    "POST /print-runs/<uuid:run>/proceed": Act(
        form(R.OFFICE, of("run", "150203", start="/print-runs"), "/proceed", before=_run_stuck), because=SETTLED
    ),
    "POST /numbers/rules": Act(
        form(R.OFFICE, "/numbers/rules", "/numbers/rules", group="decision", pattern="内发改环资〔{年}〕{序号}号",
             reason=LEAVING),
        stale="seen",
    ),
    "POST /projects/<uuid:project>/letters/late": Act(
        form(R.OFFICE, project(200, "/projects", "/letters/late"), "/letters/late", kind="KEEP", signatory=LEAVING,
             number=f"内发改两高旧〔{TODAY.year}〕1号", signed_on=TODAY.isoformat(), origin="BEFORE",
             scan=lambda o, v: (io.BytesIO(SCAN + b"late"), "原件.png")),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /projects/<uuid:project>/exit": Act(EXIT, because="adds, changes nothing: its key makes it once"),
    "POST /projects/<uuid:project>/exit/void": Act(
        form(R.REVIEWER, of("project", "150204", "/exit", "/projects"), "/void", before=done(EXIT)), because=SETTLED
    ),
    "POST /projects/<uuid:project>/plan": Act(PLAN, stale="seen"),
    "POST /projects/<uuid:project>/plan/report": Act(REPORT, because="adds, changes nothing: its key makes it once"),
    "POST /projects/<uuid:project>/plan/void": Act(
        form(R.REVIEWER, of("project", "150204", "/plan", "/projects"), "/void", before=done(REPORT)), because=SETTLED
    ),
    "POST /projects/<uuid:project>/chases": Act(CHASE, because="adds, changes nothing: its key makes it once"),
    "POST /projects/<uuid:project>/chases/void": Act(
        form(R.REVIEWER, of("project", "150204", "/chases", "/projects"), "/void", before=done(CHASE), reason=LEAVING),
        because=SETTLED,
    ),
    "POST /deadlines/remind": Act(
        form(
            R.SIGNATORY, lambda o: f"/deadlines/remind?pick={_clock(o)}", "/deadlines/remind"
        ),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /account/calendar": Act(FEED, because="another address ends the one before", again=True),
    "POST /account/calendar/revoke": Act(
        form(R.LEGAL, "/account/calendar", "/revoke", before=done(FEED)), because=SETTLED
    ),
    "POST /projects/<uuid:project>/acceptance": Act(
        METER, because="adds, changes nothing: its key makes it once"
    ),
    "POST /projects/<uuid:project>/acceptance/void": Act(
        form(R.REVIEWER, of("project", "150204", "/acceptance", "/projects"), "/void", before=done(METER)),
        because=SETTLED,
    ),
    "POST /projects/<uuid:project>/frontrunner": Act(APPLY, because="adds, changes nothing: its key makes it once"),
    "POST /projects/<uuid:project>/frontrunner/step": Act(
        form(R.REVIEWER, _applied, "/step", before=done(APPLY), state="recommended", happened_on=TODAY.isoformat(),
             document=LEAVING),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /projects/<uuid:project>/frontrunner/void": Act(
        form(R.REVIEWER, of("project", "150204", "/frontrunner", "/projects"), "/void", before=done(APPLY)),
        because=SETTLED,
    ),
    "POST /letters/<uuid:letter>/replies": Act(
        form(R.OFFICE, of("letter", "150204", "/replies", "/letters"), "/replies", before=_referred,
             received_on=TODAY.isoformat(), document="复函", result="accepted"),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /rules/confirm": Act(
        form(R.RULES_OFFICER, "/rules", "/rules/confirm", document=LEAVING, page="第1页", day="2023-07-04",
             tick=lambda o, v: str(v.page.find("input", {"name": "tick"})["value"])),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /rules/confirmations/<uuid:confirmation>/countersign": Act(
        form(R.SIGNATORY, "/rules/confirmations", "/countersign"), because=SETTLED
    ),
    "POST /rules/confirmations/<uuid:confirmation>/refuse": Act(
        form(R.SIGNATORY, "/rules/confirmations", "/refuse"), because=SETTLED
    ),
    "POST /system/people": Act(
        form(R.ADMINISTRATOR, "/system/people", "/system/people", login="xin", name="新人", role="legal", scope="150204"),
        because="adds, changes nothing: a login is given once",
    ),
    "POST /system/people/<uuid:who>/password": Act(
        form(R.ADMINISTRATOR, "/system/people", "/password"), because="each press is meant to give a new one", again=True
    ),
    "POST /system/people/<uuid:who>/active": Act(
        form(R.ADMINISTRATOR, "/system/people", "/active"), because="says the state that is wanted", again=False
    ),
    "POST /deputies": Act(
        form(R.SIGNATORY, "/deputies", "/deputies", deputy=_first("deputy"), first_day=TODAY.isoformat(),
             last_day=TODAY.isoformat(), reason=LEAVING),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /deputies/<uuid:deputy>/end": Act(form(R.ADMINISTRATOR, "/deputies", "/end"), because=SETTLED),
    "POST /views": Act(
        form(R.REGISTRAR, "/projects?q=1", "/views", name=LEAVING, columns="name"), event=False,
        because="its key makes it once; a name that is taken is asked about",
    ),
    "POST /views/<uuid:view>": Act(
        form(R.REGISTRAR, "/views", of("view", "150302", start="/views"), name=LEAVING), stale="seen", event=False, keeps=False
    ),
    "POST /views/<uuid:view>/remove": Act(form(R.REGISTRAR, "/views", "/remove"), stale="seen", event=False, keeps=False),
    "POST /views/default": Act(form(R.REGISTRAR, "/views", "/views/default", view=lambda o, v: str(o.old.things["150302"].view)), event=False, because=OWN),
    "POST /projects/columns": Act(form(R.LEGAL, "/projects/columns", "/projects/columns", column=lambda o, v: ["name", "code"]), event=False, because=OWN),
    "POST /forms": Act(
        form(R.REGISTRAR, "/forms", "/forms", name=LEAVING, file=lambda o, v: _book()),
        because="adds, changes nothing: its key makes it once",
    ),
    "POST /forms/<uuid:form>": Act(form(R.REGISTRAR, of("form", "150302", start="/forms"), ""), stale="seen", keeps=False),
    "POST /forms/<uuid:form>/remove": Act(
        form(R.REGISTRAR, of("form", "150302", start="/forms"), "/remove"), stale="seen", keeps=False
    ),
}  # fmt: skip
WRITE_NOTHING = {"POST /register/check.json", "POST /acting", "POST /review/<uuid:project>/trial"}
"""Answers a question that is too long for an address; chooses in whose name this session acts; shows a letter that
nobody recommended yet: tests/web."""
DOORS = {"POST /sign-in", "POST /sign-out", "POST /verify"}
"""tests/web/test_doors.py."""


@pytest.fixture(scope="module")
def template(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world's ledger as one file."""
    path = tmp_path_factory.mktemp("acts") / "template.db"
    with sqlite3.connect(str(world.ledger.engine.url.database)) as there, sqlite3.connect(path) as here:
        there.backup(here)
    return path


@pytest.fixture
def office(world: World, template: Path, tmp_path: Path) -> Iterator[Office]:
    """A copy for one act."""
    path = tmp_path / "ledger.db"
    shutil.copyfile(template, path)
    shutil.copytree(world.folder / "attachments", tmp_path / "attachments", dirs_exist_ok=True)
    config = Config(database_url="", host="127.0.0.1", port=0, var=tmp_path, secret="s" * 40, secure_cookies=False)
    with opened(f"sqlite:///{path}", world.ledger.rules) as ledger:
        copy = World(create_app(config, ledger=ledger), ledger, tmp_path)
        copy.site.extensions["press"].close()  # what goes on by itself is none of the act
        yield Office(copy, path, ledger, old=world)


def again(data: dict[str, Any]) -> dict[str, Any]:
    """The same form once more: a file is read from its beginning."""
    return {k: (io.BytesIO(v[0].getvalue()), v[1]) if isinstance(v, tuple) else v for k, v in data.items()}


def test_every_act_stands_in_the_table(world: World) -> None:
    there = {f"POST {rule.rule}" for rule in world.site.url_map.iter_rules() if "POST" in (rule.methods or set())}

    assert there == set(ACTS) | WRITE_NOTHING | DOORS | (APART & there), "say in ACTS how it is sent and guarded"
    assert {entry for entry in TABLE if entry.startswith("POST")} - WRITE_NOTHING == set(ACTS)


@pytest.mark.parametrize("entry", [entry for entry, act in ACTS.items() if act.event])
def test_without_the_trail_an_act_does_nothing(office: Office, entry: str) -> None:
    visitor, address, data = ACTS[entry].send(office)
    before = office.state()
    office.without_trail()

    answer = visitor.client.post(address, data=again(data))

    assert answer.status_code >= 400, answer.status_code
    after = office.state()
    assert [name for name in before if before[name] != after[name]] == []
    office.with_trail()
    assert visitor.client.post(address, data=again(data)).status_code < 400, "else nothing was tried"
    assert office.state()["event"] != before["event"]


@pytest.mark.parametrize("entry", ACTS)
def test_a_form_sent_twice_acts_once(office: Office, entry: str) -> None:
    act = ACTS[entry]
    visitor, address, data = act.send(office)
    before = office.state()
    answer = visitor.client.post(address, data=again(data))
    assert answer.status_code < 400, answer.get_data(as_text=True)
    once = office.state()
    assert once != before, "it does something"

    answer = visitor.client.post(address, data=again(data))

    assert answer.status_code < 500
    twice = office.state()
    assert ([name for name in once if once[name] != twice[name]] == []) is not act.again


@pytest.mark.parametrize("entry", [entry for entry, act in ACTS.items() if act.stale])
def test_a_stale_form_is_refused_and_kept(office: Office, entry: str) -> None:
    act = ACTS[entry]
    visitor, address, data = act.send(office)
    assert act.stale in data, "the form carries the version that it showed"
    before = office.state()

    answer = visitor.client.post(address, data=again({**data, act.stale: str(int(data[act.stale] or 0) + 1)}))

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409, page
    assert office.state() == before
    assert LEAVING in page or not act.keeps, "what was typed is still there"


def test_what_has_no_version_says_why() -> None:
    assert [entry for entry, act in ACTS.items() if not act.stale and not act.because] == []
