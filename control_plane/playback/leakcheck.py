"""Whether an edge gives a byte to anybody who may not have it: every kind of file, every attempt.

A good token has to open each file, too, since a check against a closed door proves nothing.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from control_plane.catalogue.media import open_store
from control_plane.playback.forgeries import Attempt, Exhibit, Forger
from control_plane.playback.questions import (
    Answer,
    EdgeConnection,
    Question,
    find_leak,
    list_questions,
)
from control_plane.revocations.services import revoke_session
from control_plane.signing.selectors import current_key
from shared.asset import Asset, index_files, parse_asset
from shared.paths import Kind, asset_document_key, kind_of

REVOKED_WITHIN_S: Final = 5

_PAUSE_S: Final = 0.02
# As many connections as an edge may have workers: each has to have heard of it.
_FRESH_CONNECTIONS: Final = 16

Leaks: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One file: what is wrong with its good token, and what each attempt that makes sense got."""

    exhibit: Exhibit
    closed: Leaks
    leaks: dict[Attempt, Leaks]


@dataclass(frozen=True, slots=True)
class Report:
    """What came out; `revoked_after_s` is None when the edge did not refuse in time."""

    rows: tuple[Row, ...]
    requests: int
    revoked_after_s: float | None

    @property
    def is_tight(self) -> bool:
        leaks = [leaks for row in self.rows for leaks in (row.closed, *row.leaks.values())]
        return bool(self.rows) and self.revoked_after_s is not None and not any(leaks)


def check_leaks(video_id: str, asset_id: str, *, edge_url: str, now: datetime) -> Report:
    """Ask the edge for one file of each kind, in vain. Raises `ObjectMissing` or `AssetInvalid`
    without a usable `asset.json`, `OSError` or `HTTPException` without an edge."""
    asset = parse_asset(open_store().get(asset_document_key(asset_id)))
    forger = Forger(current_key(now=now), video_id, now=int(now.timestamp()))
    exhibits = choose_exhibits(asset)
    revoked_after_s = _revoke(forger, exhibits[0], asset_id, edge_url=edge_url, now=now)
    with EdgeConnection(edge_url) as edge:
        inspector = _Inspector(edge, forger, asset_id)
        rows = tuple(inspector.inspect(exhibit) for exhibit in exhibits)
    return Report(rows, edge.asked, revoked_after_s)


def choose_exhibits(asset: Asset) -> list[Exhibit]:
    """The first file of each sort in each folder: of a rung its playlist, init and a segment."""
    chosen: dict[tuple[str, str], Exhibit] = {}
    for name, file in index_files(asset).items():
        path = PurePosixPath(name)
        exhibit = Exhibit(name, kind_of(name), file.height)
        chosen.setdefault((str(path.parent), path.suffix), exhibit)
    order = list(Kind)
    return sorted(chosen.values(), key=lambda exhibit: (order.index(exhibit.kind), exhibit.name))


@dataclass(frozen=True, slots=True)
class _Inspector:
    edge: EdgeConnection
    forger: Forger
    asset_id: str

    def inspect(self, exhibit: Exhibit) -> Row:
        good = self.forger.make_good()
        etag = self._read_etag(exhibit, good)
        closed = tuple(
            f"{question.way}: status {answer.status}"
            for question, answer in self._ask(exhibit, good, etag)
            if not answer.opens
        )
        leaks = {
            attempt: tuple(self._find_leaks(exhibit, tokens, etag))
            for attempt in Attempt
            if (tokens := self.forger.make_bad(attempt, exhibit))
        }
        return Row(exhibit, closed, leaks)

    def _read_etag(self, exhibit: Exhibit, good: str) -> str:
        _, answer = next(self._ask(exhibit, good, ""))
        return str(answer.headers.get("ETag", '"unknown"'))

    def _find_leaks(self, exhibit: Exhibit, tokens: list[str | None], etag: str) -> Iterator[str]:
        for token in tokens:
            for question, answer in self._ask(exhibit, token, etag):
                leak = find_leak(answer, method=question.method)
                if leak is not None:
                    yield f"{question.way}: {leak}"

    def _ask(
        self, exhibit: Exhibit, token: str | None, etag: str
    ) -> Iterator[tuple[Question, Answer]]:
        for question in list_questions(token, asset_id=self.asset_id, name=exhibit.name, etag=etag):
            yield question, self.edge.ask(question)


def _revoke(
    forger: Forger, exhibit: Exhibit, asset_id: str, *, edge_url: str, now: datetime
) -> float | None:
    """Play, revoke, and see how long it takes until no connection gets anything any more."""
    token = forger.make_good(forger.session_id)
    question = next(list_questions(token, asset_id=asset_id, name=exhibit.name, etag=""))
    _opens_anywhere(question, edge_url)
    revoke_session(forger.session_id, now=now)
    begun_at = time.monotonic()
    while _opens_anywhere(question, edge_url):
        if time.monotonic() - begun_at > REVOKED_WITHIN_S:
            return None
        time.sleep(_PAUSE_S)
    return time.monotonic() - begun_at


def _opens_anywhere(question: Question, edge_url: str) -> bool:
    """Over connections of their own, which reach all workers in the end."""
    for _ in range(_FRESH_CONNECTIONS):
        with EdgeConnection(edge_url) as edge:
            if edge.ask(question).opens:
                return True
    return False
