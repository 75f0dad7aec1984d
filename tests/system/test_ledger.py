"""The drill's count would notice a chunk that is encoded again."""

import json
import os
from pathlib import Path

import pytest

from tests.system.ledger import Ledger, read_ledger

JOB = "0198c0de-0000-7000-8000-000000000001"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A job with one chunk, which its second attempt finished."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "transcoder.log").write_text("started\n{ cut o")
    (tmp_path / "media" / "work" / JOB / "1").mkdir(parents=True)
    claim(tmp_path, 1, at_s=10, said="attempt begun")
    claim(tmp_path, 2, at_s=40, said="attempt begun")
    place(tmp_path / "media" / "work" / JOB / "1" / "chunk.json", at_s=50)
    return tmp_path


def claim(state: Path, attempt: int, *, at_s: int, said: str) -> None:
    place(state / "media" / "work" / JOB / f"1.{attempt}", at_s=at_s)
    line = {"message": said, "job_id": JOB, "chunk": 1, "attempt": attempt}
    with (state / "logs" / "transcoder.log").open("a") as log:
        log.write(f"\n{json.dumps(line)}\n")


def place(path: Path, *, at_s: int) -> None:
    path.touch()
    os.utime(path, (at_s, at_s))


def test_attempts_before_the_record_are_cut_off(state: Path) -> None:
    ledger = read_ledger(state, {JOB: 1})
    assert ledger == Ledger(chunks=1, begun=2, spared=0, again=())
    assert ledger.ended == 1


def test_an_attempt_that_finds_the_record_is_spared(state: Path) -> None:
    claim(state, 3, at_s=60, said="chunk was finished before")
    assert read_ledger(state, {JOB: 1}) == Ledger(chunks=1, begun=2, spared=1, again=())


@pytest.mark.parametrize("said", ["attempt begun", ""])
def test_an_attempt_after_the_record_is_one_too_many(state: Path, said: str) -> None:
    claim(state, 3, at_s=60, said=said)
    assert read_ledger(state, {JOB: 1}).again == ((JOB, 1, 3),)
