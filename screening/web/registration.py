"""登记: the form of a project, checked while typing, kept as a draft, shown once more and then submitted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.errors import Conflict, Forbidden, NotFound, Refusal
from screening.domain.people import Permission
from screening.services import registration, registry, returns
from screening.services.entries import USUAL_USE, Typed, header_of
from screening.web.boxes import Said, box_of, sheet_of, typed_from
from screening.web.desk import asks_for_review, ledger, now, person, today
from screening.web.doors import Guarded
from screening.web.failures import status_of
from screening.web.fields import ActForm, SheetForm, TextField, needed

pages = Guarded("registration", __name__)

SHOWN_PRODUCTS = 40


class WhyForm(SheetForm):
    """Why a project is changed."""

    why = TextField("变更原因", description="写明原因和依据，将进入变更记录。")


class StrikeOffForm(ActForm):
    """Why a project is voided or taken back."""

    reason = TextField("理由", [needed("请写明理由和依据。")], description="将进入变更记录，不能修改。")


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _sent() -> registration.Draft:
    """The form as it was sent, with everything that it carries along."""
    form = request.form
    key = _uuid(form.get("draft"))
    if key is None:
        raise Refusal("表单不完整，未保存任何内容。请从“登记”重新打开。")
    try:
        opened: Any = json.loads(form.get("opened") or "{}")
    except ValueError:
        opened = {}
    return registration.Draft(
        id=key,
        typed=typed_from(form),
        opened=Typed.from_data(opened),
        project=_uuid(form.get("project")),
        seen=_number(form.get("seen")),
        title="",
        version=_number(form.get("draft_version")) or 0,
        saved_at=None,
    )


def _places() -> list[tuple[str, list[str]]]:
    """The leagues of the person's scope with their banners, by name."""
    found: dict[str, list[str]] = {}
    regions = ledger().rules.regions_by_code
    for region in ledger().rules.regions:
        if region.level.value == "banner" and region.id.startswith(person().scope_prefix) and region.parent:
            found.setdefault(regions[region.parent].name, []).append(region.name)
    return list(found.items())


def _named(box: str, message: str) -> str:
    """The message with the name of its box, where it does not say it itself."""
    name = header_of(box)
    return message if f"“{name}”" in message else f"{name}：{message}"


def _form(
    left: registration.Draft,
    *,
    check: registration.Check | None = None,
    all_problems: bool = True,
    told: str | None = None,
    overtaken: registration.Overtaken | None = None,
    at: str | None = None,
) -> str:
    """The page; `check` what was found, `told` a refusal for the top, `at` the box to go to."""
    problems = check.problems if check and all_problems else {}
    back = returns.to_correct(ledger(), left.project, by=person()) if left.project else None
    title = f"变更：{left.title}" if left.project else "登记项目"
    if left.project and not left.title:
        title = f"变更：{registry.show(ledger(), left.project, by=person(), today=today()).line.name}"
    return render_template(
        "registration/form.html",
        title=title,
        left=left,
        opened=json.dumps(left.opened.to_data(), ensure_ascii=False),
        sheet=sheet_of(
            left.typed,
            _places(),
            Said(
                errors=problems,
                doubts=check.doubts if check else {},
                asked={box_of(back.field): f"退回：{back.code.words}。{back.reason}"} if back else {},
                often=returns.often(ledger(), by=person(), today=today()),
            ),
        ),
        back=back,
        back_at=box_of(back.field) if back else None,
        check=check or registration.check(ledger(), left.typed, project=left.project, by=person(), today=today()),
        problems=[(box, _named(box, message)) for box, message in problems.items()],
        told=told,
        overtaken=overtaken,
        at=at,
        products=registration.product_names(ledger(), today=today()),
        variants=registration.variant_names(ledger(), today=today()),
        carriers=[carrier.name for carrier in ledger().rules.carriers],
        unsaved=left.typed != left.opened and (overtaken is not None or left.saved_at is None),
    )


@pages.get("/register", may=Permission.REGISTER)
def new() -> ResponseReturnValue:
    """An empty form, or one filled in from another project (`from`); drafts are listed above it."""
    source = _uuid(request.args.get("from"))
    left = (
        registration.copied(ledger(), source, by=person())
        if source
        else registration.blank(by=person(), ledger=ledger())
    )
    return _form(left)


@pages.get("/projects/<uuid:project>/edit", may=Permission.REGISTER)
def edit(project: UUID) -> ResponseReturnValue:
    """The form of a project as it stands."""
    return _form(registration.opened(ledger(), project, by=person()))


@pages.get("/register/<uuid:draft>", may=Permission.REGISTER)
def resume(draft: UUID) -> ResponseReturnValue:
    """A draft as it was left."""
    left = registration.draft(ledger(), draft, by=person())
    if left.result is not None:
        return redirect(url_for("registry.show", project=left.result))
    return _form(left)


@pages.get("/register/drafts", may=Permission.REGISTER)
def drafts() -> ResponseReturnValue:
    """The person's own drafts."""
    return render_template("registration/drafts.html", drafts=registration.drafts(ledger(), by=person()))


@pages.post("/register", may=Permission.REGISTER)
def act() -> ResponseReturnValue:
    """Whatever button of the form was pressed; only 存草稿 and 核对后提交 write, and only a draft."""
    left = _sent()
    pressed, _, place = request.form.get("act", "check").partition(":")
    match pressed:
        case "draft":
            return _keep(left)
        case "answers":
            return _go_on(left)
        case "add-unit" | "add-use" | "drop-unit" | "drop-use" | "pick":
            typed, box = _rearranged(left.typed, pressed, place)
            left = replace(left, typed=typed)
            found = registration.check(ledger(), typed, project=left.project, by=person(), today=today())
            return _form(left, check=found, all_problems=False, at=box)
        case _:
            found = registration.check(ledger(), left.typed, project=left.project, by=person(), today=today())
            return _form(left, check=found), 422 if found.problems else 200


def _rearranged(typed: Typed, pressed: str, place: str) -> tuple[Typed, str | None]:
    """The boxes with a row more or less, or a product filled in; and the box to go to."""
    at, _, standard = place.partition(":")
    number = _number(at) or 0
    units, uses = list(typed.units), list(typed.uses)
    box = None
    if pressed == "add-unit":
        units.append({k: v for k, v in units[-1].items() if k in {"year", "industry_code"}} if units else {})
        box = f"units-{len(units) - 1}-unit_name"
    elif pressed == "add-use":
        last = {k: v for k, v in uses[-1].items() if k in {"basis", "year"}} if uses else {}
        uses.append({**USUAL_USE, **last})
        box = f"uses-{len(uses) - 1}-carrier"
    elif pressed == "drop-unit" and number < len(units):
        del units[number]
    elif pressed == "drop-use" and number < len(uses):
        del uses[number]
    elif pressed == "pick" and number < len(units):
        choice = registration.choice_of(ledger(), standard, today=today())
        if choice:
            picked = {"product": choice.product, "variant": choice.variant or ""}
            units[number] = {"sec_unit": choice.unit, **_said(units[number]), **picked}
        box = f"units-{number}-variant"
    return Typed(typed.fields, tuple(units) or ({},), tuple(uses)), box


def _said(row: Any) -> dict[str, str]:
    return {key: text for key, text in row.items() if text.strip()}


def _keep(left: registration.Draft) -> ResponseReturnValue:
    try:
        kept = registration.save_draft(ledger(), left, by=person(), at=now())
    except Conflict as refusal:
        there = registration.draft(ledger(), left.id, by=person())
        return _form(replace(left, version=there.version), told=refusal.message), 409
    flash("草稿已保存，只有您本人能看到；可随时从工作台继续填写。", "good")
    return redirect(url_for("registration.resume", draft=kept.id), 303)


def _go_on(left: registration.Draft) -> ResponseReturnValue:
    found = registration.check(ledger(), left.typed, project=left.project, by=person(), today=today())
    if found.problems:
        return _form(left, check=found), 422
    try:
        kept = registration.save_draft(ledger(), left, by=person(), at=now())
    except Conflict as refusal:
        there = registration.draft(ledger(), left.id, by=person())
        return _form(replace(left, version=there.version), check=found, told=refusal.message), 409
    return redirect(url_for("registration.answers", draft=kept.id), 303)


@pages.post("/register/check.json", may=Permission.REGISTER)
def check() -> ResponseReturnValue:
    """What the form comes to as it stands, for the page that is being typed into; writes nothing."""
    left = _sent()
    found = registration.check(ledger(), left.typed, project=left.project, by=person(), today=today())
    shown = render_template("registration/results.html", check=found)
    return jsonify(problems=found.problems, doubts=found.doubts, results=shown)


@pages.get("/register/products.json", may=Permission.REGISTER)
def products_json() -> ResponseReturnValue:
    """Products of the rules that hold every word of `q`, by name, synonym or variant."""
    found = registration.products(ledger(), request.args.get("q", ""), today=today(), at_most=SHOWN_PRODUCTS)
    return jsonify(
        products=[
            {
                "id": c.id,
                "product": c.product,
                "variant": c.variant,
                "unit": c.unit,
                "benchmark": c.benchmark,
                "baseline": c.baseline,
                "synonyms": c.synonyms,
            }
            for c in found
        ]
    )


@pages.get("/register/products", may=Permission.REGISTER)
def products() -> ResponseReturnValue:
    """The same as a page to look things up in."""
    words = request.args.get("q", "").strip()
    found = registration.products(ledger(), words, today=today(), at_most=SHOWN_PRODUCTS)
    return render_template("registration/products.html", words=words, found=found, most=SHOWN_PRODUCTS)


def _answers_page(draft: UUID, form: WhyForm) -> tuple[str, int]:
    try:
        found = registration.answers(ledger(), draft, by=person(), today=today())
    except (NotFound, Forbidden):
        raise
    except Refusal as refusal:
        left = registration.draft(ledger(), draft, by=person())
        seen = registration.check(ledger(), left.typed, project=left.project, by=person(), today=today())
        return _form(left, check=seen, told=refusal.message), 422
    shown = render_template(
        "registration/answers.html", found=found, form=form, sheet=sheet_of(found.draft.typed, _places())
    )
    return shown, 200


@pages.get("/register/<uuid:draft>/answers", may=Permission.REGISTER)
def answers(draft: UUID) -> ResponseReturnValue:
    """Everything once more before it is submitted."""
    left = registration.draft(ledger(), draft, by=person())
    if left.result is not None:
        return redirect(url_for("registry.show", project=left.result))
    return _answers_page(draft, WhyForm())


@pages.post("/register/<uuid:draft>/answers", may=Permission.REGISTER)
def submit(draft: UUID) -> ResponseReturnValue:
    """Registers or changes the project; sending twice does it once."""
    form = WhyForm()
    try:
        done = registration.submit(
            ledger(), draft, why=form.why.data or "", for_review=asks_for_review(), by=person(), at=now()
        )
    except Conflict as refusal:
        left = registration.draft(ledger(), draft, by=person())
        if left.project is None:
            return _form(left, told=refusal.message), 409
        found = registration.overtaken(ledger(), left, by=person())
        return _form(found.draft, overtaken=found), 409
    except (NotFound, Forbidden):
        raise
    except Refusal as refusal:
        if refusal.field not in {None, "why"}:
            left = registration.draft(ledger(), draft, by=person())
            seen = registration.check(ledger(), left.typed, project=left.project, by=person(), today=today())
            seen = replace(seen, problems={str(refusal.field): refusal.message, **seen.problems})
            return _form(left, check=seen), status_of(refusal)
        form.refuse(refusal.message, refusal.field)
        return _answers_page(draft, form)[0], status_of(refusal)
    if done.is_new:
        waits = "" if asks_for_review() else "尚未提交审核。"
        flash(f"已登记。{waits}下面是筛查结果；节能审查意见等扫描件可在“附件”中上传。", "good")
    elif done.changed:
        flash("变更已保存，项目已重新筛查。", "good")
    else:
        flash("内容没有变化，未写入。", "good")
    return redirect(url_for("registry.show", project=done.project), 303)


@pages.post("/register/<uuid:draft>/discard", may=Permission.REGISTER)
def discard(draft: UUID) -> ResponseReturnValue:
    """Forgets a draft."""
    registration.draft(ledger(), draft, by=person())  # another's is missing, as one that never was
    registration.discard(ledger(), draft, by=person())
    flash("草稿已删除。", "good")
    return redirect(url_for("registration.drafts"), 303)


@pages.get("/projects/<uuid:project>/void", may=Permission.REGISTER)
def void_page(project: UUID) -> ResponseReturnValue:
    """What voiding (or taking back) would do, and why it is done."""
    return _void_page(project, StrikeOffForm(formdata=None))


@pages.post("/projects/<uuid:project>/void", may=Permission.REGISTER)
def void(project: UUID) -> ResponseReturnValue:
    """Voids the project."""
    return _void(project, back=False)


@pages.post("/projects/<uuid:project>/reinstate", may=Permission.REGISTER)
def reinstate(project: UUID) -> ResponseReturnValue:
    """Takes a voided project back."""
    return _void(project, back=True)


def _void_page(project: UUID, form: StrikeOffForm) -> str:
    view = registry.show(ledger(), project, by=person(), today=today())
    form.seen.data = str(view.line.version)
    return render_template("registration/void.html", view=view, form=form)


def _void(project: UUID, *, back: bool) -> ResponseReturnValue:
    form = StrikeOffForm()
    status = 422
    registry.show(ledger(), project, by=person(), today=today())  # foreign is missing before anything else is said
    if form.validate():
        step = registration.reinstate if back else registration.strike_off
        try:
            step(ledger(), project, reason=form.reason.data, seen=form.version, by=person(), at=now())
        except (NotFound, Forbidden):
            raise
        except Refusal as refusal:
            status = status_of(refusal)
            form.refuse(refusal.message, refusal.field)
        else:
            flash("项目已恢复，等待审核。" if back else "项目已作废，不再计入台账；需要时可以恢复。", "good")
            return redirect(url_for("registry.show", project=project), 303)
    return _void_page(project, form), status
