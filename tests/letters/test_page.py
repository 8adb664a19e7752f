"""The page: the official grid, measured in the PDF (letters.md section 8, items 1-5)."""

from __future__ import annotations

import io
import itertools

import pypdfium2
import pytest

from screening.domain.errors import Refusal
from screening.domain.letters import LetterKind, Office
from screening.printing.composer import CLOSING, OPENING, SQUEEZED
from screening.printing.pages import CHARACTER, ROW
from screening.services.specimens import specimen
from tests.letters.made import FURNACE_1, inputs, lines, marks, pdf, rules

SOLID = inputs(reasons="国" * 1500)


def test_a_full_page_of_solid_text_has_22_lines_of_28_characters() -> None:
    page = marks(pdf(SOLID))[2]

    found = lines(page)

    assert len(found) == 22
    full = [line for line in found if all(m.text == "国" for m in line)]
    assert len(full) >= 20
    for line in full:
        assert len(line) == 28
        assert line[0].left == pytest.approx(28.0, abs=0.1)
        assert line[-1].right == pytest.approx(184.0, abs=0.3)
    assert found[0][0].top == pytest.approx(37.0, abs=0.1)
    assert found[-1][0].bottom == pytest.approx(262.0, abs=0.1)


def test_every_body_line_stands_on_the_grid_even_with_a_name_from_the_fallback_font() -> None:
    data = pdf(inputs(enterprise="鄂尔多斯市堃喆垚能源化工有限公司", place="鄂尔多斯市𠮷林堃工业园区"))

    pages = marks(data)

    assert any("RareSong" in m.font for page in pages for m in page)
    for number, page in enumerate(pages):
        body = [line for line in lines(page) if number or line[0].top > 130]
        for line in body:
            for mark in line:
                rows = (mark.top - 37.0) / ROW
                assert abs(rows - round(rows)) * ROW < 0.05, (number, mark)


def test_lines_are_full_and_break_where_they_may() -> None:
    data = pdf(inputs(LetterKind.RETROFIT))
    pages = marks(data)
    for page in pages:
        for line in lines(page):
            text = "".join(m.text for m in line)
            assert text[0] not in CLOSING, text
            assert text[-1] not in OPENING, text
    body = [line for page in pages for line in lines(page)]
    for line, following in itertools.pairwise(body):
        indented = following[0].left > 28.5
        if not indented and line[0].baseline < following[0].baseline and line[0].left < 41:
            # the PDF gives a mark set half as wide its whole width; the blank half lies outside
            half = CHARACTER / 2 if line[-1].right > 185 and line[-1].text in SQUEEZED else 0.0
            assert line[-1].right - half == pytest.approx(184.0, abs=0.3), "".join(m.text for m in line)


def test_the_head_of_a_document() -> None:
    data = pdf(inputs())
    page = marks(data)[0]
    number = next(m for m in page if m.text == "〔")

    pixels = pypdfium2.PdfDocument(data)[0].render(scale=300 / 72).to_pil().convert("RGB")
    red_rows = [
        y for y in range(int(60 / 25.4 * 300), int(80 / 25.4 * 300))
        if any(_is_red(pixels.getpixel((x, y))) for x in range(0, pixels.width, 3))
    ]  # fmt: skip

    assert red_rows[0] / 300 * 25.4 == pytest.approx(72.0, abs=0.5)
    ((top, _, length),) = rules(data, 0, red=True)
    assert length == pytest.approx(156.0, abs=0.3)
    assert top - number.bottom == pytest.approx(4.0, abs=0.3)


def _is_red(pixel: tuple[int, int, int]) -> bool:
    return pixel[0] > 180 and pixel[1] < 90 and pixel[2] < 90


PROPOSAL = {"recipient": "内蒙古自治区人民政府", "instrument": "提出意见，报请责令停业整顿或者关闭"}


def test_a_letter_that_goes_up_names_its_signatory_beside_the_number() -> None:
    data = pdf(inputs(LetterKind.ELIMINATE, **PROPOSAL))
    found = {"".join(m.text for m in line): line for line in lines(marks(data)[0])}

    (line,) = (line for text, line in found.items() if text.endswith("签发人：苏和"))
    number, (label, name) = line[:-6], (line[-6:-2], line[-2:])
    assert number[0].left == pytest.approx(28.0 + CHARACTER, abs=0.1)
    assert name[-1].right == pytest.approx(184.0 - CHARACTER, abs=0.1)
    assert all("FangSong" in m.font for m in label)
    assert all("KaiTi" in m.font for m in name)
    ((top, _, _),) = rules(data, 0, red=True)
    assert top - number[0].bottom == pytest.approx(4.0, abs=0.3)


def test_only_a_letter_that_goes_up_names_its_signatory() -> None:
    for made in (inputs(), inputs(LetterKind.ELIMINATE), inputs(LetterKind.RETROFIT)):
        assert not [line for line in lines(marks(pdf(made))[0]) if "签发人" in "".join(m.text for m in line)]
    draft = pdf(inputs(LetterKind.ELIMINATE, **PROPOSAL, number=None, signatory=None, signed_on=None))
    assert [line for line in lines(marks(draft)[0]) if "签发人：" in "".join(m.text for m in line)]


def test_a_long_signatory_stands_over_the_number_and_one_that_has_no_room_is_refused() -> None:
    long = pdf(inputs(LetterKind.ELIMINATE, **PROPOSAL, signatory="阿拉坦·乌力吉巴图（代苏和巴特尔）"))
    found = {"".join(m.text for m in line): line for line in lines(marks(long)[0])}

    over, number = (next(line for text, line in found.items() if word in text) for word in ("签发人", "〔2026〕7号"))
    assert number[0].baseline - over[0].baseline == pytest.approx(ROW, abs=0.05)
    assert number[0].left == pytest.approx(28.0 + CHARACTER, abs=0.1)
    with pytest.raises(Refusal, match=r"签发人“阿+”过长"):
        pdf(inputs(LetterKind.ELIMINATE, **PROPOSAL, signatory="阿" * 26))


def test_the_foot_stands_on_the_edge_of_the_text_area() -> None:
    data = pdf(inputs())
    last = len(marks(data)) - 1

    found = rules(data, last)

    assert [length for _, _, length in found] == [pytest.approx(156.0, abs=0.2)] * 3
    assert [bottom - top for top, bottom, _ in found] == [pytest.approx(w, abs=0.06) for w in (0.35, 0.25, 0.35)]
    assert found[-1][1] == pytest.approx(262.0, abs=0.2)


def test_page_numbers() -> None:
    pages = marks(pdf(SOLID))
    for number, page in enumerate(pages, 1):
        signs = [m for m in page if "SongTi" in m.font]
        assert "".join(m.text for m in sorted(signs, key=lambda m: m.left)).replace(" ", "") == f"—{number}—"
        if number % 2:
            assert max(m.right for m in signs) == pytest.approx(179.06, abs=0.3)
        else:
            assert min(m.left for m in signs) == pytest.approx(32.94, abs=0.3)
    image = pypdfium2.PdfDocument(pdf(SOLID))[0].render(scale=300 / 72).to_pil().convert("L")
    rows = [
        y for y in range(int(264 / 25.4 * 300), int(275 / 25.4 * 300))
        if sum(image.getpixel((x, y)) < 128 for x in range(int(160 / 25.4 * 300), int(180 / 25.4 * 300))) > 60
    ]  # fmt: skip
    assert sum(rows) / len(rows) / 300 * 25.4 == pytest.approx(269.0, abs=0.3)


def test_issuer_stands_centred_over_the_date_four_characters_from_the_right() -> None:
    last = marks(pdf(inputs()))[-1]
    texts = {"".join(m.text for m in line): line for line in lines(last)}
    issuer, day = texts["内蒙古自治区发展和改革委员会"], texts["2026年11月22日"]

    assert 184.0 - day[-1].right == pytest.approx(4 * CHARACTER, abs=0.1)
    middle = [(line[0].left + line[-1].right) / 2 for line in (issuer, day)]
    assert middle[0] == pytest.approx(middle[1], abs=0.3)


def test_a_long_issuer_stays_within_the_text_area() -> None:
    office = Office(
        code="150722",
        name="莫力达瓦达斡尔族自治旗发展和改革委员会",
        mark="莫旗发改",
        government="莫力达瓦达斡尔族自治旗人民政府",
    )
    for page in marks(pdf(inputs(office=office))):
        assert all(m.left > 27.9 and m.right < (187 if m.text in SQUEEZED else 184.5) for m in page)


def test_a_letter_of_policy_has_the_letter_format() -> None:
    data = pdf(inputs(LetterKind.RETROFIT, ground="class_below"))

    found = rules(data, 0, red=True)

    assert [length for _, _, length in found] == [pytest.approx(170.0, abs=0.3)] * 4
    thickness = [bottom - top for top, bottom, _ in found]
    assert thickness[0] > thickness[1], "above: thick over thin"
    assert thickness[2] < thickness[3], "below: thin over thick"
    assert found[-1][1] == pytest.approx(277.0, abs=0.3)
    assert not [m for m in marks(data)[0] if "SongTi" in m.font], "page 1 of a letter has no number"
    assert [m for m in marks(data)[1] if "SongTi" in m.font]


def test_a_draft_says_so_on_every_page_and_what_is_missing_on_a_sheet_of_its_own() -> None:
    sentence = "电石的基准水平：未核实，须由规则员对照官方文本核对。"
    made = inputs(LetterKind.RETROFIT, number=None, signed_on=None, signatory=None, missing=(sentence,))

    text = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf(made))]

    assert all("草稿" in page for page in text)
    assert "电石的基准水平" in text[-1].replace("\r\n", "")
    assert "不具有法律效力" in text[-1].replace("\r\n", "")


def test_many_units_go_to_an_attached_table() -> None:
    units = tuple(FURNACE_1 for _ in range(40))
    made = inputs(LetterKind.RETROFIT, units=units)

    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf(made)))

    assert "附件：年产30万吨电石及配套石灰窑项目能效对标情况表" in text.replace("\r\n", "")
    assert text.count("951.2") == 40
    assert text.count("对标结论") > 1, "the head of the table stands on each of its pages"


@pytest.mark.parametrize("kind", list(LetterKind))
def test_a_specimen_of_every_kind_prints(kind: LetterKind) -> None:
    letter, data = specimen(kind, 3)

    assert letter.watermark == "样张"
    assert len(data) < 200_000
    assert io.BytesIO(data).read(5) == b"%PDF-"
