"""Seals and electronic signatures of letters: how an edition came about, and what a signature is worth."""

from __future__ import annotations

from enum import StrEnum


class EditionKind(StrEnum):
    """How an issued letter was sealed."""

    PICTURE = "picture"
    SIGNATURE = "signature"
    SERVICE = "service"

    @property
    def words(self) -> str:
        """As users read it."""
        return {"picture": "加盖印模", "signature": "电子签名", "service": "电子印章服务"}[self.value]


class SignatureState(StrEnum):
    """What a signature in a PDF is worth."""

    VALID = "valid"
    CHANGED = "changed"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    UNCHECKED = "unchecked"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "valid": "签名有效",
            "changed": "文件被改动",
            "untrusted": "证书不受信任",
            "expired": "证书过期",
            "unchecked": "未能核验",
        }[self.value]
