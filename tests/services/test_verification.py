"""Whether a letter is ours: the original alone passes, whatever is done to it; strangers learn what the paper says."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from datetime import date, timedelta

import pypdf
import pytest

from screening.domain.classification import Disposition
from screening.domain.errors import NotFound, Refusal
from screening.domain.letters import LetterInputs, LetterKind
from screening.services import letters, verification
from screening.services.specimens import specimen
from screening.services.verification import Identity, Standing
from tests.conftest import NOW, TODAY
from tests.services.desks import once, take_steps
from tests.services.sheets import row


def sign(desks):
    """A signed letter: its line, its bytes, its check code."""
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    letter = desks.sign(project).letter
    view = letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY)
    return letter, letters.render(desks.ledger, letter.id, by=desks.office), view.code


@pytest.fixture
@once
def signed(desks):
    """On each database."""
    return sign(desks)


def attached(pdf: bytes, data: str) -> bytes:
    """The letter with other data attached, its pages as they were."""
    writer = pypdf.PdfWriter()
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        writer.add_page(page)
    writer.add_attachment("decision.json", data.encode())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_number_and_code_together_tell_what_the_paper_is_worth(desks, signed) -> None:
    letter, _, code = signed
    paper, key = verification.look_up(desks.ledger, letter.number, code)
    assert (paper.number, paper.signed_on, paper.standing, paper.next) == (
        letter.number,
        TODAY,
        Standing.IN_FORCE,
        None,
    )
    assert key == letter.id
    typed = letter.number.replace("〔", " [").replace("〕", "]")
    assert verification.look_up(desks.ledger, typed, f"{code[:4]} {code[4:8]} {code[8:]}".upper())[0] == paper
    refused = []
    for number, other in (
        (letter.number, "0" * 12),
        (letter.number, code[:11]),
        ("某〔2026〕1号", code),
        (letter.number, ""),
    ):
        with pytest.raises(NotFound) as fault:
            verification.look_up(desks.ledger, number, other)
        refused.append(fault.value.message)
    assert len(set(refused)) == 1, "nobody learns whether the number is one of ours"


def test_a_number_is_found_however_it_is_typed(sqlite_desks) -> None:
    desks = sqlite_desks
    letter, _, code = sign(desks)
    wide = {ord("0") + n: "０１２３４５６７８９"[n] for n in range(10)}
    for typed in (letter.number.translate(wide), letter.number.replace("〔", " [").replace("〕", "] ")):
        assert verification.look_up(desks.ledger, typed, code.translate(wide).upper())[0].number == letter.number
        assert [one.id for one in letters.list_letters(desks.ledger, by=desks.office, q=typed.replace(" ", ""))] == [
            letter.id
        ]


def test_the_original_is_ours_and_its_facts_agree(desks, signed) -> None:
    letter, pdf, _ = signed
    found = verification.examine(desks.ledger, pdf, by=desks.office)
    assert (found.identity, found.letter) == (Identity.UNCHANGED, letter.id)
    assert len(found.rows) > 20
    assert all(one.same for one in found.rows)
    assert {"发文字号", "建设单位"} <= {one.name for one in found.rows}
    stranger = verification.examine(desks.ledger, pdf, by=None)
    assert stranger.ours
    assert (stranger.letter, stranger.rows) == (None, ())


def test_no_byte_may_differ(sqlite_desks) -> None:
    _, pdf, _ = sign(sqlite_desks)
    for turn in range(200):
        chance = int.from_bytes(hashlib.sha256(b"%d" % turn).digest())
        at = chance // 8 % len(pdf)
        broken = bytearray(pdf)
        broken[at] ^= 1 << chance % 8
        found = verification.issued(sqlite_desks.ledger, bytes(broken), by=sqlite_desks.office)
        assert found is None or found.identity is Identity.CHANGED, at
    for at in (len(pdf) // 3,):
        broken = bytearray(pdf)
        broken[at] ^= 1
        assert not verification.examine(sqlite_desks.ledger, bytes(broken), by=sqlite_desks.office).ours


def test_what_is_cut_off_or_appended_or_swapped_is_told(sqlite_desks) -> None:
    letter, pdf, _ = sign(sqlite_desks)
    ledger, office = sqlite_desks.ledger, sqlite_desks.office

    def told(content: bytes, by=office):
        return verification.examine(ledger, content, by=by)

    for more in (b" ", b"\n1 0 obj\n<<>>\nendobj\n%%EOF\n"):
        found = told(pdf + more)
        assert found.identity is Identity.CHANGED, more
        assert "追加" in found.message
    assert not told(pdf[: len(pdf) // 2]).ours
    mine = next(iter(pypdf.PdfReader(io.BytesIO(pdf)).attachments["decision.json"])).decode()
    found = told(attached(pdf, mine))
    assert found.identity is Identity.CHANGED
    assert "不是签发的原件" in found.message
    assert told(attached(pdf, mine), by=None).identity is Identity.CHANGED
    data = json.loads(mine)
    other = LetterInputs.from_data({**data, "enterprise": "别的公司", "due": None}).to_json()
    found = told(attached(pdf, other))
    assert found.identity is Identity.CHANGED
    assert [one.name for one in found.rows if not one.same][:1] == ["建设单位"]
    assert found.paper is not None
    assert found.paper.number == letter.number
    assert told(attached(pdf, other), by=None).identity is Identity.UNKNOWN, "a stranger learns nothing by a number"
    stranger = told(attached(pdf, LetterInputs.from_data({**data, "number": "某〔2026〕9号"}).to_json()))
    assert stranger.identity is Identity.UNKNOWN
    for odd in ('{"number": 7}', '{"number": "x", "signed_on": {"a": []}}', "[" * 100_000):
        assert not told(attached(pdf, odd)).ours


def test_drafts_specimens_and_hostile_files_are_none_of_ours(sqlite_desks) -> None:
    _, pdf, _ = sign(sqlite_desks)

    def told(content: bytes):
        return verification.examine(sqlite_desks.ledger, content, by=None)

    assert told(specimen(LetterKind.HALT, 1)[1]).identity is Identity.SPECIMEN
    data = LetterInputs.from_json(next(iter(pypdf.PdfReader(io.BytesIO(pdf)).attachments["decision.json"])).decode())
    draft = LetterInputs.from_data({**data.to_data(), "number": None}).to_json()
    assert told(attached(pdf, draft)).identity is Identity.DRAFT
    locked = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf)))
    locked.encrypt("geheim", algorithm="RC4-128")
    out = io.BytesIO()
    locked.write(out)
    found = told(out.getvalue())
    assert found.identity is Identity.UNKNOWN
    assert "密码" in found.message
    bomb = zlib.compress(b"0" * 300_000_000, 9)
    wrapped = (
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Names<</EmbeddedFiles<</Names[(decision.json)2 0 R]>>>>>>\nendobj\n"
        b"2 0 obj\n<</Type/Filespec/F(decision.json)/UF(decision.json)/EF<</F 3 0 R>>>>\nendobj\n3 0 obj\n"
        b"<</Type/EmbeddedFile/Filter/FlateDecode/Length " + str(len(bomb)).encode() + b">>\nstream\n" + bomb
        + b"\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
    )  # fmt: skip
    assert told(wrapped).identity is Identity.UNKNOWN
    assert told(b"%PDF-1.7\n" + b"1 0 obj\n" * 200_000).identity is Identity.UNKNOWN
    for refused in (b"", b"PK\3\4", b"hello"):
        with pytest.raises(Refusal, match="不是 PDF"):
            told(refused)
    with pytest.raises(Refusal, match="文件超过10 MB"):
        told(b"%PDF-" + b"0" * verification.LARGEST)


def test_a_void_letter_is_void_and_names_the_one_in_its_place(desks, signed) -> None:
    letter, pdf, code = signed
    letters.void(desks.ledger, letter.id, reason="文书有误", seen=letter.version, by=desks.signatory, at=NOW)
    paper, _ = verification.look_up(desks.ledger, letter.number, code)
    assert (paper.standing, paper.next) == (Standing.VOID, None)
    found = verification.examine(desks.ledger, pdf, by=desks.office)
    assert found.ours
    assert "已作废" in found.message


def test_nobody_learns_of_another_division(desks, signed) -> None:
    letter, pdf, _ = signed
    neighbour = desks.hire(desks.office.role, "neighbour", scope="150600")
    assert verification.frozen(desks.ledger, letter.id, by=neighbour) == ()
    assert verification.frozen(desks.ledger, letter.id, by=desks.office)
    assert verification.examine(desks.ledger, pdf, by=neighbour).identity is Identity.UNKNOWN


def test_the_facts_are_told_in_words_that_users_read(sqlite_desks) -> None:
    desks = sqlite_desks
    letter, pdf, _ = sign(desks)
    frozen = json.loads(letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY).inputs)
    frozen["free"] = [{"place": "after_facts", "text": "另有说明。"}]
    frozen["countersigned"] = [{"office": "生态环境部门", "name": "王五", "day": "2026-11-20"}]
    shown = {row.name: row.ours for row in verification.compared({}, frozen)}

    assert not [name for name in shown if any("a" <= sign <= "z" for sign in name)], "no name of ours in English"
    assert (shown["文书种类"], shown["建设状态"], shown["装置1·能效分类标识"]) == ("限期改造文书", "存量", "低于基准")
    assert (shown["处置事由"], shown["自拟段落1·位置"]) == ("超过限额标准", "事实之后")
    assert (shown["会签1·部门"], shown["会签1·会签人"], shown["会签1·日期"]) == ("生态环境部门", "王五", "2026-11-20")
    forged = attached(pdf, json.dumps({**frozen, "stage": "存量"}, ensure_ascii=False))
    told = verification.examine(desks.ledger, forged, by=desks.office)
    assert next(row for row in told.rows if row.name == "建设状态").file == "“存量”", "what we never write is quoted"


def served(desks, letter, on) -> None:
    """Printed, and served on that day."""
    at = NOW + (on - TODAY)
    letters.print_(desks.ledger, letter.id, by=desks.office, at=at)
    seen = letters.show(desks.ledger, letter.id, by=desks.office, today=on).line.version
    letters.serve(
        desks.ledger, letter.id, served_on=on, method="直接送达", receiver="李四", seen=seen, by=desks.office, at=at
    )


def again(desks, project, disposition, after: int, **more):
    """Another decision so many days later, signed."""
    at = NOW + timedelta(days=after)
    desks.recommend(project, disposition, **more)
    take_steps(desks.ledger, project, reviewer=desks.regional, legal=desks.legal, at=at)
    return desks.sign(project, at=at).letter


def worth(desks, letter) -> tuple[Standing, str | None]:
    """What the letter is worth, and the number of that in its place."""
    code = letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY).code
    paper, _ = verification.look_up(desks.ledger, letter.number, code)
    return paper.standing, paper.next


def test_a_term_that_another_letter_replaced_is_told_once_that_one_is_served(desks, signed) -> None:
    first, _, _ = signed
    served(desks, first, TODAY)
    second = again(desks, first.project, Disposition.RETROFIT, 2, due=date(2028, 3, 31))
    assert worth(desks, first) == (Standing.IN_FORCE, None), "until the new one is served"
    served(desks, second, TODAY + timedelta(days=3))
    assert worth(desks, first) == (Standing.REPLACED, second.number)
    third = again(desks, first.project, Disposition.RETROFIT, 5, due=date(2028, 1, 31))
    served(desks, third, TODAY + timedelta(days=6))
    assert worth(desks, first) == worth(desks, second) == (Standing.REPLACED, third.number)
    assert verification.worth(desks.ledger, first.id, by=desks.office).next == third.number
    assert worth(desks, third) == (Standing.IN_FORCE, None)


def test_an_opinion_gives_way_to_the_next_decision(sqlite_desks) -> None:
    desks = sqlite_desks
    desks.take_in([row(1, 实际单位产品能耗="850")])
    project = desks.find("第1")
    desks.recommend(project, Disposition.UPGRADE, due=None)
    first = desks.sign(project).letter
    served(desks, first, TODAY)
    second = again(desks, project, Disposition.UPGRADE, 2, due=None)
    assert worth(desks, first) == (Standing.IN_FORCE, None)
    served(desks, second, TODAY + timedelta(days=3))
    assert worth(desks, first) == (Standing.REPLACED, second.number)
    assert worth(desks, second) == (Standing.IN_FORCE, None)
