"""The files that stand around the code: no addresses, no paths of one machine, a lock that locks, scripts that parse."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.house.tree import ROOT, project, tracked

OUTSIDE = ("deb.debian" + ".org", "pypi" + ".org", "python" + "hosted", "npmjs" + ".", "archive.ubuntu" + ".com")
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/[a-z]\w*)/[\w.]|\.\./shared\b")
TEXT = {".py", ".toml", ".md", ".sh", ".lock", ".html", ".css", ".js", ".mako", ".txt", ".cfg", ".ini", ".yml", ""}


def texts():
    return [path for path in tracked() if path.suffix in TEXT and path.name != "test_tree.py"]


def test_no_file_names_a_registry() -> None:
    found = [(path.name, host) for path in texts() for host in OUTSIDE if host in path.read_text("utf-8")]

    assert found == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        (str(path.relative_to(ROOT)), hit[0]) for path in texts() if (hit := MACHINE.search(path.read_text("utf-8")))
    ]

    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "Makefile", "pyproject.toml", ".ci/run", ".ci/packages.sh"])
def test_set_up_files_hold_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8").replace("http://127.0.0.1", "")

    assert "://" not in text


def test_the_lock_pins_and_hashes_everything() -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text("utf-8"))
    pinned = [entry for entry in entries if not entry.startswith("#")]

    assert len(pinned) > 40
    assert [entry.splitlines()[0] for entry in pinned if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_lock_holds_every_dependency() -> None:
    named = project()["project"]["dependencies"] + project()["project"]["optional-dependencies"]["dev"]
    wanted = {re.split(r"[\[<>=~ ]", entry, maxsplit=1)[0].lower().replace("_", "-") for entry in named}
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))

    assert wanted - locked == set()


IMPORTED_AS = {
    "psycopg[binary]": None,  # named in the database's address
    "tzdata": None,  # read by zoneinfo
    "ruff": None, "mypy": None, "import-linter": None, "pytest-xdist": None, "types-WTForms": None, "setuptools": None,
    "argon2-cffi": "argon2", "bootstrap-flask": "flask_bootstrap", "fonttools": "fontTools", "beautifulsoup4": "bs4",
    "pillow": "PIL", "zxing-cpp": "zxingcpp",
}  # fmt: skip
"""Where the package has another name than its module, or is used without being imported."""


@pytest.mark.parametrize(
    ("entry", "folders"),
    [(entry, ("screening", "ledgers")) for entry in project()["project"]["dependencies"]]
    + [(entry, ("tests",)) for entry in project()["project"]["optional-dependencies"]["dev"]],
)
def test_every_dependency_is_used(entry: str, folders: tuple[str, ...]) -> None:
    name = re.split(r"[<>=~ ]", entry, maxsplit=1)[0]
    module = IMPORTED_AS.get(name, name.replace("-", "_"))
    use = re.compile(rf"^\s*(import|from) {module}\b", re.MULTILINE)

    assert module is None or any(
        use.search(path.read_text("utf-8")) for folder in folders for path in (ROOT / folder).rglob("*.py")
    ), f"nothing in {folders} imports {module}"


def test_every_package_travels_in_the_wheel() -> None:
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "screening").rglob("__init__.py")}

    assert set(project()["tool"]["setuptools"]["packages"]) == found | {
        "screening.rules_data",
        "screening.ledgers_data",
    }


@pytest.mark.parametrize("path", sorted((ROOT / ".ci").iterdir()), ids=lambda path: path.name)
def test_a_script_is_sound_and_strict(path) -> None:
    subprocess.run(["bash", "-n", str(path)], check=True)

    assert "set -euo pipefail" in path.read_text("utf-8")


def test_make_alone_lists_its_commands() -> None:
    said = subprocess.run(["make", "-s"], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert [line.split()[1] for line in said.splitlines()] == targets
