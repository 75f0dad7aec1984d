import os
import stat
from pathlib import Path

import pytest

from standalone.failure import StartFailed
from standalone.state import State, open_state, place_sockets


def test_state_folder_is_made_closed(tmp_path: Path) -> None:
    with open_state(tmp_path / "state") as state:
        assert stat.S_IMODE(state.secrets.stat().st_mode) == 0o700
        assert stat.S_IMODE(state.media.stat().st_mode) == 0o700
        # As root, PostgreSQL's account passes through it.
        expected = 0o711 if os.geteuid() == 0 else 0o700
        assert stat.S_IMODE(state.root.stat().st_mode) == expected


def test_second_system_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        open_state(tmp_path),
        pytest.raises(StartFailed, match=f"in use by a running system .process {os.getpid()}."),
        open_state(tmp_path),
    ):
        pass


def test_folder_may_be_taken_up_again(tmp_path: Path) -> None:
    for _ in range(2):
        with open_state(tmp_path):
            pass


def test_announcement_of_a_dead_system_is_removed(tmp_path: Path) -> None:
    with open_state(tmp_path) as state:
        state.announcement.write_text("{}")
    with open_state(tmp_path) as state:
        assert not state.announcement.exists()


def test_folder_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(StartFailed, match="Not a directory") as caught,
        open_state(tmp_path / "file" / "state"),
    ):
        pass
    assert "SLUICE_STATE" in caught.value.remedy


def test_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    tmp_path.chmod(0o755)
    with pytest.raises(StartFailed, match="holds something else") as caught, open_state(tmp_path):
        pass
    assert "SLUICE_STATE" in caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_sockets_lie_in_the_state_folder(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert place_sockets(state, None) == tmp_path / "run"


def test_sockets_of_a_long_path_lie_in_a_short_one(tmp_path: Path) -> None:
    root = tmp_path / ("long" * 25)
    root.mkdir()
    sockets = place_sockets(State(root), None)
    assert len(os.fsencode(sockets)) < 80
    assert (root / "run").resolve() == sockets
    assert place_sockets(State(root), None) == sockets
    sockets.rmdir()


def test_short_folder_that_went_away_is_replaced(tmp_path: Path) -> None:
    root = tmp_path / ("long" * 25)
    root.mkdir()
    place_sockets(State(root), None).rmdir()
    sockets = place_sockets(State(root), None)
    assert sockets.is_dir()
    sockets.rmdir()
