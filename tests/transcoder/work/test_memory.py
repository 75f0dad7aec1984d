"""Workers of one machine never reserve more memory than there is."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from transcoder.work.memory import MemoryBudget, Reservation, find_usable_memory


@pytest.fixture
def budget(tmp_path: Path) -> MemoryBudget:
    return MemoryBudget(tmp_path / "reservations", 1000)


def reserve(budget: MemoryBudget, wanted: int) -> Reservation:
    reservation = budget.reserve(wanted)
    assert reservation is not None
    return reservation


def test_what_fits_is_reserved_and_no_more(budget: MemoryBudget) -> None:
    with reserve(budget, 600), reserve(budget, 400):
        assert budget.reserve(1) is None
    with reserve(budget, 1000):
        pass


def test_what_is_given_back_may_be_reserved_again(budget: MemoryBudget, tmp_path: Path) -> None:
    first = reserve(budget, 600)
    assert budget.reserve(600) is None
    first.close()
    reserve(budget, 600).close()
    assert [path.name for path in (tmp_path / "reservations").iterdir()] == ["decision.lock"]


def test_what_is_larger_than_all_there_is_goes_alone(budget: MemoryBudget) -> None:
    with reserve(budget, 5000):
        assert budget.reserve(1) is None
    with reserve(budget, 1):
        assert budget.reserve(5000) is None


def test_many_at_once_are_not_given_more_than_there_is(budget: MemoryBudget) -> None:
    barrier = Barrier(16)

    def try_it(_: int) -> Reservation | None:
        barrier.wait()
        return budget.reserve(300)

    with ThreadPoolExecutor(16) as threads:
        given = [r for r in threads.map(try_it, range(16)) if r is not None]
    assert len(given) == 3
    for reservation in given:
        reservation.close()


HOLDER = """
import signal, sys
from pathlib import Path
from transcoder.work.memory import MemoryBudget
held = MemoryBudget(Path(sys.argv[1]), 1000).reserve(600)
print(held is not None, flush=True)
signal.pause()
"""


def test_a_worker_that_is_killed_holds_nothing(budget: MemoryBudget, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "reservations")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert budget.reserve(600) is None
        os.kill(holder.pid, signal.SIGKILL)
    reserve(budget, 600).close()


class Unwanted(Exception):
    """What a beat raises when nobody wants the order any more."""


def never() -> None:
    pytest.fail("nothing had to be waited for")


def test_who_waits_gets_what_is_given_back(budget: MemoryBudget) -> None:
    first = reserve(budget, 600)
    second = budget.wait(600, within_s=60, stopping=Event(), beat=first.close)
    assert second is not None
    second.close()


def test_who_need_not_wait_does_not_say_so(budget: MemoryBudget) -> None:
    reservation = budget.wait(600, within_s=60, stopping=Event(), beat=never)
    assert reservation is not None
    reservation.close()


def test_who_waits_in_vain_is_told_so(budget: MemoryBudget) -> None:
    with reserve(budget, 600):
        assert budget.wait(600, within_s=0, stopping=Event(), beat=never) is None


def test_a_worker_that_stops_does_not_wait(budget: MemoryBudget) -> None:
    stopping = Event()
    with reserve(budget, 600):
        assert budget.wait(600, within_s=3600, stopping=stopping, beat=stopping.set) is None


def test_what_nobody_wants_is_not_waited_for(budget: MemoryBudget) -> None:
    def refuse() -> None:
        raise Unwanted

    with reserve(budget, 600), pytest.raises(Unwanted):
        budget.wait(600, within_s=3600, stopping=Event(), beat=refuse)


def test_a_machine_has_some_memory() -> None:
    assert 10**8 < find_usable_memory() < 10**14
