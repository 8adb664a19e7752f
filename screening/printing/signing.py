"""Electronic signatures (PAdES) of letters: put last, behind the issued bytes, and examined without any network."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from screening.domain.errors import Refusal
from screening.domain.seals import SignatureState
from screening.printing.pages import Seal

FIELD: Final = "Seal"
POINTS: Final = 72 / 25.4
SIGN: Final = b"/ByteRange"
"""What no signed PDF is without; pyHanko is loaded for such alone."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed letter and who signed it: the certificate's subject, its SHA-256, and until when it holds."""

    pdf: bytes
    subject: str
    fingerprint: str
    holds_until: datetime


@dataclass(frozen=True, slots=True)
class Examined:
    """A signature that was found: its worth with a sentence, whose it is, and when it was made (as the signer said)."""

    state: SignatureState
    sentence: str
    subject: str | None = None
    fingerprint: str | None = None
    signed_at: datetime | None = None


def _hush() -> None:
    """What goes wrong is told by our own sentences; pyHanko's tracebacks are for its developers."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _day(moment: datetime, at: datetime) -> str:
    """The day of a moment where `at` was told."""
    day = moment.astimezone(at.tzinfo)
    return f"{day.year}年{day.month}月{day.day}日"


def _name(held: Any) -> str:
    """Whose certificate it is, as people say it."""
    return str(held.subject.native.get("common_name") or held.subject.human_friendly)


def _signer(file: Path, passphrase: str, at: datetime) -> Any:
    from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415

    name = file.name
    try:
        content = file.read_bytes()
    except OSError as missing:
        raise Refusal(
            f"签名证书文件“{name}”不存在或者打不开，文书没有签名。请系统管理员核对设置 SCREENING_CERTIFICATE。"
        ) from missing
    try:
        signer = SimpleSigner.load_pkcs12_data(content, (), passphrase.encode() or None)
    except Exception as broken:
        raise Refusal(
            f"签名证书文件“{name}”打不开：口令不对，或者不是 PKCS#12 文件（.p12、.pfx）。文书没有签名。"
            "请系统管理员核对设置 SCREENING_CERTIFICATE_PASSPHRASE。"
        ) from broken
    held = signer.signing_cert
    if at < held.not_valid_before:
        raise Refusal(f"签名证书自{_day(held.not_valid_before, at)}起才有效，现在不能签名。请更换证书。")
    if at > held.not_valid_after:
        raise Refusal(f"签名证书已于{_day(held.not_valid_after, at)}过期，文书没有签名。请更换证书。")
    return signer


def sign(pdf: bytes, file: Path, passphrase: str, page: int, seal: Seal, at: datetime) -> Signed:
    """The letter signed as PAdES (ETSI.CAdES.detached); begins with `pdf`, byte for byte.

    `file` is PKCS#12. The field lies over the seal on that page (from 1) and paints nothing. `at` is the time of
    signing, told in the zone of the office.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import fields, signers  # noqa: PLC0415
    from pyhanko.stamp import StaticStampStyle  # noqa: PLC0415

    class AtThatTime(signers.PdfSigner):
        """Takes the time from us, not from the machine."""

        def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
            session = super().init_signing_session(pdf_out, existing_fields_only)
            session.system_time = at.replace(microsecond=0)
            return session

    _hush()
    signer = _signer(file, passphrase, at)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    height = float(writer.root["/Pages"].get("/MediaBox", (0, 0, 0, 841.889764))[3])
    left, top = seal.left * POINTS, height - seal.top * POINTS
    side = seal.size * POINTS
    box = (round(left), round(top - side), round(left + side), round(top))
    try:
        out = AtThatTime(
            signers.PdfSignatureMetadata(
                field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
            ),
            signer,
            stamp_style=StaticStampStyle(border_width=0, background_opacity=1.0),
            new_field_spec=fields.SigFieldSpec(FIELD, on_page=page - 1, box=box),
        ).sign_pdf(writer)
    except Exception as failed:
        raise Refusal(f"证书不能用于签名（{type(failed).__name__}），文书没有签名。请系统管理员更换证书。") from failed
    held = signer.signing_cert
    signed = out.getvalue()
    if not signed.startswith(pdf):
        raise Refusal("签名改动了文书原文，已放弃，文书没有签名。请联系维护人员。")
    return Signed(signed, _name(held), held.sha256.hex(), held.not_valid_after)


def roots(path: Path | None) -> tuple[Any, ...]:
    """The trusted root certificates of a PEM or DER file; none without a file."""
    if path is None:
        return ()
    from pyhanko.keys import load_certs_from_pemder_data  # noqa: PLC0415

    try:
        return tuple(load_certs_from_pemder_data(path.read_bytes()))
    except (OSError, ValueError) as broken:
        raise Refusal(
            f"受信任的根证书文件“{path.name}”不存在或者打不开，不能核验签名。请系统管理员核对设置 SCREENING_TRUST。"
        ) from broken


def examine(pdf: bytes, *, trusted: Path | None, at: datetime) -> tuple[Examined, ...]:
    """Every signature in the PDF, in order; empty where there is none. Nothing is fetched from anywhere.

    A signature is valid only if it covers the whole file, nothing was changed, and the certificate was issued by one
    of the trusted roots and holds at `at`.
    """
    if SIGN not in pdf:
        return ()
    anchors = roots(trusted)
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    _hush()
    try:
        found = list(PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures)
    except Exception:  # noqa: BLE001  # bytes from anywhere
        return (Examined(SignatureState.CHANGED, "文件损坏，签名读不出来。"),)
    return tuple(_examined(pdf, each, anchors, at, last=each is found[-1]) for each in found)


def _examined(pdf: bytes, found: Any, anchors: Sequence[Any], at: datetime, *, last: bool) -> Examined:
    from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415
    from pyhanko.sign.validation.errors import SignatureValidationError  # noqa: PLC0415
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415
    from pyhanko_certvalidator.errors import AlgorithmNotSupported  # noqa: PLC0415

    changed = Examined(SignatureState.CHANGED, "签名之后文件被改动，不能采信。")
    try:
        held = found.signer_cert
        who: dict[str, Any] = {
            "subject": _name(held),
            "fingerprint": held.sha256.hex(),
            "signed_at": found.self_reported_timestamp,
        }
        if last and not _whole(pdf, found):
            return changed
        context = ValidationContext(
            trust_roots=list(anchors), allow_fetching=False, moment=at, other_certs=list(found.other_embedded_certs)
        )
        status = validate_pdf_signature(found, signer_validation_context=context)
        covers = not last or status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        if not (
            status.intact
            and status.valid
            and covers
            and _strict(found, status.validation_path if status.trusted else None)
        ):
            return changed
    except AlgorithmNotSupported:
        return Examined(SignatureState.UNCHECKED, "签名所用的算法本程序不能核验，请用签章服务商的软件核验。")
    except SignatureValidationError as refused:
        if "not supported" in str(refused).lower():
            return Examined(SignatureState.UNCHECKED, "签名的格式本程序不能核验，请用签章服务商的软件核验。")
        return changed
    except Exception:  # noqa: BLE001  # bytes from anywhere: what cannot be read is not valid
        return changed
    if at > held.not_valid_after:
        sentence = f"签名后文件没有改动，但签名证书已于{_day(held.not_valid_after, at)}过期，现在不能再凭证书采信。"
        return Examined(SignatureState.EXPIRED, sentence, **who)
    if not status.trusted:
        why = "签发证书的机构不在受信任的根证书之列" if anchors else "没有设置受信任的根证书（SCREENING_TRUST）"
        return Examined(SignatureState.UNTRUSTED, f"签名后文件没有改动，但{why}。", **who)
    if not status.bottom_line:
        return changed
    return Examined(SignatureState.VALID, "签名后文件没有改动，证书受信任并在有效期内。", **who)


def _whole(pdf: bytes, found: Any) -> bool:
    """Whether every byte of the file is signed but for the signature itself, and that stands there in one spelling.

    What lies between the two signed ranges is not covered: else somebody could write there without being noticed.
    """
    start, first, second, rest = (int(n) for n in found.byte_range)
    if start != 0 or second + rest != len(pdf):
        return False
    gap = pdf[first:second]
    content = bytes(found.pkcs7_content)
    spelled = content.hex().encode()
    return gap in {b"<" + spelled + b">", b"<" + spelled.upper() + b">"} and not any(content[_length(content) :])


def _strict(found: Any, path: Any) -> bool:
    """Whether what the container carries unsigned is no more than its form demands, and what leads to the root."""
    data, content = found.signed_data, bytes(found.pkcs7_content)
    leads = None if path is None else {each.dump() for each in path.iter_certs(include_root=True)}
    return (
        (data["version"].native, found.signer_info["version"].native) == ("v1", "v1")
        and content[: _length(content)].endswith(data.dump(force=True))
        and [each.dump() for each in data["digest_algorithms"]] == [found.signer_info["digest_algorithm"].dump()]
        and (leads is None or all(each.dump() in leads for each in found.other_embedded_certs))
    )


def _length(der: bytes) -> int:
    """How many bytes the outermost DER value takes."""
    if der[1] < 0x80:
        return 2 + der[1]
    count = der[1] & 0x7F
    return 2 + count + int.from_bytes(der[2 : 2 + count], "big")
