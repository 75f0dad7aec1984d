"""What worker and child tell each other reads back, and nothing else is read."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.jobs import FailureReason
from tests.transcoder.orders import make_order
from transcoder.messages import (
    ChildMessageInvalid,
    ChildTask,
    Failed,
    Finished,
    Progressed,
    parse_message,
    render_message,
)
from transcoder.settings import Settings


@pytest.mark.parametrize(
    "message",
    [
        Progressed(fraction=0.25, rungs={"360": 0.5, "720": 0.0}),
        Finished(duration_ms=2000, size_bytes=12345, heights=(360, 720)),
        Finished(duration_ms=2000, size_bytes=12345, heights=()),
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
        b'{"kind":"finished","duration_ms":0,"size_bytes":1,"heights":[]}',
        b'{"kind":"failed","reason":"tired","detail":""}',
    ],
)
def test_other_lines_are_refused(line: bytes) -> None:
    with pytest.raises(ChildMessageInvalid):
        parse_message(line)


def test_tasks_read_back() -> None:
    task = ChildTask(
        order=make_order(), media_store=Path("/media"), settings=Settings(), parent_pid=7
    )
    assert ChildTask.model_validate_json(task.model_dump_json()) == task


def test_a_task_without_an_order_is_refused() -> None:
    with pytest.raises(ValidationError):
        ChildTask.model_validate_json('{"media_store":"/media","settings":{},"parent_pid":7}')
