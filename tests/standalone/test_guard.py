import signal
import subprocess
import sys
from pathlib import Path

import pytest

from standalone import guard


def start_sleeper(*, stubborn: bool) -> subprocess.Popen[bytes]:
    """A process group that ends on SIGTERM, or does not."""
    code = "import signal, time\n"
    if stubborn:
        code += "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    code += "print(flush=True); time.sleep(60)"
    sleeper = subprocess.Popen(
        (sys.executable, "-c", code), stdout=subprocess.PIPE, process_group=0
    )
    assert sleeper.stdout
    sleeper.stdout.readline()
    return sleeper


def test_groups_taken_back_are_not_followed() -> None:
    assert guard.follow_groups(["+1\n", "+2\n", "+3\n", "-2\n", "-9\n"]) == [1, 3]


def test_stubborn_group_is_killed() -> None:
    with start_sleeper(stubborn=True) as sleeper:
        guard.end_groups([sleeper.pid], grace_s=0)
        assert sleeper.wait() == -signal.SIGKILL


def test_group_that_is_gone_is_no_error() -> None:
    with start_sleeper(stubborn=False) as sleeper:
        sleeper.terminate()
    guard.end_groups([sleeper.pid], grace_s=0)


@pytest.fixture
def watching(tmp_path: Path) -> guard.Guard:
    return guard.Guard(tmp_path / "standalone.json", grace_s=0.1)


def test_announcement_is_removed(watching: guard.Guard, tmp_path: Path) -> None:
    (tmp_path / "standalone.json").touch()
    watching.dismiss()
    assert not (tmp_path / "standalone.json").exists()


def test_dismissed_guard_ends_what_it_still_watches(watching: guard.Guard) -> None:
    with start_sleeper(stubborn=True) as watched, start_sleeper(stubborn=True) as forgotten:
        watching.watch(watched.pid)
        watching.watch(forgotten.pid)
        watching.forget(forgotten.pid)
        watching.dismiss()
        assert watched.wait() == -signal.SIGKILL
        assert forgotten.poll() is None
        forgotten.kill()


def test_guard_that_was_let_go_is_not_revived(watching: guard.Guard) -> None:
    ended = watching._process
    watching.dismiss()
    watching.revive()
    assert watching._process is ended


def test_revived_guard_knows_its_groups(watching: guard.Guard) -> None:
    with start_sleeper(stubborn=True) as watched:
        watching.watch(watched.pid)
        watching._process.kill()
        watching._process.wait()
        watching.revive()
        watching.dismiss()
        assert watched.wait() == -signal.SIGKILL
