"""Tests for the entries of the control plane: what they say when they cannot begin."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("command", [["control_plane"], ["control_plane.manage", "check"]])
def test_an_incomplete_environment_is_told_whole_and_without_a_traceback(
    command: list[str],
) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251
        if name not in ("SLUICE_CONTROL_URL", "DJANGO_SETTINGS_MODULE")
    }
    ended = subprocess.run(
        [sys.executable, "-m", *command],
        env={**environment, "SLUICE_CONTROL_PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "SLUICE_CONTROL_URL: missing" in ended.stderr
    assert "SLUICE_CONTROL_PORT: " in ended.stderr
    assert "Traceback" not in ended.stderr
