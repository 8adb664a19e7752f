"""The wheel is whole: built offline, unpacked elsewhere, it checks the rules and screens the sample by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import ROOT, tracked


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel as `pip wheel` makes it from the tracked files alone, in a copy: nothing of the work tree slips in."""
    room = tmp_path_factory.mktemp("wheel")
    source = room / "source"
    for path in tracked():
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    offline = ("--no-deps", "--no-build-isolation", "--no-index")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", *offline, "-w", room, source],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = room.glob("screening-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder that holds the unpacked wheel and nothing else of this project."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def called(installed: Path, *words: str | Path) -> subprocess.CompletedProcess:
    """`screening …` from the unpacked wheel, in a folder that is not the project's."""
    room = installed.parent / "elsewhere"
    room.mkdir(exist_ok=True)
    surroundings = {
        key: value for key, value in os.environ.items() if not key.startswith(("SCREENING", "DATABASE", "PORT"))
    }
    return subprocess.run(
        [sys.executable, "-m", "screening", *words],
        cwd=room,
        env=surroundings | {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1", "XDG_DATA_HOME": str(room)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_holds_every_file_that_the_product_reads(wheel) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = set()
    for path in tracked():
        place = path.relative_to(ROOT)
        if place.parts[0] == "screening":
            wanted.add(place.as_posix())
        elif place.parts[0] == "rules" and path.suffix == ".toml":
            wanted.add(f"screening/rules_data/{place.relative_to('rules').as_posix()}")
        elif place.parts[0] == "ledgers" and path.suffix == ".xlsx":
            wanted.add(f"screening/ledgers_data/{place.relative_to('ledgers').as_posix()}")

    assert wanted - names == set()


def test_it_holds_nothing_else(wheel) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"screening"}


def test_it_is_the_unpacked_one_that_runs(installed) -> None:
    said = subprocess.run(
        [sys.executable, "-P", "-c", "import screening; print(screening.__file__)"],
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.startswith(str(installed))


def test_it_checks_its_rules(installed) -> None:
    done = called(installed, "rules", "check")

    assert done.returncode == 0, done.stdout + done.stderr


def test_it_screens_the_sample_ledger(installed) -> None:
    sample = installed / "screening/ledgers_data/sample-ledger.xlsx"
    done = called(installed, "screen", sample, "--format", "json", "--as-of", "2026-11-22")

    assert done.returncode == 1, done.stderr  # the sample has a few faulty cells on purpose
    assert json.loads(done.stdout)["summary"]["projects"] > 200


def test_it_makes_a_ledger(installed) -> None:
    done = called(installed, "init", "--database", "sqlite:///ledger.db")

    assert done.returncode == 0, done.stdout + done.stderr
    assert (installed.parent / "elsewhere/ledger.db").is_file()


SIGN_IN = """
import os
from screening import config
from screening.app import create_app
page = create_app(config.read(os.environ)).test_client().get("/sign-in")
print(page.status_code, page.get_data(as_text=True).count("<h1"))
"""


def test_it_shows_the_door(installed) -> None:
    called(installed, "init", "--database", "sqlite:///door.db")
    room = installed.parent / "elsewhere"
    done = subprocess.run(
        [sys.executable, "-c", SIGN_IN],
        cwd=room,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1", "XDG_DATA_HOME": str(room),
             "DATABASE_URL": "sqlite:///door.db"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert done.stdout.split() == ["200", "1"], done.stderr
