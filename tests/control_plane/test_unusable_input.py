"""Tests for control_plane/unusable_input.py."""

import pytest
from django.test import Client

from control_plane.unusable_input import is_usable

UNUSABLE = {
    "lone-surrogate": rb'{"password": "\ud800", "visibility": "\ud800"}',
    "surrogate-as-name": rb'{"\udfff": 1}',
    "deep-lists": b"[" * 33 + b"]" * 33,
    "deep-objects": b'{"a":' * 33 + b"1" + b"}" * 33,
    "deeper-than-the-stack": b"[" * 100_000,
    "nul": rb'{"title": ["\u0000"]}',
    "nul-as-name": rb'{"a\u0000": 1}',
    "endless-number": b'{"title": ' + b"9" * 5000 + b"}",
}
OTHERS = {
    "empty": b"",
    "plain": b'{"title": "[[[[ {{{{ 9"}',
    "pair-of-surrogates": rb'{"title": "\ud83d\ude00"}',
    "as-deep-as-may-be": b"[" * 31 + b"1" + b"]" * 31,
    "malformed": b'{"title": ',
    "not-utf-8": b'{"title": "\xff"}',
    "number": b"1",
}
READERS = ["videos/01890000-0000-7000-8000-000000000000/playback", "auth/login", "tokens/refresh"]


@pytest.mark.parametrize("body", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_json_that_nobody_can_use_is_told(body: bytes) -> None:
    assert not is_usable(body)


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS.keys())
def test_all_else_is_left_to_its_reader(body: bytes) -> None:
    assert is_usable(body)


@pytest.mark.usefixtures("redis_url")
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "*/*"])
@pytest.mark.parametrize("path", READERS)
@pytest.mark.parametrize("body", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_it_is_refused_by_every_reader_alike(path: str, body: bytes, content_type: str) -> None:
    answer = Client().generic("POST", f"/api/v1/{path}", body, content_type)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/videos", "/", "/admin/catalogue/video/"])
def test_a_nul_in_the_query_is_refused(path: str) -> None:
    assert Client().get(f"{path}?search=%00").status_code == 400


@pytest.mark.parametrize("method", ["TRACE", "QUERY", "PURGE"])
@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/api/v1/videos", "/"])
def test_methods_that_nobody_offers_are_refused(method: str, path: str) -> None:
    answer = Client().generic(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "DELETE" in answer.headers["Allow"]
