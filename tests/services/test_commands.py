"""The ledger's commands: what they print, how they end, on both databases."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from screening.cli import commands
from screening.services import letters, people
from tests.conftest import NOW, PASSWORD, TODAY
from tests.services.sheets import row, sheet

pytestmark = pytest.mark.usefixtures("own_room")


@pytest.fixture
def own_room(tmp_path, monkeypatch, quick_passwords) -> None:
    monkeypatch.setenv("SCREENING_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def run(database_url: str):
    """Runs a command on the ledger: (exit status, JSON or text)."""

    def ran(*words: str, status: int = 0, given: str | None = None):
        done = CliRunner().invoke(commands, [*words, "--database", database_url], input=given)
        assert done.exit_code == status, (done.output, done.exception)
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.output

    return ran


def test_init_tells_the_first_password_once(run, ledger) -> None:
    first = run("init", "--format", "json")
    second = run("init", "--format", "json")

    assert [p["role"] for p in first["people"]] == ["administrator"]
    assert second["people"] == []
    assert people.sign_in(ledger, "admin", first["people"][0]["password"], address="", at=NOW).must_change


def test_people_add_with_and_without_a_password(run, ledger) -> None:
    told = run("people", "add", "wang", "--name", "王五", "--role", "reviewer", "--scope", "150200")
    assert people.sign_in(ledger, "wang", told["password"], address="", at=NOW).must_change
    told = run(
        "people", "add", "li", "--name", "李四", "--role", "signatory", "--scope", "150000", "--password-stdin",
        given=PASSWORD + "\n",
    )  # fmt: skip
    assert told["password"] is None
    assert not people.sign_in(ledger, "li", PASSWORD, address="", at=NOW).must_change
    assert "登录名已有人使用" in run(
        "people", "add", "li", "--name", "李", "--role", "office", "--scope", "150000", status=2
    )
    assert "没有名为" in run("people", "add", "x", "--name", "某", "--role", "king", "--scope", "150000", status=2)
    assert {p["login"] for p in run("people", "list")} == {"wang", "li"}


def test_import_previews_then_writes_then_says_the_same(run, tmp_path) -> None:
    path = str(sheet(tmp_path, [row(1), row(2), row(3, 实际单位产品能耗="约900")]))
    keys = ("new", "changed", "same", "rejected")
    for words, wanted in (
        (("import", path), (2, 0, 0, 1)),
        (("import", path), (2, 0, 0, 1)),
        (("import", path, "--yes"), (2, 0, 0, 1)),
        (("import", path, "--yes"), (0, 0, 2, 1)),
    ):
        told = run(*words, status=1)
        assert tuple(told[k] for k in keys) == wanted
        assert [(r["cell"], r["column"], r["value"]) for r in told["rejections"]] == [
            ("N4", "实际单位产品能耗", "约900")
        ]
    good = str(sheet(tmp_path, [row(1, 法定代表人="李四")], "好.csv"))
    assert run("import", good, "--yes")["changed"] == 1
    run("import", str(tmp_path / "nothing.xlsx"), status=2)
    assert len(run("list")["projects"]) == 2


def test_import_may_leave_projects_with_the_registrar(run, tmp_path) -> None:
    path = sheet(tmp_path, [row()])
    run("import", str(path), "--yes", "--no-submit")
    found = [len(run("list", "--filter", f"state={state}")["projects"]) for state in ("registered", "submitted")]
    assert found == [1, 0]


def test_import_by_somebody_has_his_scope(run, tmp_path) -> None:
    run("people", "add", "hu", "--name", "胡", "--role", "registrar", "--scope", "150100")
    path = str(sheet(tmp_path, [row(1)]))
    told = run("import", path, "--by", "hu", "--yes", status=1)

    assert (told["new"], told["rejected"]) == (0, 1)
    assert "没有登录名" in run("import", path, "--by", "nobody", "--yes", status=2)
    run("import", path, "--yes")
    assert run("list", "--by", "hu")["projects"] == []


def test_list_filters_and_screens_as_of_another_day(run, tmp_path) -> None:
    run("import", str(sheet(tmp_path, [row(1), row(2, 实际单位产品能耗="800")])), "--yes")

    assert [p["class"] for p in run("list", "--filter", "class=AT_BENCHMARK")["projects"]] == ["AT_BENCHMARK"]
    assert run("list", "--as-of", "2021-06-01")["rules"]["edition"] is None
    assert run("list", "--as-of", "2022-06-01")["rules"]["edition"] == "2021"
    assert "stage" in run("list", "--filter", "stage=x", status=2)


def test_export_gives_back_what_was_taken_in(run, tmp_path) -> None:
    run("import", str(sheet(tmp_path, [row(1), row(2)])), "--yes")
    out = tmp_path / "out.xlsx"
    run("export", "--output", str(out), "--filter", "q=第1")

    assert run("import", str(out))["same"] == 1
    assert "扩展名" in run("export", "--output", str(tmp_path / "out.docx"), status=2)


def test_audit_verifies_against_a_head_kept_elsewhere(run, tmp_path) -> None:
    run("import", str(sheet(tmp_path, [row(1)])), "--yes")
    head = tmp_path / "head.json"
    head.write_text(json.dumps(run("audit", "head")))
    run("import", str(sheet(tmp_path, [row(2)])), "--yes")

    assert run("audit", "verify", "--head", str(head)) == {"rows": 4, "ok": True, "first_bad": None}
    head.write_text(json.dumps({"rows": 2, "hash": "0" * 64}))
    told = run("audit", "verify", "--head", str(head), status=1)
    assert (told["ok"], told["first_bad"]) == (False, 2)
    head.write_text("no head")
    assert "不是链首文件" in run("audit", "verify", "--head", str(head), status=2)


def test_a_letter_is_made_again_and_recognised(run, desks, tmp_path) -> None:
    desks.take_in([row(1)])
    project = desks.find("第1")
    desks.recommend(project)
    desks.make_official(project)
    letter = desks.sign(project).letter
    out = tmp_path / "letter.pdf"
    assert "逐字节相同" in run("letters", "render", letter.number, "--output", str(out))
    assert out.read_bytes() == letters.render(desks.ledger, letter.id, by=desks.office)
    assert run("verify-letter", str(out))["number"] == letter.number
    out.write_bytes(out.read_bytes()[:-1] + b"x")
    assert run("verify-letter", str(out), status=1)["ours"] is False
    assert "没有这份文书" in run("letters", "render", "某〔2026〕9号", "--output", str(out), status=2)
    assert letters.show(desks.ledger, letter.id, by=desks.office, today=TODAY).line.copies == 0


@pytest.mark.parametrize("url", ["nonsense", "oracle://h/d", "postgresql://127.0.0.1:1/nothing"])
def test_a_database_that_is_none_is_a_sentence(url: str) -> None:
    done = CliRunner().invoke(commands, ["audit", "head", "--database", url])

    assert done.exit_code == 2
    assert "数据库" in done.output


def test_a_ledger_that_was_never_made_asks_for_init(tmp_path) -> None:
    done = CliRunner().invoke(commands, ["list", "--database", f"sqlite:///{tmp_path}/none.db"])

    assert done.exit_code == 2
    assert "screening init" in done.output


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_serve_tells_its_address_and_stops_cleanly(sqlite_ledger, tmp_path, ending: signal.Signals) -> None:
    path = sqlite_ledger.engine.url.database
    environment = {**os.environ, "SCREENING_VAR": str(tmp_path / "var"), "PORT": "0"}
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", "screening", "serve", "--database", f"sqlite:///{path}"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=root,
    ) as served:  # fmt: skip
        try:
            line = served.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert address, (line, served.poll())
            with urllib.request.urlopen(f"{address[0]}/") as answer:  # noqa: S310  # our own address
                assert answer.status == 200
        finally:
            served.send_signal(ending)
        said, complained = served.communicate(timeout=20)
    assert served.returncode == 0
    assert "已停止" in said
    assert "Traceback" not in complained


def test_tick_sweeps_to_a_day_and_refuses_an_earlier_one(run, ledger, tmp_path) -> None:
    first = run("tick", "--today", "2026-11-20")
    assert first["days"] == ["2026-11-20"]
    assert run("tick", "--today", "2026-11-22")["days"] == ["2026-11-21", "2026-11-22"]
    assert "没有做任何事" in run("tick", "--today", "2026-11-21", status=2)
    assert "已巡查2026-11-22：" in run("tick", "--today", "2026-11-22", "--format", "text")


def test_an_output_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    there = str(tmp_path / "no" / "letter.pdf")
    sample = str(Path(__file__).parents[2] / "ledgers" / "sample-ledger.xlsx")
    for words in (("letters", "sample", "RECEIPT"), ("screen", sample, "--format", "csv")):
        done = CliRunner().invoke(commands, [*words, "--output", there])

        assert done.exit_code == 2, done.exception
        assert f"文件 {there} 无法读写" in done.stderr
