"""Job messages: what travels between control plane and workers, and what is let go."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.jobs import (
    FINAL_REASONS,
    HEARTBEAT_INTERVAL_S,
    LEASE_S,
    MAX_DETAIL_LENGTH,
    MAX_LOG_LENGTH,
    UNFINISHED,
    FailureReason,
    FailureReport,
    JobMessageInvalid,
    JobState,
    ProgressReport,
    ResultReport,
    TranscodeOrder,
    explain_failure,
)

JOB = "0198c0de-0000-7000-8000-000000000001"
VIDEO = "0198c0de-0000-7000-8000-000000000002"
ASSET = "0198c0de-0000-7000-8000-000000000003"

FENCE: dict[str, Any] = {"job_id": JOB, "chunk": 0, "attempt": 1}
ORDER: dict[str, Any] = {
    **FENCE,
    "video_id": VIDEO,
    "asset_id": ASSET,
    "source_key": f"originals/{VIDEO}/{ASSET}",
    "lease_ends_at": 1767225600,
}
PROGRESS: dict[str, Any] = {**FENCE, "fraction": 0.5, "rungs": {"720": 0.5}, "eta_s": 12.5}
RESULT: dict[str, Any] = {
    **FENCE,
    "asset_id": ASSET,
    "duration_ms": 20_000,
    "size_bytes": 1_000_000,
    "heights": [360, 720],
}
FAILURE: dict[str, Any] = {**FENCE, "reason": "corrupt", "detail": "moov", "log_tail": "..."}

Message = type[TranscodeOrder | ProgressReport | ResultReport | FailureReport]
GOOD: list[tuple[Message, dict[str, Any]]] = [
    (TranscodeOrder, ORDER),
    (ProgressReport, PROGRESS),
    (ResultReport, RESULT),
    (FailureReport, FAILURE),
]
MESSAGES = pytest.mark.parametrize(
    ("message", "members"), GOOD, ids=lambda part: getattr(part, "__name__", "")
)


@MESSAGES
def test_message_is_read_and_written_back(message: Message, members: dict[str, Any]) -> None:
    assert json.loads(message.parse(json.dumps(members)).render()) == members


@MESSAGES
def test_message_without_one_of_its_members_is_let_go(
    message: Message, members: dict[str, Any]
) -> None:
    for name in members.keys() - {"eta_s", "log_tail"}:
        rest = {member: value for member, value in members.items() if member != name}
        with pytest.raises(
            JobMessageInvalid, match=f"^{message.__name__}: {name}: Field required$"
        ):
            message.parse(json.dumps(rest))


BAD_FENCES: dict[str, dict[str, Any]] = {
    "unknown member": {"extra": 1},
    "job of no name": {"job_id": "x"},
    "job in capitals": {"job_id": JOB.upper().replace("0", "A")},
    "job as number": {"job_id": 1},
    "negative chunk": {"chunk": -1},
    "fractional chunk": {"chunk": 0.5},
    "chunk beyond PostgreSQL's integer": {"chunk": 2**31},
    "no attempt": {"attempt": 0},
    "attempt as text": {"attempt": "1"},
    "attempt as truth": {"attempt": True},
    "attempt beyond PostgreSQL's integer": {"attempt": 2**31},
    "attempt null": {"attempt": None},
}


@MESSAGES
@pytest.mark.parametrize("changes", BAD_FENCES.values(), ids=BAD_FENCES)
def test_message_with_a_bad_fence_is_let_go(
    message: Message, members: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(JobMessageInvalid):
        message.parse(json.dumps({**members, **changes}))


@MESSAGES
@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", '"x"', "{}"])
def test_other_text_is_no_message(message: Message, members: dict[str, Any], text: str) -> None:
    assert members
    with pytest.raises(JobMessageInvalid):
        message.parse(text)


BAD_MEMBERS: dict[str, tuple[Message, dict[str, Any]]] = {
    "source that leads out": (TranscodeOrder, {**ORDER, "source_key": "../etc/passwd"}),
    "rooted source": (TranscodeOrder, {**ORDER, "source_key": "/etc/passwd"}),
    "asset of no name": (TranscodeOrder, {**ORDER, "asset_id": "asset"}),
    "video of no name": (TranscodeOrder, {**ORDER, "video_id": ""}),
    "lease as fraction": (TranscodeOrder, {**ORDER, "lease_ends_at": 1.5}),
    "lease in the past of time": (TranscodeOrder, {**ORDER, "lease_ends_at": -1}),
    "more than all done": (ProgressReport, {**PROGRESS, "fraction": 1.01}),
    "less than nothing done": (ProgressReport, {**PROGRESS, "fraction": -0.01}),
    "fraction as text": (ProgressReport, {**PROGRESS, "fraction": "0.5"}),
    "fraction as truth": (ProgressReport, {**PROGRESS, "fraction": True}),
    "no number done": (ProgressReport, {**PROGRESS, "fraction": float("nan")}),
    "no number of a rung done": (ProgressReport, {**PROGRESS, "rungs": {"720": float("nan")}}),
    "endless wait": (ProgressReport, {**PROGRESS, "eta_s": float("inf")}),
    "wait of no number": (ProgressReport, {**PROGRESS, "eta_s": float("nan")}),
    "negative wait": (ProgressReport, {**PROGRESS, "eta_s": -1}),
    "rung with NUL in its name": (ProgressReport, {**PROGRESS, "rungs": {"720\0": 0.5}}),
    "rung without name": (ProgressReport, {**PROGRESS, "rungs": {"": 0.5}}),
    "endless rungs": (ProgressReport, {**PROGRESS, "rungs": {str(n): 0 for n in range(33)}}),
    "no duration": (ResultReport, {**RESULT, "duration_ms": 0}),
    "duration beyond PostgreSQL's integer": (ResultReport, {**RESULT, "duration_ms": 2**31}),
    "no size": (ResultReport, {**RESULT, "size_bytes": 0}),
    "size beyond PostgreSQL's bigint": (ResultReport, {**RESULT, "size_bytes": 2**63}),
    "height of nothing": (ResultReport, {**RESULT, "heights": [0]}),
    "heights as one": (ResultReport, {**RESULT, "heights": 720}),
    "result of no asset": (ResultReport, {**RESULT, "asset_id": "../x"}),
    "unknown reason": (FailureReport, {**FAILURE, "reason": "bad luck"}),
    "detail as number": (FailureReport, {**FAILURE, "detail": 1}),
    "log as list": (FailureReport, {**FAILURE, "log_tail": ["x"]}),
}


@pytest.mark.parametrize(("message", "members"), BAD_MEMBERS.values(), ids=BAD_MEMBERS)
def test_ill_formed_member_is_let_go(message: Message, members: dict[str, Any]) -> None:
    with pytest.raises(JobMessageInvalid):
        message.parse(json.dumps(members))


@given(
    fraction=st.floats(0, 1),
    rungs=st.dictionaries(st.sampled_from(["360", "720", "audio"]), st.floats(0, 1)),
    eta=st.none() | st.floats(0, 1e9),
    attempt=st.integers(1, 2**31 - 1),
)
def test_progress_written_is_progress_read(
    fraction: float, rungs: dict[str, float], eta: float | None, attempt: int
) -> None:
    report = ProgressReport(
        job_id=JOB, chunk=0, attempt=attempt, fraction=fraction, rungs=rungs, eta_s=eta
    )
    assert ProgressReport.parse(report.render()) == report


awkward_text = st.text(
    st.characters() | st.characters(categories=["Cs"]) | st.just("\0"), max_size=60
)


@given(reason=st.sampled_from(FailureReason), detail=awkward_text, log=awkward_text)
def test_failure_is_heard_whatever_its_text(reason: FailureReason, detail: str, log: str) -> None:
    report = FailureReport(
        job_id=JOB, chunk=0, attempt=1, reason=reason, detail=detail * 60, log_tail=log * 400
    )
    assert FailureReport.parse(report.render()) == report
    assert "\0" not in report.detail + report.log_tail
    assert len(report.detail) <= MAX_DETAIL_LENGTH
    assert len(report.log_tail) <= MAX_LOG_LENGTH


def test_failure_keeps_the_beginning_of_its_detail_and_the_end_of_its_log() -> None:
    report = FailureReport(
        job_id=JOB,
        chunk=0,
        attempt=1,
        reason=FailureReason.INTERNAL,
        detail="first" + "x" * MAX_DETAIL_LENGTH,
        log_tail="x" * MAX_LOG_LENGTH + "last",
    )
    assert report.detail.startswith("first")
    assert report.log_tail.endswith("last")


def test_asset_may_be_larger_than_four_gigabytes() -> None:
    assert ResultReport.parse(json.dumps({**RESULT, "size_bytes": 2**40})).size_bytes == 2**40


def test_refusal_does_not_repeat_the_message() -> None:
    with pytest.raises(JobMessageInvalid) as refusal:
        ProgressReport.parse(json.dumps({**PROGRESS, "fraction": "hunter2"}))
    assert "hunter2" not in str(refusal.value)


def test_every_reason_is_explained() -> None:
    assert all(explain_failure(reason).endswith(".") for reason in FailureReason)
    assert len({explain_failure(reason) for reason in FailureReason}) == len(FailureReason)


def test_failures_of_the_machine_are_worth_another_attempt() -> None:
    assert not FINAL_REASONS & {
        FailureReason.TIMED_OUT,
        FailureReason.OUT_OF_MEMORY,
        FailureReason.DISK_FULL,
        FailureReason.INTERNAL,
    }


def test_job_ends_ready_failed_or_cancelled() -> None:
    assert set(JobState) - UNFINISHED == {JobState.READY, JobState.FAILED, JobState.CANCELLED}


def test_lease_outlives_several_lost_heartbeats() -> None:
    assert LEASE_S >= 5 * HEARTBEAT_INTERVAL_S
