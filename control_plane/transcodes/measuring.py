"""How far a job is, told from its chunks: media time, weighed by what each rung costs. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from control_plane.transcodes.models import ChunkState, TranscodeChunk, TranscodeJob
from shared.jobs import ChunkKind

# What packaging and its checks cost, beside all the encoding before them.
_PACKAGING_SHARE: Final = 0.05
_TOO_EARLY: Final = 0.02  # to guess how long the rest will take


@dataclass(frozen=True, slots=True)
class Measure:
    """The share of a job that is done, of the whole and of each rung by its height."""

    fraction: float
    rungs: dict[str, float]
    chunks_done: int


def measure_job(chunks: Iterable[TranscodeChunk], plan: Mapping[str, Any] | None) -> Measure:
    """Weigh a job's chunks. Before there is a plan, nothing is done."""
    counted = list(chunks)
    encoded = [chunk for chunk in counted if chunk.kind == ChunkKind.ENCODE]
    package = next((chunk for chunk in counted if chunk.kind == ChunkKind.PACKAGE), None)
    packaged = 0.0 if package is None else _share(package)
    done = sum(chunk.state == ChunkState.DONE for chunk in encoded)
    if not encoded:
        return Measure(packaged, {}, done)
    encoding = _mean((_share(chunk), chunk.cost) for chunk in encoded)
    fraction = (encoding + _PACKAGING_SHARE * packaged) / (1 + _PACKAGING_SHARE)
    return Measure(fraction, _measure_rungs(encoded, _rung_costs(plan)), done)


def guess_rest_s(job: TranscodeJob, fraction: float, *, now: datetime) -> float | None:
    """How long the rest takes if it goes on as it went since this round began."""
    if job.began_at is None or fraction - job.began_fraction < _TOO_EARLY:
        return None
    elapsed_s = (now - job.began_at).total_seconds()
    return round(elapsed_s * (1 - fraction) / (fraction - job.began_fraction), 1)


def _measure_rungs(
    chunks: Iterable[TranscodeChunk], costs: Mapping[int, float]
) -> dict[str, float]:
    """The media time of each rung that is done."""
    shares: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for chunk in chunks:
        length = chunk.cost / (sum(costs.get(height, 0) for height in chunk.heights) or 1)
        for height in chunk.heights:
            shares[height].append((_share_of_rung(chunk, height), length))
    return {str(height): _mean(shares[height]) for height in sorted(shares)}


def _rung_costs(plan: Mapping[str, Any] | None) -> dict[int, float]:
    """What a second of each rung costs: its pixels."""
    rungs = plan["summary"]["rungs"] if plan else []
    return {
        rung["height"]: rung["width_px"] * rung["height_px"] * _to_number(rung["frame_rate"])
        for rung in rungs
    }


def _to_number(frame_rate: str) -> float:
    frames, _, seconds = frame_rate.partition("/")
    return int(frames) / int(seconds)


def _share(chunk: TranscodeChunk) -> float:
    return 1.0 if chunk.state == ChunkState.DONE else chunk.fraction


def _share_of_rung(chunk: TranscodeChunk, height: int) -> float:
    if chunk.state != ChunkState.RUNNING:
        return _share(chunk)
    return float(chunk.rungs.get(str(height), chunk.fraction))


def _mean(shares: Iterable[tuple[float, float]]) -> float:
    """The mean of (share, weight); of the shares alone where nothing weighs anything."""
    weighed = list(shares)
    total = sum(weight for _, weight in weighed)
    if not total:
        return sum(share for share, _ in weighed) / len(weighed)
    return min(1.0, sum(share * weight for share, weight in weighed) / total)
