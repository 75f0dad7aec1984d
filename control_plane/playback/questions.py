"""Asking an edge for a file in every way that a player may, and what an answer gives away."""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

from shared.paths import media_path, tokenless_path
from shared.runtime.problem import PROBLEM_TYPE

COOKIE_NAME: Final = "sluice_token"

_PATIENCE_S: Final = 10
_OPENS: Final = frozenset({200, 206, 304, 307})
# The last is for those who ask for too much that they may not have.
_REFUSES: Final = frozenset({401, 403, 429})
# What tells something of a file.
_TELLING: Final = ("ETag", "Content-Range", "Last-Modified", "Accept-Ranges", "Location")


@dataclass(frozen=True, slots=True)
class Question:
    """One request; `way` names it for people."""

    way: str
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def opens(self) -> bool:
        """Whether somebody was let in."""
        return self.status in _OPENS


class EdgeConnection:
    """One connection, opened when it is first needed and again after the edge has closed it."""

    def __init__(self, edge_url: str) -> None:
        parts = urlsplit(edge_url)
        secure = parts.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = connect(parts.netloc, timeout=_PATIENCE_S)
        self.asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def ask(self, question: Question) -> Answer:
        """Raises `OSError` or `HTTPException` when there is no answer."""
        self.asked += 1
        try:
            return self._ask(question)
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()
            return self._ask(question)

    def _ask(self, question: Question) -> Answer:
        self._connection.request(question.method, question.target, headers=question.headers)
        response = self._connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def list_questions(token: str | None, *, asset_id: str, name: str, etag: str) -> Iterator[Question]:
    """By the path in each shape that a request may have; by the other ways plainly."""
    tokenless = tokenless_path(asset_id, name)
    target = tokenless if token is None else media_path(token, asset_id, name)
    first_byte = {"Range": "bytes=0-0"}
    yield Question("GET", "GET", target)
    yield Question("HEAD", "HEAD", target)
    yield Question("Range", "GET", target, first_byte)
    yield Question("If-None-Match", "GET", target, {"If-None-Match": etag})
    yield Question("If-Range", "GET", target, {**first_byte, "If-Range": etag})
    if token is not None:
        yield Question("query", "GET", f"{tokenless}?token={token}")
        yield Question("cookie", "GET", tokenless, {"Cookie": f"{COOKIE_NAME}={token}"})
        yield Question("Bearer", "GET", tokenless, {"Authorization": f"Bearer {token}"})


def find_leak(answer: Answer, *, method: str) -> str | None:
    """What an answer gives away; None for a refusal that says why and nothing else."""
    if answer.status not in _REFUSES:
        return f"status {answer.status}"
    told = [name for name in _TELLING if name in answer.headers]
    if told:
        return f"header {told[0]}"
    if answer.headers.get("Content-Type") != PROBLEM_TYPE:
        return f"content of type {answer.headers.get('Content-Type')}"
    if method == "HEAD":
        return f"{len(answer.body)} bytes after HEAD" if answer.body else None
    return None if _is_problem(answer.body, answer.status) else "a body that is no problem"


def _is_problem(body: bytes, status: int) -> bool:
    try:
        problem = json.loads(body)
    except ValueError:
        return False
    return isinstance(problem, dict) and problem.get("status") == status
