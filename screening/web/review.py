"""审核: the queue, findings confirmed or dismissed or entered, and a disposition recommended with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.domain.classification import FindingId
from screening.domain.errors import NotFound, Refusal
from screening.domain.people import Permission
from screening.domain.procedure import StepId
from screening.domain.registry import PROJECT_FIELDS
from screening.domain.review import WITH_REVIEWER, CaseState, ReturnReason, waits_for
from screening.services import casework, comparison, findings, registry, review
from screening.web.desk import leaf, ledger, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, TextField, needed
from screening.web.findings import FindingForm, empty, forms_of, sent
from screening.web.letters import pdf
from screening.web.recommending import RecommendForm, recommend_form

pages = Guarded("review", __name__)


class ReturnForm(ActForm):
    """Why a record goes back to its registrar, and which field is meant."""

    code = ChoiceField(
        "退回原因",
        [(code.value, code.words) for code in ReturnReason],
        validators=[needed("请选择退回原因。")],
    )
    field = ChoiceField("所涉栏目", validators=[needed("请选择所涉栏目。")])
    why = TextField(
        "说明",
        [needed("请写明哪里有误、应怎样改正。")],
        description="写明哪里有误、应怎样改正，将显示在登记员的表单上。",
    )


DOUBTS = {"open": True, "none": False}


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of the queue somebody goes through: the state and the doubts that the address asks for."""

    state: CaseState | None
    doubts: str

    @property
    def query(self) -> dict[str, Any]:
        """Back to the names of the address."""
        return {name: text for name, text in (("state", self.state or ""), ("doubts", self.doubts)) if text}


def _place() -> Place:
    state, doubts = request.args.get("state", ""), request.args.get("doubts", "")
    if doubts not in {"", "most", *DOUBTS}:
        raise Refusal("没有这种筛选条件。请从上方的页签中选择。", field="doubts")
    if state not in {"", *WITH_REVIEWER}:
        raise Refusal("没有这种审核状态。请从上方的页签中选择。", field="state")
    return Place(CaseState(state) if state else None, doubts)


def _following(project: UUID, place: Place) -> UUID | None:
    return review.following(ledger(), project, state=place.state, doubtful=DOUBTS.get(place.doubts), by=person())


def _onward(after: UUID | None, place: Place) -> ResponseReturnValue:
    """To the next record of the queue; to the queue where there is none."""
    if after is None:
        return redirect(url_for("review.queue", **place.query), 303)
    return redirect(url_for("review.show", project=after, **place.query), 303)


def _page(
    project: UUID,
    *,
    sent_back: ReturnForm | None = None,
    recommend: RecommendForm | None = None,
    finding: tuple[FindingId, str, FindingForm] | None = None,
    enter: tuple[FindingId, FindingForm] | None = None,
    table: str | None = None,
) -> str:
    view = registry.show(ledger(), project, by=person(), today=today())
    choices = review.choices(ledger(), project, by=person(), today=today())
    form = recommend or recommend_form(choices)
    if recommend is None:
        form.begin()
    open_ = view.line.case_state.open_to_review
    finding_forms = forms_of(ledger(), project, view.findings if open_ else (), by=person(), today=today())
    if finding and finding[1] in finding_forms:
        finding_forms[finding[1]] = finding[2]
    lost = finding if finding and finding[1] not in finding_forms else None
    asked = request.args.get("ground", "")
    if enter is None and open_ and asked in set(FindingId):
        enter = (ground := FindingId(asked)), empty(ledger(), project, ground, by=person(), today=today())
    judging = [pair[-1] for pair in (finding, enter) if pair]
    back = sent_back or ReturnForm(formdata=None)
    back.field.offer(casework.fields_of(view.project))
    place = _place()
    for shown in (form, back, *judging, *finding_forms.values()):
        # A conflict shows the present state, with what was typed still in the boxes: sending again is then meant.
        shown.seen.data = str(view.line.version)
    return render_template(
        "review/show.html",
        view=view,
        choices=choices,
        form=form,
        finding_forms=finding_forms,
        judged=finding[1] if finding else None,
        lost=lost,
        table=table,
        enter=enter,
        back=back,
        offered=review.offered(ledger(), project, by=person()),
        beside=comparison.beside(ledger(), project, view.doubts, by=person(), today=today()),
        place=place.query,
        after=_following(project, place),
        project_fields=PROJECT_FIELDS,
        wrong=next(
            (f for f in (sent_back, recommend, *judging) if f is not None and f.problems),
            None,
        ),
    )


@pages.get("/review", may=Permission.READ)
def queue() -> ResponseReturnValue:
    """What waits for a reviewer of this level, by state; and by `doubts`: open, none, or those with most first."""
    everything = review.queue(ledger(), by=person())
    place = _place()
    states = dict.fromkeys(waits_for(person()), 0)
    for row in everything:
        states[row.line.case_state] += 1
    here = [row for row in everything if place.state in {None, row.line.case_state}]
    asked = place.doubts
    rows = [row for row in here if asked not in DOUBTS or (row.doubts > 0) is DOUBTS[asked]]
    if asked == "most":
        rows.sort(key=lambda row: -row.doubts)  # stable: the longest waiting first among equals
    counts = {"": len(here), "open": (doubtful := sum(row.doubts > 0 for row in here))}
    counts["none"] = len(here) - doubtful
    return render_template(
        "review/queue.html",
        leaf=leaf(rows),
        asked=asked,
        state=place.state,
        place=place.query,
        states=states,
        total=len(everything),
        counts=counts,
    )


@pages.get("/review/<uuid:project>", may=Permission.RECOMMEND)
def show(project: UUID) -> ResponseReturnValue:
    """A project before its reviewer."""
    return _page(project)


@pages.post("/review/<uuid:project>/accept", may=Permission.RECOMMEND)
def accept(project: UUID) -> ResponseReturnValue:
    """Accepts the case at the person's level and opens the next one of the queue."""
    form, place = ActForm(), _place()
    view = registry.show(ledger(), project, by=person(), today=today())
    after = _following(project, place)
    if not form.validate():
        return _page(project), form.status
    state = review.accept(
        ledger(), project, forward="forward" in request.form, seen=form.version, by=person(), at=now()
    )
    flash(f"“{view.line.name}”已审核，现为“{state.words}”。", "good")
    return _onward(after, place)


@pages.post("/review/<uuid:project>/return", may=Permission.RECOMMEND)
def send_back(project: UUID) -> ResponseReturnValue:
    """Sends the case back to its registrar, for a coded reason and a field, and opens the next one of the queue."""
    form, place = ReturnForm(), _place()
    view = registry.show(ledger(), project, by=person(), today=today())
    form.field.offer(casework.fields_of(view.project))
    after = _following(project, place)
    if form.validate():
        with form.attempt():
            casework.send_back(
                ledger(),
                project,
                code=ReturnReason(form.code.data),
                field=form.field.data,
                reason=form.why.data,
                seen=form.version,
                by=person(),
                at=now(),
            )
            flash(f"“{view.line.name}”已退回登记员补正。", "good")
            return _onward(after, place)
    return _page(project, sent_back=form), form.status


@pages.post("/review/<uuid:project>", may=Permission.RECOMMEND)
def recommend(project: UUID) -> ResponseReturnValue:
    """Recommends a disposition for signing."""
    choices = review.choices(ledger(), project, by=person(), today=today())
    form = recommend_form(choices)
    if form.validate():
        with form.attempt():
            done = review.recommend(
                ledger(),
                project,
                **form.told(),
                despite=form.despite.data or None,
                effect=form.effect(),
                countersigned_by=tuple(StepId(value) for value in form.countersigned_by.data or ()),
                seen=form.version,
                key=form.once,
                by=person(),
                at=now(),
            )
            flash(f"已建议“{done.disposition.words}”，等待另一位签发人签发。", "good")
            return redirect(url_for("review.queue"), 303)
    return _page(project, recommend=form), form.status


@pages.post("/review/<uuid:project>/trial", may=Permission.RECOMMEND)
def trial(project: UUID) -> ResponseReturnValue:
    """The letter that the form as it stands would lead to, or that of the act asked for; writes nothing."""
    form = recommend_form(review.choices(ledger(), project, by=person(), today=today()))
    if form.disposition.validate(form):
        with form.attempt():
            told = form.told()
            if only := request.form.get("only"):
                told["measures"] = (only,)
            return pdf(review.trial(ledger(), project, **told, by=person(), at=now()), "文书预览")
    problems = [message for _, message in form.problems]
    return render_template("review/untried.html", problems=problems), form.status


@pages.post("/review/<uuid:project>/findings/<finding>", may=Permission.RECOMMEND)
def judge(project: UUID, finding: str) -> ResponseReturnValue:
    """Confirms or dismisses a detected finding."""
    found, which = _finding(finding), request.form.get("which", "")
    form = sent(ledger(), project, found, which, by=person(), today=today())
    if form.validate():
        act = findings.confirm_finding if request.form.get("verdict") == "confirm" else findings.dismiss_finding
        with form.attempt():
            act(
                ledger(), project, found, reason=form["reason"].data or "", told=form.told(), which=which,
                seen=form.version, by=person(), at=now(),
            )  # fmt: skip
            done = "确认" if act is findings.confirm_finding else "排除"
            flash(f"已{done}“{found.words}”，项目已重新筛查。", "good")
            return redirect(url_for("review.show", project=project), 303)
    return _page(project, finding=(found, which, form)), form.status


@pages.post("/review/<uuid:project>/findings", may=Permission.RECOMMEND)
def enter(project: UUID) -> ResponseReturnValue:
    """Enters a finding; which of the six was chosen before its fields were shown."""
    if request.form.get("finding", "") not in set(FindingId):
        flash("没有选择情形，没有录入。请先从六种情形中选择一种，再填写它的栏目。", "bad")
        return _page(project), 422
    found = FindingId(request.form["finding"])
    form, table = sent(ledger(), project, found, None, by=person(), today=today()), None
    looking = found is FindingId.UNLAWFUL_APPROVAL and "look" in request.form
    if looking and form.validate():
        with form.attempt():
            table = findings.table_says(ledger(), project, form.told().fields, by=person(), today=today())
            form.status = 200
    elif form.validate():
        with form.attempt():
            findings.enter_finding(ledger(), project, found, told=form.told(), seen=form.version, by=person(), at=now())
            flash(f"已录入“{found.words}”，项目已重新筛查。", "good")
            return redirect(url_for("review.show", project=project), 303)
    return _page(project, enter=(found, form), table=table), form.status


def _finding(name: str) -> FindingId:
    if name not in set(FindingId):
        raise NotFound("没有这种情形。请从六种情形中选择一种。")
    return FindingId(name)
