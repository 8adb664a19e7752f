"""People, their roles and what each role may do; scope is a six-digit division code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
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
    REVIEW_LEGALITY = "review_legality"
    SERVE = "serve"
    SEAL = "seal"
    KEEP_SEALS = "keep_seals"
    CONFIRM_RULES = "confirm_rules"
    COUNTERSIGN_RULES = "countersign_rules"
    AUDIT = "audit"
    ADMINISTER = "administer"


_READERS = {Permission.READ}
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.REGISTRAR: frozenset(_READERS | {Permission.REGISTER, Permission.IMPORT}),
    Role.REVIEWER: frozenset(_READERS | {Permission.RECOMMEND, Permission.IMPORT}),
    Role.SIGNATORY: frozenset(_READERS | {Permission.SIGN, Permission.COUNTERSIGN_RULES}),
    Role.OFFICE: frozenset(_READERS | {Permission.SERVE, Permission.SEAL}),
    Role.LEGAL: frozenset(_READERS | {Permission.REVIEW_LEGALITY}),
    Role.RULES_OFFICER: frozenset(_READERS | {Permission.CONFIRM_RULES, Permission.COUNTERSIGN_RULES}),
    Role.AUDITOR: frozenset(_READERS | {Permission.AUDIT}),
    Role.ADMINISTRATOR: frozenset({Permission.ADMINISTER, Permission.KEEP_SEALS}),
}


class Level(IntEnum):
    """The three levels of offices, from the lowest to the highest."""

    BANNER = 1
    LEAGUE = 2
    REGION = 3

    @property
    def words(self) -> str:
        """As users read it."""
        return {1: "旗县（市、区）", 2: "盟市", 3: "自治区"}[self.value]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts: login, name, role, and the division (150000, a league or a banner) that is theirs.

    A deputy acts under his own login and name with the role and division of the one he stands in for (`stands_for`).
    """

    id: UUID
    login: str
    name: str
    role: Role
    scope: str
    stands_for: Person | None = None

    @property
    def both(self) -> tuple[Person, ...]:
        """Who acts and, for a deputy, who is stood in for: a part that either of them had bars both."""
        return (self,) if self.stands_for is None else (self, self.stands_for)

    @property
    def signature(self) -> str:
        """The name as records show it: 李四（代张三）."""
        return self.name if self.stands_for is None else f"{self.name}（代{self.stands_for.name}）"

    def may(self, permission: Permission) -> bool:
        """Whether the role includes it."""
        return permission in GRANTS[self.role]

    @property
    def level(self) -> Level:
        """The level of the office that is theirs."""
        if self.scope.endswith("0000"):
            return Level.REGION
        return Level.LEAGUE if self.scope.endswith("00") else Level.BANNER

    @property
    def scope_prefix(self) -> str:
        """What the banner codes of this person's projects begin with: 15, 1502 or 150204."""
        if self.scope.endswith("0000"):
            return self.scope[:2]
        return self.scope[:4] if self.scope.endswith("00") else self.scope
