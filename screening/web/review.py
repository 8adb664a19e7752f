"""审核: the queue, findings confirmed or dismissed or entered, and a disposition recommended with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import ValidationError

from screening.domain.classification import Disposition, FindingId
from screening.domain.errors import NotFound, Refusal
from screening.domain.people import Permission
from screening.domain.registry import PROJECT_FIELDS
from screening.domain.review import WITH_REVIEWER, CaseState, ReturnReason, waits_for
from screening.services import casework, comparison, registry, review
from screening.web.desk import leaf, ledger, new_key, now, person, today
from screening.web.doors import Guarded
from screening.web.fields import ActForm, ChoiceField, DayField, LineField, TextField, TicksField, needed

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


class FindingForm(ActForm):
    """Whether a detected finding holds, and why."""

    reason = TextField("理由", [needed("请写明核实的依据或排除的理由。")])


class EnterForm(ActForm):
    """A finding that the program cannot detect."""

    finding = ChoiceField(
        "情形", [(found.value, found.words) for found in FindingId], validators=[needed("请选择六种情形之一。")]
    )
    facts = TextField(
        "事实",
        [needed("请写明事实：时间、地点、数值和出处。")],
        description="写明时间、数值和证据出处，将原样进入结论和文书。",
    )


class RecommendForm(ActForm):
    """A disposition with its reasons; the measures of the other dispositions are left aside."""

    disposition = ChoiceField("处置", blank=None, validators=[needed("请选择一种处置。")])
    measures = TicksField("措施")
    due = DayField(
        "改造（整改）到期日",
        description="限期改造、限期整改时必填。填写确有必要的最短期限，格式如 2027-06-30。",
    )
    reason = TextField(
        "理由", [needed("请写明理由。")], description="写明依据的事实和规则；将显示在项目页，供签发人核对。"
    )
    despite = TextField(
        "未说明疑点的处理",
        description="还有数据疑点没有说明。仍要提出建议的，请写明为什么不影响结论；也可以先说明疑点。",
    )
    clause = LineField("条款", description="改用与系统建议不同的处置时必填，例如：《实施方案》四（三）。")

    proposed: Disposition | None = None
    needs_due: frozenset[Disposition] = frozenset()

    def validate_due(self, due: DayField) -> None:
        """A term needs its last day; which days are allowed is the law's business, not the form's."""
        if due.data is None and not due.errors and self.disposition.data in self.needs_due:
            raise ValidationError("请填写到期日：确有必要的最短期限的最后一天。")

    def validate_clause(self, clause: LineField) -> None:
        """Another disposition than the proposed one needs its clause."""
        if not clause.data and self.proposed is not None and self.disposition.data != self.proposed:
            raise ValidationError(f"处置与系统建议“{self.proposed.words}”不同，请写明所依据的条款。")

    def chosen(self) -> tuple[str, ...]:
        """The measures ticked for the chosen disposition; the value of a tick is `DISPOSITION ref`."""
        wanted = f"{self.disposition.data} "
        return tuple(value[len(wanted) :] for value in self.measures.data or () if value.startswith(wanted))


def _recommend_form(choices: review.Choices) -> RecommendForm:
    form = RecommendForm()
    form.proposed, form.needs_due = choices.proposed, choices.needs_due
    if choices.proposed not in choices.dispositions:
        form.disposition.blank = f"请选择（系统建议：{choices.proposed.words}）"  # nothing to carry out as it stands
    form.disposition.offer(
        (d.value, d.words + ("（系统建议）" if d is choices.proposed else "")) for d in choices.dispositions
    )
    form.measures.offer(
        (f"{d.value} {measure.ref}", measure.instrument) for d, rows in choices.measures.items() for measure in rows
    )
    return form


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
    finding: tuple[FindingId, FindingForm] | None = None,
    enter: EnterForm | None = None,
) -> str:
    view = registry.show(ledger(), project, by=person(), today=today())
    choices = review.choices(ledger(), project, by=person(), today=today())
    form = recommend or _recommend_form(choices)
    if recommend is None:
        form.process(
            data={
                "disposition": choices.proposed.value,
                "due": choices.due,
                "measures": [
                    f"{choices.proposed.value} {m.ref}" for m in choices.measures.get(choices.proposed, ())[:1]
                ],
            }
        )
        form.key.data = new_key()
    finding_forms = {}
    for found in view.findings:
        if finding and found.finding.id is finding[0]:
            finding_forms[found.finding.id] = finding[1]
        else:
            finding_forms[found.finding.id] = FindingForm(formdata=None, prefix="")
    enter = enter or EnterForm(formdata=None)
    back = sent_back or ReturnForm(formdata=None)
    back.field.offer(casework.fields_of(view.project))
    place = _place()
    for shown in (form, back, enter, *finding_forms.values()):
        # A conflict shows the present state, with what was typed still in the boxes: sending again is then meant.
        shown.seen.data = str(view.line.version)
    return render_template(
        "review/show.html",
        view=view,
        choices=choices,
        form=form,
        finding_forms=finding_forms,
        enter=enter,
        back=back,
        offered=review.offered(ledger(), project, by=person()),
        beside=comparison.beside(ledger(), project, view.doubts, by=person(), today=today()),
        place=place.query,
        after=_following(project, place),
        project_fields=PROJECT_FIELDS,
        wrong=next(
            (f for f in (sent_back, recommend, finding[1] if finding else None, enter) if f is not None and f.problems),
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
    form = _recommend_form(choices)
    if form.validate():
        with form.attempt():
            done = review.recommend(
                ledger(),
                project,
                disposition=Disposition(form.disposition.data),
                reason=form.reason.data,
                clause=form.clause.data or None,
                measures=form.chosen(),
                due=form.due.data,
                despite=form.despite.data or None,
                seen=form.version,
                key=form.once,
                by=person(),
                at=now(),
            )
            flash(f"已建议“{done.disposition.words}”，等待另一位签发人签发。", "good")
            return redirect(url_for("review.queue"), 303)
    return _page(project, recommend=form), form.status


@pages.post("/review/<uuid:project>/findings/<finding>", may=Permission.RECOMMEND)
def judge(project: UUID, finding: str) -> ResponseReturnValue:
    """Confirms or dismisses a detected finding."""
    if finding not in set(FindingId):
        raise NotFound("没有这种情形。")
    found = FindingId(finding)
    form = FindingForm()
    if form.validate():
        act = review.confirm_finding if request.form.get("verdict") == "confirm" else review.dismiss_finding
        with form.attempt():
            act(ledger(), project, found, reason=form.reason.data, seen=form.version, by=person(), at=now())
            done = "确认" if act is review.confirm_finding else "排除"
            flash(f"已{done}“{found.words}”，项目已重新筛查。", "good")
            return redirect(url_for("review.show", project=project), 303)
    return _page(project, finding=(found, form)), form.status


@pages.post("/review/<uuid:project>/findings", may=Permission.RECOMMEND)
def enter(project: UUID) -> ResponseReturnValue:
    """Enters a finding."""
    form = EnterForm()
    if form.validate():
        found = FindingId(form.finding.data)
        with form.attempt():
            review.enter_finding(
                ledger(), project, found, facts=form.facts.data, seen=form.version, by=person(), at=now()
            )
            flash(f"已录入“{found.words}”，项目已重新筛查。", "good")
            return redirect(url_for("review.show", project=project), 303)
    return _page(project, enter=form), form.status
