"""Who gets nothing: each with a typed body, and not one byte of media."""

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from redis.asyncio import Redis

from shared.base64url import encode_base64url
from shared.events.record import FIELD
from shared.events.refusals import REFUSAL_STREAM, Refusal, RefusalCode, explain_refusal
from shared.paths import Kind
from standalone.waiting import wait_until
from tests.edge.edges import Answer, World
from tests.edge.films import (
    ASSET_ID,
    OTHER_ASSET_ID,
    OTHER_VIDEO_ID,
    VIDEO_ID,
    Signer,
    make_film,
    make_signer,
    publish_film,
)

SEGMENT = "video/720/1.m4s"


def assert_refused(world: World, answer: Answer, code: str, status: int = 403) -> None:
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Decision-Id" in answer.headers["Access-Control-Expose-Headers"]
    assert json.loads(answer.body)["decision_id"] == answer.headers["X-Decision-Id"]
    assert json.loads(answer.body)["detail"].startswith(explain_refusal(RefusalCode(code)))
    assert_no_media(world, answer.body)
    assert "ETag" not in answer.headers
    assert "Accept-Ranges" not in answer.headers


def assert_no_media(world: World, text: bytes) -> None:
    for content in world.film.contents.values():
        assert content[:16] not in text


def payload(signer: Signer, **claims: Any) -> dict[str, Any]:
    token = signer.issue(**claims)
    decoded: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return decoded


def header(signer: Signer, **members: Any) -> dict[str, Any]:
    return {"typ": "vod+jwt", "kid": signer.key.kid, **members}


def unsigned(signer: Signer) -> str:
    """`alg: none` with the right kid and an empty signature."""
    parts = (header(signer, alg="none"), payload(signer))
    return ".".join([*(encode_base64url(json.dumps(part).encode()) for part in parts), ""])


def signed_with_the_public_key(signer: Signer) -> str:
    """Key confusion: the public key, which all may know, as the secret of an HMAC."""
    public = signer.key.private.public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    secret = jwt.PyJWS(algorithms=["HS256"])
    secret.get_algorithm_by_name("HS256").prepare_key = lambda key: key  # type: ignore[method-assign]
    return secret.encode(json.dumps(payload(signer)).encode(), pem, "HS256", header(signer))


def tampered(signer: Signer) -> str:
    """Other claims under a signature that was for these."""
    head, body, signature = signer.issue().split(".")
    claims = json.dumps(payload(signer, max_height=720)).encode()
    assert encode_base64url(claims) != body
    return ".".join([head, encode_base64url(claims), signature])


def expired(signer: Signer) -> str:
    now = int(time.time())
    return signer.issue(issued_at=now - 100, not_before=now - 100, expires_at=now - 1)


def late(signer: Signer) -> str:
    """Of a session of its own, since one that has begun runs on."""
    return signer.issue(session_id="late", start_by=int(time.time()) - 1)


BAD_TOKENS = {
    "expired": (expired, "token_expired"),
    "tampered": (tampered, "token_invalid"),
    "alg none": (unsigned, "token_invalid"),
    "HS256 with the public key": (signed_with_the_public_key, "token_invalid"),
    "unknown kid": (lambda _: make_signer().issue(), "token_invalid"),
    "another deployment": (lambda _: make_signer("https://x.example").issue(), "token_invalid"),
    "signature cut": (lambda signer: signer.issue()[:-4], "token_invalid"),
    "rubbish": (lambda _: "rubbish", "token_invalid"),
    "endless": (lambda signer: signer.issue() + "A" * 2048, "token_invalid"),
    "other asset": (lambda s: s.issue(asset_id=OTHER_ASSET_ID), "not_in_scope"),
    "other video": (lambda s: s.issue(video_id=OTHER_VIDEO_ID), "not_in_scope"),
    "poster only": (lambda s: s.issue(kinds=frozenset({Kind.POSTER})), "not_in_scope"),
    "too low a rung": (lambda s: s.issue(max_height=360), "not_in_scope"),
    "other network": (lambda s: s.issue(ip="192.0.2.0/24"), "address_refused"),
    "start window": (late, "start_window_closed"),
    "of the future": (lambda s: s.issue(not_before=int(time.time()) + 99), "token_invalid"),
}


@pytest.mark.parametrize("name", BAD_TOKENS)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="plain"),
        pytest.param({"Range": "bytes=0-9"}, id="range"),
        pytest.param({"Range": "bytes=9999-"}, id="unsatisfiable"),
        pytest.param({"If-None-Match": "*"}, id="conditional"),
        pytest.param({"If-Match": '"other"'}, id="failing"),
    ],
)
async def test_a_bad_token_opens_nothing_however_it_asks(
    world: World, name: str, headers: dict[str, str]
) -> None:
    make, code = BAD_TOKENS[name]
    await world.fetch(SEGMENT)
    answer = await world.fetch(SEGMENT, token=make(world.signer), headers=headers)
    assert_refused(world, answer, code)


async def test_the_control_plane_is_told_under_the_id_that_the_answer_bore(
    world: World, edge_redis_url: str
) -> None:
    token = world.signer.issue(max_height=360)
    answer = await world.fetch(SEGMENT, token=token, headers={"Origin": "https://a.example"})
    async with Redis.from_url(edge_redis_url, decode_responses=True) as client:
        told: list[Refusal] = []

        async def is_told() -> bool:
            entries: Any = await client.xrevrange(REFUSAL_STREAM, count=20)
            told[:] = [Refusal.parse(fields[FIELD]) for _, fields in entries]
            return answer.headers["X-Decision-Id"] in {one.decision_id for one in told}

        await wait_until(is_told, what="the record of a refusal", within_s=10)
    record = next(one for one in told if one.decision_id == answer.headers["X-Decision-Id"])
    assert (record.code, record.rules[-1].rule) == (RefusalCode.NOT_IN_SCOPE, "height")
    assert (record.asset_id, record.name, record.subject) == (ASSET_ID, SEGMENT, "viewer")
    assert (record.origin, record.peer) == ("https://a.example", "127.0.0.1")
    assert token not in record.render()


@pytest.mark.parametrize("name", sorted(BAD_TOKENS.keys() - {"too low a rung"}))
async def test_a_bad_token_learns_nothing_of_what_exists(world: World, name: str) -> None:
    make, code = BAD_TOKENS[name]
    token = make(world.signer)
    for file in ("main.m3u8", "video/720/99.m4s", "text/none.vtt"):
        assert_refused(world, await world.fetch(file, token=token), code)


async def test_no_token_opens_nothing(world: World) -> None:
    for name in world.film.contents:
        assert_refused(world, await world.get(f"/v1/a/{ASSET_ID}/{name}"), "token_missing")


async def test_an_asset_that_does_not_exist_looks_like_another_s(world: World) -> None:
    film = make_film(asset_id=OTHER_ASSET_ID, video_id=OTHER_VIDEO_ID)
    publish_film(world.store, film)
    absent = "0198c0de-0000-7000-8000-00000000a0ff"
    token = world.signer.issue(video_id=VIDEO_ID)
    another, missing = [
        await world.get(f"/v1/{token}/{asset_id}/main.m3u8")
        for asset_id in (OTHER_ASSET_ID, absent)
    ]
    bodies = [json.loads(answer.body) | {"decision_id": ""} for answer in (another, missing)]
    assert bodies[0] == bodies[1]
    assert_refused(world, missing, "not_in_scope")


async def test_a_refused_head_has_the_same_head_and_no_body(world: World) -> None:
    token = expired(world.signer)
    got, head = [await world.fetch(SEGMENT, token=token, method=m) for m in ("GET", "HEAD")]
    assert (head.status, head.body) == (403, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
    assert "X-Decision-Id" in head.headers


@pytest.mark.parametrize(
    ("origin", "status"), [("https://site.example", 200), ("https://evil.example", 403)]
)
async def test_a_token_with_origins_opens_on_its_own_sites(
    world: World, origin: str, status: int
) -> None:
    token = world.signer.issue(origins=("https://site.example",))
    answer = await world.fetch(SEGMENT, token=token, headers={"Origin": origin})
    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_token_bound_to_this_address_opens(world: World) -> None:
    assert (await world.fetch(SEGMENT, token=world.signer.issue(ip="127.0.0.0/8"))).status == 200


async def test_a_forged_forwarding_header_does_not_help(world: World) -> None:
    token = world.signer.issue(ip="192.0.2.0/24")
    headers = {"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1"}
    answer = await world.fetch(SEGMENT, token=token, headers=headers)
    assert_refused(world, answer, "address_refused")


TRAVERSALS = [
    "../asset.json",
    "asset.json",
    "./main.m3u8",
    "video/../main.m3u8",
    "video/../../../videos/x.json",
    "video/720/../../asset.json",
    "video/720/..%2f..%2fasset.json",
    "%2e%2e/asset.json",
    "%2E%2E%2Fasset.json",
    "..%5casset.json",
    "..\\asset.json",
    "%252e%252e%252fasset.json",
    "..%c0%afasset.json",
    "%c0%ae%c0%ae/asset.json",
    "%uff0e%uff0e/asset.json",
    "..;/asset.json",
    "//asset.json",
    "video//720/1.m4s",
    "/video/720/1.m4s",
    "video/720/1.m4s/",
    "video/720/1.m4s%00",
    "video/720/1.m4s%00.jpg",
    "video/720/1.m4s;x",
    "video/720/1.m4s%20",
    "video/720/%31.m4s",
    "Video/720/1.m4s",
    ".asset.json",
    "video/.hidden",
    "main.m3u8.",
    "main.m3u8..",
    "main.m3u8;jsessionid=1",
    "main.m3u8#/../asset.json",
    "main.m3u8%23",
    "main.m3u8%3f",
    "MAIN.M3U8",
    "video/./720/1.m4s",
    "video/720/1.m4s/.",
    "video/720/1.m4s/..",
    "video/...//720/1.m4s",
    "video%2f720%2f1.m4s",
    "video%2F720%2F1.m4s",
    "video\\720\\1.m4s",
    "%2e/main.m3u8",
    "%e0%80%af/main.m3u8",
    "%f0%80%80%ae%f0%80%80%ae/asset.json",
    "%c1%9casset.json",
    "%00",
    "main%2em3u8",
    "video/720/1.m4s%0d%0aX:y",
    "video/720/+1.m4s",
    "video/720/01.m4s",
    "video/720/-1.m4s",
    "video/720/1e0.m4s",
    "asset.json?x=main.m3u8",
    "etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("name", TRAVERSALS)
async def test_no_spelling_of_another_path_reaches_a_file(world: World, name: str) -> None:
    target = f"/v1/{world.signer.issue()}/{ASSET_ID}/{name}".encode()
    answer = await world.send_raw(
        b"GET " + target + b" HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n"
    )
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] in ("not_found", "bad_request")
    assert_no_media(world, body)
    assert b'"renditions"' not in body


@pytest.mark.parametrize(
    "target",
    [
        "http://edge//v1/{token}/{asset}/main.m3u8",
        "http://edge/./v1/{token}/{asset}/main.m3u8",
        "http://edge/v1/{token}/{asset}/../{asset}/main.m3u8",
        "/./v1/{token}/{asset}/main.m3u8",
        "/v1/./{token}/{asset}/main.m3u8",
        "/v1;x/{token}/{asset}/main.m3u8",
        "/v1%2f{token}/{asset}/main.m3u8",
        "/%76%31/{token}/{asset}/main.m3u8",
        "/v1/{token}/{asset}./main.m3u8",
        "/v1/{token}/{asset}/",
        "/v1/{token}/{asset}",
        "/v1/{token}/v/{asset}",
        "/v1/{token}/V/{asset}/main.m3u8",
        "/v1/cookie/",
        "/v1/Cookie",
        "/v1/{token}/../{asset}/main.m3u8",
        "/v1/{token}/%2e%2e/main.m3u8",
        "/v1/{token}%2f{asset}/main.m3u8",
        "/v1/{token}/{asset}%2fmain.m3u8",
        "/v1//{asset}/main.m3u8",
        "/v1/{token}/{upper}/main.m3u8",
        "/v2/{token}/{asset}/main.m3u8",
        "/V1/{token}/{asset}/main.m3u8",
        "/v1/{token}/v/{asset}/../main.m3u8",
        "/v1/{token}/v/{asset}/asset.json",
        "/{token}/{asset}/main.m3u8",
        "//v1/{token}/{asset}/main.m3u8",
        "/assets/{asset}/asset.json",
        "/",
    ],
)
async def test_no_other_path_is_ours(world: World, target: str) -> None:
    names = {"token": world.signer.issue(), "asset": ASSET_ID, "upper": ASSET_ID.upper()}
    line = f"GET {target.format(**names)} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n"
    head, _, body = (await world.send_raw(line.encode())).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 ")
    assert json.loads(body)["code"] == "not_found"
