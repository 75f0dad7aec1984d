"""What worker and child tell each other reads back, and nothing else is read."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.jobs import (
    EncodedReport,
    FailureReason,
    Order,
    PlannedChunk,
    PlanReport,
    PlanSummary,
    ResultReport,
)
from tests.transcoder.orders import (
    ASSET_ID,
    JOB_ID,
    encode_order,
    make_limits,
    package_order,
    plan_order,
)
from transcoder.settings import Settings
from transcoder.work.messages import (
    ChildMessageInvalid,
    ChildTask,
    Failed,
    Finished,
    Progressed,
    parse_message,
    render_message,
)

FENCE: dict[str, Any] = {"job_id": JOB_ID, "chunk": 0, "attempt": 1}
RESULT = ResultReport(
    **FENCE, asset_id=ASSET_ID, duration_ms=2000, size_bytes=12_345, heights=(360, 720)
)
CHUNK = PlannedChunk(
    number=1, heights=(360,), has_sound=True, cost=2.5, memory_bytes=10**8, is_low=True
)
PLAN = PlanReport(
    **FENCE,
    duration_ms=2000,
    summary=PlanSummary(rungs=()),
    bytes_estimate=1000,
    cpu_s_estimate=2.5,
    disk_bytes_needed=2000,
    chunks=(CHUNK,),
)


@pytest.mark.parametrize(
    "message",
    [
        Progressed(fraction=0.25, rungs={"360": 0.5, "720": 0.0}),
        Finished(report=PLAN),
        Finished(report=EncodedReport(**FENCE, size_bytes=12_345, cpu_s=1.5)),
        Finished(report=RESULT),
        Failed(reason=FailureReason.CORRUPT, detail="20 of 30\nframes"),
    ],
    ids=lambda message: message.kind,
)
def test_messages_read_back(message: Progressed | Finished | Failed) -> None:
    line = render_message(message)
    assert line.count(b"\n") == 1
    assert parse_message(line[:-1]) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"{}",
        b'{"kind":"unknown"}',
        b'{"kind":"progressed","fraction":2}',
        b'{"kind":"progressed","fraction":0.5,"more":1}',
        b'{"kind":"finished"}',
        b'{"kind":"finished","report":{"size_bytes":1,"cpu_s":1.0}}',
        b'{"kind":"failed","reason":"tired","detail":""}',
    ],
)
def test_other_lines_are_refused(line: bytes) -> None:
    with pytest.raises(ChildMessageInvalid):
        parse_message(line)


@pytest.mark.parametrize(
    "order",
    [plan_order(), encode_order(7), package_order(7)],
    ids=["plan", "encode", "package"],
)
def test_tasks_read_back(order: Order) -> None:
    task = ChildTask(
        order=order,
        media_store=Path("/media"),
        settings=Settings(),
        limits=make_limits(),
        parent_pid=7,
    )
    assert ChildTask.model_validate_json(task.model_dump_json()) == task


def test_a_task_without_an_order_is_refused() -> None:
    with pytest.raises(ValidationError):
        ChildTask.model_validate_json('{"media_store":"/media","settings":{},"parent_pid":7}')
