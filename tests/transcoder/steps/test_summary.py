"""What the control plane is told of a plan."""

from dataclasses import replace

from shared.jobs import PlanReport
from tests.transcoder.orders import plan_order
from tests.transcoder.plans import make_plan
from transcoder.input.facts import AudioFacts, TextFacts
from transcoder.planning.chunks import cut_chunks
from transcoder.planning.plan import Plan
from transcoder.steps.checkpoints import PlanDocument
from transcoder.steps.summary import report_plan


def report(plan: Plan) -> PlanReport:
    document = PlanDocument(plan=plan, chunks=cut_chunks(plan), preset="veryfast")
    told = report_plan(document, plan_order(attempt=2))
    assert PlanReport.parse(told.render()) == told
    return told


def test_rungs_are_told_and_why() -> None:
    told = report(make_plan(180, size=(1280, 720)))
    assert (told.chunk, told.attempt, told.duration_ms) == (0, 2, 180_000)
    assert [(r.height, r.frame_rate) for r in told.summary.rungs] == [
        (360, "30/1"),
        (480, "30/1"),
        (720, "30/1"),
    ]
    assert all(rung.reason for rung in told.summary.rungs)
    assert [rung.height for rung in told.summary.left_out] == [1080]


def test_chunks_are_told_with_what_they_take() -> None:
    told = report(make_plan(180))
    assert [chunk.number for chunk in told.chunks] == [1, 2, 3, 4, 5, 6, 7]
    assert [chunk.is_low for chunk in told.chunks] == [True] * 4 + [False] * 3
    assert all(chunk.cost > 0 for chunk in told.chunks)
    assert told.cpu_s_estimate > sum(chunk.cost for chunk in told.chunks)
    assert told.disk_bytes_needed > told.bytes_estimate > 0


def test_sound_and_captions_are_told_by_their_languages() -> None:
    plan = make_plan(20)
    languages = ("ger", "por")
    audio = tuple(
        AudioFacts(n, plan.start_s, plan.duration_s, language=language)
        for n, language in enumerate(languages, start=1)
    )
    texts = (TextFacts(3, "subrip", "fre"), TextFacts(4, "mov_text", None, "Signs", is_forced=True))
    facts = replace(plan.facts, audio=audio, texts=texts, warnings=("stream 7 is left out",))
    summary = report(replace(plan, facts=facts)).summary
    assert [(a.name, a.language, a.channels) for a in summary.audio] == [
        ("Deutsch", "de", 2),
        ("Português", "pt", 2),
    ]
    assert [(t.name, t.language, t.is_forced) for t in summary.texts] == [
        ("Français", "fr", False),
        ("Signs", None, True),
    ]
    assert summary.warnings == ("stream 7 is left out",)


def test_sound_alone_is_told() -> None:
    told = report(make_plan(20, size=None))
    assert told.summary.rungs == ()
    assert [(chunk.heights, chunk.has_sound) for chunk in told.chunks] == [((), True)]


def test_captions_that_are_left_out_are_told() -> None:
    plan = make_plan(20)
    texts = tuple(TextFacts(n, "subrip", "eng") for n in range(34))
    summary = report(replace(plan, facts=replace(plan.facts, texts=texts))).summary
    assert len(summary.texts) == 32
    assert [warning[:21] for warning in summary.warnings] == [
        "stream 32 is left out",
        "stream 33 is left out",
    ]


def test_sound_that_is_left_out_is_told() -> None:
    plan = make_plan(20)
    audio = tuple(AudioFacts(n, plan.start_s, plan.duration_s) for n in (1, 2))
    summary = report(replace(plan, facts=replace(plan.facts, audio=audio))).summary
    assert len(summary.audio) == 1
    assert [warning[:20] for warning in summary.warnings] == ["stream 2 is left out"]
