"""The settings: what is unknown or unusable stops the start, in a sentence."""

from __future__ import annotations

import stat

import pytest

from screening import config
from screening.domain.errors import Refusal


def test_the_defaults(tmp_path) -> None:
    settings = config.read({"SCREENING_VAR": str(tmp_path / "var")})

    assert settings.database_url == f"sqlite:///{tmp_path}/var/ledger.db"
    assert (settings.host, settings.port, settings.address) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.secure_cookies is False


def test_in_a_source_tree_data_lies_in_var() -> None:
    assert config.var_folder({}).name == "var"
    assert (config.var_folder({}).parent / "pyproject.toml").exists()


def test_the_secret_is_kept_where_only_the_owner_reads_it(tmp_path) -> None:
    first = config.read({"SCREENING_VAR": str(tmp_path)})
    second = config.read({"SCREENING_VAR": str(tmp_path)})

    assert first.secret == second.secret
    assert len(first.secret) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_the_command_line_wins_over_the_environment(tmp_path) -> None:
    environment = {"SCREENING_VAR": str(tmp_path), "DATABASE_URL": "postgresql://h/a"}

    assert config.read(environment).database_url == "postgresql://h/a"
    assert config.read(environment, database_url="sqlite:///x").database_url == "sqlite:///x"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"SCREENING_PROT": "1"}, "SCREENING_PROT"),
        ({"PORT": "eighty"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"PORT": "８０"}, "PORT"),
        ({"SCREENING_SECRET": "short"}, "SCREENING_SECRET"),
        ({"SCREENING_SECURE_COOKIES": "perhaps"}, "SCREENING_SECURE_COOKIES"),
    ],
)
def test_a_wrong_setting_stops_the_start(tmp_path, given: dict[str, str], named: str) -> None:
    with pytest.raises(Refusal, match=named):
        config.read({"SCREENING_VAR": str(tmp_path), **given})
