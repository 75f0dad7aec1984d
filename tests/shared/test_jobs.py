"""Job messages: what travels between control plane and workers, and what is let go."""

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.jobs import (
    FINAL_REASONS,
    HEARTBEAT_INTERVAL_S,
    LEASE_S,
    MAX_DETAIL_LENGTH,
    MAX_LOG_LENGTH,
    MAX_TEXT_LENGTH,
    UNFINISHED,
    EncodedReport,
    EncodeOrder,
    FailureReason,
    FailureReport,
    JobMessageInvalid,
    JobState,
    PackageOrder,
    PlanOrder,
    PlanReport,
    ProgressReport,
    ResultReport,
    explain_failure,
    parse_order,
)

JOB = "0198c0de-0000-7000-8000-000000000001"
VIDEO = "0198c0de-0000-7000-8000-000000000002"
ASSET = "0198c0de-0000-7000-8000-000000000003"

FENCE: dict[str, Any] = {"job_id": JOB, "chunk": 0, "attempt": 1}
ANY_ORDER: dict[str, Any] = {
    **FENCE,
    "video_id": VIDEO,
    "source_key": f"originals/{VIDEO}/{ASSET}",
    "lease_ends_at": 1767225600,
}
PROGRESS: dict[str, Any] = {
    **FENCE,
    "fraction": 0.5,
    "rungs": {"720": 0.5},
    "eta_s": 12.5,
    "worker": "host:4711",
}
RESULT: dict[str, Any] = {
    **FENCE,
    "asset_id": ASSET,
    "duration_ms": 20_000,
    "size_bytes": 1_000_000,
    "heights": [360, 720],
    "warnings": [{"rule": "1.30", "name": "video/720", "text": "peaks at 2.1 times the average"}],
}
RUNG: dict[str, Any] = {
    "height": 720,
    "width_px": 1280,
    "height_px": 720,
    "frame_rate": "30000/1001",
    "max_bit_rate_bps": 3_500_000,
    "reason": "the size of the source",
}
SUMMARY: dict[str, Any] = {
    "rungs": [RUNG],
    "left_out": [{"height": 1080, "reason": "larger than the source"}],
    "audio": [{"name": "Stereo", "language": None, "channels": 2}],
    "texts": [{"name": "Deutsch", "language": "de", "is_forced": False}],
    "warnings": ["The picture is interlaced."],
}
CHUNK: dict[str, Any] = {
    "number": 1,
    "heights": [720],
    "has_sound": True,
    "cost": 27_648_000.0,
    "memory_bytes": 400_000_000,
    "is_low": True,
}
PLAN: dict[str, Any] = {
    **FENCE,
    "duration_ms": 20_000,
    "summary": SUMMARY,
    "bytes_estimate": 9_000_000,
    "cpu_s_estimate": 30.5,
    "disk_bytes_needed": 20_000_000,
    "chunks": [CHUNK],
}
ENCODED: dict[str, Any] = {**FENCE, "chunk": 1, "size_bytes": 1_000_000, "cpu_s": 12.5}
FAILURE: dict[str, Any] = {**FENCE, "reason": "corrupt", "detail": "moov", "log_tail": "..."}

PLAN_ORDER: dict[str, Any] = {
    **ANY_ORDER,
    "kind": "plan",
    "is_dry_run": False,
    "memory_bytes": 500_000_000,
}
ENCODE_ORDER: dict[str, Any] = {
    **ANY_ORDER,
    "kind": "encode",
    "chunk": 3,
    "memory_bytes": 400_000_000,
}
TEXT: dict[str, Any] = {
    "key": f"originals/{VIDEO}/{ASSET}",
    "language": "pt-BR",
    "name": "Portugu\u00eas",
    "is_forced": False,
    "is_sdh": True,
}
PACKAGE_ORDER: dict[str, Any] = {
    **ANY_ORDER,
    "kind": "package",
    "chunk": 8,
    "asset_id": ASSET,
    "chunks": 7,
    "base_asset_id": None,
    "texts": [TEXT],
    "poster": 4,
    "memory_bytes": 500_000_000,
}

Message = type[ProgressReport | PlanReport | EncodedReport | ResultReport | FailureReport]
GOOD: list[tuple[Message, dict[str, Any]]] = [
    (ProgressReport, PROGRESS),
    (PlanReport, PLAN),
    (EncodedReport, ENCODED),
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
    for name in members.keys() - {"eta_s", "log_tail", "warnings", "worker"}:
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
    "rung at no rate": (
        PlanReport,
        {**PLAN, "summary": {**SUMMARY, "rungs": [{**RUNG, "frame_rate": "30/0"}]}},
    ),
    "rung at a decimal rate": (
        PlanReport,
        {**PLAN, "summary": {**SUMMARY, "rungs": [{**RUNG, "frame_rate": "29.97"}]}},
    ),
    "plan of no chunk": (PlanReport, {**PLAN, "chunks": []}),
    "plan with a chunk missing": (PlanReport, {**PLAN, "chunks": [{**CHUNK, "number": 2}]}),
    "plan with a chunk twice": (PlanReport, {**PLAN, "chunks": [CHUNK, CHUNK]}),
    "plan that costs less than nothing": (PlanReport, {**PLAN, "cpu_s_estimate": -1}),
    "chunk without bytes": (EncodedReport, {**ENCODED, "size_bytes": 0}),
    "time of no number": (EncodedReport, {**ENCODED, "cpu_s": float("nan")}),
    "worker at length": (ProgressReport, {**PROGRESS, "worker": "x" * 201}),
    "warning without its rule": (ResultReport, {**RESULT, "warnings": [{"text": "x"}]}),
    "unknown reason": (FailureReport, {**FAILURE, "reason": "bad luck"}),
    "detail as number": (FailureReport, {**FAILURE, "detail": 1}),
    "log as list": (FailureReport, {**FAILURE, "log_tail": ["x"]}),
}


@pytest.mark.parametrize(("message", "members"), BAD_MEMBERS.values(), ids=BAD_MEMBERS)
def test_ill_formed_member_is_let_go(message: Message, members: dict[str, Any]) -> None:
    with pytest.raises(JobMessageInvalid):
        message.parse(json.dumps(members))


ORDERS = pytest.mark.parametrize(
    ("kind", "members"),
    [(PlanOrder, PLAN_ORDER), (EncodeOrder, ENCODE_ORDER), (PackageOrder, PACKAGE_ORDER)],
    ids=["plan", "encode", "package"],
)


@ORDERS
def test_order_is_read_as_its_kind_and_written_back(kind: type, members: dict[str, Any]) -> None:
    order = parse_order(json.dumps(members))
    assert isinstance(order, kind)
    assert json.loads(order.render()) == members


REQUIRED_OF_ORDERS: Final = {
    "job_id",
    "chunk",
    "attempt",
    "video_id",
    "asset_id",
    "source_key",
    "lease_ends_at",
    "chunks",
}


@pytest.mark.parametrize(
    "members", [PLAN_ORDER, ENCODE_ORDER, PACKAGE_ORDER], ids=["plan", "encode", "package"]
)
def test_order_without_one_of_its_members_is_let_go(members: dict[str, Any]) -> None:
    for name in REQUIRED_OF_ORDERS & members.keys():
        rest = {member: value for member, value in members.items() if member != name}
        with pytest.raises(JobMessageInvalid, match="Field required"):
            parse_order(json.dumps(rest))


@pytest.mark.parametrize(
    "members", [PLAN_ORDER, ENCODE_ORDER, PACKAGE_ORDER], ids=["plan", "encode", "package"]
)
@pytest.mark.parametrize("changes", BAD_FENCES.values(), ids=BAD_FENCES)
def test_order_with_a_bad_fence_is_let_go(members: dict[str, Any], changes: dict[str, Any]) -> None:
    with pytest.raises(JobMessageInvalid):
        parse_order(json.dumps({**members, **changes}))


BAD_ORDERS: dict[str, dict[str, Any]] = {
    "no kind": ANY_ORDER,
    "unknown kind": {**PLAN_ORDER, "kind": "bake"},
    "plan of another chunk": {**PLAN_ORDER, "chunk": 1},
    "plan with an asset": {**PLAN_ORDER, "asset_id": ASSET},
    "source that leads out": {**PLAN_ORDER, "source_key": "../etc/passwd"},
    "rooted source": {**PLAN_ORDER, "source_key": "/etc/passwd"},
    "asset of no name": {**PACKAGE_ORDER, "asset_id": "asset"},
    "video of no name": {**PLAN_ORDER, "video_id": ""},
    "lease as fraction": {**PLAN_ORDER, "lease_ends_at": 1.5},
    "lease in the past of time": {**PLAN_ORDER, "lease_ends_at": -1},
    "chunk 0 encoded": {**ENCODE_ORDER, "chunk": 0},
    "encoding in no memory": {**ENCODE_ORDER, "memory_bytes": 0},
    "package without asset": {**PACKAGE_ORDER, "asset_id": None},
    "package before its chunks": {**PACKAGE_ORDER, "chunk": 7},
    "package of nothing": {**PACKAGE_ORDER, "chunk": 1, "chunks": 0},
    "package of chunks and an asset": {**PACKAGE_ORDER, "base_asset_id": ASSET},
    "package of an asset of no name": {
        **PACKAGE_ORDER,
        "chunk": 1,
        "chunks": 0,
        "base_asset_id": "../x",
    },
    "candidate that is none": {**PACKAGE_ORDER, "poster": 5},
    "captions that lead out": {**PACKAGE_ORDER, "texts": [{**TEXT, "key": "../x"}]},
    "captions in no language": {**PACKAGE_ORDER, "texts": [{**TEXT, "language": ""}]},
    "captions in a playlist's syntax": {**PACKAGE_ORDER, "texts": [{**TEXT, "language": 'en"'}]},
    "endless captions": {**PACKAGE_ORDER, "texts": [TEXT] * 257},
}


@pytest.mark.parametrize("members", BAD_ORDERS.values(), ids=BAD_ORDERS)
def test_ill_formed_order_is_let_go(members: dict[str, Any]) -> None:
    with pytest.raises(JobMessageInvalid, match=r"^order: "):
        parse_order(json.dumps(members))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", '"x"', "{}"])
def test_other_text_is_no_order(text: str) -> None:
    with pytest.raises(JobMessageInvalid):
        parse_order(text)


def test_package_of_an_earlier_asset_needs_no_chunk() -> None:
    members = {**PACKAGE_ORDER, "chunk": 1, "chunks": 0, "base_asset_id": ASSET}
    assert json.loads(parse_order(json.dumps(members)).render()) == members


def test_plan_says_of_every_text_no_more_than_fits() -> None:
    summary = {**SUMMARY, "warnings": ["\0" + "x" * 1000]}
    (warning,) = PlanReport.parse(json.dumps({**PLAN, "summary": summary})).summary.warnings
    assert len(warning) == MAX_TEXT_LENGTH
    assert "\0" not in warning


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
