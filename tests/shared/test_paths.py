"""Paths: what names something, and that nothing else does."""

import posixpath
import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import paths
from shared.paths import Kind, MediaUrl, PathInvalid, parse_media_path

ASSET = "0198c0de-0000-7000-8000-000000000001"
VIDEO = "0198c0de-0000-7000-8000-000000000002"
JOB = "0198c0de-0000-7000-8000-000000000003"
TOKEN = "eyJh.eyJp.c2ln"

KINDS = {
    "main.m3u8": Kind.VIDEO,
    "video/720/index.m3u8": Kind.VIDEO,
    "video/720/1.m4s": Kind.VIDEO,
    "audio/stereo/init.mp4": Kind.VIDEO,
    "poster/poster.jpg": Kind.POSTER,
    "storyboard/storyboard.vtt": Kind.STORYBOARD,
    "text/en.vtt": Kind.TEXT,
    "key/1.key": Kind.KEY,
    "download/720.mp4": Kind.DOWNLOAD,
    "download/a/b/c.mp4": Kind.DOWNLOAD,
}

BAD_NAMES = {
    "empty": "",
    "the document itself": "asset.json",
    "the report": "report.json",
    "a file at the top": "poster.jpg",
    "main below a folder of no kind": "x/main.m3u8",
    "main with more": "main.m3u8x",
    "main of another ending": "mainxm3u8",
    "a folder": "video",
    "a folder with a slash": "video/",
    "unknown kind": "secrets/a",
    "kind in capitals": "Video/1.m4s",
    "parent": "video/../asset.json",
    "parent at the top": "../asset.json",
    "current": "video/./1.m4s",
    "hidden": "video/.1.m4s",
    "empty part": "video//1.m4s",
    "rooted": "/video/1.m4s",
    "too deep": "video/a/b/c/d",
    "backslash": "video\\1.m4s",
    "percent": "video/%2e%2e/asset.json",
    "space": "video/1 .m4s",
    "NUL": "video/1.m4s\0",
    "line end": "video/1.m4s\n",
    "line end after main": "main.m3u8\n",
    "query": "video/1.m4s?x",
    "fragment": "video/1.m4s#x",
    "colon": "video/c:1",
    "letter beyond ASCII": "video/\u00e9.m4s",
    "digit beyond ASCII": "video/\u0661.m4s",
    "full-width dots": "video/\uff0e\uff0e/asset.json",
    "too long": "video/" + "x" * 195,
}

BAD_IDS = {
    "empty": "",
    "capitals": ASSET.upper(),
    "no hyphens": ASSET.replace("-", ""),
    "braces": f"{{{ASSET}}}",
    "urn": f"urn:uuid:{ASSET}",
    "one letter more": ASSET + "0",
    "one letter less": ASSET[:-1],
    "no hexadecimal": "g" + ASSET[1:],
    "line end": ASSET + "\n",
    "digits beyond ASCII": "\u0661" + ASSET[1:],
    "slash": ASSET[:8] + "/" + ASSET[9:],
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_kind_is_the_first_part_of_a_name(name: str, kind: Kind) -> None:
    assert paths.kind_of(name) is kind
    assert paths.asset_key(ASSET, name) == f"assets/{ASSET}/{name}"


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_other_name_is_refused_wherever_one_is_taken(name: str) -> None:
    for take in (paths.check_name, paths.kind_of):
        with pytest.raises(PathInvalid):
            take(name)
    with pytest.raises(PathInvalid):
        paths.asset_key(ASSET, name)
    with pytest.raises(PathInvalid):
        paths.media_path(TOKEN, ASSET, name)
    with pytest.raises(PathInvalid):
        paths.tokenless_path(ASSET, name)
    assert parse_media_path(f"/v1/{TOKEN}/{ASSET}/{name}") is None


@pytest.mark.parametrize("identifier", BAD_IDS.values(), ids=BAD_IDS)
def test_other_identifier_is_refused_wherever_one_is_taken(identifier: str) -> None:
    for take in (
        paths.check_id,
        paths.cancelled_key,
        paths.plan_key,
        paths.film_document_key,
        paths.originals_prefix,
        paths.work_prefix,
        paths.asset_prefix,
        paths.asset_document_key,
        paths.asset_report_key,
        paths.video_pointer_key,
        paths.tokenless_path,
    ):
        with pytest.raises(PathInvalid):
            take(identifier)
    for arguments in ((identifier, ASSET), (ASSET, identifier)):
        with pytest.raises(PathInvalid):
            paths.original_key(*arguments)
    with pytest.raises(PathInvalid):
        paths.claim_key(identifier, 0, 1)
    with pytest.raises(PathInvalid):
        paths.chunk_record_key(identifier, 1)
    assert parse_media_path(f"/v1/{TOKEN}/{identifier}/main.m3u8") is None
    assert parse_media_path(f"/v1/{TOKEN}/v/{identifier}/main.m3u8") is None


KEYS = {
    paths.original_key(VIDEO, JOB): f"originals/{VIDEO}/{JOB}",
    paths.claim_key(JOB, 0, 1): f"work/{JOB}/0.1",
    paths.claim_key(JOB, 12, 3): f"work/{JOB}/12.3",
    paths.cancelled_key(JOB): f"work/{JOB}/cancelled",
    paths.plan_key(JOB): f"work/{JOB}/plan.json",
    paths.chunk_record_key(JOB, 12): f"work/{JOB}/12/chunk.json",
    paths.chunk_file_key(JOB, 12, 3, "video/720/11.m4s"): f"work/{JOB}/12/3/video/720/11.m4s",
    paths.asset_key(ASSET, paths.POSTER): f"assets/{ASSET}/poster/poster.jpg",
    paths.asset_document_key(ASSET): f"assets/{ASSET}/asset.json",
    paths.film_document_key(ASSET): f"assets/{ASSET}/film.json",
    paths.asset_report_key(ASSET): f"assets/{ASSET}/report.json",
    paths.video_pointer_key(VIDEO): f"videos/{VIDEO}.json",
}


@pytest.mark.parametrize(("key", "expected"), KEYS.items(), ids=KEYS.values())
def test_key_is_where_the_format_says(key: str, expected: str) -> None:
    assert paths.check_key(key) == expected


def test_prefix_holds_the_keys_below_it() -> None:
    assert paths.asset_document_key(ASSET).startswith(paths.asset_prefix(ASSET))
    assert paths.original_key(VIDEO, JOB).startswith(paths.originals_prefix(VIDEO))
    assert paths.claim_key(JOB, 0, 1).startswith(paths.work_prefix(JOB))
    assert paths.cancelled_key(JOB).startswith(paths.work_prefix(JOB))
    assert paths.chunk_attempt_prefix(JOB, 12, 3) == paths.work_prefix(JOB) + "12/3/"


@pytest.mark.parametrize(
    "name",
    [
        paths.POSTER,
        paths.STORYBOARD_VTT,
        paths.STORYBOARD_JSON,
        paths.STORYBOARD_SHEET.format(number=1),
    ],
)
def test_fixed_names_are_names(name: str) -> None:
    assert paths.check_name(name) == name


@pytest.mark.parametrize(
    ("chunk", "attempt"), [(-1, 1), (0, 0), (0, -1)], ids=["chunk", "no attempt", "attempt"]
)
def test_claim_of_no_attempt_is_refused(chunk: int, attempt: int) -> None:
    with pytest.raises(PathInvalid):
        paths.claim_key(JOB, chunk, attempt)


@pytest.mark.parametrize(
    ("chunk", "attempt", "name"),
    [(0, 1, "video/720/1.m4s"), (1, 0, "video/720/1.m4s"), (1, 1, "chunk.json"), (1, 1, "../x")],
    ids=["of the plan", "of no attempt", "the record", "that leads out"],
)
def test_file_of_a_chunk_is_a_file_of_an_asset(chunk: int, attempt: int, name: str) -> None:
    with pytest.raises(PathInvalid):
        paths.chunk_file_key(JOB, chunk, attempt, name)


BAD_KEYS = {
    "empty": "",
    "rooted": "/etc/passwd",
    "parent": "assets/../../etc/passwd",
    "hidden": ".incoming/x",
    "hidden further in": "assets/.x",
    "trailing slash": "assets/",
    "doubled slash": "assets//x",
    "NUL": "assets/x\0",
    "line end": "assets/x\n",
    "backslash": "assets\\x",
    "tilde": "~root/x",
    "too deep": "/".join("abcdefghi"),
    "too long a part": "a/" + "x" * 201,
    "too long": "/".join(["x" * 150] * 3),
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS)
def test_other_key_is_refused(key: str) -> None:
    with pytest.raises(PathInvalid):
        paths.check_key(key)


@pytest.mark.parametrize("name", KINDS)
def test_path_form_is_read(name: str) -> None:
    path = paths.media_path(TOKEN, ASSET, name)
    assert parse_media_path(path) == MediaUrl(TOKEN, ASSET, None, name)


@pytest.mark.parametrize("name", KINDS)
def test_tokenless_form_is_read(name: str) -> None:
    path = paths.tokenless_path(ASSET, name)
    assert parse_media_path(path) == MediaUrl(None, ASSET, None, name)


def test_path_names_the_main_playlist_unless_told_otherwise() -> None:
    assert paths.media_path(TOKEN, ASSET) == f"/v1/{TOKEN}/{ASSET}/main.m3u8"
    assert paths.tokenless_path(ASSET) == f"/v1/a/{ASSET}/main.m3u8"


def test_video_form_is_read() -> None:
    path = f"/v1/{TOKEN}/v/{VIDEO}/main.m3u8"
    assert parse_media_path(path) == MediaUrl(TOKEN, None, VIDEO, "main.m3u8")
    path = f"/v1/a/v/{VIDEO}/main.m3u8"
    assert parse_media_path(path) == MediaUrl(None, None, VIDEO, "main.m3u8")


@pytest.mark.parametrize(
    "token", ["", "a", "a/b", ".", "..", ".a", "a b", "a%2eb", "a\n", "a?b", "a#b", "\u00e9"]
)
def test_token_in_other_letters_makes_no_path(token: str) -> None:
    with pytest.raises(PathInvalid):
        paths.media_path(token, ASSET)


BAD_PATHS = {
    "empty": "",
    "root": "/",
    "no version": f"/{TOKEN}/{ASSET}/main.m3u8",
    "another version": f"/v2/{TOKEN}/{ASSET}/main.m3u8",
    "version in capitals": f"/V1/{TOKEN}/{ASSET}/main.m3u8",
    "no token": f"/v1/{ASSET}/main.m3u8",
    "empty token": f"/v1//{ASSET}/main.m3u8",
    "no file": f"/v1/{TOKEN}/{ASSET}/",
    "no slash before the file": f"/v1/{TOKEN}/{ASSET}",
    "doubled slash at the front": f"//v1/{TOKEN}/{ASSET}/main.m3u8",
    "doubled slash": f"/v1/{TOKEN}//{ASSET}/main.m3u8",
    "slash at the end": f"/v1/{TOKEN}/{ASSET}/main.m3u8/",
    "no slash at the front": f"v1/{TOKEN}/{ASSET}/main.m3u8",
    "absolute form": f"http://x/v1/{TOKEN}/{ASSET}/main.m3u8",
    "query": f"/v1/{TOKEN}/{ASSET}/main.m3u8?a=b",
    "dotted token": f"/v1/../{ASSET}/main.m3u8",
    "single dot as token": f"/v1/./{ASSET}/main.m3u8",
    "escaped slash in the token": f"/v1/x%2F{ASSET}/{ASSET}/main.m3u8",
    "escaped dot": f"/v1/{TOKEN.replace('.', '%2e')}/{ASSET}/main.m3u8",
    "parent": f"/v1/{TOKEN}/{ASSET}/../{VIDEO}/main.m3u8",
    "parent in the file": f"/v1/{TOKEN}/{ASSET}/video/../../asset.json",
    "escaped parent": f"/v1/{TOKEN}/{ASSET}/video/%2e%2e/%2e%2e/asset.json",
    "half-escaped parent": f"/v1/{TOKEN}/{ASSET}/video/.%2e/asset.json",
    "doubly escaped parent": f"/v1/{TOKEN}/{ASSET}/video/%252e%252e/asset.json",
    "escaped slash": f"/v1/{TOKEN}/{ASSET}/video%2f..%2fasset.json",
    "overlong UTF-8": f"/v1/{TOKEN}/{ASSET}/video/%c0%ae%c0%ae/asset.json",
    "backslashes": f"/v1/{TOKEN}/{ASSET}/video\\..\\asset.json",
    "NUL": f"/v1/{TOKEN}/{ASSET}/main.m3u8\0",
    "escaped NUL": f"/v1/{TOKEN}/{ASSET}/main.m3u8%00",
    "line end": f"/v1/{TOKEN}/{ASSET}/main.m3u8\n",
    "line end in the token": f"/v1/x\r\nSet-Cookie:x/{ASSET}/main.m3u8",
    "the document": f"/v1/{TOKEN}/{ASSET}/asset.json",
    "the report": f"/v1/{TOKEN}/{ASSET}/report.json",
    "the document without token": f"/v1/a/{ASSET}/asset.json",
    "another file of a video": f"/v1/{TOKEN}/v/{VIDEO}/poster/poster.jpg",
    "path parameter": f"/v1/{TOKEN}/{ASSET};x/main.m3u8",
}


@pytest.mark.parametrize("path", BAD_PATHS.values(), ids=BAD_PATHS)
def test_other_path_is_not_ours(path: str) -> None:
    assert parse_media_path(path) is None


fragments = st.sampled_from(
    ["/", "v1", "a", "v", TOKEN, ASSET, VIDEO, "main.m3u8", "video", "1.m4s", "..", ".", "%2e",
     "%2f", "asset.json", "\\", "\0", "\n", "//", "poster", "\uff0e", "?", "#", ";"]
)  # fmt: skip
rough_paths = st.lists(fragments, max_size=12).map("".join) | st.lists(fragments, max_size=10).map(
    lambda parts: "/" + "/".join(parts)
)


@given(path=rough_paths)
def test_path_that_is_ours_is_canonical_and_stays_inside_its_asset(path: str) -> None:
    url = parse_media_path(path)
    if url is None:
        return
    assert posixpath.normpath(unquote(path)) == path
    if url.asset_id is None:
        assert path == f"/v1/{url.token or 'a'}/v/{url.video_id}/main.m3u8"
        return
    written = (
        paths.tokenless_path(url.asset_id, url.name)
        if url.token is None
        else paths.media_path(url.token, url.asset_id, url.name)
    )
    assert written == path
    key = paths.asset_key(url.asset_id, url.name)
    assert posixpath.normpath(f"/store/{key}").startswith(f"/store/assets/{url.asset_id}/")
    assert not key.endswith("asset.json") or "/" in url.name


@given(key=st.text(alphabet="a.-_/\\%\0\n~", max_size=12) | rough_paths)
def test_key_that_is_ours_stays_below_the_root(key: str) -> None:
    try:
        paths.check_key(key)
    except PathInvalid:
        return
    assert posixpath.normpath(f"/store/{key}") == f"/store/{key}"
    assert not any(part.startswith(".") for part in key.split("/"))


@given(name=st.from_regex(paths._NAME_PATTERN, fullmatch=True))
def test_every_name_can_be_asked_for(name: str) -> None:
    if len(name) > paths.MAX_NAME_LENGTH:
        return
    assert parse_media_path(f"/v1/a/{ASSET}/{name}") == MediaUrl(None, ASSET, None, name)
    assert re.fullmatch(r"[A-Za-z0-9._/-]+", name)
