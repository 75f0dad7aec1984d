"""The plan as the control plane is told of it: what will be made and why, what it takes. Pure."""

from collections.abc import Iterator
from fractions import Fraction

from shared.jobs import (
    PlannedAudio,
    PlannedChunk,
    PlannedRung,
    PlannedText,
    PlanOrder,
    PlanReport,
    PlanSummary,
    RungLeftOut,
)
from transcoder.input.facts import SourceFacts
from transcoder.planning.chunks import Chunk
from transcoder.planning.estimates import (
    count_bytes_needed,
    estimate_bytes,
    estimate_cpu_s,
    estimate_memory,
    estimate_package_cpu_s,
)
from transcoder.planning.ladder import Rung
from transcoder.planning.languages import name_language, tag_language
from transcoder.planning.plan import Plan
from transcoder.planning.sound_choice import choose_sounds, list_unheard
from transcoder.steps.checkpoints import PlanDocument
from transcoder.text.text_tracks import MAX_TEXT_TRACKS


def report_plan(document: PlanDocument, order: PlanOrder) -> PlanReport:
    """What is planned, as the answer to an order."""
    plan = document.plan
    chunks = tuple(_describe_chunk(document, chunk) for chunk in document.chunks)
    cpu_s = sum(chunk.cost for chunk in chunks) + estimate_package_cpu_s(plan.duration_s)
    return PlanReport(
        job_id=order.job_id,
        chunk=order.chunk,
        attempt=order.attempt,
        duration_ms=max(1, round(plan.duration_s * 1000)),
        summary=summarize_plan(plan),
        bytes_estimate=max(1, estimate_bytes(plan)),
        cpu_s_estimate=round(cpu_s, 1),
        disk_bytes_needed=count_bytes_needed(plan),
        chunks=chunks,
    )


def summarize_plan(plan: Plan) -> PlanSummary:
    return PlanSummary(
        rungs=tuple(map(_describe_rung, plan.rungs)),
        left_out=tuple(RungLeftOut(height=r.height, reason=r.reason) for r in plan.left_out),
        audio=tuple(
            PlannedAudio(name=choice.name, language=choice.language, channels=choice.channels)
            for choice in choose_sounds(plan.facts.audio)
        ),
        texts=tuple(
            PlannedText(
                name=_name_text(text.title, text.language),
                language=tag_language(text.language),
                is_forced=text.is_forced,
            )
            for text in plan.facts.texts[:MAX_TEXT_TRACKS]
        ),
        warnings=(*plan.facts.warnings, *_list_left_out(plan.facts)),
    )


def _list_left_out(facts: SourceFacts) -> Iterator[str]:
    for track in list_unheard(facts.audio):
        yield f"stream {track.stream} is left out: sound of a language and title that come before"
    for text in facts.texts[MAX_TEXT_TRACKS:]:
        yield f"stream {text.stream} is left out: captions behind {MAX_TEXT_TRACKS} others"


def _name_text(title: str | None, language: str | None) -> str:
    tag = tag_language(language)
    return title or (name_language(tag) if tag else "")


def _describe_rung(rung: Rung) -> PlannedRung:
    return PlannedRung(
        height=rung.height,
        width_px=rung.width_px,
        height_px=rung.height_px,
        frame_rate=_write_rate(rung.frame_rate),
        max_bit_rate_bps=rung.max_bit_rate_bps,
        reason=rung.reason,
    )


def _write_rate(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"


def _describe_chunk(document: PlanDocument, chunk: Chunk) -> PlannedChunk:
    plan, preset = document.plan, document.preset
    return PlannedChunk(
        number=chunk.number,
        heights=chunk.heights,
        has_sound=chunk.has_sound,
        cost=round(estimate_cpu_s(plan, chunk, preset=preset), 3),
        memory_bytes=estimate_memory(plan, chunk, preset=preset),
        is_low=chunk.is_low,
    )
