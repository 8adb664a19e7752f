"""The check mark: on the last page of every numbered letter, outside the grid, read by a real decoder."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
import zxingcpp

from screening.domain.letters import LetterInputs, LetterKind
from tests.letters.made import inputs, marks, pdf

ADDRESS = "https://lgxm.fgw.nmg.example.gov.cn/verify"


def scanned(data: bytes) -> list[tuple[int, str, tuple[float, float, float, float]]]:
    """What a scanner of 200 dpi reads: page, text, box in mm."""
    found = []
    for page, drawn in enumerate(pypdfium2.PdfDocument(data)):
        picture = drawn.render(scale=200 / 72).to_pil().convert("L")
        for code in zxingcpp.read_barcodes(picture):
            p = code.position
            xs = [q.x / 200 * 25.4 for q in (p.top_left, p.top_right, p.bottom_left, p.bottom_right)]
            ys = [q.y / 200 * 25.4 for q in (p.top_left, p.top_right, p.bottom_left, p.bottom_right)]
            found.append((page, code.text, (min(xs), min(ys), max(xs), max(ys))))
    return found


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind is not LetterKind.RECEIPT])
def test_every_numbered_letter_bears_its_code_below_the_grid(kind: LetterKind) -> None:
    told = inputs(kind)
    data = pdf(told)
    last = len(pypdfium2.PdfDocument(data)) - 1

    ((page, text, (left, top, right, bottom)),) = scanned(data)

    code = hashlib.sha256(told.to_json().encode()).hexdigest()[:12]
    assert (page, text) == (last, f"{told.number} {code}")
    assert 262 < top < bottom < 277
    assert 27.5 < left < right < 184.5
    shown = "".join(m.text for m in marks(data)[last] if m.baseline > 262)
    assert f"{code[:4]}{code[4:8]}{code[8:]}" in shown.replace(" ", "")
    assert told.number in shown


def test_with_an_address_the_code_leads_to_number_and_code_there() -> None:
    told = inputs(verify_at=ADDRESS)

    ((_, text, (left, _, right, _)),) = scanned(pdf(told))

    assert text.startswith(f"{ADDRESS}?k=")
    packed, code = parse_qs(urlsplit(text).query)["k"][0].split(".")
    assert base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode() == told.number
    assert code == told.code
    assert right - left > 12


def test_a_draft_bears_none() -> None:
    assert scanned(pdf(replace(inputs(), number=None, signed_on=None, signatory=None))) == []


def test_the_code_tells_every_change_of_the_data() -> None:
    told = inputs()
    assert LetterInputs.from_json(told.to_json()).code == told.code
    assert replace(told, enterprise=told.enterprise + "一").code != told.code
