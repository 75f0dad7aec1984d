"""Answers for pages of named origins."""

from edge.http.cors import name_origin
from edge.http.responses import render_head


def test_a_named_origin_stands_in_for_everybody() -> None:
    head = name_origin(render_head(200, {"ETag": '"a"'}), "https://watch.example")
    assert b"Access-Control-Allow-Origin: https://watch.example\r\n" in head
    assert b"Access-Control-Allow-Credentials: true\r\n" in head
    assert head.count(b"Access-Control-Allow-Origin") == 1
    assert b"*" not in head.replace(b"Timing-Allow-Origin: *", b"")
    assert b'ETag: "a"\r\n' in head
