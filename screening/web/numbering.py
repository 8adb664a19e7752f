"""文号: the register of numbers, the office's patterns, and letters on paper that are entered late."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField

from screening.domain.letters import LetterKind
from screening.domain.numbering import KIND, MARK, SERIAL, TAIL, YEAR, NumberGroup
from screening.domain.people import Permission
from screening.services import attachments, numbering, papers, registry
from screening.services.dispositions import TIMED
from screening.web.attachments import folder
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, DayField, FileField, LineField, needed
from screening.web.lists import as_file

pages = Guarded("numbering", __name__)


class RuleForm(ActForm):
    """Another pattern for a group, from a day on."""

    group = ChoiceField(
        "文种", [(g.value, g.words) for g in NumberGroup], validators=[needed("请选择这条规则用于哪些文种。")]
    )
    pattern = LineField(
        "文号规则",
        [needed("请填写文号规则。")],
        description=f"例如 内发改环资{TAIL}。{MARK}为机关代字，{KIND}为文种用字，{YEAR}为四位年份，{SERIAL}为顺序号。",
    )
    from_day = DayField("施行日期", [needed("请填写施行日期。")], description="今天或者以后，格式如 2027-01-01。")
    reason = LineField("依据", [needed("请写明变更的依据。")], description="例如：办公室关于公文字号的通知。")


class LateForm(ActForm):
    """What stands on a paper letter."""

    kind = ChoiceField(
        "文书种类", [(k.value, k.words) for k in numbering.NUMBERED], validators=[needed("请选择文书种类。")]
    )
    number = LineField("文号", [needed("请照纸质文书填写文号。")], description="例如 内发改两高改〔2025〕12号。")
    signed_on = DayField("签发日期", [needed("请照纸质文书填写签发日期。")], description="格式如 2025-03-01。")
    signatory = LineField("签发人", [needed("请填写纸质文书的签发人。")])
    addressee = LineField("收文单位", [needed("请填写纸质文书的主送单位。")])
    due = DayField(
        "到期日",
        description=f"只有{'、'.join(k.words for k in sorted(TIMED))}填写；登记送达后开始计算期限。"
        "已验收、已由后来的文书取代的留空。",
    )
    origin = ChoiceField(
        "补录原因", [(o.name, o.value) for o in papers.Origin], validators=[needed("请选择补录的原因。")]
    )
    scan = FileField("扫描件", description=f"{attachments.TAKEN}。")
    leaves_gap = BooleanField("允许空号：中间没有登记的序号不再自动编号")


@pages.get("/numbers", may=Permission.READ)
def register() -> ResponseReturnValue:
    """文号登记簿 of a year."""
    return render_template("numbering/register.html", shown=_register())


def _register() -> numbering.Registered:
    """The year that the address asks for; without one, the newest."""
    asked = request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == len("2026") else None
    return numbering.register(ledger(), by=person(), today=today(), year=year)


@pages.get("/numbers.pdf", may=Permission.READ)
def register_pdf() -> ResponseReturnValue:
    """文号登记簿 on paper."""
    return as_file(_register().listing, "pdf")


@pages.get("/numbers.xlsx", may=Permission.READ)
def register_xlsx() -> ResponseReturnValue:
    """文号登记簿 as a workbook."""
    return as_file(_register().listing, "xlsx")


@pages.get("/numbers.csv", may=Permission.READ)
def register_csv() -> ResponseReturnValue:
    """文号登记簿 as CSV."""
    return as_file(_register().listing, "csv")


def _rules(form: RuleForm | None = None) -> str:
    shown = numbering.rules_of(ledger(), by=person(), today=today())
    if form is None:
        given = {"key": new_key(), "seen": str(shown[0].version), "from_day": today()}
        form = RuleForm(formdata=None, data=given)
    return render_template("numbering/rules.html", shown=shown, form=form)


@pages.get("/numbers/rules", may=Permission.READ)
def rules() -> ResponseReturnValue:
    """文号规则 of the own office, with what was and what comes."""
    return _rules()


@pages.post("/numbers/rules", may=Permission.SERVE)
def change() -> ResponseReturnValue:
    """Numbers a group by another pattern."""
    form = RuleForm()
    if form.validate():
        with form.attempt():
            group = NumberGroup(form.group.data)
            read = numbering.change(
                ledger(),
                group,
                pattern=form.pattern.data,
                from_day=form.from_day.data,
                reason=form.reason.data,
                seen=form.version,
                key=form.once,
                by=person(),
                at=now(),
            )
            flash(f"自 {form.from_day.data} 起，{group.words}按“{read.text}”编号；已编的文号不变。", "good")
            return redirect(url_for("numbering.rules"), 303)
    return _rules(form), form.status


def _late(project: UUID, form: LateForm | None = None) -> str:
    view = registry.show(ledger(), project, by=person(), today=today())
    form = form or LateForm(formdata=None, data={"key": new_key(), "addressee": view.line.enterprise})
    return render_template("numbering/late.html", view=view, form=form, accepted=",".join(attachments.ACCEPTED))


@pages.get("/projects/<uuid:project>/letters/late", may=Permission.SERVE)
def late(project: UUID) -> ResponseReturnValue:
    """A letter on paper, to be entered beside the case of a project."""
    return _late(project)


@pages.post("/projects/<uuid:project>/letters/late", may=Permission.SERVE)
def enter(project: UUID) -> ResponseReturnValue:
    """Enters it."""
    registry.show(ledger(), project, by=person(), today=today())
    form = LateForm()
    found = form.scan.data if isinstance(form.scan.data, FileStorage) and form.scan.data.filename else None
    valid = form.validate()
    if found is None:
        form.refuse("请选择纸质文书的扫描件。", "scan")
    elif valid:
        with form.attempt():
            done = papers.enter(
                ledger(),
                project,
                papers.PaperLetter(
                    kind=LetterKind(form.kind.data),
                    number=form.number.data,
                    signed_on=form.signed_on.data,
                    signatory=form.signatory.data,
                    addressee=form.addressee.data,
                    origin=papers.Origin[form.origin.data],
                    due=form.due.data,
                ),
                scan=found.read(),
                name=found.filename or "",
                folder=folder(),
                leaves_gap=form.leaves_gap.data,
                key=form.once,
                by=person(),
                at=now(),
            )
            flash(f"已补录 {done.number}。这一系列以后自动编号从 {done.next} 起。请登记送达。", "good")
            return redirect(url_for("letters.show", letter=done.letter), 303)
    return _late(project, form), form.status
