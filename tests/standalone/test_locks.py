"""Tests of the locks that `make` installs from."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = [ROOT / "requirements" / f"{name}.lock" for name in ("run", "dev", "redis", "node")]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+) \\$", re.MULTILINE)


def read_pins(lock: Path) -> dict[str, str]:
    return dict(PIN.findall(lock.read_text()))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_everything_is_pinned_with_hashes(lock: Path) -> None:
    statements = lock.read_text().replace("\\\n", "").splitlines()
    for statement in statements:
        if statement and not statement.lstrip().startswith("#"):
            assert re.fullmatch(r"\S+==\S+ ( *--hash=sha256:[0-9a-f]{64})+", statement)


def test_tests_run_on_what_is_delivered() -> None:
    run, dev = map(read_pins, LOCKS[:2])
    assert run.items() <= dev.items()


@pytest.mark.parametrize("lock", [*LOCKS, ROOT / "package-lock.json"], ids=lambda lock: lock.name)
def test_no_registry_is_named(lock: Path) -> None:
    assert not re.search(r"registry|pypi|index-url|find-links|\"resolved\"", lock.read_text())


def test_browser_libraries_are_of_exact_versions() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    assert package["dependencies"]
    for version in package["dependencies"].values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_browser_libraries_are_locked_by_their_content() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-")
