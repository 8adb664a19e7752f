"""WeasyPrint as letters need it: nothing fetched, no complaint passed over, nothing done twice.

WeasyPrint reads fontconfig's settings when it is imported: `renderer` sets them and imports this module after that.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from xml.etree.ElementTree import XML  # reads our own template only

import cssselect2
import pydyf
import weasyprint
from weasyprint import css
from weasyprint.text.fonts import FontConfiguration
from weasyprint.text.line_break import Layout as Shaped
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from screening.domain.errors import Refusal

Attachment: Final = weasyprint.Attachment


class Sealed(URLFetcher):  # type: ignore[misc]  # WeasyPrint is untyped
    """A fetcher that fetches nothing: letters are made of their data alone."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002  # its signature
        raise Refusal(f"文书内容要求读取外部资源“{url[:80]}”，已拒绝，文书未生成。")


SEALED: Final = Sealed()


class WellFormed(weasyprint.HTML):  # type: ignore[misc]
    """Well-formed HTML with a style sheet that leaves nothing to a browser's own.

    WeasyPrint's parser forgives what our template does not do, and its style sheet for the whole of HTML is matched
    with every element: together they take a tenth of a letter's time.
    """

    def __init__(self, html: str) -> None:
        self.base_url = None
        self.url_fetcher = SEALED
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(XML(html), content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[Any]:  # noqa: ARG002  # its signature
        return []


def font_configuration() -> FontConfiguration:
    """The fonts of the process, to be made once."""
    return FontConfiguration()


def html(text: str) -> Any:
    """Any HTML, read as a browser would."""
    return weasyprint.HTML(string=text, url_fetcher=SEALED)


def style_sheet(text: str, fonts: FontConfiguration) -> Any:
    """A style sheet that may be used for many documents."""
    return weasyprint.CSS(string=text, font_config=fonts, url_fetcher=SEALED)


class _Deflate:
    """zlib as the PDF writer calls it, but at level 4: at 9 a letter takes a fifth longer to lose 4 KB."""

    compress = staticmethod(zlib.compress)

    @staticmethod
    def compressobj(**_: int) -> Any:
        return zlib.compressobj(4)


pydyf.zlib = _Deflate


class _Written(pydyf.Object):  # type: ignore[misc]
    """An object put down as bytes."""

    data = b""
    compressible = False


def write_once(pdf: pydyf.PDF) -> None:
    """Puts every object down as bytes: the writer asks for them twice, and would compress all fonts and pages twice."""
    for place, one in enumerate(pdf.objects[1:], 1):
        done = pdf.objects[place] = _Written()
        done.number, done.compressible, done.data = one.number, one.compressible, one.data


@contextmanager
def quickly() -> Iterator[None]:
    """Spares WeasyPrint what a letter does not need.

    It drops the shape of a line between layout and drawing, so that books fit in memory (a list of 3,000 rows is one),
    and looks for functions such as calc() in every value, of which the style of letters has none.
    """
    before = Shaped.deactivate, Shaped.reactivate, css.check_math
    Shaped.deactivate = Shaped.reactivate = lambda *_: None
    css.check_math = lambda _: False
    try:
        yield
    finally:
        Shaped.deactivate, Shaped.reactivate, css.check_math = before


class _Complaints(logging.Handler):
    """Keeps what WeasyPrint only logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


@contextmanager
def strict() -> Iterator[None]:
    """Turns any warning of WeasyPrint, and any attempt to fetch, into a refusal."""
    logger = logging.getLogger("weasyprint")
    complaints = _Complaints()
    before, spread = logger.level, logger.propagate
    logger.addHandler(complaints)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    except FatalURLFetchingError as refused:  # a BaseException: nothing else would catch it
        raise Refusal(f"文书内容要求读取外部资源，已拒绝，文书未生成：{refused}") from refused
    finally:
        logger.removeHandler(complaints)
        logger.setLevel(before)
        logger.propagate = spread
    if complaints.found:
        raise Refusal("排版程序报告问题，文书未生成：" + "；".join(dict.fromkeys(complaints.found)))
