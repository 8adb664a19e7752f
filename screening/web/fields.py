"""The fields of our forms: they keep what was typed and say in Chinese what to type instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import (
    Field,
    FileField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from screening.domain.errors import Forbidden, NotFound, Refusal
from screening.domain.grounds import Faults
from screening.web.failures import status_of

NAMED = "*"
"""A refusal stands at the field that it names itself."""
PLAIN_NUMBER = re.compile(r"-?\d{1,12}(\.\d+)?", re.ASCII)
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)

__all__ = [
    "ActForm",
    "Choice",
    "ChoiceField",
    "DayField",
    "ExactField",
    "FileField",
    "HiddenField",
    "LineField",
    "SecretField",
    "SheetForm",
    "TextField",
    "TicksField",
    "VoidForm",
    "id_of",
    "needed",
]


def needed(message: str) -> InputRequired:
    """The field must be filled in; `message` says with what. (`DataRequired` would refuse a 0.)"""
    return InputRequired(message)


class SheetForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The base of every form: CSRF token, no browser bubbles, errors in the order of the fields."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """WTForms speaks Chinese where a message is not our own."""

        locales = ("zh", "zh_CN")

    status = 422
    """What a page answers with that shows the form again."""

    @contextmanager
    def attempt(self, field: str | None = NAMED) -> Iterator[None]:
        """Runs a use case: a refusal is put on the form; what is foreign or forbidden gets its own page.

        It stands at the field that the refusal names, or at `field` where the form knows better (None: on top).
        """
        try:
            yield
        except (NotFound, Forbidden):
            raise
        except Refusal as refusal:
            self.status = status_of(refusal)
            each = refusal.each if isinstance(refusal, Faults) else ((refusal.field, refusal.message),)
            for name, message in each:
                self.refuse(message, name if field == NAMED else field)

    def refuse(self, message: str, field: str | None = None) -> None:
        """Puts a refusal of the services beside the field that it names, or on top of the form."""
        target = self._fields.get(field) if field else None
        if target is None:
            self.form_errors.append(message)
        else:
            target.errors = [*target.errors, message]

    @property
    def problems(self) -> list[tuple[str | None, str]]:
        """(id of the field or None, message), in the order of the page."""
        found: list[tuple[str | None, str]] = [(None, str(message)) for message in self.form_errors]
        for field in self:
            for message in field.errors:
                anchor = None if field.name == "csrf_token" else field.id
                found.append((anchor, str(message)))
        return found


class ActForm(SheetForm):
    """A form that acts on a record: the version that the person saw, and a key that makes sending twice harmless."""

    seen = HiddenField()
    key = HiddenField()

    @property
    def version(self) -> int:
        """The version that the person had before the eyes; 0 (never a version) where it was tampered with."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    @property
    def once(self) -> str:
        """The idempotency key of this showing of the form."""
        return str(self.key.data or "")[:64]


def id_of(field: HiddenField) -> UUID:
    """What a hidden field names; the form was tampered with where it names nothing."""
    try:
        return UUID(field.data or "")
    except ValueError:
        raise Refusal("表单不完整。请刷新页面后重新填写。") from None


class _Typed(Field):
    """A one-line box that shows again what was typed when it could not be read."""

    widget = TextInput()
    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.spell(self.data)

    def spell(self, data: Any) -> str:
        """How a value that was not typed is shown."""
        return str(data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = unicodedata.normalize("NFKC", str(valuelist[0])).strip() if valuelist else ""
        self.data = self.read(typed) if typed else None

    def read(self, typed: str) -> Any:
        """The value that was typed; ValueError says what to type."""
        raise NotImplementedError


class ExactField(_Typed):
    """A signed decimal: no exponents, no NaN, no separators to guess at."""

    def read(self, typed: str) -> Decimal:
        if not PLAIN_NUMBER.fullmatch(typed):
            raise ValueError(f"“{typed}”不是数字。请填写如 117.5 或 -12.3 的数字，不带千位分隔符和单位。")
        return Decimal(typed)


class DayField(_Typed):
    """A whole day, in any of the usual spellings; shown as 2026-11-22."""

    def read(self, typed: str) -> date:
        found = DAY.fullmatch(typed.replace(" ", "")) or COMPACT_DAY.fullmatch(typed)
        if found is None:
            raise ValueError(f"“{typed}”不是日期。请按 2026-11-22 的格式填写年、月、日。")
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError as error:
            raise ValueError(f"“{typed}”这一天不存在。请核对年、月、日。") from error


class SecretField(PasswordField):
    """A password; never shown again."""

    data: Any


class LineField(StringField):
    """One line of text; blank counts as nothing."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]).strip() if valuelist else None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # WTForms calls it so
        if self.data and len(self.data) > 500:
            raise ValidationError("文字过长。请控制在 500 字以内。")
        if self.data and any(unicodedata.category(sign) == "Cc" for sign in self.data):
            raise ValidationError("文字中有不可见的控制字符。请重新输入，不要从其他软件整段粘贴。")


class TextField(TextAreaField):
    """Several lines of text; blank counts as nothing."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]).replace("\r\n", "\n").strip() if valuelist else None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # WTForms calls it so
        if self.data and len(self.data) > 4000:
            raise ValidationError("文字过长。请控制在 4000 字以内。")


Choice = tuple[str, str]
"""(value, words)."""


class ChoiceField(SelectField):
    """One of a list; an empty first line asks for a choice."""

    choices: Any

    def __init__(
        self, label: str, choices: Iterable[Choice] = (), *, blank: str | None = "请选择", **more: Any
    ) -> None:
        super().__init__(label, choices=_options(choices, blank), coerce=str, validate_choice=False, **more)
        self.blank = blank

    def offer(self, choices: Iterable[Choice]) -> None:
        """Sets the list when it is only known at the time of the request."""
        self.choices = _options(choices, self.blank)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # WTForms calls it so
        values = [choice.value for choice in self.choices]
        if self.data and self.data not in values:
            raise ValidationError("不在可选范围内。请从列表中选择一项。")


class TicksField(SelectMultipleField):
    """Any number of a list, as check boxes."""

    choices: Any

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, choices: Sequence[Choice] = (), **more: Any) -> None:
        super().__init__(label, choices=_options(choices, None), coerce=str, validate_choice=False, **more)

    def offer(self, choices: Iterable[Choice]) -> None:
        """Sets the list when it is only known at the time of the request."""
        self.choices = _options(choices, None)

    @property
    def ids(self) -> tuple[UUID, ...]:
        """What was ticked, where the values are ids; known to be of the list once the form was validated."""
        return tuple(UUID(value) for value in self.data or ())

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # WTForms calls it so
        values = {choice.value for choice in self.choices}
        if not set(self.data or ()) <= values:
            raise ValidationError("勾选的内容不在列表中。请刷新页面后重新勾选。")


def _options(choices: Iterable[Choice], blank: str | None) -> list[SelectChoice]:
    head = [] if blank is None else [SelectChoice(value="", label=blank)]
    return head + [SelectChoice(value=value, label=label) for value, label in choices]


class VoidForm(ActForm):
    """Which entry does not count, and why."""

    entry = HiddenField()
    reason = TextField("作废理由", [needed("请写明作废的理由。")])
