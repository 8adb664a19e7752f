"""Made-up seals and certificates: a red ring with a star, and PKCS#12 files of an office under a root of its own."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from PIL import Image, ImageDraw

RED = (215, 25, 25)
PASSPHRASE = "口令 of the test"  # opens certificates that tests make
OFFICE = "内蒙古自治区发展和改革委员会"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def drawn(
    side: int = 400, colour: tuple[int, int, int] = RED, *, ground: int = 0, height: int | None = None, margin: int = 0
) -> Image.Image:
    """A seal as people scan and clear it; `ground` is how dense what should be paper is."""
    image = Image.new("RGBA", (side, height or side), (*colour, ground))
    draw = ImageDraw.Draw(image)
    draw.ellipse((margin, margin, side - 1 - margin, side - 1 - margin), outline=(*colour, 255), width=side // 30)
    tips = [
        (side / 2 + side * far * math.sin(turn * math.pi / 5), side / 2 - side * far * math.cos(turn * math.pi / 5))
        for turn, far in enumerate([0.16, 0.065] * 5)
    ]
    draw.polygon(tips, fill=(*colour, 255))
    return image


def png(image: Image.Image, **more: object) -> bytes:
    """The file of a picture."""
    out = io.BytesIO()
    image.save(out, "PNG", **more)
    return out.getvalue()


def seal(colour: tuple[int, int, int] = RED) -> bytes:
    """A picture that is taken."""
    return png(drawn(colour=colour))


@dataclass(frozen=True)
class Certified:
    """Files of a certificate and of the root that issued it."""

    pkcs12: Path
    root: Path


def certificate(
    folder: Path, *, first: datetime = NOON - timedelta(days=30), last: datetime = NOON + timedelta(days=365)
) -> Certified:
    """A certificate of the office, for those days, and its root, which is embedded beside it."""

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def made(subject: str, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> x509.CertificateBuilder:
        usage = dict.fromkeys(
            ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
        )
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named("测试根证书"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOON - timedelta(days=9000) if ca else first)
            .not_valid_after(NOON + timedelta(days=9000) if ca else last)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not ca, content_commitment=not ca, key_cert_sign=ca, crl_sign=ca, **usage
                ),
                critical=True,
            )
        )

    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = made("测试根证书", above, ca=True).sign(above, hashes.SHA256())
    issued = made(OFFICE, own, ca=False).sign(above, hashes.SHA256())
    files = Certified(folder / "office.p12", folder / "root.pem")
    packed = pkcs12.serialize_key_and_certificates(
        b"office", own, issued, [root], BestAvailableEncryption(PASSPHRASE.encode())
    )
    files.pkcs12.write_bytes(packed)
    files.root.write_bytes(root.public_bytes(Encoding.PEM))
    return files
