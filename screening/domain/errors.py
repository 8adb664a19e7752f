"""Every refusal of the program: each carries the Chinese sentence that its reader will see."""

from __future__ import annotations


class Refusal(Exception):
    """Something was asked that cannot be done; `message` says in Chinese what to do instead."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class UnitMismatch(Refusal):
    """Two amounts of different measure units met."""


class NotFound(Refusal):
    """There is no such thing, or it lies outside the asker's scope: both look the same."""


class Forbidden(Refusal):
    """The person's role does not include this act."""


class Conflict(Refusal):
    """Somebody else changed the record since it was shown."""


class RulesInvalid(Refusal):
    """The rules on file contradict their own form; `problems` lists every place."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("规则文件有误：" + "；".join(problems))
        self.problems = problems
