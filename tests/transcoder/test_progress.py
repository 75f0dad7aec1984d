"""Progress is told often enough to be seen, and not more often."""

from transcoder.progress import Meter, Progress


def test_progress_is_told_once_a_second() -> None:
    told: list[Progress] = []
    now = 0.0
    meter = Meter(told.append, clock=lambda: now)
    for tenth in range(31):
        now = tenth / 10
        meter.encoding(tenth / 100, {"360": tenth / 100})
    assert [round(progress.fraction / 0.96, 2) for progress in told] == [0, 0.1, 0.2, 0.3]
    assert told[-1].rungs == {"360": 0.3}


def test_the_end_of_encoding_is_told_at_once() -> None:
    told: list[Progress] = []
    meter = Meter(told.append, clock=lambda: 0.0)
    meter.encoding(0.5, {"360": 0.5, "480": 0.4})
    meter.encoded()
    meter.packaged()
    assert [progress.fraction for progress in told] == [0.48, 0.96, 0.97]
    assert told[-1].rungs == {"360": 1.0, "480": 1.0}
