"""Lays a composed letter out on pages of 22 rows, after GB/T 9704-2012: what stands in which row of which page.

Measures in millimetres. One row is a character plus 7/8 of a character; 28 characters make a line.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from screening.domain.calendar import chinese
from screening.domain.errors import Refusal
from screening.domain.letters import Letter, Level, Style, Table
from screening.printing.composer import EM, Composer, Line, clean, covered, title_lines
from screening.printing.fonts import Fonts

CHARACTER: Final = 156 / 28
"""三号 as the standard's own grid has it."""
ROW: Final = (225 - CHARACTER) / 21
ROWS: Final = 22
HALF_LEADING: Final = (ROW - CHARACTER) / 2
TITLE: Final = CHARACTER * 22 / 16
"""二号."""
TITLE_ROW: Final = 11.6
SMALL: Final = 14 * 25.4 / 72
"""四号."""
SMALL_ROW: Final = 7.4
TABLE_SIZE: Final = 12 * 25.4 / 72
"""小四."""
ROLES: Final = {Level.HEADING: "hei", Level.SUBHEADING: "kai", Level.TEXT: "fang"}
SEAL: Final = 42.0
"""A round seal's diameter."""
SEAL_DROP: Final = 0.15 * ROW
"""From the row of the last text to the top of the seal, so that its foot stays clear of the row after the date."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one paragraph that stand together on a page; `tag` is its HTML element."""

    tag: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty rows."""

    rows: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: composed lines, and where it begins and how wide it is in mm."""

    lines: tuple[Line, ...]
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Ruled:
    """One row of a ruled table; `rows` high on the grid; `head` row of column names."""

    cells: tuple[Cell, ...]
    rows: int
    head: bool


@dataclass(frozen=True, slots=True)
class Head:
    """The head of page 1: 发文机关标志, number, red line, title; positions in mm from the top of the rows."""

    style: Style
    mark: str
    mark_size: float
    mark_top: float
    number: tuple[Line, ...]
    number_top: float
    rule_top: float
    title: tuple[str, ...]
    title_top: float
    rows: int


@dataclass(frozen=True, slots=True)
class Foot:
    """The 版记: lines of 抄送, the printing organ and its day; in a 信函 without rules and printing organ."""

    copies: tuple[Line, ...]
    printer: str | None
    printed: str | None
    ruled: bool
    rows: int


Row = Block | Gap | Ruled


@dataclass(frozen=True, slots=True)
class Seal:
    """Where the seal goes, over issuer and date: left and top of its square, mm from the top left of the paper.

    The square is `size` wide and high and lies inside the paper; its top is within a row of the last text.
    """

    left: float
    top: float
    size: float = SEAL


@dataclass(slots=True)
class Page:
    """One page: what stands on it from top to bottom, and the 版记 at its foot."""

    rows: list[Row] = field(default_factory=list)
    used: int = 0
    head: Head | None = None
    foot: Foot | None = None
    seal: Seal | None = None
    """The place of the seal, on the one page that carries the signature; None on the others and in a form."""
    kind: str = "plain"
    """plain, first_letter (a 信函's first page, unnumbered), apart (a sheet that is no part of the letter)."""


def seal_of(pages: Sequence[Page]) -> tuple[int, Seal] | None:
    """Page (from 1) and place of the seal; None for a letter that is not sealed (a form)."""
    return next(((number, page.seal) for number, page in enumerate(pages, 1) if page.seal), None)


def texts_of(page: Page) -> Iterable[str]:
    """Every line that must be seen on the page."""
    if page.head:
        yield from (page.head.mark, *page.head.title, *(line.text for line in page.head.number))
    for row in page.rows:
        if isinstance(row, Block):
            yield from (line.text for line in row.lines)
        elif isinstance(row, Ruled):
            yield from (line.text for cell in row.cells for line in cell.lines)
    if page.foot:
        yield from (line.text for line in page.foot.copies)
        yield from (text for text in (page.foot.printer, page.foot.printed) if text)


class Layout:
    """Puts rows on pages one after the other."""

    def __init__(self) -> None:
        self.pages = [Page()]

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def left(self) -> int:
        """Rows that are still free on the page."""
        return ROWS - self.page.used

    def turn(self, kind: str = "plain") -> None:
        """A new page."""
        self.pages.append(Page(kind=kind))

    def gap(self, rows: int) -> None:
        """Empty rows, not carried over to a new page."""
        rows = min(rows, self.left)
        if rows > 0:
            self.page.rows.append(Gap(rows))
            self.page.used += rows

    def paragraph(self, tag: str, lines: Sequence[Line], *, keep: int = 0) -> None:
        """A paragraph, split at the foot of a page; `keep` rows must follow it on the same page."""
        waiting = list(lines)
        while waiting:
            if self.left < min(len(waiting), 1) + (keep if len(waiting) <= self.left else 0):
                self.turn()
            taken = waiting[: self.left]
            waiting = waiting[self.left :]
            self.page.rows.append(Block(tag, tuple(taken)))
            self.page.used += len(taken)

    def pull(self, rows: int) -> list[Row]:
        """Takes the last `rows` lines of text off the page, to stand on the next one; at least one line stays."""
        taken: list[Row] = []
        page = self.page
        while rows > 0 and page.rows and isinstance(page.rows[-1], Block):
            block = page.rows[-1]
            if page.head is not None and sum(isinstance(r, Block) for r in page.rows) == 1 and len(block.lines) <= rows:
                break
            part = min(rows, len(block.lines))
            taken.insert(0, Block(block.tag, block.lines[-part:]))
            kept = block.lines[:-part]
            page.rows[-1:] = [Block(block.tag, kept)] if kept else []
            page.used -= part
            rows -= part
        while page.rows and isinstance(last := page.rows[-1], Block) and last.tag == "h2":
            taken.insert(0, last)  # a heading never stays behind alone
            page.rows.pop()
            page.used -= len(last.lines)
        return taken

    def put(self, rows: Iterable[Row]) -> None:
        """Rows that were pulled off, on this page."""
        for row in rows:
            self.page.rows.append(row)
            self.page.used += len(row.lines) if isinstance(row, Block) else row.rows


class Setter:
    """Sets one letter with the prepared fonts."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.composer = Composer(fonts)

    # --- parts ---------------------------------------------------------------------------------------------------

    def text(self, text: str, where: str, role: str = "fang") -> str:
        """A text cleaned and checked against the font that sets it."""
        text = clean(text, where)
        covered(self.fonts, role, text, where)
        return text

    def at(self, text: str, start: int, where: str, role: str = "fang") -> Line:
        """One line that begins `start` thousandths from the left."""
        (line, *more) = self.composer.lines([(role, self.text(text, where, role))], measure=10**6, first=start) or [
            Line((), start, 0.0, 0)
        ]
        if more:
            raise Refusal(f"“{where}”过长，一行排不下。请缩短后再生成文书。", field=where)
        return line

    def head(self, letter: Letter) -> Head:
        """The head of the first page."""
        mark = self.text(letter.mark, "发文机关标志", "biao")
        number = self.text(letter.number or letter.blank_number, "发文字号")
        title = self.titles(letter.title)
        tall = len(title) * TITLE_ROW
        if letter.style is Style.FORM:
            start = 28 * EM - self.composer.width("fang", number)
            line = self.at(number, start, "发文字号")
            return Head(
                letter.style, "", 0.0, 0.0, (line,), tall + HALF_LEADING, 0.0, title, 0.0, math.ceil(tall / ROW)
            )
        size = min(17.0, 156 / len(mark)) if letter.style is Style.DOCUMENT else min(12.0, 156 / len(mark))
        ink = size * self.fonts.ink_gap("biao", mark)
        width = self.composer.width("fang", number)
        if letter.style is Style.DOCUMENT:
            mark_top = 35.0 - ink
            number_top = mark_top + size + 2 * ROW
            rule_top = number_top + CHARACTER + 4.0
            start = (28 * EM - width) // 2
        else:
            mark_top = 30.0 - 37.0 - ink
            rule_top = mark_top + size + 4.0
            number_top = rule_top + 1.2 + CHARACTER * 7 / 8
            start = 28 * EM - width
        above = (rule_top if letter.style is Style.DOCUMENT else number_top + CHARACTER) + 2 * ROW
        rows = math.ceil((above + tall) / ROW - 0.35)
        title_top = rows * ROW - tall
        return Head(
            letter.style, mark, size, mark_top + HALF_LEADING, (self.at(number, start, "发文字号"),),
            number_top + HALF_LEADING, rule_top + HALF_LEADING, title, title_top, rows,
        )  # fmt: skip

    def titles(self, phrases: Sequence[str]) -> tuple[str, ...]:
        """The title in lines."""
        parts = [self.text(p, "标题", "biao") for p in phrases]
        measure = int(156 / TITLE * EM)
        return tuple(title_lines(parts, lambda t: self.composer.width("biao", t), measure))

    def body(self, layout: Layout, letter: Letter) -> None:
        """Addressee, paragraphs, 附件说明."""
        if letter.addressee:
            layout.paragraph(
                "p", self.composer.lines([("fang", self.text(f"{letter.addressee}：", "主送机关"))], first=0)
            )
        for order, paragraph in enumerate(letter.body, 1):
            where = f"正文第{order}段"
            role = ROLES[paragraph.level]
            if paragraph.level is Level.HEADING:
                lines = self.composer.lines([(role, self.text(paragraph.text, where, role))])
                layout.paragraph("h2", lines, keep=2)
            elif paragraph.lead:
                pieces = [(role, self.text(paragraph.lead, where, role)), ("fang", self.text(paragraph.text, where))]
                layout.paragraph("p", self.composer.lines(pieces))
            else:
                layout.paragraph("p", self.composer.lines([("fang", self.text(paragraph.text, where))]))

    def annexes(self, letter: Letter) -> list[Line]:
        """附件说明: one line each, turnovers under the name's first character."""
        lines: list[Line] = []
        for order, attachment in enumerate(letter.attachments, 1):
            numbered = f"{order}." if len(letter.attachments) > 1 else ""
            before = "附件：" if order == 1 else "　　　"
            name = self.text(attachment.title, "附件名称")
            deep = 2 * EM + self.composer.width("fang", before + numbered)
            lines += self.composer.lines([("fang", before + numbered + name)], rest=deep)
        return lines

    def signature(self, letter: Letter) -> tuple[list[Row], float]:
        """Issuer over date, room for the seal over both, and their common centre in mm from the left of the lines.

        The date ends four characters from the right; an issuer too long to be centred over it stands on two lines.
        """
        day = chinese(letter.day) if letter.day else "　　　年　月　日"
        short = self.composer.width("fang", day)
        centre = 24 * EM - short // 2
        issuer = title_lines(
            self.text(letter.issuer, "发文机关署名").replace("发展", "\n发展").split("\n"),
            lambda text: self.composer.width("fang", text),
            2 * (28 * EM - centre),
        )
        rows: list[Row] = [Gap(3 - min(len(issuer), 2))]
        for text in (*issuer, day):
            start = centre - self.composer.width("fang", text) // 2
            rows.append(Block("p", (self.at(text, start, "发文机关署名"),)))
        return rows, centre / EM * CHARACTER

    def remark(self, letter: Letter) -> Block:
        """附注, in the line after the date."""
        return Block("p", tuple(self.composer.lines([("fang", self.text(letter.note or "", "附注"))])))

    def foot(self, letter: Letter) -> Foot | None:
        """The 版记."""
        copies: list[Line] = []
        if letter.style is Style.FORM:
            return None
        ruled = letter.style is Style.DOCUMENT
        measure = int((156 - 2 * SMALL) / SMALL * EM)
        if letter.copies_to:
            told = self.text("抄送：" + "，".join(letter.copies_to) + "。", "抄送机关")
            copies = self.composer.lines([("fang", told)], measure=measure, first=0, rest=3 * EM)
        if not ruled and not copies:
            return None
        printer = self.text(f"{letter.issuer}办公室", "印发机关") if ruled else None
        printed = (f"{chinese(letter.day)}印发" if letter.day else "　　　年　月　日印发") if ruled else None
        tall = (len(copies) + (1 if printer else 0)) * SMALL_ROW
        return Foot(tuple(copies), printer, printed, ruled, math.ceil(tall / ROW + 0.3))

    # --- the whole -----------------------------------------------------------------------------------------------

    def pages(self, letter: Letter) -> list[Page]:
        """The letter on its pages."""
        layout = Layout()
        head = self.head(letter)
        layout.page.head = head
        layout.page.used = head.rows
        if letter.style is Style.LETTER:
            layout.page.kind = "first_letter"
        layout.gap(1)
        self.body(layout, letter)
        if letter.table:
            self.table(layout, letter.table)
        foot = self.foot(letter)
        closing: list[Row] = []
        if letter.attachments:
            closing += [Gap(1), Block("p", tuple(self.annexes(letter)))]
        above = sum(len(r.lines) if isinstance(r, Block) else r.rows for r in closing)
        centre = 0.0
        if letter.style is not Style.FORM:
            signed, centre = self.signature(letter)
            closing += signed
            # the foot of the seal reaches into the row after the date
            closing.append(self.remark(letter) if letter.note else Gap(1))
        need = sum(len(r.lines) if isinstance(r, Block) else r.rows for r in closing)
        below = 0 if letter.attachments or foot is None else foot.rows
        if layout.left < need + below:
            # the standard wants text on the page of the seal: the last lines go along
            carried = layout.pull(2)
            layout.turn()
            layout.put(carried)
        if centre:
            top = 37 - HALF_LEADING + (layout.page.used + above) * ROW + SEAL_DROP
            layout.page.seal = Seal(28 + centre - SEAL / 2, top)
        layout.put(closing)
        for order, attachment in enumerate(letter.attachments, 1):
            layout.turn()
            name = f"附件{order}" if len(letter.attachments) > 1 else "附件"
            layout.paragraph("p", self.composer.lines([("hei", name)], first=0))
            layout.gap(1)
            self.centred(layout, attachment.title)
            layout.gap(1)
            for paragraph in attachment.paragraphs:
                layout.paragraph("p", self.composer.lines([("fang", self.text(paragraph.text, attachment.title))]))
            if attachment.table:
                self.table(layout, attachment.table)
        if foot:
            if layout.left < foot.rows:
                layout.turn()
            layout.page.foot = foot
        if letter.missing:
            self.apart(layout, letter)
        return layout.pages

    def centred(self, layout: Layout, title: str) -> None:
        """A title inside the pages, in 三号小标宋."""
        parts = title_lines([self.text(title, "附件名称", "biao")], lambda t: self.composer.width("biao", t), 28 * EM)
        lines = [self.at(t, (28 * EM - self.composer.width("biao", t)) // 2, "附件名称", "biao") for t in parts]
        layout.paragraph("h2", lines)

    def apart(self, layout: Layout, letter: Letter) -> None:
        """The sheet behind a draft that says what keeps it from being signed."""
        layout.turn("apart")
        self.centred(layout, "草稿说明（不随文印发）")
        layout.gap(1)
        layout.paragraph(
            "p", self.composer.lines([("fang", "本件为草稿，未编号、未签发，不具有法律效力。下列事项办结后方可签发：")])
        )
        for order, sentence in enumerate(letter.missing, 1):
            text = self.text(f"{order}.{sentence}", "待补事项")
            for line in [self.composer.lines([("fang", text)])]:
                if layout.left < len(line):
                    layout.turn("apart")
                layout.paragraph("p", line)

    def table(self, layout: Layout, table: Table) -> None:
        """A ruled table on the grid; its head is repeated on each page."""
        total = sum(table.widths)
        widths = [156 * w / total for w in table.widths]
        lefts = [sum(widths[:i]) for i in range(len(widths))]

        def ruled(texts: Sequence[str], *, head: bool, room: int = 0) -> Ruled:
            cells = []
            for text, left, width in zip(texts, lefts, widths, strict=True):
                role = "hei" if head else "fang"
                measure = int((width - 2) / TABLE_SIZE * EM)
                set_text = self.text(text, "表格", role)
                cells.append(
                    Cell(tuple(self.composer.lines([(role, set_text)], measure=measure, first=0)), left, width)
                )
            tallest = max((len(c.lines) for c in cells), default=1) or 1
            return Ruled(tuple(cells), math.ceil((tallest * 5.4 + 2) / ROW) + room, head)

        header = ruled(table.head, head=True) if table.head else None
        if table.note:
            width = self.composer.width("fang", table.note)
            layout.paragraph("p", [self.at(table.note, 28 * EM - width, "表格")])

        def put(row: Ruled) -> None:
            layout.page.rows.append(row)
            layout.page.used += row.rows

        if header:
            put(header)
        for order, texts in enumerate(table.rows):
            row = ruled(texts, head=False, room=1 if order in table.roomy else 0)
            if layout.left < row.rows:
                layout.turn()
                if header:
                    put(header)
            put(row)
