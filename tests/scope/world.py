"""A small region with a canary in every banner, and everybody who might look: each role of each division, signed in."""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import openpyxl
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screening import clock
from screening.app import create_app
from screening.config import Config
from screening.domain.classification import Disposition
from screening.domain.letters import LetterKind
from screening.domain.noticing import MailState, NoticeKind
from screening.domain.people import Person, Role
from screening.services import (
    CONSOLE,
    Ledger,
    attachments,
    deputies,
    dispositions,
    forms,
    letters,
    papers,
    people,
    printruns,
    registration,
    registry,
    review,
    rules,
    saved,
    seals,
)
from screening.services.entries import Typed
from screening.store import tables
from tests.letters.seals import seal as red_seal
from tests.services.desks import take_steps
from tests.services.sheets import row, sheet

PASSWORD = "草原上的风吹过一百个旗县"
BANNERS = {
    "150204": ("包头市", "青山区", "白桦松针"),
    "150203": ("包头市", "昆都仑区", "红柳沙枣"),
    "150302": ("乌海市", "海勃湾区", "胡杨芦苇"),
    "150121": ("呼和浩特市", "土默特左旗", "榆钱樟叶"),
}
"""Banner -> league, name, and the canary: words that stand in everything that belongs to it."""
SCAN = b"\x89PNG\r\n\x1a\n"
SCOPES = ("150000", "150200", "150204")
MISSING = UUID(int=0xABCDEF)
DRAFT_OF = {
    "150204": (Role.REGISTRAR, "150204"), "150203": (Role.REGISTRAR, "150200"), "150302": (Role.REGISTRAR, "150000"),
    "150121": (Role.REGISTRAR, "150000"),
}  # fmt: skip
BATCH_OF = {**DRAFT_OF, "150302": (Role.REVIEWER, "150000")}
"""Drafts and previewed files belong to one person, the last file of each only: banner -> whose."""
CSRF = re.compile(r'(name="csrf_token"[^>]*value=")[^"]*')
UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass
class Somebody:
    """A person with a browser; `person` is None for a stranger."""

    client: FlaskClient
    person: Person | None
    token: str

    @property
    def words(self) -> str:
        """Who it is, for a failed test."""
        return f"{self.person.role.value} of {self.person.scope}" if self.person else "a stranger"

    def sees(self, banner: str) -> bool:
        """Whether the banner lies within the division: said here once more, by hand."""
        if self.person is None:
            return False
        return {"150000": True, "150200": banner in {"150204", "150203"}, "150204": banner == "150204"}[
            self.person.scope
        ]

    def ask(self, method: str, address: str) -> TestResponse:
        """Asks; every act carries the session's own token."""
        data = {"csrf_token": self.token} if method not in {"GET", "HEAD", "OPTIONS"} else None
        return self.client.open(address, method=method, data=data)


@dataclass
class Things:
    """What there is in one banner."""

    project: UUID
    letter: UUID
    run: UUID
    """A print run of the letter that nobody has worked on."""
    who: UUID
    """A person of the banner who has no other part in this."""
    batch: UUID
    """Previewed by the person of `BATCH_OF`."""
    attachment: UUID
    draft: UUID
    """Typed by the person of `DRAFT_OF`."""
    confirmation: UUID
    """The page of rules that waits to be countersigned: the same for all, as rules are nobody's."""
    key: str
    """Of the form that the attachment came by."""
    view: UUID
    """Kept by the person of `DRAFT_OF`; another view is shared by the person `who` in the office of the banner."""
    form: UUID
    """A superior's form of the office of `DRAFT_OF`."""
    seal: UUID
    """Of the office of `DRAFT_OF`."""
    deputy: UUID
    """That the legal reviewer of the region stands in for the person `who`."""
    mail: UUID
    """An e-mail to the person `who` that was refused; it told of a notice of the letter's term."""


@dataclass
class World:
    """The site, who looks at it, and what is there."""

    site: Flask
    ledger: Ledger
    folder: Path
    people: list[Somebody] = field(default_factory=list)
    things: dict[str, Things] = field(default_factory=dict)

    def one(self, role: Role, scope: str) -> Somebody:
        """The person of that role and division."""
        return next(p for p in self.people if p.person and p.person.role is role and p.person.scope == scope)

    def state(self) -> dict[str, str]:
        """All tables but sessions, and all events but refused attempts, as text."""
        with self.ledger.engine.connect() as connection:
            names = [
                name
                for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
                if name not in {"person_session", "event", "event_head"}
            ]
            found = {name: str(connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()) for name in names}
            acts = connection.exec_driver_sql("SELECT seq, kind FROM event WHERE kind <> 'attempt_refused'")
            return {**found, "event": str(acts.all())}


def make(ledger: Ledger, folder: Path) -> World:
    """Fills the ledger, signs a letter in every banner, and signs everybody in."""
    config = Config(database_url="", host="127.0.0.1", port=0, var=folder, secret="s" * 40, secure_cookies=False)
    world = World(create_app(config, ledger=ledger), ledger, folder)
    sa.event.listen(ledger.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    ledger.engine.dispose()
    for scope in SCOPES:
        for role in Role:
            world.people.append(_enter(world, role, scope))
    stranger = world.site.test_client()
    page = stranger.get("/sign-in").get_data(as_text=True)
    world.people.append(Somebody(stranger, None, _token(page)))
    _fill(world)
    return world


def _add(world: World, role: Role, scope: str, login: str) -> Person:
    return people.add(
        world.ledger, login, name=f"{role.words}{login}", role=role, scope=scope, password=PASSWORD, by=CONSOLE,
        at=clock.now(),
    )[0]  # fmt: skip


def _enter(world: World, role: Role, scope: str) -> Somebody:
    person = _add(world, role, scope, f"{role.value}.{scope}")
    token = people.sign_in(world.ledger, person.login, PASSWORD, address="127.0.0.1", at=clock.now()).token
    client = world.site.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    return Somebody(client, person, _token(client.get("/help").get_data(as_text=True)))


def _token(page: str) -> str:
    return page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]


def canary_row(banner: str, number: int, **changed: str) -> dict[str, str]:
    """A project of the banner with its canary in every text."""
    league, name, canary = BANNERS[banner]
    return row(
        number,
        **{
            "项目代码": f"2026-{banner}-26-03-{number:06d}", "项目名称": f"{canary}第{number}电石项目",
            "建设单位": f"{canary}化工有限公司", "盟市": league, "旗县": name, "备注": f"备注里的{canary}",
            "园区": f"{canary}园区", "住所": f"{canary}路1号", **changed,
        },
    )  # fmt: skip


def _fill(world: World) -> None:
    ledger, at = world.ledger, clock.now()
    by = {role: world.one(role, "150000").person for role in Role}
    other = _add(world, Role.RULES_OFFICER, "150000", "second.officer")
    rows = [canary_row(banner, 100 + place) for place, banner in enumerate(BANNERS)]
    rows += [canary_row(banner, 200 + place) for place, banner in enumerate(BANNERS)]
    path = sheet(world.folder, rows)
    preview = registry.preview_import(ledger, path, file="台账.csv", by=by[Role.REGISTRAR], at=at)
    registry.confirm_import(ledger, preview.batch, by=by[Role.REGISTRAR], at=at)
    today = at.astimezone(clock.SHANGHAI).date()
    for place, (banner, (_, _, canary)) in enumerate(BANNERS.items()):
        found = registry.list_projects(
            ledger, registry.Filter.read({"q": f"{canary}第{100 + place}"}), by=CONSOLE, today=today
        )
        project = found.rows[0].id
        view = registry.show(ledger, project, by=CONSOLE, today=today)
        review.recommend(
            ledger, project, disposition=Disposition.RETROFIT, reason=f"因为{canary}，须予改造。", measures=(),
            due=date(today.year + 1, 12, 1), clause=None, seen=view.line.version, key=uuid4().hex,
            by=by[Role.REVIEWER], at=at,
        )  # fmt: skip
        offered = review.choices(ledger, project, by=by[Role.REVIEWER], today=today).measures[Disposition.RETROFIT]
        refs = [basis.ref for basis in offered[0].rests_on if basis.evidence.value != "official"]
        if refs:
            page = rules.confirm_page(
                ledger, refs, document="发改产业〔2023〕723号", page="附件第3页", day=date(2023, 6, 6), key=uuid4().hex,
                by=by[Role.RULES_OFFICER], at=at,
            )  # fmt: skip
            rules.countersign(ledger, page.id, by=other, at=at)
        version = registry.show(ledger, project, by=CONSOLE, today=today).line.version
        take_steps(ledger, project, reviewer=by[Role.REVIEWER], legal=by[Role.LEGAL], at=at)
        decided = dispositions.sign(ledger, project, seen=version, key=uuid4().hex, by=by[Role.SIGNATORY], at=at)
        if banner in {"150302", "150204"}:
            letters.print_(ledger, decided.letter.id, by=by[Role.OFFICE], at=at)
            letters.serve(
                ledger, decided.letter.id, served_on=today, method="直接送达", receiver=f"收件人{canary}",
                seen=letters.show(ledger, decided.letter.id, by=CONSOLE, today=today).line.version,
                by=by[Role.OFFICE], at=at,
            )  # fmt: skip
        run = printruns.start(
            ledger, [decided.letter.id], duplex=True, copies=1, receipts=False, reason=f"{canary}另送一份。",
            key=uuid4().hex, by=replace(by[Role.OFFICE], scope=banner), at=at,
        )  # fmt: skip
        if banner == "150302":
            papers.enter(
                ledger, project,
                papers.PaperLetter(
                    kind=LetterKind.KEEP, number=f"内发改两高纸〔{today.year}〕1号", signed_on=today, signatory="原签发人",
                    addressee=f"{canary}化工有限公司", origin=papers.Origin.OUTAGE,
                ),
                scan=SCAN + b"paper", name="原件.png", folder=world.folder / "attachments", leaves_gap=False,
                key=uuid4().hex, by=by[Role.OFFICE], at=at,
            )  # fmt: skip
        who = _add(world, Role.LEGAL, banner, f"{canary}.{banner}")
        twin = canary_row(banner, 500 + place, 项目名称=f"{canary}第{100 + place}电石项目")  # looks like what is there
        faulty = canary_row(banner, 400 + place, 产能单位="筐")
        file = sheet(world.folder, [twin, canary_row(banner, 300 + place), faulty])
        batch = registry.preview_import(
            ledger, file, file=f"{canary}.csv", by=world.one(*BATCH_OF[banner]).person, at=at
        ).batch
        key = uuid4().hex
        scan = attachments.add(
            ledger, project, SCAN + canary.encode(), folder=world.site.config["ATTACHMENTS"], name=f"{canary}.png",
            about="节能审查意见", key=key, by=by[Role.REGISTRAR], at=at,
        )  # fmt: skip
        draft = registration.save_draft(
            ledger,
            replace(
                registration.blank(by=world.one(*DRAFT_OF[banner]).person, ledger=ledger),
                typed=Typed({"name": f"{canary}草稿项目"}, ({},), ()),
            ),
            by=world.one(*DRAFT_OF[banner]).person, at=at,
        )  # fmt: skip
        kept, _ = (
            saved.save(
                ledger, name=f"{canary}视图", filters=registry.Filter.read({"q": canary}), columns=(), shared=by_whom is who,
                key=uuid4().hex, by=by_whom, at=at,
            )
            for by_whom in (world.one(*DRAFT_OF[banner]).person, who)
        )  # fmt: skip
        stamp = seals.add(
            ledger, red_seal((200 + place, 20, 20)), name=f"{canary}印章", first_day=today, last_day=today, key=uuid4().hex,
            by=world.one(Role.ADMINISTRATOR, DRAFT_OF[banner][1]).person, at=at,
        )  # fmt: skip
        world.things[banner] = Things(
            project=project, letter=decided.letter.id, run=run, who=who.id, batch=batch or MISSING, attachment=scan.id,
            draft=draft.id, confirmation=MISSING, key=key, view=kept.id,
            form=_form(world, banner, by=world.one(*DRAFT_OF[banner]).person, at=at),
            seal=stamp.id,
            deputy=deputies.name(
                ledger, principal=who.id, deputy=by[Role.LEGAL].id, first_day=today, last_day=today, reason=f"{canary}出差",
                key=uuid4().hex, by=who, at=at,
            ).id,
            mail=_told(world, who, decided.letter.id, project, canary, today, at),
        )  # fmt: skip
    open_refs = [line.ref for line in rules.evidence(ledger, only_open=True).rows][-1:]
    waiting = rules.confirm_page(
        ledger,
        open_refs,
        document="国务院令第673号",
        page="第1页",
        day=date(2016, 11, 30),
        key=uuid4().hex,
        by=other,
        at=at,
    )
    for thing in world.things.values():
        thing.confirmation = waiting.id
    for place, banner in enumerate(BANNERS):  # still in the queues
        project = (
            registry.list_projects(ledger, registry.Filter.read({"q": f"第{200 + place}电石"}), by=CONSOLE, today=today)
            .rows[0]
            .id
        )
        if banner in {"150203", "150302"}:
            version = registry.show(ledger, project, by=CONSOLE, today=today).line.version
            review.recommend(
                ledger, project, disposition=Disposition.RETROFIT, reason=f"又因为{BANNERS[banner][2]}。", measures=(),
                due=date(today.year + 1, 12, 1), clause=None, seen=version, key=uuid4().hex,
                by=by[Role.REVIEWER], at=at,
            )  # fmt: skip


def _told(
    world: World, who: Person, letter: UUID, project: UUID, canary: str, today: date, at: datetime
) -> UUID:  # fmt: skip
    """A notice of the term, one of the idle account, and the e-mail that went wrong."""
    mail = uuid4()
    with world.ledger.writer() as session:
        session.get_one(tables.PersonRow, who.id).email = f"{who.scope}@example.gov.cn"
        clock = session.execute(
            sa.select(tables.ClockRow).where(tables.ClockRow.letter_id == letter)
        ).scalar_one_or_none()
        if clock is not None:
            session.add(
                tables.NoticeRow(
                    id=uuid4(), kind=NoticeKind.DEADLINE, subject=f"clock:{clock.id.hex}", threshold="30", day=today,
                    text=canary, project_id=project, clock_id=clock.id, made_at=at,
                )
            )  # fmt: skip
        session.add(
            tables.NoticeRow(
                id=uuid4(), kind=NoticeKind.ACCOUNT, subject=f"account:{who.id.hex}", threshold="dormant", day=today,
                text=canary, person_id=who.id, made_at=at,
            )
        )  # fmt: skip
        session.add(
            tables.MailRow(
                id=mail, person_id=who.id, day=today, address=f"{who.scope}@example.gov.cn", title=canary, body=canary,
                state=MailState.REFUSED, tries=1, made_at=at, next_at=at, claimed_at=at, answer=canary,
            )
        )  # fmt: skip
    return mail


def _form(world: World, banner: str, *, by: Person | None, at: datetime) -> UUID:
    """A superior's form with the canary in its head, ready to be filled."""
    assert by is not None
    canary, path = BANNERS[banner][2], world.folder / f"{banner}.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["A2"], page["B2"] = f"{canary}报表", "项目名称", "建设单位"
    book.save(path)
    form = forms.add_form(
        world.ledger, path, file=f"{canary}.xlsx", name=f"{canary}表样", key=uuid4().hex, by=by, at=at
    )
    marks = forms.show_form(world.ledger, form, by=by).marks
    forms.map_form(world.ledger, form, marks, seen=1, by=by, at=at)
    return form


def told(answer: TestResponse) -> str:
    """Everything that an answer says: a page, JSON, the texts of a workbook or of a PDF."""
    data = answer.get_data()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return "\n".join(html.unescape(book.read(name).decode("utf-8", "replace")) for name in book.namelist())
    if data.startswith(b"%PDF"):
        from pypdf import PdfReader

        reader = PdfReader(io.BytesIO(data))
        return re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages)) + str(reader.metadata)
    return data.decode("utf-8", "replace") + str(answer.headers)


def bare(answer: TestResponse) -> str:
    """A page without what differs from one showing to the next: form tokens, and the ids that the address held."""
    return UUIDS.sub("-", CSRF.sub(r"\1", answer.get_data(as_text=True)))
