"""Electronic signatures: last and behind the issued bytes, over the seal, and never valid once a byte has changed."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pypdfium2
import pytest

from screening.domain.errors import Refusal
from screening.domain.seals import SignatureState
from screening.printing import sealing, signing
from screening.wording import compose
from tests.letters import seals
from tests.letters.made import inputs, pdf

AT = seals.NOON.astimezone(ZoneInfo("Asia/Shanghai"))
FLIPS = 90


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> seals.Certified:
    return seals.certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def sealed() -> bytes:
    letter = compose(inputs())
    return sealing.stamp(pdf(inputs()), sealing.look(seals.seal()), letter, *sealing.place_of(letter))


@pytest.fixture(scope="module")
def signed(files: seals.Certified, sealed: bytes) -> signing.Signed:
    return signing.sign(sealed, files.pkcs12, seals.PASSPHRASE, *sealing.place_of(compose(inputs())), AT)


def state(data: bytes, files: seals.Certified, **more: object) -> SignatureState | None:
    found = signing.examine(data, **{"trusted": files.root, "at": AT, **more})  # type: ignore[arg-type]
    return found[0].state if found else None


def test_a_signature_covers_the_whole_and_changes_nothing(
    files: seals.Certified, sealed: bytes, signed: signing.Signed
) -> None:
    (found,) = signing.examine(signed.pdf, trusted=files.root, at=AT)

    assert signed.pdf.startswith(sealed)
    assert sealed.startswith(pdf(inputs()))
    assert found.state is SignatureState.VALID
    assert found.sentence == "签名后文件没有改动，证书受信任并在有效期内。"
    assert seals.OFFICE in str(found.subject)
    assert found.signed_at == AT
    assert found.fingerprint == signed.fingerprint
    assert sealing.differences(sealed, signed.pdf) is None
    assert len(signed.pdf) - len(sealed) < 12_000


def test_the_field_lies_over_the_seal_and_paints_nothing(sealed: bytes, signed: signing.Signed) -> None:
    page, place = sealing.place_of(compose(inputs()))
    reader = pypdf.PdfReader(io.BytesIO(signed.pdf))
    (widget,) = reader.pages[page - 1]["/Annots"]  # type: ignore[misc]
    left, foot, right, top = (float(edge) * 25.4 / 72 for edge in widget.get_object()["/Rect"])
    shown = [
        pypdfium2.PdfDocument(data)[page - 1].render(scale=1.5, may_draw_forms=True).to_pil()
        for data in (sealed, signed.pdf)
    ]

    assert widget.get_object()["/V"]["/SubFilter"] == "/ETSI.CAdES.detached"
    assert (left, 297 - top, right, 297 - foot) == pytest.approx(
        (place.left, place.top, place.left + 42, place.top + 42), abs=0.4
    )
    assert shown[0].tobytes() == shown[1].tobytes()


def test_no_flipped_byte_leaves_it_valid(files: seals.Certified, signed: signing.Signed) -> None:
    rolls = random.Random(7)  # noqa: S311  # places, no secrets
    gap = signed.pdf.rindex(b"/ByteRange")
    size = len(signed.pdf)
    places = {rolls.randrange(size) for _ in range(FLIPS // 3)}
    places |= {rolls.randrange(gap - 8_000, size) for _ in range(FLIPS)} | set(range(size - 12, size))
    assert state(signed.pdf, files) is SignatureState.VALID

    for place in sorted(places):
        changed = bytearray(signed.pdf)
        changed[place] ^= rolls.choice((0x01, 0x20, 0x80))
        assert state(bytes(changed), files) is not SignatureState.VALID, place


def test_what_is_added_or_cut_off_is_noticed(files: seals.Certified, sealed: bytes, signed: signing.Signed) -> None:
    letter = compose(inputs())
    again = sealing.stamp(signed.pdf, sealing.look(seals.seal((255, 0, 0))), letter, *sealing.place_of(letter))

    assert state(again, files) is SignatureState.CHANGED
    assert state(signed.pdf + b"\n", files) is SignatureState.CHANGED
    assert state(signed.pdf[:-1], files) is not SignatureState.VALID
    assert state(sealed, files) is None
    assert state(b"%PDF-1.7 /ByteRange", files) is SignatureState.CHANGED


def test_trust_and_time_are_told_apart(files: seals.Certified, signed: signing.Signed, tmp_path: Path) -> None:
    stranger = seals.certificate(tmp_path)

    assert state(signed.pdf, files, trusted=None) is SignatureState.UNTRUSTED
    assert state(signed.pdf, files, trusted=stranger.root) is SignatureState.UNTRUSTED
    assert state(signed.pdf, files, at=AT + timedelta(days=366)) is SignatureState.EXPIRED
    with pytest.raises(Refusal, match="SCREENING_TRUST"):
        state(signed.pdf, files, trusted=tmp_path / "none.pem")
    (tmp_path / "rubbish.pem").write_text("rubbish")
    with pytest.raises(Refusal, match="SCREENING_TRUST"):
        state(signed.pdf, files, trusted=tmp_path / "rubbish.pem")


def test_a_certificate_that_cannot_sign_says_why(sealed: bytes, files: seals.Certified, tmp_path: Path) -> None:
    where = sealing.place_of(compose(inputs()))
    (tmp_path / "rubbish.p12").write_bytes(b"rubbish")
    (tmp_path / "past").mkdir()
    (tmp_path / "future").mkdir()
    past = seals.certificate(tmp_path / "past", last=seals.NOON - timedelta(days=1)).pkcs12
    future = seals.certificate(tmp_path / "future", first=seals.NOON + timedelta(days=1)).pkcs12

    for file, passphrase, why in (
        (tmp_path / "none.p12", seals.PASSPHRASE, "“none.p12”不存在"),
        (tmp_path, seals.PASSPHRASE, "不存在或者打不开"),
        (tmp_path / "rubbish.p12", seals.PASSPHRASE, "不是 PKCS#12"),
        (files.pkcs12, "wrong", "口令不对"),
        (files.pkcs12, "", "口令不对"),
        (past, seals.PASSPHRASE, "已于2026年11月21日过期"),
        (future, seals.PASSPHRASE, "自2026年11月23日起才有效"),
    ):
        with pytest.raises(Refusal, match=why) as refused:
            signing.sign(sealed, file, passphrase, *where, AT)
        assert str(tmp_path) not in refused.value.message
        assert seals.PASSPHRASE not in refused.value.message


def test_what_signs_is_loaded_only_to_sign(tmp_path: Path) -> None:
    script = (
        "import sys; from screening.printing import sealing, signing; from pathlib import Path; "
        "from datetime import datetime, UTC; import screening.services.seals; "
        "signing.examine(b'%PDF-1.7', trusted=Path('none'), at=datetime.now(UTC)); "
        "sys.exit('pyhanko' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
