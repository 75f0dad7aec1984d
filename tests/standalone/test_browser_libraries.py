from pathlib import Path

import pytest

from standalone.browser_libraries import FetchFailed, fetch_libraries, find_npm, run_quietly


def install(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_working_npm_is_found(tmp_path: Path) -> None:
    install(tmp_path, "node", "echo v20.1.0")
    install(tmp_path, "npm", "echo 10.0.0")
    assert find_npm(str(tmp_path)) == (str(tmp_path / "npm"),)


@pytest.mark.parametrize(
    ("node", "npm"),
    [
        (None, None),
        ("echo v20.1.0", None),
        ("echo v16.20.2", "echo 8.0.0"),
        ("exit 127", "echo 8.0.0"),
        ("echo v20.1.0", "echo broken >&2; exit 1"),
        ("echo help", "echo 8.0.0"),
    ],
    ids=["none", "no npm", "old node", "broken node", "broken npm", "not node"],
)
def test_npm_that_does_not_work_is_passed_over(
    tmp_path: Path, node: str | None, npm: str | None
) -> None:
    for name, script in (("node", node), ("npm", npm)):
        if script is not None:
            install(tmp_path, name, script)
    assert find_npm(str(tmp_path)) is None


@pytest.mark.parametrize(("with_dev", "option"), [(False, "--omit=dev"), (True, "--include=dev")])
def test_what_only_tests_need_comes_when_it_is_wanted(
    tmp_path: Path, with_dev: bool, option: str
) -> None:
    install(tmp_path, "node", "echo v20.1.0")
    install(tmp_path, "npm", f'[ "$1" = --version ] && echo 10.0.0 || echo "$@" >{tmp_path}/asked')
    fetch_libraries(tmp_path, search_path=str(tmp_path), with_dev=with_dev)
    assert (tmp_path / "asked").read_text().split() == ["ci", "--ignore-scripts", option]


def test_failure_is_told_in_the_programs_words(tmp_path: Path) -> None:
    install(tmp_path, "npm", "echo cannot reach the registry >&2; exit 1")
    with pytest.raises(FetchFailed, match="cannot reach the registry"):
        run_quietly([str(tmp_path / "npm")], folder=tmp_path, search_path="/bin")


def test_success_is_silent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    install(tmp_path, "npm", "echo noise; echo noise >&2")
    run_quietly([str(tmp_path / "npm")], folder=tmp_path, search_path="/bin")
    assert capfd.readouterr() == ("", "")
