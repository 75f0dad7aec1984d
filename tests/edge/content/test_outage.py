"""When the store fails: asked seldom, and few lines in the log."""

from contextlib import suppress

import pytest

from edge.content.files import FileChanged
from edge.content.outage import FAILED_KEYS, REST_S, Circuit, Complaints
from shared.runtime.store.interface import ObjectMissing, StoreError, StoreUnavailable


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    return Circuit(clock=clock)


def ask(circuit: Circuit, key: str, error: StoreError | None = None) -> bool:
    """Whether the store was asked at all."""
    asked = False
    with suppress(StoreError), circuit.guard(key):
        asked = True
        if error is not None:
            raise error
    return asked


def break_store(circuit: Circuit) -> None:
    for number in range(FAILED_KEYS):
        assert ask(circuit, f"key {number}", StoreUnavailable("gone"))


def test_a_store_that_failed_for_several_objects_is_left_alone(circuit: Circuit) -> None:
    break_store(circuit)
    assert circuit.is_open
    assert not ask(circuit, "key")


def test_it_is_asked_once_a_second_until_it_answers(circuit: Circuit, clock: Clock) -> None:
    break_store(circuit)
    clock.now += REST_S
    assert ask(circuit, "key", StoreUnavailable("still gone"))
    assert not ask(circuit, "key")
    clock.now += REST_S
    assert ask(circuit, "key")
    assert not circuit.is_open
    assert ask(circuit, "key")


def test_one_bad_object_is_asked_for_as_often_as_wanted(circuit: Circuit) -> None:
    for _ in range(3 * FAILED_KEYS):
        assert ask(circuit, "bad", StoreUnavailable("bad sector"))
    assert not circuit.is_open


def test_failures_among_answers_are_no_outage(circuit: Circuit) -> None:
    for number in range(3 * FAILED_KEYS):
        assert ask(circuit, f"key {number}", StoreUnavailable("now and then"))
        assert ask(circuit, f"other {number}")
    assert not circuit.is_open


@pytest.mark.parametrize("error", [ObjectMissing("key"), FileChanged("key")], ids=repr)
def test_that_something_is_missing_or_other_than_listed_is_an_answer(
    circuit: Circuit, clock: Clock, error: StoreError
) -> None:
    for number in range(3 * FAILED_KEYS):
        assert ask(circuit, f"key {number}", error)
    break_store(circuit)
    clock.now += REST_S
    assert ask(circuit, "key", error)
    assert not circuit.is_open


def test_an_outage_is_two_lines_in_the_log(
    circuit: Circuit, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    break_store(circuit)
    for _ in range(1_000):
        ask(circuit, "key")
    clock.now += 30
    ask(circuit, "key")
    assert caplog.messages == [
        "the store fails and is asked once a second from now on: gone",
        "the store answers again after 30.0 s, 1000 calls spared",
    ]


def test_complaints_are_a_line_a_second(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints("the store failed", clock=clock)
    for _ in range(500):
        complaints.record(StoreUnavailable("a file was cut short"))
    clock.now += 1
    complaints.record(StoreUnavailable("another"))
    assert caplog.messages == [
        "the store failed: a file was cut short",
        "the store failed: another (499 more since the last such line)",
    ]
