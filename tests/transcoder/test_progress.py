"""Progress is told often enough to be seen, and not more often."""

from transcoder.progress import Meter, Progress


def test_progress_is_told_once_a_second() -> None:
    told: list[Progress] = []
    now = 0.0
    meter = Meter(told.append, clock=lambda: now)
    for tenth in range(31):
        now = tenth / 10
        meter.tell(tenth / 100, {"360": tenth / 100})
    assert [progress.fraction for progress in told] == [0, 0.1, 0.2, 0.3]
    assert told[-1].rungs == {"360": 0.3}


def test_more_than_all_is_never_done() -> None:
    told: list[Progress] = []
    Meter(told.append).tell(1.01)
    assert told == [Progress(1.0)]
