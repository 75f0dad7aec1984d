"""Every bad file ends soon, with its reason, in bounded memory, and without a socket."""

import shutil
from pathlib import Path

import pytest

from shared.jobs import FailureReason
from tests.corpus.bad import BAD, CALL, SECRET, Bad
from tests.corpus.studio import Outcome, transcode

MOST_MEMORY_KB = 1_000_000

STRACE = shutil.which("strace")

# What stands for the rest in the ordinary tests.
EVERYDAY = {
    "a playlist of another host",
    "half a Matroska",
    "an MP4 full of noise",
    "Dolby Vision of profile 5",
}


def everyday_first(bad: Bad) -> object:
    marks = [] if bad.name in EVERYDAY else [pytest.mark.corpus]
    return pytest.param(bad, id=bad.name, marks=marks)


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where it is written down which sockets the children open, and which files of others."""
    if STRACE is None:
        pytest.skip("no strace here")
    calls, program = tmp_path / "calls", tmp_path / "python"
    python = shutil.which("python", path=str(Path(__file__).parents[2] / ".venv/bin"))
    program.write_text(
        f"#!/bin/sh\nexec {STRACE} -D -f -qq --seccomp-bpf "
        f"-e trace=%network,open,openat -o {calls} "
        f'{python} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr("transcoder.work.supervisor.sys.executable", str(program))
    return calls


@pytest.mark.slow
@pytest.mark.parametrize("bad", [everyday_first(bad) for bad in BAD])
def test_a_bad_file_ends_with_its_reason(bad: Bad, tmp_path: Path, watched: Path) -> None:
    (tmp_path / "source").mkdir()
    outcome = transcode(bad.make(tmp_path / "source"), tmp_path, bad.settings)
    check_reason(bad, outcome)
    assert 0 < outcome.peak_kb < MOST_MEMORY_KB
    calls = watched.read_text()
    assert "openat(" in calls
    assert "socket(" not in calls
    assert f'"{SECRET}"' not in calls
    assert CALL not in calls


def check_reason(bad: Bad, outcome: Outcome) -> None:
    if outcome.failed is None:
        assert bad.may_play
    else:
        assert outcome.failed.reason in bad.reasons, outcome.failed
        assert outcome.failed.reason is not FailureReason.INTERNAL


def test_the_corpus_is_large_enough() -> None:
    assert len(BAD) >= 60
    assert len({bad.name for bad in BAD}) == len(BAD)
