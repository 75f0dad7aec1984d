"""Tests of `requirements/check_python.py`, which no package holds."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "requirements" / "check_python.py"
FIND_FAULT: Any = runpy.run_path(str(SCRIPT))["find_fault"]


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1)], ids=["oldest", "newer"])
def test_good_python_has_no_fault(version: tuple[int, ...]) -> None:
    assert FIND_FAULT(version, "linux", ("venv", "ensurepip")) is None


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 9)], ids=["ancient", "old"])
def test_old_python_is_refused_with_the_remedy(version: tuple[int, ...]) -> None:
    fault = FIND_FAULT(version, "linux", ())
    assert "too old" in fault
    assert "PYTHON=python3.11" in fault


def test_missing_module_is_refused_with_its_package() -> None:
    fault = FIND_FAULT((3, 11, 2), "linux", ("no_such_module",))
    assert "no_such_module" in fault
    assert "apt install python3.11-venv" in fault


def test_other_system_is_refused() -> None:
    assert "Linux" in FIND_FAULT((3, 12, 0), "darwin", ())


def test_script_is_silent_here() -> None:
    finished = subprocess.run(
        (sys.executable, str(SCRIPT)), capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
