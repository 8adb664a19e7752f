"""The settings, frozen, from the environment: an unknown or unusable one stops the start."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from screening.domain.errors import Refusal
from screening.domain.noticing import address

PREFIX = "SCREENING_"
NAMES = {
    "SCREENING_CERTIFICATE",
    "SCREENING_CERTIFICATE_OFFICE",
    "SCREENING_CERTIFICATE_PASSPHRASE",
    "SCREENING_FONTS",
    "SCREENING_HOST",
    "SCREENING_OFFICE_FONTS",
    "SCREENING_PUBLIC_URL",
    "SCREENING_SEAL_PROGRAM",
    "SCREENING_SECRET",
    "SCREENING_SECURE_COOKIES",
    "SCREENING_SMTP_HOST",
    "SCREENING_SMTP_PASSWORD",
    "SCREENING_SMTP_PORT",
    "SCREENING_SMTP_SECURITY",
    "SCREENING_SMTP_SENDER",
    "SCREENING_SMTP_USER",
    "SCREENING_TRUST",
    "SCREENING_VAR",
}
"""The settings of our own, beside DATABASE_URL and PORT."""
LONGEST_PORT = 65535
LEAST_SECRET = 32
LONGEST_URL = 100
SMTP_PORTS = {"starttls": 587, "ssl": 465, "none": 25}
"""How the mail server is spoken to, with the port that is usual for it."""
YES_NO = {"1": True, "yes": True, "0": False, "no": False, "": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """What letters are signed and sealed with beside pictures of seals; all of it may be absent.

    `certificate` is a PKCS#12 file, opened by `passphrase`, of the office with the code `office`; `trusted` the roots
    that signatures are examined by; `program` a licensed seal service's command (services/seals.py says what it does).
    """

    certificate: Path | None = None
    passphrase: str = field(default="", repr=False)
    office: str = "150000"
    trusted: Path | None = None
    program: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The mail server that takes the notices, and who sends them; `security` is one of SMTP_PORTS."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the program is told from outside.

    `var` is the folder for what the program keeps beside the database; `secret` signs form tokens (CSRF);
    `secure_cookies` where TLS stands in front. `sealing` is how letters are signed electronically, where they are.
    """

    database_url: str
    host: str
    port: int
    var: Path
    secret: str
    secure_cookies: bool
    sealing: Sealing = Sealing()
    post: Post | None = None
    """None: no e-mails."""
    public_url: str | None = None
    """Where people outside reach the site, for the QR codes of letters; None where they do not."""

    @property
    def address(self) -> str:
        """Where the site answers."""
        return f"http://{self.host}:{self.port}"

    @property
    def verify_at(self) -> str | None:
        """The page that verifies letters, as their QR codes say it."""
        return f"{self.public_url}/verify" if self.public_url else None


def var_folder(environment: Mapping[str, str]) -> Path:
    """SCREENING_VAR; else `var` in a source tree; else the user's data folder."""
    if environment.get("SCREENING_VAR"):
        return Path(environment["SCREENING_VAR"])
    tree = Path(__file__).resolve().parent.parent
    if (tree / "pyproject.toml").exists() and (tree / "rules").is_dir():
        return tree / "var"
    home = environment.get("XDG_DATA_HOME") or str(Path(environment.get("HOME", ".")) / ".local" / "share")
    return Path(home) / "screening"


def read(environment: Mapping[str, str], *, database_url: str | None = None) -> Config:
    """The settings; `database_url` (from --database) wins over DATABASE_URL."""
    unknown = sorted(n for n in environment if n.startswith(PREFIX) and n not in NAMES)
    if unknown:
        known = "、".join(sorted(NAMES))
        raise Refusal(f"不认识的设置：{'、'.join(unknown)}。可用的设置：DATABASE_URL、PORT、{known}。")
    port = environment.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 <= int(port) <= LONGEST_PORT):
        raise Refusal(f"PORT 为“{port}”，应为0至{LONGEST_PORT}的整数。")
    cookies = environment.get("SCREENING_SECURE_COOKIES", "").lower()
    if cookies not in YES_NO:
        raise Refusal(f"SCREENING_SECURE_COOKIES 为“{cookies}”，应为 yes 或 no。")
    secret = environment.get("SCREENING_SECRET")
    if secret is not None and len(secret) < LEAST_SECRET:
        raise Refusal(f"SCREENING_SECRET 只有{len(secret)}个字符，应至少{LEAST_SECRET}个。")
    var = var_folder(environment)
    url = database_url or environment.get("DATABASE_URL")
    if not url:
        var.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{var / 'ledger.db'}"
    return Config(
        database_url=url,
        host=environment.get("SCREENING_HOST") or "127.0.0.1",
        port=int(port),
        var=var,
        secret=secret or _kept_secret(var),
        secure_cookies=YES_NO[cookies],
        sealing=_sealing(environment),
        post=_post(environment),
        public_url=_public(environment.get("SCREENING_PUBLIC_URL", "").strip()),
    )


def _sealing(environment: Mapping[str, str]) -> Sealing:
    office = environment.get("SCREENING_CERTIFICATE_OFFICE") or "150000"
    if not (office.isascii() and office.isdigit() and len(office) == 6):
        raise Refusal(f"SCREENING_CERTIFICATE_OFFICE 为“{office}”，应为机关所在地的六位行政区划代码，如 150000。")
    try:
        program = tuple(shlex.split(environment.get("SCREENING_SEAL_PROGRAM", "")))
    except ValueError as unread:
        raise Refusal("SCREENING_SEAL_PROGRAM 的引号不配对。请填写完整的命令。") from unread
    certificate, trusted = environment.get("SCREENING_CERTIFICATE"), environment.get("SCREENING_TRUST")
    return Sealing(
        certificate=Path(certificate) if certificate else None,
        passphrase=environment.get("SCREENING_CERTIFICATE_PASSPHRASE", ""),
        office=office,
        trusted=Path(trusted) if trusted else None,
        program=program,
    )


def _post(environment: Mapping[str, str]) -> Post | None:
    given = {name: environment.get(f"SCREENING_SMTP_{name}", "").strip() for name in ("HOST", "PORT", "SENDER", "USER")}
    password = environment.get("SCREENING_SMTP_PASSWORD", "")
    if not given["HOST"]:
        if password or any(given.values()) or environment.get("SCREENING_SMTP_SECURITY"):
            raise Refusal(
                "设置了 SCREENING_SMTP_ 的其他项目，却没有 SCREENING_SMTP_HOST（邮件服务器）。请补上或者全部去掉。"
            )
        return None
    if re.fullmatch(r"[A-Za-z0-9.:-]+", given["HOST"]) is None:
        raise Refusal(
            f"SCREENING_SMTP_HOST 为“{given['HOST'][:80]}”，应为邮件服务器的域名或者地址，如 mail.example.gov.cn。"
        )
    security = environment.get("SCREENING_SMTP_SECURITY", "").lower() or "starttls"
    if security not in SMTP_PORTS:
        raise Refusal(f"SCREENING_SMTP_SECURITY 为“{security}”，应为 starttls、ssl 或 none。")
    port = given["PORT"] or str(SMTP_PORTS[security])
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= LONGEST_PORT):
        raise Refusal(f"SCREENING_SMTP_PORT 为“{port}”，应为1至{LONGEST_PORT}的整数。")
    if given["USER"] and security == "none" and given["HOST"] not in {"127.0.0.1", "::1", "localhost"}:
        raise Refusal("SCREENING_SMTP_SECURITY 为 none 时密码会以明文传送。请改用 starttls 或 ssl，或者不设用户名。")
    if bool(given["USER"]) != bool(password):
        raise Refusal("SCREENING_SMTP_USER 和 SCREENING_SMTP_PASSWORD 应同时设置或者都不设。")
    try:
        sender = address(given["SENDER"])
    except Refusal as refusal:
        raise Refusal(f"SCREENING_SMTP_SENDER（发件人）不对：{refusal.message}") from refusal
    return Post(
        host=given["HOST"], port=int(port), security=security, sender=sender, user=given["USER"], password=password
    )


def _public(told: str) -> str | None:
    """The address as it stands in a QR code: short, plain, without a slash at its end."""
    if not told:
        return None
    found = re.fullmatch(r"(https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~-]+)*)/*", told)
    if found is None or len(told) > LONGEST_URL:
        raise Refusal(
            f"SCREENING_PUBLIC_URL 为“{told[:80]}”，应为外部可以打开的网址，如 https://lgxm.example.gov.cn，"
            f"不超过{LONGEST_URL}个字符，不带问号和中文。"
        )
    return found[1]


def _kept_secret(var: Path) -> str:
    """The secret of this installation: made once, kept in `var` where only the owner reads it."""
    path = var / "secret"
    if path.exists():
        return path.read_text("ascii").strip()
    var.mkdir(parents=True, exist_ok=True)
    made = secrets.token_urlsafe(LEAST_SECRET)
    path.touch(mode=0o600)
    path.write_text(made, "ascii")
    return made
