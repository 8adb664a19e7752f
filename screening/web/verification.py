"""核对文书: open to everybody who holds a letter, by its number and check code or by the file itself."""

from __future__ import annotations

import base64
import binascii
from collections import deque
from datetime import datetime, timedelta
from threading import Lock, Semaphore
from typing import Final
from uuid import UUID

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from screening.domain.errors import Refusal
from screening.domain.people import Permission, Person
from screening.services import verification
from screening.web import failures
from screening.web.desk import ledger, now
from screening.web.doors import Door, Guarded
from screening.web.failures import status_of

pages = Guarded("verification", __name__)
LONGEST: Final = 100
TOO_OFTEN: Final = "核对得太频繁。请十分钟后再试，或者直接向发文机关核实。"
BUSY: Final = "正在核对的文件较多。请过一会儿再试。"


class Turnstile:
    """Lets an address through so many times in a while, so that nobody tries codes or floods us with files."""

    def __init__(self, *, most: int = 30, within: timedelta = timedelta(minutes=10), addresses: int = 5000) -> None:
        self.most, self.within, self.addresses = most, within, addresses
        self._seen: dict[str, deque[datetime]] = {}
        self._turn = Lock()
        self.hands = Semaphore(2)
        """Files that are opened at one time."""

    def passes(self, address: str, at: datetime) -> bool:
        """Whether there is still room for one more."""
        with self._turn:
            times = self._seen.pop(address, deque())
            while times and times[0] <= at - self.within:
                times.popleft()
            allowed = len(times) < self.most
            if allowed:
                times.append(at)
            self._seen[address] = times
            while len(self._seen) > self.addresses:
                self._seen.pop(next(iter(self._seen)))
            return allowed


def _turnstile() -> Turnstile:
    found: Turnstile = current_app.extensions.setdefault("turnstile", Turnstile())
    return found


def _reader() -> Person | None:
    """Who is signed in and may read; everybody else is anybody."""
    who: Person | None = None if g.must_change else g.person
    return who if who is not None and who.may(Permission.READ) else None


def _asked() -> tuple[str, str]:
    """Number and code, as typed or as the QR code packs them."""
    packed, _, code = request.args.get("k", "")[: LONGEST * 4].partition(".")
    if packed:
        try:
            return base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()[:LONGEST], code[:LONGEST]
        except (binascii.Error, ValueError):
            return "", code[:LONGEST]
    return request.args.get("n", "")[:LONGEST].strip(), request.args.get("c", "")[:LONGEST].strip()


def _page(status: int = 200, *, number: str = "", code: str = "", **shown: object) -> ResponseReturnValue:
    told = {"paper": None, "rows": (), "letter": None, "examined": None, "problem": None, **shown}
    return render_template("verification/page.html", number=number, code=code, **told), status


@pages.get("/verify", may=Door.PUBLIC)
def page() -> ResponseReturnValue:
    """The form; with number and check code, what the paper is worth, and for those within its scope its facts."""
    number, code = _asked()
    if not number and not code and not request.args.keys() & {"n", "c", "k"}:
        return _page()
    if not number or not code:
        return _page(422, number=number, code=code, problem="请同时填写文号和查验码，两者都印在文书末页下方。")
    by = _reader()
    if by is None and not _turnstile().passes(request.remote_addr or "", now()):
        return failures.page(429, TOO_OFTEN)
    try:
        paper, letter = verification.look_up(ledger(), number, code)
    except Refusal as refused:
        return _page(status_of(refused), number=number, code=code, problem=refused.message)
    rows = verification.frozen(ledger(), letter, by=by) if by else ()
    found: UUID | None = letter if rows else None
    return _page(number=number, code=code, paper=paper, rows=rows, letter=found)


@pages.post("/verify", may=Door.PUBLIC)
def file() -> ResponseReturnValue:
    """What an uploaded PDF is."""
    by = _reader()
    if by is None and not _turnstile().passes(request.remote_addr or "", now()):
        return failures.page(429, TOO_OFTEN)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(422, problem="请选择收到的 PDF 文件。")
    content = sent.stream.read(verification.LARGEST + 1)
    hands = _turnstile().hands
    if not hands.acquire(timeout=20):
        return failures.page(429, BUSY)
    try:
        examined = verification.examine(ledger(), content, by=by, trusted=current_app.config["TRUSTED"], at=now())
    except Refusal as refused:
        return _page(status_of(refused), problem=refused.message)
    finally:
        hands.release()
    return _page(
        examined=examined,
        name=sent.filename[:LONGEST],
        paper=examined.paper,
        rows=examined.rows,
        letter=examined.letter,
    )
