"""Lays a composed letter out on pages of 22 rows, after GB/T 9704-2012: what stands in which row of which page.

Measures in millimetres. One row is a character plus 7/8 of a character; 28 characters make a line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from screening.domain.calendar import chinese
from screening.domain.errors import Refusal
from screening.domain.letters import Attachment, Letter, Level, Style, Table
from screening.printing.composer import EM, Composer, Line, clean, covered
from screening.printing.fonts import Fonts
from screening.printing.titles import title_lines

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
"""小四, in a table."""
TABLE_ROW: Final = 5.4
"""A line in a cell of a table."""
WIDE_SIZE: Final = 10.5 * 25.4 / 72
"""五号, in a table that lies across."""
WIDE_ROW: Final = 4.8
WIDE_ROWS: Final = 15
"""Rows on a page that lies across: a wide table stands turned on it, its head at the left edge of the paper."""
WIDE: Final = 225.0
FIGURE: Final = re.compile(r"(?:[+−-]?[0-9][0-9,.]*[%％]?|—)?")
"""What a cell of a column of figures holds."""
WORD: Final = re.compile(r"(?:[!-~]+[年月日]?)+")
"""What a column keeps on one line."""
LONG_WORD: Final = 13 * EM
"""A word wider than that, wider than a project code, is opened in a column."""
OPENED: Final = 8 * EM
"""Such a column is at least so wide."""
ROLES: Final = {Level.HEADING: "hei", Level.SUBHEADING: "kai", Level.TEXT: "fang"}
DOUBLE_RULE: Final = 1.6
"""How thick the double rule of a 信函 is: thick, white and thin."""
SEAL: Final = 42.0
"""A round seal's diameter."""
SEAL_DROP: Final = 0.15 * ROW
"""From the row of the last text to the top of the seal, so that its foot stays clear of the row after the date."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one paragraph that stand together on a page; `tag` is its HTML element, `large` sets it in 二号."""

    tag: str
    lines: tuple[Line, ...]
    large: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty rows."""

    rows: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: composed lines, and where it begins and how wide it is in mm."""

    lines: tuple[Line, ...]
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Ruled:
    """One row of a ruled table; `rows` (halves too) high on the grid; `head` row of column names."""

    cells: tuple[Cell, ...]
    rows: float
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
    signatory: Line | None = None
    """签发人 of a letter that goes up, with the number on one line."""
    signatory_top: float = 0.0


@dataclass(frozen=True, slots=True)
class Foot:
    """The 版记: lines of 抄送, the printing organ and its day; in a 信函 without rules and printing organ."""

    copies: tuple[Line, ...]
    printer: str | None
    printed: str | None
    ruled: bool
    rows: int
    spacing: float = 0.0
    """Between the characters of a long printing organ, in parts of their size, so that it ends before its day."""


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
    used: float = 0
    head: Head | None = None
    foot: Foot | None = None
    seal: Seal | None = None
    """The place of the seal, on the one page that carries the signature; None on the others and in a form."""
    kind: str = "plain"
    """plain, first_letter (a 信函's first page, unnumbered), apart (a sheet that is no part of the letter)."""
    wide: bool = False
    """Whether its rows stand turned, for a table that is too wide."""


def _around(width: float, size: float) -> float:
    """How wide a cell is around so many thousandths of characters of that size."""
    return width / EM * size + 2.5


def seal_of(pages: Sequence[Page]) -> tuple[int, Seal] | None:
    """Page (from 1) and place of the seal; None for a letter that is not sealed (a form)."""
    return next(((number, page.seal) for number, page in enumerate(pages, 1) if page.seal), None)


def texts_of(page: Page) -> Iterable[str]:
    """Every line that must be seen on the page."""
    if page.head:
        named = (page.head.signatory,) if page.head.signatory else ()
        yield from (page.head.mark, *page.head.title, *(line.text for line in (*page.head.number, *named)))
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
        """Whole rows that are still free on the page."""
        return math.floor((WIDE_ROWS if self.page.wide else ROWS) - self.page.used)

    def turn(self, kind: str = "plain", *, wide: bool = False) -> None:
        """A new page."""
        self.pages.append(Page(kind=kind, wide=wide))

    def gap(self, rows: float) -> None:
        """Empty rows, not carried over to a new page."""
        rows = min(rows, self.left)
        if rows > 0:
            self.page.rows.append(Gap(rows))
            self.page.used += rows

    def paragraph(self, tag: str, lines: Sequence[Line], *, keep: int = 0, large: bool = False) -> None:
        """A paragraph, split at the foot of a page; `keep` rows must follow it on the same page."""
        waiting = list(lines)
        while waiting:
            if self.left < min(len(waiting), 1) + (keep if len(waiting) <= self.left else 0):
                self.turn()
            taken = waiting[: self.left]
            waiting = waiting[self.left :]
            self.page.rows.append(Block(tag, tuple(taken), large))
            self.page.used += len(taken)

    def accompany(self) -> None:
        """Where a page holds one line of text alone, one more joins it from the page before."""
        if len(self.pages) > 1 and self.page.used == 1:
            alone, self.page.rows = self.page.rows, []
            self.page.used = 0
            self.put([*self.pull(1, self.pages[-2]), *alone])

    def pull(self, rows: int, page: Page | None = None) -> list[Row]:
        """Takes the last `rows` lines of text off the page, to stand on the next one; at least one line stays."""
        taken: list[Row] = []
        page = page or self.page
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
        title = self.titles(letter)
        tall = len(title) * TITLE_ROW
        if letter.style is Style.FORM:
            start = 28 * EM - self.composer.width("fang", number)
            line = self.at(number, start, "发文字号")
            rows = math.ceil(tall / ROW) + 1
            top = (rows - 1) * ROW + HALF_LEADING
            return Head(letter.style, "", 0.0, 0.0, (line,), top, 0.0, title, 0.0, rows)
        size = min(17.0, 156 / len(mark)) if letter.style is Style.DOCUMENT else min(12.0, 156 / len(mark))
        ink = size * self.fonts.ink_gap("biao", mark)
        width = self.composer.width("fang", number)
        if width > 27 * EM:
            raise Refusal(f"发文字号“{number}”过长，一行排不下。请缩短机关代字或者编号格式。", field="number")
        if letter.style is Style.DOCUMENT:
            mark_top = 35.0 - ink
            number_top = mark_top + size + 2 * ROW
            rule_top = number_top + CHARACTER + 4.0
            start = EM if letter.signatory else (28 * EM - width) // 2
        else:
            mark_top = 30.0 - 37.0 - ink
            rule_top = mark_top + size + 4.0
            number_top = rule_top + DOUBLE_RULE + CHARACTER * 7 / 8
            start = 28 * EM - width
        above = (rule_top if letter.style is Style.DOCUMENT else number_top + CHARACTER) + 2 * ROW
        rows = math.ceil((above + tall) / ROW - 0.35)
        if rows > ROWS - 4:
            raise Refusal(f"标题共{len(title)}行，首页排不下正文。请缩短项目名称后再生成文书。", field="project")
        title_top = rows * ROW - tall
        signatory = self.signatory(letter.signatory) if letter.signatory else None
        beside = signatory is None or EM + width + EM <= signatory.indent
        return Head(
            letter.style, mark, size, mark_top + HALF_LEADING, (self.at(number, start, "发文字号"),),
            number_top + HALF_LEADING, rule_top + HALF_LEADING, title, title_top, rows,
            signatory, number_top + HALF_LEADING - (0.0 if beside else ROW),
        )  # fmt: skip

    def signatory(self, name: str) -> Line:
        """签发人 and its name, ending one character from the right; a long one takes the blank line above."""
        pieces = [("fang", "签发人："), ("kai", self.text(name, "签发人", "kai"))]
        start = 27 * EM - sum(self.composer.width(role, text) for role, text in pieces)
        if start < EM:
            raise Refusal(f"签发人“{name}”过长，一行排不下。请核对姓名。", field="signatory")
        (line,) = self.composer.lines(pieces, measure=10**6, first=start)
        return line

    def titles(self, letter: Letter) -> tuple[str, ...]:
        """The title in lines."""
        parts = [self.text(p, "标题", "biao") for p in letter.title]
        measure = int(156 / TITLE * EM)
        told = letter.inputs
        names = {told.enterprise, told.place, told.office.name, *(u.product for u in told.units)}
        return tuple(title_lines(parts, lambda t: self.composer.width("biao", t), measure, names))

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
                layout.paragraph("h2", lines, keep=1)
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
        spacing = 0.0
        if printer and printed:
            room = measure - EM // 2 - self.composer.width("fang", printed)
            spacing = min(0.0, (room - self.composer.width("fang", printer)) / (len(printer) - 1) / EM)
            if spacing < -0.2:
                raise Refusal(f"印发机关“{printer}”过长，版记一行排不下。请核对发文机关的名称。", field="office")
        tall = (len(copies) + (1 if printer else 0)) * SMALL_ROW
        if tall > (ROWS - 1) * ROW:
            raise Refusal("抄送机关过多，版记一页排不下。请减少抄送机关，或者改用统称。", field="copies_to")
        return Foot(tuple(copies), printer, printed, ruled, math.ceil(tall / ROW + 0.25), spacing)

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
            self.table(layout, letter.table, self.columns(letter.table))
        layout.accompany()
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
        # the 版记 of a document may have a page of its own; the copies of a 信函 stay with the signature
        below = foot.rows if foot and not foot.ruled and not letter.attachments else 0
        if need + below + 2 > ROWS:  # so many that they have a page of their own
            below = 0
        if layout.left < need + below:
            # no page bears the signature alone: the last lines of the text go along
            carried = layout.pull(2)
            layout.turn()
            layout.put(carried)
        if centre:
            top = 37 - HALF_LEADING + (layout.page.used + above) * ROW + SEAL_DROP
            layout.page.seal = Seal(28 + centre - SEAL / 2, top)
        layout.put(closing)
        for order, attachment in enumerate(letter.attachments, 1):
            self.attachment(layout, attachment, f"附件{order}" if len(letter.attachments) > 1 else "附件")
        if foot:
            if layout.page.wide or layout.left < foot.rows:
                layout.turn()
            layout.page.foot = foot
        if letter.missing:
            self.apart(layout, letter)
        return layout.pages

    def attachment(self, layout: Layout, attachment: Attachment, name: str) -> None:
        """An attachment on pages of its own, turned where its table needs the length of the paper."""
        table = attachment.table
        columns = self.columns(table) if table else None
        wide = columns is not None and sum(columns) > 156.5
        measure = int((WIDE if wide else 156) / CHARACTER * EM)
        layout.turn(wide=wide)
        layout.paragraph("p", self.composer.lines([("hei", self.text(name, "附件"))], first=0))
        layout.gap(1)
        self.centred(layout, attachment.title, measure)
        layout.gap(1)
        for paragraph in attachment.paragraphs:
            text = self.text(paragraph.text, attachment.title)
            layout.paragraph("p", self.composer.lines([("fang", text)], measure=measure))
        if table and columns:
            self.table(layout, table, columns)

    def centred(self, layout: Layout, title: str, measure: int = 28 * EM) -> None:
        """The title of an attachment: like that of the letter, but on the rows of the grid."""
        part = TITLE / CHARACTER
        parts = title_lines(
            [self.text(title, "附件名称", "biao")],
            lambda t: self.composer.width("biao", t),
            int(measure / part),
        )
        lines = []
        for text in parts:
            start = (measure / part - self.composer.width("biao", text)) / 2
            lines.append(self.at(text, int(start), "附件名称", "biao"))
        layout.paragraph("h2", lines, large=True)

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

    def columns(self, table: Table) -> list[float]:
        """How wide each column is, in mm: 156 together, or the length of the paper where that is too narrow.

        Figures stay on one line; words take up to five lines in a narrow column, three where there are many columns.
        """
        if not table.head:
            return [156 * w / sum(table.widths) for w in table.widths]
        wanted, named, words = [], [], []
        for at, (name, figures) in enumerate(zip(table.head, self.figures(table), strict=True)):
            cells = [row[at] for row in table.rows]
            width = [self.composer.width("fang", c) for c in cells]
            longest = sum(figures) if figures else max(width, default=0)
            kept = max((self.composer.width("fang", w) for c in cells for w in WORD.findall(c)), default=0)
            head = self.composer.width("hei", name)
            named.append(head if head <= 3 * EM else head / (2 if head <= 6 * EM else 3) + EM / 2)
            words.append(longest if figures else max(kept if kept <= LONG_WORD else OPENED, min(longest, 5 * EM)))
            wanted.append(max(longest, head))
        tall = 5 if len(table.head) < 9 else 3
        for total, size, most in ((156.0, TABLE_SIZE, tall), (WIDE, WIDE_SIZE, 8)):
            for lines in range(1, most + 1):
                least = [
                    _around(max(w / lines, word, name), size)
                    for w, word, name in zip(wanted, words, named, strict=True)
                ]
                spare = total - sum(least)
                if spare >= 0:
                    more = [max(0.0, _around(w, size) - n) for w, n in zip(wanted, least, strict=True)]
                    part = min(1.0, spare / (sum(more) or spare or 1.0))
                    over = (spare - part * sum(more)) / sum(wanted)
                    return [n + m * part + w * over for n, m, w in zip(least, more, wanted, strict=True)]
        # too wide even for the length of the paper: the widest columns give way, their long words are opened
        given, free = [0.0] * len(least), WIDE
        for left, at in enumerate(sorted(range(len(least)), key=least.__getitem__)):
            given[at] = min(least[at], free / (len(least) - left))
            free -= given[at]
        return given

    def figures(self, table: Table) -> list[tuple[int, int] | None]:
        """Of a column of figures: how wide they are at most before and after the decimal point."""
        found: list[tuple[int, int] | None] = []
        for cells in zip(*table.rows, strict=True) if table.head else ():
            parts = [c.partition(".") for c in cells if c not in ("—", "")]
            wide = [(self.composer.width("fang", a), self.composer.width("fang", b + c)) for a, b, c in parts]
            only = wide and all(FIGURE.fullmatch(c) for c in cells)
            found.append((max(a for a, _ in wide), max(b for _, b in wide)) if only else None)
        return found or [None] * len(table.widths)

    def cell(self, text: str, measure: int, *, head: bool, figures: tuple[int, int] | None, flush: bool) -> list[Line]:
        """The lines of a cell: words in the middle, figures under their point, what is filled into a form flush."""
        if head:
            said = title_lines([self.text(text, "表格", "hei")], lambda t: self.composer.width("hei", t), measure)
            return [self.at(t, max(0, (measure - self.composer.width("hei", t)) // 2), "表格", "hei") for t in said]
        lines = self.composer.lines([("fang", self.text(text, "表格"))], measure=measure, first=0)
        if not lines or flush:
            return lines
        if figures and text != "—":
            before = self.composer.width("fang", text.partition(".")[0])
            return [replace(lines[0], indent=max(0, (measure - sum(figures)) // 2 + figures[0] - before))]
        # several lines begin below each other, and all of them stand in the middle
        before = (measure - max(line.width for line in lines)) // 2
        return [replace(line, indent=max(0, before), spacing=0.0 if len(lines) > 1 else line.spacing) for line in lines]

    def table(self, layout: Layout, table: Table, widths: Sequence[float]) -> None:
        """A ruled table on the grid; its head is repeated on each page."""
        lefts = [sum(widths[:i]) for i in range(len(widths))]
        columns = self.figures(table)

        size, pitch = (WIDE_SIZE, WIDE_ROW) if layout.page.wide else (TABLE_SIZE, TABLE_ROW)

        def ruled(texts: Sequence[str], *, head: bool, room: float = 0) -> Ruled:
            cells = []
            for text, left, width, column in zip(texts, lefts, widths, columns, strict=True):
                measure = int((width - 2.2) / size * EM)
                # what is filled into a form stands flush, the names of its rows in the middle
                flush = not table.head and left > 0
                lines = self.cell(text, measure, head=head, figures=column, flush=flush)
                cells.append(Cell(tuple(lines), left, width))
            tallest = max((len(c.lines) for c in cells), default=1) or 1
            return Ruled(tuple(cells), max(1.0, math.ceil((tallest * pitch + 3) / ROW * 2) / 2) + room, head)

        def put(row: Ruled) -> None:
            layout.page.rows.append(row)
            layout.page.used += row.rows

        # a table hangs half the leading lower, so that it begins and ends on the edges of the text area
        most = (WIDE_ROWS if layout.page.wide else ROWS) - 0.5
        header = ruled(table.head, head=True) if table.head else None
        if table.note:
            full = int((WIDE if layout.page.wide else 156) / CHARACTER * EM)
            layout.paragraph("p", [self.at(table.note, full - self.composer.width("fang", table.note), "表格")], keep=2)
        if header:
            put(header)
        room = 0.0
        if table.roomy:  # as much as keeps a form on its page
            spare = most - layout.page.used - sum(ruled(texts, head=False).rows for texts in table.rows)
            room = max(0.0, min(1.0, math.floor(spare / len(table.roomy) * 2) / 2))
        for order, texts in enumerate(table.rows):
            row = ruled(texts, head=False, room=room if order in table.roomy else 0)
            if most - layout.page.used < row.rows:
                layout.turn(wide=layout.page.wide)
                if header:
                    put(header)
            if most - layout.page.used < row.rows:
                raise Refusal(
                    f"表格第{order + 1}行“{texts[0][:20]}”文字过多，一页排不下。请缩短该行的文字。", field="units"
                )
            put(row)
        layout.gap(math.ceil(layout.page.used + 0.25) - layout.page.used)
