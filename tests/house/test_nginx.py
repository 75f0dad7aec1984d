"""The nginx configuration by itself, in a real nginx: what it refuses, redirects and logs."""

import asyncio
import json
import re
import ssl
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.runtime.problem import PROBLEM_TYPE, Problem
from tests.nginx_front import (
    CONFIGURATION,
    CONTROL_NAME,
    EDGE_NAME,
    Front,
    arguments,
    describe_values,
    list_programs,
    open_front,
    write_configuration,
)

# Nobody listens there: what these tests ask for is answered by nginx.
NOWHERE: Final = "127.0.0.1:9"
PROGRAMS: Final = list_programs()
SECRET: Final = "eyJhbGciOiJFZERTQSJ9." + "c2VjcmV0" * 20 + "." + "c2lnbmVk" * 8


def read_version(program: str) -> tuple[int, ...]:
    finished = subprocess.run([program, "-v"], capture_output=True, text=True, check=True)
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", finished.stderr)
    assert found
    return tuple(map(int, found.groups()))


# `http2 on` is newer than what some distributions have.
TLS_PROGRAMS: Final = [program for program in PROGRAMS if read_version(program) >= (1, 25, 1)]


def write_certificate(folder: Path) -> None:
    """A self-signed certificate where transport/tls.conf looks for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, CONTROL_NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True)
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "privkey.pem").write_bytes(private)


def check_configuration(program: str, folder: Path) -> str:
    finished = subprocess.run(
        [program, "-t", *arguments(folder)], capture_output=True, text=True, check=False
    )
    return finished.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_configuration_has_no_fault(program: str, tmp_path: Path) -> None:
    values = describe_values(control=NOWHERE, edge=NOWHERE, listen="8080", redirect="8081")
    write_configuration(tmp_path / "nginx", values)
    said = check_configuration(program, tmp_path / "nginx")
    assert "test is successful" in said
    assert not re.search(r"\[(warn|error|crit|alert|emerg)\]", said), said


@pytest.mark.parametrize("program", TLS_PROGRAMS)
def test_configuration_of_the_containers_has_no_fault(program: str, tmp_path: Path) -> None:
    values = {
        **describe_values(
            control="control-plane:8000 resolve",
            edge="edge:8080 resolve",
            listen="8443 ssl",
            redirect="8080",
        ),
        "SLUICE_NGINX_TRANSPORT": "tls",
        "SLUICE_NGINX_RESOLVER": "127.0.0.11",
    }
    write_configuration(tmp_path / "nginx", values)
    write_certificate(tmp_path / "nginx" / "etc" / "tls")
    said = check_configuration(program, tmp_path / "nginx")
    assert "test is successful" in said
    assert not re.search(r"\[(warn|error|crit|alert|emerg)\]", said), said


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    """nginx before services that are away."""
    if not PROGRAMS:
        pytest.skip("there is no nginx here")
    away = {
        "SLUICE_NGINX_CONTROL_UPSTREAM": NOWHERE,
        "SLUICE_NGINX_EDGE_UPSTREAM": NOWHERE,
    }
    async with open_front(
        tmp_path / "nginx", PROGRAMS[0], control="http://x", edge="http://x", changes=away
    ) as front:
        yield front


async def exchange(front: Front, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; status, fields and body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    writer.write(request)
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines)
    body = await reader.readexactly(int(fields["content-length"]))
    writer.close()
    return int(status.split()[1]), fields, body


def get(target: str, host: str, *lines: str) -> bytes:
    return "\r\n".join((f"GET {target} HTTP/1.1", f"Host: {host}", *lines, "", "")).encode()


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        pytest.param(get("/", "other.test"), 421, "host_unknown", id="another name"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", 421, "host_unknown", id="no name"),
        pytest.param(b"\x16\x03\x01\r\n\r\n", 400, "bad_request", id="not HTTP"),
        pytest.param(get("/v1/t/../../../x", EDGE_NAME), 400, "bad_request", id="above the root"),
        pytest.param(get("/v1/t/%00", EDGE_NAME), 400, "bad_request", id="zero byte"),
        pytest.param(get("/" + "x" * 9000, EDGE_NAME), 400, "bad_request", id="long target"),
        pytest.param(get("/v1/t/a", CONTROL_NAME), 404, "not_found", id="media on the other name"),
        pytest.param(get("/v1/t/../../x", EDGE_NAME), 404, "not_found", id="out of the media"),
        pytest.param(get("/%2e%2e/v1/t", CONTROL_NAME), 400, "bad_request", id="encoded dots"),
        pytest.param(get("//v1//t/a", CONTROL_NAME), 404, "not_found", id="double slashes"),
        pytest.param(get("/%76%31/t/a", CONTROL_NAME), 404, "not_found", id="encoded media path"),
        pytest.param(get("/readyz", CONTROL_NAME), 404, "not_found", id="readiness"),
        pytest.param(get("/%72eadyz", CONTROL_NAME), 404, "not_found", id="encoded readiness"),
        pytest.param(get("/readyz", EDGE_NAME), 404, "not_found", id="readiness of the edge"),
        pytest.param(get("/metrics", EDGE_NAME), 404, "not_found", id="metrics of the edge"),
        pytest.param(get("/admin/", EDGE_NAME), 404, "not_found", id="pages on the edge's name"),
        pytest.param(
            b"POST /api/v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n",
            413,
            "too_large",
            id="long body",
        ),
        pytest.param(get("/v1/t/a", EDGE_NAME), 503, "upstream_unavailable", id="edge away"),
        pytest.param(get("/", CONTROL_NAME), 503, "upstream_unavailable", id="control plane away"),
    ],
)
async def test_nginx_refuses_with_a_problem(
    front: Front, request_bytes: bytes, status: int, code: str
) -> None:
    answered, fields, body = await exchange(front, request_bytes)
    assert (answered, fields["content-type"]) == (status, PROBLEM_TYPE)
    assert f'"code":"{code}"'.encode() in body
    assert f'"status":{status}'.encode() in body


def test_problems_of_nginx_are_shaped_like_ours() -> None:
    text = "".join(path.read_text() for path in CONFIGURATION.rglob("*.*") if path.is_file())
    found = re.findall(r"return (\d{3}) '(\{.*\})';", text)
    assert len(found) == 5
    for status, body in found:
        written = json.loads(body)
        shaped = Problem(int(status), written["code"]).body()
        # the titles of some statuses differ between versions of Python
        assert {**written, "title": ""} == {**shaped, "title": ""}


async def test_page_of_a_player_can_read_that_the_edge_is_away(front: Front) -> None:
    _, fields, _ = await exchange(front, get("/v1/t/a", EDGE_NAME))
    assert fields["access-control-allow-origin"] == "*"
    assert fields["cache-control"] == "no-store"
    assert fields["retry-after"] == "2"


async def test_version_is_not_told(front: Front) -> None:
    _, fields, _ = await exchange(front, get("/", "other.test"))
    assert fields["server"] == "nginx"


@pytest.mark.parametrize(
    ("target", "logged"),
    [
        (f"/v1/{SECRET}/0198/main.m3u8", "/v1/[token]/0198/main.m3u8"),
        (f"/v1/{SECRET}/0198/main.m3u8?x={SECRET}", "/v1/[token]/0198/main.m3u8"),
        (f"/v1/{SECRET}", "/v1/[token]"),
        ("/v1/short/0198/main.m3u8", "/v1/[token]/0198/main.m3u8"),
        (f"/v1/a/0198/main.m3u8?token={SECRET}", "/v1/a/0198/main.m3u8"),
        (f"/v1/a/{SECRET}/main.m3u8", "[withheld]"),
        (f"/v1/{SECRET}/{SECRET}", "[withheld]"),
        (f"//v1/{SECRET}/0198", "[withheld]"),
        (f"/%76%31/{SECRET}/0198", "[withheld]"),
        (f"/v1/{SECRET}%2f0198/x", "/v1/[token]/x"),
        (f"/{SECRET}", "[withheld]"),
        (f"http://{EDGE_NAME}/v1/{SECRET}/0198", "/v1/[token]/0198"),
        ("/livez", "/livez"),
        ("/v1/cookie", "/v1/cookie"),
    ],
)
async def test_token_is_not_logged(front: Front, target: str, logged: str) -> None:
    await exchange(
        front,
        get(
            target,
            EDGE_NAME,
            f"Authorization: Bearer {SECRET}",
            f"Cookie: sluice_token={SECRET}",
            f"Referer: http://{EDGE_NAME}/v1/{SECRET}/0198/main.m3u8",
        ),
    )
    assert [line["path"] for line in await front.read_log(lines=1)] == [logged]
    assert SECRET[:40] not in front.read_logs()


@pytest.mark.parametrize("path", ["/verify/MQ:1vX:c2lnbmVk", "/reset/MQ-c2lnbmVk"])
async def test_key_of_an_e_mail_is_not_logged(front: Front, path: str) -> None:
    await exchange(front, get(path, CONTROL_NAME))
    (line,) = await front.read_log(lines=1)
    assert line["path"] == path[: path.index("/", 1)] + "/[key]"


async def test_log_tells_that_an_upstream_is_away(front: Front) -> None:
    await exchange(front, get("/v1/t/0198/main.m3u8", EDGE_NAME))
    (line,) = await front.read_log(lines=1)
    assert (line["status"], line["upstream_status"]) == ("503", "502")


@pytest.fixture
async def secure_front(tmp_path: Path) -> AsyncIterator[Front]:
    """nginx as in production, with a certificate that nobody trusts."""
    if not TLS_PROGRAMS:
        pytest.skip("there is no nginx with `http2 on` here")
    write_certificate(tmp_path / "tls")
    async with open_front(
        tmp_path / "nginx",
        TLS_PROGRAMS[0],
        control="http://x",
        edge="http://x",
        certificates=tmp_path / "tls",
    ) as front:
        yield front


async def test_edge_speaks_http2_over_tls(secure_front: Front) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    _, writer = await asyncio.open_connection("127.0.0.1", secure_front.port, ssl=context)
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
    assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"
    writer.close()


async def test_browsers_are_told_to_stay_with_tls(secure_front: Front) -> None:
    async with aiohttp.request("GET", f"{secure_front.url}/", ssl=False) as response:
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_plain_http_is_redirected(secure_front: Front) -> None:
    plain = f"http://{EDGE_NAME}:{secure_front.redirect_port}/v1/t/a?b=c"
    async with aiohttp.request("GET", plain, allow_redirects=False) as response:
        assert response.status == 308
        assert response.headers["Location"] == f"https://{EDGE_NAME}/v1/t/a?b=c"
