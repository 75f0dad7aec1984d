"""What the edge answers besides media, and how it speaks HTTP."""

import json
from typing import Any

import pytest

from edge import admission as admission_module
from edge.content.reader import Reader, ReaderBusy
from edge.routes import COOKIE_PATH
from tests.edge.edges import World
from tests.edge.films import ASSET_ID


def read_head(answer: bytes) -> tuple[str, dict[str, str], bytes]:
    """Status line, fields and body of one raw answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


async def ask_raw(world: World, *lines: str) -> tuple[str, dict[str, str], bytes]:
    return read_head(await world.send_raw("\r\n".join([*lines, "", ""]).encode()))


async def test_livez_says_that_the_process_answers(world: World) -> None:
    answer = await world.get("/livez")
    assert (answer.status, answer.body) == (200, b"ok\n")


@pytest.mark.parametrize("path", [f"/v1/a/{ASSET_ID}/main.m3u8", "/livez", "/anything"])
async def test_a_preflight_needs_no_token(world: World, path: str) -> None:
    answer = await world.get(path, method="OPTIONS")
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert {"Authorization", "Range"} <= {
        *answer.headers["Access-Control-Allow-Headers"].split(", ")
    }
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


async def test_options_for_the_whole_server_is_answered(world: World) -> None:
    status, _, _ = await ask_raw(world, "OPTIONS * HTTP/1.1", "Host: edge", "Connection: close")
    assert status == "HTTP/1.1 204 No Content"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
async def test_a_method_out_of_place_is_told_which_there_are(world: World, method: str) -> None:
    answer = await world.fetch("main.m3u8", method=method)
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["PROPFIND", "MKCOL", "SEARCH", "PURGE", "QUERY"])
async def test_a_method_that_nothing_here_knows_is_not_implemented(
    world: World, method: str
) -> None:
    answer = await world.fetch("main.m3u8", method=method)
    assert (answer.status, answer.code) == (501, "method_unknown")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_a_cookie_is_ordered_by_post(world: World, method: str) -> None:
    answer = await world.get(COOKIE_PATH, method=method)
    assert (answer.status, answer.headers["Allow"]) == (405, "OPTIONS, POST")
    preflight = await world.get(COOKIE_PATH, method="OPTIONS")
    assert preflight.headers["Access-Control-Allow-Methods"] == "OPTIONS, POST"


async def test_connect_is_no_way_through(world: World) -> None:
    for target in ("edge:80", "/livez"):
        line = f"CONNECT {target} HTTP/1.1"
        status, fields, _ = await ask_raw(world, line, "Host: edge", "Connection: close")
        assert status == "HTTP/1.1 405 Method Not Allowed"
        assert fields["Allow"] == "GET, HEAD, OPTIONS"


async def test_the_server_does_not_name_itself(world: World) -> None:
    for answer in (await world.fetch("main.m3u8"), await world.get("/none")):
        assert "Server" not in answer.headers
        assert answer.headers["Date"].endswith(" GMT")


async def test_the_absolute_form_is_the_same_resource(world: World) -> None:
    path = f"/v1/{world.signer.issue()}/{ASSET_ID}/main.m3u8"
    line = f"GET {world.origin}{path} HTTP/1.1"
    status, _, body = await ask_raw(world, line, "Host: edge", "Connection: close")
    assert status == "HTTP/1.1 200 OK"
    assert body == world.film.contents["main.m3u8"]


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/livez#x", id="fragment"),
        pytest.param("/livez#", id="empty fragment"),
        pytest.param("/livez?a#b", id="fragment behind a query"),
        pytest.param("http://edge/livez#x", id="fragment of an absolute form"),
        pytest.param("ftp://edge/livez", id="another scheme"),
        pytest.param("http://user:word@edge/livez", id="an account"),
        pytest.param("http://edge", id="no path"),
        pytest.param("http://edge?/livez", id="a query alone"),
        pytest.param("*", id="asterisk"),
        pytest.param("livez", id="no slash"),
        pytest.param("?livez", id="a query first"),
        pytest.param("edge:80", id="authority"),
        pytest.param("/live\x7fz", id="a control character"),
    ],
)
async def test_what_is_no_target_is_a_bad_request(world: World, target: str) -> None:
    status, _, body = await ask_raw(
        world, f"GET {target} HTTP/1.1", "Host: edge", "Connection: close"
    )
    assert status == "HTTP/1.1 400 Bad Request"
    assert json.loads(body)["code"] == "bad_request"


async def test_a_query_changes_no_route(world: World) -> None:
    assert (await world.get("/livez?x=/v1/a/b")).status == 200


async def test_http_1_0_is_answered_and_hung_up_on(world: World) -> None:
    status, fields, body = await ask_raw(world, "GET /livez HTTP/1.0", "Connection: keep-alive")
    assert (status, fields["Connection"], body) == ("HTTP/1.1 200 OK", "close", b"ok\n")


async def test_other_versions_are_refused(world: World) -> None:
    status, _, body = await ask_raw(world, "GET /livez HTTP/2.0", "Host: edge", "Connection: close")
    assert status == "HTTP/1.1 505 HTTP Version Not Supported"
    assert json.loads(body)["code"] == "version_unsupported"


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"rubbish\r\n\r\n", id="rubbish"),
        pytest.param(b"GET /livez HTTP/1.1\r\n\r\n", id="no Host"),
        pytest.param(b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", id="two Hosts"),
        pytest.param(b"GET /livez HTTP/1.1\r\nHost : a\r\n\r\n", id="space before the colon"),
        pytest.param(b"GET /livez HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", id="folded field"),
        pytest.param(
            b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n",
            id="two lengths",
        ),
        pytest.param(b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", id="long line"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 9000 + b"\r\n\r\n", id="long field"
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 99 + b"\r\n", id="many fields"
        ),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="TLS"),
    ],
)
async def test_what_is_no_request_gets_a_problem_and_no_echo(
    world: World, request_bytes: bytes
) -> None:
    status, fields, body = read_head(await world.send_raw(request_bytes))
    assert status == "HTTP/1.1 400 Bad Request"
    assert fields["Connection"] == "close"
    assert fields["Access-Control-Allow-Origin"] == "*"
    assert "Server" not in fields
    assert json.loads(body) == {
        "type": "urn:sluice:problem:bad_request",
        "title": "Bad Request",
        "status": 400,
        "code": "bad_request",
        "detail": "This is not an HTTP/1.1 request.",
    }


async def test_requests_sent_ahead_are_answered_in_order(world: World) -> None:
    token = world.signer.issue()
    names = ["main.m3u8", "video/720/1.m4s", "none.vtt"]
    requests = [f"GET /v1/{token}/{ASSET_ID}/{name} HTTP/1.1\r\nHost: edge\r\n" for name in names]
    requests[-1] += "Connection: close\r\n"
    answer = await world.send_raw("".join(f"{request}\r\n" for request in requests).encode())
    found = [answer.index(world.film.contents[name]) for name in names[:2]]
    assert found == sorted(found)
    assert answer.count(b"HTTP/1.1 ") == 3
    assert answer.endswith(b'"There is nothing at this address."}')


async def test_a_body_on_a_get_does_not_become_the_next_request(world: World) -> None:
    inner = b"GET /livez HTTP/1.1\r\nHost: edge\r\n\r\n"
    request = b"GET /none HTTP/1.1\r\nHost: edge\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    answer = await world.send_raw(request % len(inner) + inner)
    assert answer.count(b"HTTP/1.1 ") == 1


async def test_an_upgrade_is_not_one(world: World) -> None:
    status, _, _ = await ask_raw(
        world,
        "GET /livez HTTP/1.1",
        "Host: edge",
        "Connection: Upgrade, close",
        "Upgrade: websocket",
    )
    assert status == "HTTP/1.1 200 OK"


async def test_a_busy_reader_is_a_declared_failure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_reader: Reader, *_: Any) -> bytes:
        raise ReaderBusy

    monkeypatch.setattr(Reader, "read", refuse)
    answer = await world.fetch("video/720/1.m4s")
    assert (answer.status, answer.code) == (503, "busy")
    assert answer.headers["Retry-After"] == "2"


async def test_a_fault_of_our_own_tells_nothing_and_breaks_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret")

    with monkeypatch.context() as patch:
        patch.setattr(admission_module, "decide", fail)
        answer = await world.fetch("main.m3u8")
    assert (answer.status, answer.code) == (500, "internal")
    assert b"secret" not in answer.body
    assert "ZeroDivisionError" in caplog.text
    assert (await world.fetch("main.m3u8")).status == 200
