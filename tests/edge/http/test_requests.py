"""Request targets."""

import pytest

from edge.http.requests import Target, read_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("/", Target("/", "")),
        ("/v1/a/b", Target("/v1/a/b", "")),
        ("/v1/a/b?", Target("/v1/a/b", "")),
        ("/v1/a/b?token=x?y", Target("/v1/a/b", "token=x?y")),
        ("http://edge/v1/a", Target("/v1/a", "")),
        ("HTTPS://edge.example:8443/v1/a?x", Target("/v1/a", "x")),
        ("http://[::1]:80/v1/a", Target("/v1/a", "")),
        ("//edge/v1/a", Target("//edge/v1/a", "")),
        ("/v1/%2e%2e/./..//a", Target("/v1/%2e%2e/./..//a", "")),
        ("*", Target("*", "")),
    ],
)
def test_path_and_query_are_read_as_they_were_sent(text: str, target: Target) -> None:
    assert read_target(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1/a",
        "?x",
        "/v1/a#x",
        "/v1/a#",
        "/v1/a?x#y",
        "http://edge",
        "http://edge?x",
        "http:///v1/a",
        "http://user@edge/v1/a",
        "http://user:word@edge/v1/a",
        "ftp://edge/v1/a",
        "file:///v1/a",
        "edge:80",
        "**",
    ],
)
def test_what_is_no_target_of_ours_is_none(text: str) -> None:
    assert read_target(text) is None
