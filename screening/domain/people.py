"""People, their roles and what each role may do; scope is a six-digit division code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person is in the office."""

    REGISTRAR = "registrar"
    REVIEWER = "reviewer"
    SIGNATORY = "signatory"
    OFFICE = "office"
    LEGAL = "legal"
    RULES_OFFICER = "rules_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def words(self) -> str:
        """As users read it."""
        return {
            "registrar": "登记员",
            "reviewer": "审核员",
            "signatory": "签发人",
            "office": "文书室",
            "legal": "法制审核员",
            "rules_officer": "规则员",
            "auditor": "审计员",
            "administrator": "系统管理员",
        }[self.value]


class Permission(StrEnum):
    """One thing that a page lets a person do."""

    READ = "read"
    REGISTER = "register"
    IMPORT = "import"
    RECOMMEND = "recommend"
    SIGN = "sign"
    SERVE = "serve"
    CONFIRM_RULES = "confirm_rules"
    COUNTERSIGN_RULES = "countersign_rules"
    AUDIT = "audit"
    ADMINISTER = "administer"


_READERS = {Permission.READ}
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.REGISTRAR: frozenset(_READERS | {Permission.REGISTER, Permission.IMPORT}),
    Role.REVIEWER: frozenset(_READERS | {Permission.RECOMMEND, Permission.IMPORT}),
    Role.SIGNATORY: frozenset(_READERS | {Permission.SIGN, Permission.COUNTERSIGN_RULES}),
    Role.OFFICE: frozenset(_READERS | {Permission.SERVE}),
    Role.LEGAL: frozenset(_READERS),
    Role.RULES_OFFICER: frozenset(_READERS | {Permission.CONFIRM_RULES, Permission.COUNTERSIGN_RULES}),
    Role.AUDITOR: frozenset(_READERS | {Permission.AUDIT}),
    Role.ADMINISTRATOR: frozenset({Permission.ADMINISTER}),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts: login, name, role, and the division (150000, a league or a banner) that is theirs."""

    id: UUID
    login: str
    name: str
    role: Role
    scope: str

    def may(self, permission: Permission) -> bool:
        """Whether the role includes it."""
        return permission in GRANTS[self.role]

    @property
    def scope_prefix(self) -> str:
        """What the banner codes of this person's projects begin with: 15, 1502 or 150204."""
        if self.scope.endswith("0000"):
            return self.scope[:2]
        return self.scope[:4] if self.scope.endswith("00") else self.scope
