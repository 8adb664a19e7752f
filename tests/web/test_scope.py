"""What lies outside a person's scope cannot be seen, counted or touched, whatever the door."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from screening.domain.history import Happening
from screening.domain.people import Role
from screening.services import Ledger, history
from tests.web.site import PASSWORD, Visitor
from tests.web.test_main_journey import confirm_everything, project_of, recommend_retrofit

OWN = "海勃湾"
FOREIGN = ("青山", "电石有限公司")


def test_a_league_sees_nothing_of_another(
    site: Flask, visit: Callable[..., Visitor], filled_site: Visitor, sqlite_ledger: Ledger
) -> None:
    reviewer, signatory = visit(Role.REVIEWER), visit(Role.SIGNATORY)
    project = project_of(reviewer, "电石炉")
    recommend_retrofit(reviewer, project)
    signatory.go(f"/sign/{project}")
    confirm_everything(visit(Role.RULES_OFFICER), signatory.link("去“规则”核对"))
    signatory.go("/rules/confirmations").send("/countersign")
    signatory.go(f"/sign/{project}").send(f"/sign/{project}", password=PASSWORD)
    assert signatory.answer is not None
    letter = signatory.answer.request.path.rsplit("/", 1)[1]
    before = history.head(sqlite_ledger).rows

    reads = (
        f"/projects/{project}", f"/api/projects/{project}.json", f"/review/{project}", f"/sign/{project}",
        f"/projects/{project}/draft.pdf", f"/letters/{letter}", f"/letters/{letter}.pdf",
    )  # fmt: skip
    acts = (
        f"/review/{project}", f"/review/{project}/findings", f"/review/{project}/findings/excess_emission",
        f"/sign/{project}", f"/sign/{project}/return", f"/letters/{letter}/print", f"/letters/{letter}/serve",
        f"/letters/{letter}/void",
    )  # fmt: skip
    lists = (
        "/", "/projects", "/projects?q=电石", "/review", "/sign", "/letters", "/letters?q=青山", "/deadlines",
        "/api/projects.json",
    )  # fmt: skip
    filled_in = {
        "reason": "理由", "facts": "事实", "finding": "excess_emission", "disposition": "RETROFIT", "due": "2027-12-01",
        "verdict": "confirm", "password": PASSWORD, "seen": "1", "key": "k", "served_on": "2026-11-22",
        "method": "直接送达", "receiver": "张三",
    }  # fmt: skip
    roles = (Role.REVIEWER, Role.SIGNATORY, Role.OFFICE, Role.LEGAL)
    visitors = [visit(role, "150300") for role in roles]
    signed_in = history.head(sqlite_ledger).rows
    for visitor in visitors:
        for address in reads:
            assert visitor.client.get(address).status_code in {403, 404}, address
        token = visitor.go("/").page.find("input", {"name": "csrf_token"})
        assert token is not None
        for address in acts:
            answer = visitor.client.post(address, data={**filled_in, "csrf_token": token["value"]})
            assert answer.status_code in {403, 404}, f"{address}: {answer.status_code}"
        for address in lists:
            text = visitor.client.get(address).get_data(as_text=True)
            echo = visitor.page.find("h1")
            assert echo is not None
            told = text.replace('value="青山"', "").replace("含“青山”的", "")  # what was asked is said back
            for word in FOREIGN:
                assert word not in told, f"{address} tells of {word}"
    assert before < signed_in
    with sqlite_ledger.reader() as session:
        query = sa.text("SELECT DISTINCT kind FROM event WHERE seq > :seq")
        kinds = set(session.execute(query, {"seq": signed_in}).scalars())
    assert kinds == {Happening.ATTEMPT_REFUSED}, "a refused act left a trace of having been done"
    assert OWN in visitors[0].go("/projects").text
    assert visitors[0].text.count("共 1 个项目") == 1
