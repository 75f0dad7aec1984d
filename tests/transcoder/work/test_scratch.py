"""Scratch folders go with their workers, however those end."""

import subprocess
import sys
from pathlib import Path

from transcoder.work.scratch import make_scratch_folder

_HOLD = """
import sys
from pathlib import Path
from transcoder.work.scratch import make_scratch_folder
with make_scratch_folder(Path(sys.argv[1])) as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_gone_afterwards_and_others_stay(tmp_path: Path) -> None:
    with make_scratch_folder(tmp_path) as one:
        (one / "file").touch()
        with make_scratch_folder(tmp_path) as other:
            assert one != other
        assert list(tmp_path.iterdir()) == [one]
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_worker_left_is_cleared_away_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "reservations").mkdir()
    with subprocess.Popen(
        (sys.executable, "-c", _HOLD, str(tmp_path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout
        left = Path(worker.stdout.readline().decode().strip())
        with make_scratch_folder(tmp_path):
            assert left.is_dir()
        worker.kill()
    with make_scratch_folder(tmp_path) as folder:
        assert sorted(tmp_path.iterdir()) == sorted([folder, tmp_path / "reservations"])
