"""Notices on the workbench, the address on the account page, and the administrator's watch over the e-mails."""

from __future__ import annotations

from argon2 import PasswordHasher

from screening import clock
from screening.domain.noticing import MailState
from screening.services import mailing, people, ticking
from screening.store import noticing
from tests.conftest import PASSWORD
from tests.services.desks import Desks
from tests.services.post import PostOffice
from tests.services.test_sweep import NEAR, after, case, moment
from tests.web.site import Visitor, sign_in


def test_notices_are_read_mailed_and_watched(site, sqlite_ledger, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(people, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    desks = Desks(sqlite_ledger, tmp_path)
    case(desks)
    office = PostOffice({"RCPT": "550 unknown"})
    day = after(NEAR, 1)
    monkeypatch.setattr(clock, "now", lambda: moment(day))

    reviewer: Visitor = sign_in(site, "reviewer", PASSWORD)
    reviewer.go("/account").send("/account", email="wang@example.gov.cn\r\nBcc: all@example.gov.cn")
    assert reviewer.status == 422
    reviewer.send("/account", email="wang@example.gov.cn, li@example.gov.cn")
    assert "不是电子邮箱地址" in reviewer.text
    assert mailing.address_of(sqlite_ledger, desks.reviewer) == ""
    reviewer.send("/account", email="wang@example.gov.cn")
    assert reviewer.page.select("#email")[0]["value"] == "wang@example.gov.cn"
    ticking.tick(sqlite_ledger, office.post, today=day, now=clock.now)
    office.close()

    reviewer.go("/")
    (line,) = reviewer.page.select("#notices li")
    assert "已逾期" in line.get_text()
    assert "青山第1电石项目" in line.get_text()
    reviewer.send("/notices/read", button=("notice", "无 " + str(line.select("button")[0]["value"])))
    assert reviewer.page.select("#notices") == []
    assert sign_in(site, "office", PASSWORD).go("/").page.select("#notices"), "each reads for himself"
    assert not sign_in(site, "signatory", PASSWORD).go("/").page.select("#notices")

    administrator = sign_in(site, "administrator", PASSWORD).go("/system/people")
    assert "1 封待处理" in administrator.text
    assert "从未登录" in administrator.page.select("#idle")[0].get_text()
    administrator.go("/system/mail")
    assert "550 unknown" in administrator.text
    administrator.send("/again")
    assert "没有待处理的提醒邮件" in administrator.text
    with sqlite_ledger.reader() as session:
        row = noticing.mail_of(session, desks.reviewer.id, day)
        assert (row.state, row.tries) == (MailState.WAITING, 0)
