"""How one cell is read: from what calamine gives (text, number, date, yes/no) to the exact text of the fact.

A reader returns the canonical text of the value (`plain` decimals, ISO dates, names as the rules spell them),
an int for years, None for blank, `Doubtful` for a value with a warning, or `Bad` for a cell that cannot be read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from operator import mul

from screening.domain.calendar import PartialDate
from screening.domain.quantity import fold, plain
from screening.domain.registry import INDUSTRY_WORDS, Field, Kind, Stage

BLANKS = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "－",
        "−",
        "/",
        "／",
        "//",
        "\\",
        "＼",
        "无",
        "N/A",
        "n/a",
        "NA",
        "NULL",
        "null",
    }
)
UNSAID = "未提供"
"""Written where the source says nothing of the field, although the sheet has its column; read back as such."""
UNCALCULATED = "公式（未计算）"
"""How a formula without its result is shown."""
EXACT = Context(prec=120, traps=[Inexact])

_EDGES = (
    " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-", 0x2013: "-", 0xFE63: "-"}
_SPACES = re.compile(r"[\s\u200b\ufeff]+")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_DAY = (
    re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?", re.ASCII),
    re.compile(r"(\d{4})(年)(\d{1,2})月(\d{1,2})[日号]?", re.ASCII),
    re.compile(r"(\d{4})()(\d{2})(\d{2})", re.ASCII),
)
_MONTH = (re.compile(r"(\d{4})[-/.](\d{1,2})", re.ASCII), re.compile(r"(\d{4})年(\d{1,2})月(?:份)?", re.ASCII))
_YEAR = re.compile(r"(\d{4})(?:年度?)?", re.ASCII)
_PROJECT_CODE = re.compile(r"\d{4}-\d{6}-\d{2}-\d{2}-\d{5}[0-9A-Za-z]?", re.ASCII)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUE = {sign: value for value, sign in enumerate(_CREDIT)}
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_MAX_WHOLE, _MAX_FRACTION = 15, 30
_ERROR = re.compile(r"#(?:REF!|DIV/0!|N/A|NAME\?|VALUE!|NUM!|NULL!|SPILL!|CALC!)|Err:\d{3}", re.IGNORECASE)
_FIRST_YEAR, _LAST_YEAR = 1949, 2100


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that cannot be read: what was expected (English, for scripts) and how to mend it (Chinese)."""

    expected: str
    message: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A value that is taken, with a warning."""

    value: str | int | None
    message: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An error cell of the sheet, #REF! and the like."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes/no cell of the sheet; kept apart because True and 1 are the same key to Python."""

    value: bool

    def __str__(self) -> str:
        return "TRUE" if self.value else "FALSE"


Value = str | int | None
Read = Value | Doubtful | Bad
Raw = object
Reader = Callable[[Raw], Read]


def number_text(value: float) -> str:
    """The shortest exact spelling of a number cell; 951.2 for the binary 951.20000000000005."""
    if isinstance(value, int):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = repr(value)
    return plain(Decimal(text)) if "e" in text else text


def typed(raw: Raw) -> str:
    """The cell as the person sees it, for messages."""
    match raw:
        case str():
            return raw.strip(_EDGES)
        case float() if raw != raw or raw in (float("inf"), float("-inf")):  # noqa: PLR0124  # NaN
            return str(raw)
        case int() | float():
            return number_text(raw)
        case dt.datetime() if raw.time() == dt.time():
            return raw.date().isoformat()
        case dt.datetime() | dt.date() | dt.time():
            return raw.isoformat()
        case _:
            return str(raw)


def clean(text: str) -> str | None:
    """Text without the spaces around it and without control characters; None for the signs of an empty cell."""
    text = text.strip(_EDGES)
    if text in BLANKS:
        return None
    if not text.isprintable():
        text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip(_EDGES)
    return text or None


def _broken(raw: Raw) -> Bad:
    if str(raw) == UNCALCULATED:
        return Bad("a value, not a formula", "公式没有保存计算结果；请用表格软件打开、重新计算并保存，或直接填写数值")
    return Bad("a value, not an error", f"单元格是错误值 {raw}，请改正公式或直接填写数值")


def read_text(raw: Raw) -> Read:
    """Any text, kept as it is typed; the text of an error, as .ods and .csv hold it, is an error."""
    if isinstance(raw, str):
        text = clean(raw)
        return _broken(text) if text and text[0] in "#Ee" and _ERROR.fullmatch(text) else text
    if isinstance(raw, Broken):
        return _broken(raw)
    return typed(raw)


def narrow(text: str) -> str:
    """Full-width letters, figures and signs made half-width; nothing else changes (² stays ²)."""
    return text.translate(_WIDE)


def read_code(raw: Raw) -> Read:
    """A code or telephone number: leading zeros and letters kept."""
    match raw:
        case str():
            found = read_text(raw)
            return clean(_SPACES.sub("", narrow(found))) if isinstance(found, str) else found
        case Broken():
            return _broken(raw)
        case float() | int() if abs(raw) >= 1e15:
            return Bad(
                "text cell",
                "代码存成了数值，Excel 只保留 15 位，后面的数字已经丢失；请把单元格设为“文本”格式后重新填写完整代码",
            )
        case _:
            return typed(raw)


def read_project_code(raw: Raw) -> Read:
    """An investment project code; a bad pattern warns."""
    found = read_code(raw)
    if isinstance(found, str) and not _PROJECT_CODE.fullmatch(found):
        return Doubtful(found, "项目代码不是“4位-6位-2位-2位-5或6位”的样式（如 2024-150204-26-03-000001），请核对")
    return found


def credit_code_valid(code: str) -> bool:
    """Whether the check digit of an 18-place GB 32100-2015 code is right."""
    if len(code) != 18 or not _CREDIT_VALUE.keys() >= set(code):
        return False
    total = sum(map(mul, _CREDIT_WEIGHTS, map(_CREDIT_VALUE.__getitem__, code)))
    return _CREDIT[-total % 31] == code[17]


def read_credit_code(raw: Raw) -> Read:
    """A GB 32100 code; a failed check digit warns, because real codes that fail exist."""
    found = read_code(raw)
    if not isinstance(found, str):
        return found
    found = found.upper()
    if re.fullmatch(r"\d(?:\.\d+)?E\+?\d+", found):
        return Bad("text cell", "代码被显示成科学记数法，数字已经丢失；请把单元格设为“文本”格式后重新填写完整代码")
    if len(found) != 18:
        return Doubtful(found, f"统一社会信用代码应为 18 位，此处为 {len(found)} 位，请核对")
    if not credit_code_valid(found):
        return Doubtful(found, "统一社会信用代码的校验位不对，请核对是否抄错")
    return found


def read_industry_code(raw: Raw) -> Read:
    """A GB/T 4754-2017 class: four digits."""
    found = read_code(raw)
    if isinstance(found, str) and not re.fullmatch(r"\d{4}", found, re.ASCII):
        return Bad("4 digits", "行业代码应为 GB/T 4754—2017 的 4 位数字（如 2613）；以 0 开头的请用文本格式填写")
    return found


_TIGHTEN = "请只填数字（如 951.2），不写单位、约数、范围或科学记数法；没有就留空"


def _amount(text: str, signed: bool) -> Read:
    whole, _, fraction = text.lstrip("+-").partition(".")
    if len(whole.lstrip("0")) > _MAX_WHOLE or len(fraction) > _MAX_FRACTION:
        return Bad("decimal number", f"数字过长（整数不超过 {_MAX_WHOLE} 位、小数不超过 {_MAX_FRACTION} 位），请核对")
    value = Decimal(text)
    if value < 0 and not signed:
        return Bad("non-negative decimal number", "此栏不能为负数，请核对")
    return plain(value)


def _number(raw: Raw, signed: bool) -> Read:
    expected = "decimal number" if signed else "non-negative decimal number"
    match raw:
        case float() | int():
            if raw != raw or raw in (float("inf"), float("-inf")):  # noqa: PLR0124  # NaN
                return Bad(expected, f"单元格不是有效数字；{_TIGHTEN}")
            text = number_text(raw)
            if len(text) > 16 and len(short := plain(Decimal(f"{raw:.15g}"))) < len(text) - 3:
                found = _amount(short, signed)
                return (
                    Doubtful(found, f"单元格是公式算出的 {text}，带有二进制尾差；按表格显示的 15 位有效数字取 {short}")
                    if isinstance(found, str)
                    else found
                )
            return _amount(text, signed)
        case str():
            text = raw.strip(_EDGES)
            if text in BLANKS:
                return None
            text = _SPACES.sub("", narrow(text))
            if "," in text and _THOUSANDS.fullmatch(text):
                text = text.replace(",", "")
            if _NUMBER.fullmatch(text):
                return _amount(text, signed)
            return Bad(expected, f"“{raw.strip(_EDGES)}”不是一个确定的数字；{_TIGHTEN}")
        case Broken():
            return _broken(raw)
        case dt.date() | dt.time() | dt.timedelta():
            return Bad(expected, f"单元格是日期或时间（{typed(raw)}），请把格式改为“数值”后重新填写")
        case _:
            return Bad(expected, f"单元格不是数字；{_TIGHTEN}")


def read_signed(raw: Raw) -> Read:
    """A decimal number of either sign."""
    return _number(raw, signed=True)


def read_amount(raw: Raw) -> Read:
    """A decimal number that is not negative."""
    return _number(raw, signed=False)


def plain_floats(cells: Iterable[Raw]) -> dict[Raw, str]:
    """The number cells among `cells` that need no judgement, spelled out: most of a ledger, many times as fast."""
    return {
        v: text.removesuffix(".0")
        for v in cells
        if v.__class__ is float and 0.001 <= v < 1e15 and len(text := repr(v)) <= 16
    }


def plain_texts(cells: Iterable[Raw]) -> dict[Raw, str]:
    """The text cells among `cells` that stay as they are, which is nearly all of them."""
    return {
        v: v
        for v in cells
        if v.__class__ is str
        and v not in BLANKS
        and v.isprintable()
        and v.strip(_EDGES) is v
        and v[0] not in "#Ee"
        and v != UNSAID
    }


def scaled(read: Reader, factor: Decimal) -> Reader:
    """The reader of a column whose header states another measure unit: figures times the exact factor."""
    if factor == 1:
        return read

    def scale(raw: Raw) -> Read:
        found = read(raw)
        if isinstance(found, Doubtful) and isinstance(found.value, str):
            return Doubtful(plain(EXACT.multiply(Decimal(found.value), factor)), found.message)
        return plain(EXACT.multiply(Decimal(found), factor)) if isinstance(found, str) else found

    return scale


def read_year(raw: Raw) -> Read:
    """A calendar year."""
    found = _YEAR.fullmatch(_SPACES.sub("", narrow(typed(raw)))) if not isinstance(raw, dt.date | Broken) else None
    if isinstance(raw, Broken):
        return _broken(raw)
    if isinstance(raw, str) and clean(raw) is None:
        return None
    year = raw.year if isinstance(raw, dt.date) else int(found[1]) if found else 0
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return Bad("year", "请填四位年份，如 2024")
    return year


_DATES = "请写成 2024-03-01、2024/3/1、2024.3.1、2024年3月1日 或 20240301；只知道月份或年份的写 2024年3月、2024"


def _date(year: str, month: str | None = None, day: str | None = None) -> Read:
    try:
        found = PartialDate(int(year), None if month is None else int(month), None if day is None else int(day))
    except ValueError:
        return Bad("date", f"没有这一天，请核对；{_DATES}")
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return Bad("date", f"年份 {found.year} 不合理，请核对；{_DATES}")
    if found.month is None:
        return Doubtful(str(found), "日期只写到年，按全年的区间处理；知道具体日期的请补全")
    if found.day is None:
        return Doubtful(str(found), "日期只写到月，按全月的区间处理；知道具体日期的请补全")
    return str(found)


_SERIAL, _SERIAL_ZERO = re.compile(r"[2-6]\d{4}"), dt.date(1899, 12, 30)
"""What a spreadsheet keeps a day of 1954 to 2091 as: days since its first one."""


def read_date(raw: Raw) -> Read:
    """A day, or only its month or year, in the forms of the contract."""
    match raw:
        case dt.date():
            return _date(str(raw.year), str(raw.month), str(raw.day))
        case Broken():
            return _broken(raw)
        case float() | int():
            text = number_text(raw)
            if not re.fullmatch(r"\d{4}|\d{8}", text):
                serial = (
                    f"若是日期序号，则为 {_SERIAL_ZERO + dt.timedelta(int(text))}" if _SERIAL.fullmatch(text) else None
                )
                why = serial or "2024.10 会变成 2024.1"
                return Bad("date", f"单元格是数值 {text}，不能确定是哪一天（{why}）；请改为日期格式或文本。{_DATES}")
        case str():
            cleaned = clean(raw)
            if cleaned is None:
                return None
            text = narrow(cleaned).strip()
        case _:
            return Bad("date", _DATES)
    tight = _SPACES.sub("", text)
    for pattern in _DAY:
        if found := pattern.fullmatch(text) or pattern.fullmatch(tight):
            return _date(found[1], found[3], found[4])
    for pattern in _MONTH:
        if found := pattern.fullmatch(tight):
            return _date(found[1], found[2])
    if found := _YEAR.fullmatch(tight):
        return _date(found[1])
    return Bad("date", f"“{text}”不是日期；{_DATES}")


def chooser(choices: dict[str, str], shown: Sequence[str]) -> Reader:
    """A reader of one of the choices: folded spelling -> value."""
    words = "、".join(shown)
    expected = "one of: " + ", ".join(shown)

    def choose(raw: Raw) -> Read:
        found = read_text(raw)
        if not isinstance(found, str):
            return found
        value = choices.get(fold(found))
        return value if value is not None else Bad(expected, f"“{found}”不在可选项内，请填其中之一：{words}")

    return choose


def read_yes_no(raw: Raw) -> Read:
    """是 or 否."""
    if isinstance(raw, Flag):
        return "是" if raw.value else "否"
    return _yes_no(raw)


_yes_no = chooser({"是": "是", "否": "否"}, ("是", "否"))
_INDUSTRIES = {fold(w): i.value for i, w in INDUSTRY_WORDS.items()}
_INDUSTRIES |= {f"{word}行业": value for word, value in _INDUSTRIES.items()} | {"有色金属": "nonferrous"}
_STAGES = {s.words: s.value for s in Stage}

_BY_KEY: dict[str, Reader] = {
    "code": read_project_code,
    "credit_code": read_credit_code,
    "industry_code": read_industry_code,
    "design_sec": read_signed,
    "actual_sec": read_signed,
}
_BY_KIND: dict[Kind, Reader] = {
    Kind.TEXT: read_text,
    Kind.CODE: read_code,
    Kind.NUMBER: read_amount,
    Kind.YEAR: read_year,
    Kind.DATE: read_date,
    Kind.YES_NO: read_yes_no,
    Kind.INDUSTRY: chooser(_INDUSTRIES, tuple(INDUSTRY_WORDS.values())),
    Kind.STAGE: chooser(_STAGES, tuple(_STAGES)),
}


def reader_of(field: Field) -> Reader:
    """The reader of a field's column; leagues and banners are read by `regions` instead."""
    if field.kind is Kind.CHOICE:
        return chooser({fold(c): c for c in field.choices}, field.choices)
    return _BY_KEY.get(field.key) or _BY_KIND[field.kind]
