"""The words of each letter: composed from its closed data by the templates in `templates/letters/texts`, one a kind."""

from __future__ import annotations

import re

from screening.domain.dispositions import MANY_UNITS
from screening.domain.errors import Refusal
from screening.domain.letters.inputs import LONGEST_FREE, LetterInputs, LetterKind, LetterUnit
from screening.domain.letters.letter import Attachment, Letter, Paragraph, Style, Table
from screening.wording.templates import Told, told
from screening.wording.values import short, shown, values_of

__all__ = ["compose", "template_of"]


def template_of(inputs: LetterInputs) -> str:
    """Which template says it: the kind's own, or the one for its ground."""
    by_class = inputs.ground in {"class_below", "class_between"}
    match inputs.kind:
        case LetterKind.RETROFIT:
            return {"gb_level3": "RETROFIT_LIMIT", "key_user": "RETROFIT_KEY_USER"}.get(
                inputs.ground, "RETROFIT_POLICY"
            )
        case LetterKind.RECTIFY if by_class and not inputs.by_person:
            return "RECTIFY_CLASS"
        case LetterKind.HALT if by_class and not inputs.by_person:
            return "HALT_DESIGN"
        case LetterKind.ELIMINATE if inputs.recipient:
            return "ELIMINATE_PROPOSAL"
        case _:
            return inputs.kind.value


def compose(inputs: LetterInputs) -> Letter:
    """The letter that `inputs` calls for; refuses, naming the value or the clause, where one is missing.

    The same data and templates give the same letter. A draft (no number, no day, no signatory, or `missing`
    sentences) is composed too, with blanks for number and day and the watermark 草稿.
    """
    said = told(template_of(inputs), inputs.kind.words, values_of(inputs))
    office = inputs.office
    contact = [f"{name}：{value}" for name, value in (("联系人", office.contact), ("联系电话", office.phone)) if value]
    notes = "，".join([*([inputs.remark.rstrip("。")] if inputs.remark else []), *contact])
    return Letter(
        style=said.style,
        issuer=office.name,
        mark=office.name + ("文件" if said.style is Style.DOCUMENT else ""),
        number=inputs.number,
        blank_number=f"{office.mark}〔　　〕　号",
        title=said.title,
        addressee=f"{said.addressee}（{inputs.attention}）" if said.addressee and inputs.attention else said.addressee,
        body=_body(said, inputs),
        table=_receipt_table(inputs) if inputs.kind is LetterKind.RECEIPT else None,
        attachments=_attachments(said, inputs),
        day=inputs.signed_on,
        note=f"（{notes}）" if notes and said.style is not Style.FORM else None,
        copies_to=inputs.copies_to,
        watermark="草稿" if inputs.draft else "样张" if inputs.sample else None,
        missing=inputs.missing,
        inputs=inputs,
        signatory=(inputs.signatory or "　　　") if inputs.kind is LetterKind.ELIMINATE and inputs.recipient else None,
    )


def _body(said: Told, inputs: LetterInputs) -> tuple[Paragraph, ...]:
    """The paragraphs with the drafter's own ones in their places."""
    for order, own in enumerate(inputs.free, 1):
        if not own.text.strip():
            raise Refusal(f"自拟段落第{order}项没有文字。请填写，或者删去这一段。", field="free")
        if len(own.text) > LONGEST_FREE:
            raise Refusal(
                f"自拟段落第{order}项共{len(own.text)}字，超过{LONGEST_FREE}字的上限。请缩短，或者分成几段。",
                field="free",
            )
    body: list[Paragraph] = []
    for part in said.body:
        if isinstance(part, Paragraph):
            body.append(part)
            continue
        lines = (line.strip() for own in inputs.free if own.place is part for line in own.text.splitlines())
        body += [Paragraph(line) for line in lines if line]
    return tuple(body)


def _attachments(said: Told, inputs: LetterInputs) -> tuple[Attachment, ...]:
    """The table of the units, where the text refers to it."""
    units = shown(inputs)
    if len(units) <= MANY_UNITS or not any(
        isinstance(p, Paragraph) and re.search("附件(?:所列|序号)|详见附件", p.text) for p in said.body
    ):
        return ()
    capacity = inputs.kind is LetterKind.ELIMINATE and inputs.recipient is not None
    name = "需要退出的装置情况表" if capacity else "能效对标情况表"
    return (Attachment(f"{inputs.project}{name}", table=_unit_table(units, capacity=capacity)),)


def _receipt_table(inputs: LetterInputs) -> Table:
    filled = {
        "送达机关": inputs.office.name,
        "案由": inputs.project,
        "文书名称及文号": inputs.earlier or "",
        "受送达人": inputs.enterprise,
    }
    names = (
        "送达机关", "案由", "文书名称及文号", "受送达人", "送达地点", "送达方式", "收到日期", "受送达人签名或者盖章",
        "代收人签名及代收理由", "送达人签名", "见证人签名", "备注",
    )  # fmt: skip
    written = frozenset(i for i, name in enumerate(names) if "签名" in name or name == "备注")
    return Table((), tuple((name, filled.get(name, "")) for name in names), (9, 19), roomy=written)


def _unit_table(units: tuple[LetterUnit, ...], *, capacity: bool) -> Table:
    measures = list(dict.fromkeys(u.unit for u in units if u.unit))
    one = measures[0] if len(measures) == 1 else None

    def figure(value: str | None, unit: LetterUnit) -> str:
        return "—" if value is None else value if one else f"{value}{unit.unit or ''}"

    columns = {
        "序号": [str(place) for place, _ in enumerate(units, 1)],
        "装置": [short(u) for u in units],
        "主要产品及工艺": [u.product + (f"（{u.variant}）" if u.variant else "") for u in units],
        "产能": [u.capacity or "未提供" for u in units] if capacity else [],
        "单位产品能耗": [figure(u.sec, u) for u in units],
        "标杆水平": [] if capacity else [figure(u.benchmark, u) for u in units],
        "基准水平": [figure(u.baseline, u) for u in units],
        "对标结论": [u.class_words for u in units],
    }
    filled = {name: cells for name, cells in columns.items() if cells}
    return Table(
        tuple(filled),
        tuple(zip(*filled.values(), strict=True)),
        (1,) * len(filled),
        f"单位：{one}" if one else None,
    )
