"""文书草稿: the wording that a drafter may edit beside the PDF, its versions word by word, what others say of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from screening.domain.drafting import DraftPart, PartDifference, Texts, differences
from screening.domain.errors import Forbidden, NotFound, Refusal
from screening.domain.people import Permission
from screening.services import drafting, registry
from screening.web.desk import ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, HiddenField, LineField, SheetForm, TextField

pages = Guarded("drafting", __name__)

HINTS = {
    DraftPart.ATTENTION: "写在主送单位名称之后的括号内。",
    DraftPart.REASONS: "写在依据之后。",
    DraftPart.AFTER_FACTS: "每行一段。",
    DraftPart.BEFORE_REMEDIES: "每行一段。",
    DraftPart.REMARK: "落款之后括号内，在联系人之前。",
    DraftPart.COPIES_TO: "每行一个机关。",
}
ROWS = {DraftPart.REASONS: 4, DraftPart.AFTER_FACTS: 4, DraftPart.BEFORE_REMEDIES: 3, DraftPart.COPIES_TO: 2}


class LongField(TextField):
    """Paragraphs; how long they may be is said by the services, paragraph by paragraph."""

    def pre_validate(self, form: Any) -> None:
        """Nothing is refused here, so that the refusal names the paragraph."""


class DraftForm(ActForm):
    """The texts of a draft, and why they change."""

    letter = HiddenField()
    attention = LineField(DraftPart.ATTENTION.words, description=HINTS[DraftPart.ATTENTION])
    reasons = LongField(DraftPart.REASONS.words, description=HINTS[DraftPart.REASONS])
    after_facts = LongField(DraftPart.AFTER_FACTS.words, description=HINTS[DraftPart.AFTER_FACTS])
    before_remedies = LongField(DraftPart.BEFORE_REMEDIES.words, description=HINTS[DraftPart.BEFORE_REMEDIES])
    remark = LineField(DraftPart.REMARK.words, description=HINTS[DraftPart.REMARK])
    contact = LineField(DraftPart.CONTACT.words)
    phone = LineField(DraftPart.PHONE.words)
    copies_to = LongField(DraftPart.COPIES_TO.words, description=HINTS[DraftPart.COPIES_TO])
    why = LineField("修改说明", description="改了什么，为什么；随版本保存。")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for part, rows in ROWS.items():
            self[part.value].render_kw = {"rows": rows}

    @property
    def number(self) -> int:
        """The version that was edited: 0 where there was none yet. The form counts one up, as 0 is tampered with."""
        return self.version - 1

    def texts(self) -> Texts:
        """What was typed."""
        return Texts.read({part.value: self[part.value].data for part in DraftPart})


class RestoreForm(ActForm):
    """An older version that is to be the newest again."""

    letter = HiddenField()
    taken = HiddenField()
    why = LineField("修改说明", description="不填写的，记为“恢复第几版”。")

    number = DraftForm.number


class CommentForm(ActForm):
    """Something said of a draft."""

    letter = HiddenField()
    about = ChoiceField("针对", blank="整份文书")
    text = LongField("意见")
    must = BooleanField("须先处理：了结之前不能签发")

    number = DraftForm.number


class RespondForm(SheetForm):
    """What becomes of the ticked comments."""

    text = LongField("答复", description="采纳的说明改在哪里，不采纳的说明理由；了结时不填。")


def _sheet(project: UUID, letter: str | None) -> drafting.Sheet:
    return drafting.sheet(ledger(), project, letter or None, by=person(), at=now())


def _page(
    project: UUID,
    letter: str | None,
    *,
    form: DraftForm | None = None,
    comment: CommentForm | None = None,
    respond: RespondForm | None = None,
    theirs: tuple[PartDifference, ...] = (),
    picked: tuple[str, ...] = (),
) -> str:
    sheet = _sheet(project, letter)
    if form is None:
        form = DraftForm(
            formdata=None, data={"key": new_key(), **{part.value: sheet.texts.typed(part) for part in DraftPart}}
        )
        form.seen.data = str(sheet.tab.number + 1)
    form.letter.data = sheet.tab.part
    if comment is None:
        comment = CommentForm(formdata=None, data={"key": new_key()}, prefix="comment-")
    comment.seen.data = str(sheet.tab.number + 1)  # also after a refusal: the page now shows the newest version
    comment.letter.data = sheet.tab.part
    texts = [text for _, text in sheet.paragraphs]
    comment.about.offer([(e, f"第{n}段：{e}") for n, e in enumerate(map(drafting.excerpt, texts), 1)])
    respond = respond or RespondForm(formdata=None, prefix="respond-")
    offered = sheet.offered
    return render_template(
        "drafting/show.html",
        sheet=sheet,
        form=form,
        comment=comment,
        respond=respond,
        wrong=next((one for one in (form, comment, respond) if one.problems), None),
        theirs=theirs,
        picked=picked,
        parts=tuple(DraftPart),
        offered=differences(sheet.generated, offered.texts) if offered else (),
        offer=RestoreForm(
            formdata=None, data={"key": new_key(), "seen": "1", "letter": sheet.tab.part}, prefix="offer-"
        ),
        preview=_preview(project, sheet.tab),
    )


def _preview(project: UUID, tab: drafting.Tab) -> str:
    if tab.place is None:
        return url_for("procedure.notice_draft", project=project, kind=tab.kind.value)
    return url_for("letters.draft", project=project, place=tab.place)


def _too_late(project: UUID, refusal: Refusal, typed: Iterable[tuple[str, str | None]] = ()) -> str:
    """There is no draft any more: why, where things stand now, and what was typed, to be copied."""
    view = registry.show(ledger(), project, by=person(), today=today())
    kept = [(words, text) for words, text in typed if text]
    return render_template("drafting/late.html", view=view, message=refusal.message, kept=kept)


def _gone(project: UUID, letter: str | None) -> Refusal | None:
    """Why there is no such draft any more; what is foreign or forbidden gets its own page."""
    try:
        _sheet(project, letter)
    except (NotFound, Forbidden):
        raise
    except Refusal as refusal:
        return refusal
    return None


@pages.get("/projects/<uuid:project>/drafts", may=Permission.READ)
def show(project: UUID) -> ResponseReturnValue:
    """The draft of one letter of the open recommendation, with its PDF beside it."""
    gone = _gone(project, request.args.get("letter"))
    if gone:
        return _too_late(project, gone), 422
    return _page(project, request.args.get("letter"))


@pages.post("/projects/<uuid:project>/drafts", may=Permission.RECOMMEND)
def save(project: UUID) -> ResponseReturnValue:
    """Saves a version. Where another one came meanwhile, both stand on the page and nothing typed is lost."""
    form = DraftForm()
    letter = form.letter.data
    gone = _gone(project, letter)  # foreign is missing before anything else is said
    if gone:
        return _too_late(
            project, gone, [(form[part.value].label.text, form[part.value].data) for part in DraftPart]
        ), 409
    theirs: tuple[PartDifference, ...] = ()
    if form.validate():
        try:
            with form.attempt():
                try:
                    number = drafting.save(
                        ledger(), project, letter or "", form.texts(), why=form.why.data or "", seen=form.number,
                        key=form.once, by=person(), at=now(),
                    )  # fmt: skip
                    flash(f"已保存为第{number}版。", "good")
                    return redirect(url_for("drafting.show", project=project, letter=letter), 303)
                except drafting.Overtaken as overtaken:
                    merged = overtaken.merged(form.texts())
                    theirs = differences(overtaken.theirs, merged)
                    for part in DraftPart:
                        form[part.value].data = merged.typed(part)
                    form.seen.data = str(overtaken.number + 1)
                    raise
        finally:
            form.key.data = new_key() if theirs else form.key.data
    return _page(project, letter, form=form, theirs=theirs), form.status


def _version(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound("没有这个草稿版本。请从版本列表中选择。") from None


def _versions_page(project: UUID, letter: str | None) -> str:
    found = drafting.compare(
        ledger(), project, letter or None, old=_version(request.args.get("old")), new=_version(request.args.get("new")),
        by=person(),
    )  # fmt: skip
    form = RestoreForm(formdata=None, data={"key": new_key(), "letter": found.part})
    form.seen.data = str(found.number + 1)
    return render_template("drafting/versions.html", found=found, form=form)


@pages.get("/projects/<uuid:project>/drafts/versions", may=Permission.READ)
def versions(project: UUID) -> ResponseReturnValue:
    """The versions of a draft, and two of them word by word."""
    return _versions_page(project, request.args.get("letter"))


@pages.post("/projects/<uuid:project>/drafts/restore", may=Permission.RECOMMEND)
def restore(project: UUID) -> ResponseReturnValue:
    """Makes an older version the newest."""
    form = RestoreForm(prefix="offer-" if "offer-letter" in request.form else "")
    letter = form.letter.data or ""
    found = drafting.compare(ledger(), project, letter, by=person())  # foreign is missing first
    if form.validate():
        with form.attempt():
            taken = _version(form.taken.data)
            if taken is None:
                raise Refusal("请选择要恢复的版本。")
            number = drafting.restore(
                ledger(), project, letter, taken, why=form.why.data or "", seen=form.number, key=form.once,
                by=person(), at=now(),
            )  # fmt: skip
            flash(f"已恢复，保存为第{number}版。", "good")
            return redirect(url_for("drafting.show", project=project, letter=letter), 303)
    form.seen.data = str(found.number + 1)  # the page now shows the newest version
    return render_template("drafting/versions.html", found=found, form=form), form.status


@pages.post("/projects/<uuid:project>/drafts/comments", may=drafting.COMMENTERS)
def comment(project: UUID) -> ResponseReturnValue:
    """Says something of a draft."""
    form = CommentForm(prefix="comment-")
    letter = form.letter.data
    gone = _gone(project, letter)
    if gone:
        return _too_late(project, gone, [(form.text.label.text, form.text.data)]), 409
    sheet = _sheet(project, letter)
    form.about.offer([(drafting.excerpt(text), "") for _, text in sheet.paragraphs])
    if form.validate():
        with form.attempt():
            drafting.comment(
                ledger(), project, sheet.tab.part, about=form.about.data or None, text=form.text.data or "",
                must=form.must.data, seen=form.number, key=form.once, by=person(), at=now(),
            )  # fmt: skip
            flash("已提出意见。", "good")
            return redirect(f"{url_for('drafting.show', project=project, letter=sheet.tab.part)}#comments", 303)
    return _page(project, sheet.tab.part, comment=form), form.status


@pages.post("/projects/<uuid:project>/drafts/comments/respond", may=drafting.COMMENTERS)
def respond(project: UUID) -> ResponseReturnValue:
    """Answers or settles the ticked comments."""
    letter = request.form.get("letter")
    form = RespondForm(prefix="respond-")
    gone = _gone(project, letter)
    if gone:
        return _too_late(project, gone, [(form.text.label.text, form.text.data)]), 409
    sheet = _sheet(project, letter)
    picked = tuple(request.form.getlist("pick"))
    if form.validate():
        with form.attempt():
            keys = [key for text in picked if (key := _version(text))]
            if request.form.get("act") == "settle":
                number = drafting.settle(ledger(), project, keys, by=person(), at=now())
                flash(f"已了结 {number} 条意见。", "good")
            else:
                number = drafting.answer(ledger(), project, keys, text=form.text.data or "", by=person(), at=now())
                flash(f"已答复 {number} 条意见。", "good")
            return redirect(f"{url_for('drafting.show', project=project, letter=sheet.tab.part)}#comments", 303)
    return _page(project, sheet.tab.part, respond=form, picked=picked), form.status
