"""Tests for control_plane/uploads/tus.py: the protocol, over a real connection."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from control_plane.accounts.models import Role, User
from control_plane.api_keys.models import ApiKey
from control_plane.api_keys.scopes import Scope
from control_plane.api_keys.services import create_key, revoke_key
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.errors import NotFound
from control_plane.transcodes.models import TranscodeJob
from control_plane.uploads import tus
from control_plane.uploads.models import Upload
from control_plane.uploads.selectors import source_key
from control_plane.uploads.spool import lock_spool, measure_spool, spool_path
from tests.control_plane.accounts.journeys import join
from tests.control_plane.conftest import MakeUser
from tests.control_plane.serving import Address, Headers
from tests.control_plane.uploads.clients import (
    TIMEOUT_S,
    Answer,
    call,
    half_sent,
    read_status,
    reset,
)
from tests.control_plane.uploads.conftest import Begin, create, log_in
from tests.waiting import wait_for

FILM = bytes(range(256)) * 1024
PATCH = {"Content-Type": "application/offset+octet-stream"}

Send = Callable[..., Answer]


def path_of(upload: Upload) -> str:
    return f"/api/v1/uploads/{upload.pk}"


@pytest.fixture
def send(server: Address, session: Headers) -> Send:
    """Sends a request to an upload as its owner; None takes a header away."""

    def make(method: str, upload: Upload, body: Any = None, **changes: str | None) -> Answer:
        named = {name.replace("_", "-"): value for name, value in changes.items()}
        headers = {**session, **(PATCH if method == "PATCH" else {}), **named}
        present = {name: value for name, value in headers.items() if value is not None}
        return call(server, method, path_of(upload), present, body)

    return make


def await_offset(send: Send, upload: Upload, offset: int) -> None:
    """Until the server has noticed what was sent."""
    wait_for(
        lambda: send("HEAD", upload).headers["Upload-Offset"] == str(offset),
        what=f"offset {offset}",
        within_s=TIMEOUT_S,
    )


def await_turn(upload: Upload) -> None:
    """Until the server is taking bytes of this upload."""
    lock = spool_path(upload.pk).with_suffix(".lock")
    wait_for(lock.exists, what="the lock", within_s=TIMEOUT_S)


def assert_finished(upload: Upload, content: bytes) -> None:
    upload.refresh_from_db()
    assert upload.finished_at is not None
    assert open_store().get(source_key(upload)) == content
    job = TranscodeJob.objects.get(video=upload.video)
    assert (job.state, job.source_key) == ("queued", source_key(upload))
    assert measure_spool(upload.pk) is None


def test_upload_is_created(server: Address, session: Headers, video: Video) -> None:
    answer = create(server, session, video, len(FILM))
    upload = Upload.objects.get()
    assert answer.status == 201
    assert answer.headers["Location"] == path_of(upload)
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Upload-Offset"] == "0"
    assert "GMT" in answer.headers["Upload-Expires"]
    assert (upload.size_bytes, upload.file_name, upload.video) == (len(FILM), "film.mp4", video)


def test_upload_in_one_piece_is_finished(begin: Begin, send: Send) -> None:
    upload = begin(len(FILM))
    answer = send("PATCH", upload, FILM, Upload_Offset="0")
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(FILM)))
    assert_finished(upload, FILM)


def test_upload_in_many_pieces_is_finished_once(begin: Begin, send: Send) -> None:
    upload = begin(len(FILM))
    for start in range(0, len(FILM), 100_000):
        piece = FILM[start : start + 100_000]
        answer = send("PATCH", upload, piece, Upload_Offset=str(start))
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(start + len(piece)))
    assert_finished(upload, FILM)


def test_upload_without_an_announced_length_is_taken(begin: Begin, send: Send) -> None:
    upload = begin(len(FILM))
    pieces = iter([FILM[:7], FILM[7:]])
    answer = send("PATCH", upload, pieces, Upload_Offset="0", Transfer_Encoding="chunked")
    assert answer.status == 204
    assert_finished(upload, FILM)


def test_empty_upload_is_finished_at_once(begin: Begin) -> None:
    assert_finished(begin(0), b"")


def test_head_tells_how_far_it_is(begin: Begin, send: Send) -> None:
    upload = begin(10)
    send("PATCH", upload, b"abcd", Upload_Offset="0")
    answer = send("HEAD", upload)
    assert answer.status == 200
    assert answer.headers["Upload-Offset"] == "4"
    assert answer.headers["Upload-Length"] == "10"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert "GMT" in answer.headers["Upload-Expires"]


def test_head_of_a_finished_upload_tells_all_of_it(begin: Begin, send: Send) -> None:
    upload = begin(4)
    send("PATCH", upload, b"abcd", Upload_Offset="0")
    answer = send("HEAD", upload)
    assert (answer.status, answer.headers["Upload-Offset"]) == (200, "4")
    assert answer.headers["Upload-Expires"] is None


def test_head_finishes_what_was_broken_off_after_the_last_byte(begin: Begin, send: Send) -> None:
    upload = begin(4)
    spool_path(upload.pk).write_bytes(b"abcd")
    assert send("HEAD", upload).headers["Upload-Offset"] == "4"
    assert_finished(upload, b"abcd")


def test_options_tell_what_is_supported(server: Address, begin: Begin) -> None:
    for path in ("/api/v1/uploads", path_of(begin(1))):
        answer = call(server, "OPTIONS", path, {})
        assert answer.status == 204
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Extension"] == "creation,expiration,checksum,termination"
        assert int(answer.headers["Tus-Max-Size"]) > 2**30
        assert "sha1" in answer.headers["Tus-Checksum-Algorithm"]


# Each is sent to an upload of ten bytes that has the first four.
REFUSALS: dict[str, tuple[str, dict[str, str | None], bytes, int, str]] = {
    "head-without-version": ("HEAD", {"Tus_Resumable": None}, b"", 412, ""),
    "patch-without-version": (
        "PATCH",
        {"Tus_Resumable": None},
        b"e",
        412,
        "unsupported_version",
    ),
    "patch-of-another-version": (
        "PATCH",
        {"Tus_Resumable": "0.2.2"},
        b"e",
        412,
        "unsupported_version",
    ),
    "delete-without-version": (
        "DELETE",
        {"Tus_Resumable": None},
        b"",
        412,
        "unsupported_version",
    ),
    "patch-without-offset": ("PATCH", {"Upload_Offset": None}, b"e", 400, "invalid_header"),
    "offset-that-is-no-number": ("PATCH", {"Upload_Offset": "four"}, b"e", 400, "invalid_header"),
    "offset-below-zero": ("PATCH", {"Upload_Offset": "-4"}, b"e", 400, "invalid_header"),
    "offset-in-other-digits": ("PATCH", {"Upload_Offset": "\xb2"}, b"e", 400, "invalid_header"),
    "offset-too-small": ("PATCH", {"Upload_Offset": "3"}, b"d", 409, "offset_mismatch"),
    "offset-too-large": ("PATCH", {"Upload_Offset": "5"}, b"f", 409, "offset_mismatch"),
    "offset-of-the-end": ("PATCH", {"Upload_Offset": "10"}, b"", 409, "offset_mismatch"),
    "no-content-type": ("PATCH", {"Content_Type": ""}, b"e", 415, "unsupported_media_type"),
    "form": (
        "PATCH",
        {"Content_Type": "multipart/form-data; boundary=x"},
        b"e",
        415,
        "unsupported_media_type",
    ),
    "plain-bytes": (
        "PATCH",
        {"Content_Type": "application/octet-stream"},
        b"e",
        415,
        "unsupported_media_type",
    ),
    "too-many-bytes": ("PATCH", {}, b"efghijk", 413, "too_large"),
    "checksum-wrong": (
        "PATCH",
        {"Upload_Checksum": "sha1 " + b64encode(bytes(20)).decode()},
        b"e",
        460,
        "checksum_mismatch",
    ),
    "checksum-of-unknown-kind": (
        "PATCH",
        {"Upload_Checksum": "crc32 AAAAAA=="},
        b"e",
        400,
        "invalid_header",
    ),
    "checksum-not-base64": ("PATCH", {"Upload_Checksum": "sha1 !"}, b"e", 400, "invalid_header"),
    "checksum-too-short": ("PATCH", {"Upload_Checksum": "sha1 AAAA"}, b"e", 400, "invalid_header"),
    "checksum-empty": ("PATCH", {"Upload_Checksum": ""}, b"e", 400, "invalid_header"),
    "get": ("GET", {}, b"", 405, "method_not_allowed"),
    "post": ("POST", {}, b"e", 405, "method_not_allowed"),
    "put": ("PUT", {}, b"e", 405, "method_not_allowed"),
    "nobody": ("PATCH", {"Cookie": None}, b"e", 401, "not_authenticated"),
    "bearer-of-nonsense": (
        "PATCH",
        {"Cookie": None, "Authorization": "Bearer nonsense"},
        b"e",
        401,
        "authentication_failed",
    ),
    "patch-without-csrf-token": ("PATCH", {"X_CSRFToken": None}, b"e", 403, "permission_denied"),
    "patch-with-another-csrf-token": (
        "PATCH",
        {"X_CSRFToken": "d" * 32},
        b"e",
        403,
        "permission_denied",
    ),
    "delete-without-csrf-token": ("DELETE", {"X_CSRFToken": None}, b"", 403, "permission_denied"),
    "patch-from-another-origin": (
        "PATCH",
        {"Origin": "http://evil.example"},
        b"e",
        403,
        "permission_denied",
    ),
    "override-of-get": (
        "GET",
        {"X_HTTP_Method_Override": "PATCH", "X_CSRFToken": None},
        b"",
        405,
        "method_not_allowed",
    ),
    "override-without-csrf-token": (
        "POST",
        {"X_HTTP_Method_Override": "PATCH", "X_CSRFToken": None},
        b"e",
        403,
        "permission_denied",
    ),
    "foreign-host": ("HEAD", {"Host": "evil.example"}, b"", 400, ""),
}


@pytest.mark.parametrize(
    ("method", "changes", "body", "status", "code"), REFUSALS.values(), ids=REFUSALS
)
def test_request_is_refused_and_changes_nothing(
    begin: Begin,
    send: Send,
    method: str,
    changes: dict[str, str | None],
    body: bytes,
    status: int,
    code: str,
) -> None:
    upload = begin(10)
    send("PATCH", upload, b"abcd", Upload_Offset="0")
    answer = send(method, upload, body, **{"Upload_Offset": "4", **changes})
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert f'"code":"{code}"'.encode() in answer.body or method == "HEAD"
    assert spool_path(upload.pk).read_bytes() == b"abcd"


def test_fault_of_ours_is_a_problem_that_tells_nothing(
    begin: Begin, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(tus, "access_upload", fail)
    answer = send("PATCH", begin(10), b"abcd", Upload_Offset="0")
    assert answer.status == 500
    assert b'"code":"server_error"' in answer.body
    assert b"hunter2" not in answer.body


def test_refusal_of_a_version_names_the_known_one(begin: Begin, send: Send) -> None:
    assert send("HEAD", begin(1), Tus_Resumable="2.0.0").headers["Tus-Version"] == "1.0.0"


def test_refusal_of_nobody_names_the_scheme(begin: Begin, send: Send) -> None:
    assert send("HEAD", begin(1), Cookie=None).headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
@pytest.mark.parametrize("role", [Role.CREATOR, Role.ADMIN])
def test_upload_of_somebody_else_is_not_found(
    server: Address, begin: Begin, make_user: MakeUser, method: str, role: Role
) -> None:
    upload = begin(10)
    stranger = {**log_in(make_user(role, email="stranger@example.org")), **PATCH}
    answer = call(server, method, path_of(upload), {**stranger, "Upload-Offset": "0"}, b"abc")
    assert answer.status == 404
    assert measure_spool(upload.pk) is None


def test_upload_that_never_was_is_not_found(begin: Begin, send: Send) -> None:
    upload = begin(10)
    upload.delete()
    assert send("HEAD", upload).status == 404


def test_access_token_opens_an_upload(server: Address, creator: User, video: Video) -> None:
    held = {**join("ada@example.org").headers, "Tus-Resumable": "1.0.0"}
    User.objects.filter(email="ada@example.org").update(role=Role.ADMIN)
    path = create(server, held, video, 4).headers["Location"]
    answer = call(server, "PATCH", path, {**held, **PATCH, "Upload-Offset": "0"}, b"abcd")
    assert answer.status == 204
    assert Upload.objects.get().owner != creator


def test_a_key_for_uploads_uploads(server: Address, creator: User, video: Video) -> None:
    headers = bear_key(creator, Scope.UPLOADS_WRITE)
    assert create(server, headers, video, len(FILM)).status == 201
    upload, first = Upload.objects.get(), {**headers, **PATCH, "Upload-Offset": "0"}
    assert call(server, "PATCH", path_of(upload), first, FILM[:7]).status == 204
    asked = call(server, "HEAD", path_of(upload), headers)
    assert (asked.status, asked.headers["Upload-Offset"]) == (200, "7")
    rest = {**headers, **PATCH, "Upload-Offset": "7"}
    assert call(server, "PATCH", path_of(upload), rest, FILM[7:]).status == 204
    assert_finished(upload, FILM)


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_a_key_for_all_else_does_not(
    method: str, server: Address, begin: Begin, creator: User
) -> None:
    upload = begin(4)
    others = [scope for scope in Scope if scope is not Scope.UPLOADS_WRITE]
    headers = {**bear_key(creator, *others), **PATCH, "Upload-Offset": "0"}
    body = b"abcd" if method == "PATCH" else None
    assert call(server, method, path_of(upload), headers, body).status == 403
    upload.refresh_from_db()
    assert (upload.finished_at, measure_spool(upload.pk)) == (None, None)


def test_a_key_that_was_revoked_does_not_go_on(
    server: Address, begin: Begin, creator: User
) -> None:
    upload, headers = begin(4), bear_key(creator, Scope.UPLOADS_WRITE)
    revoke_key(ApiKey.objects.get(), now=timezone.now())
    answer = call(server, "HEAD", path_of(upload), headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def bear_key(user: User, *scopes: Scope) -> Headers:
    """What a machine of the user's sends with every request."""
    _, text = create_key(user, name="A machine", scopes=list(scopes))
    return {"Authorization": f"Bearer {text}", "Tus-Resumable": "1.0.0"}


def test_other_front_ends_may_read_the_headers(
    server: Address, begin: Begin, settings: Settings
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://front.example"]
    path, origin = path_of(begin(4)), {"Origin": "https://front.example"}
    asked = {**origin, "Access-Control-Request-Method": "PATCH"}
    preflight = call(server, "OPTIONS", path, asked).headers
    refused = call(server, "HEAD", path, {**origin, "Tus-Resumable": "1.0.0"}).headers
    assert "PATCH" in preflight["Access-Control-Allow-Methods"]
    assert "upload-offset" in preflight["Access-Control-Allow-Headers"]
    assert refused["Access-Control-Allow-Origin"] == "https://front.example"
    assert "upload-offset" in refused["Access-Control-Expose-Headers"]


def test_other_origins_may_not_read_the_headers(server: Address, begin: Begin) -> None:
    headers = {"Origin": "https://evil.example", "Tus-Resumable": "1.0.0"}
    answer = call(server, "HEAD", path_of(begin(4)), headers)
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_method_may_be_overridden(begin: Begin, send: Send) -> None:
    upload = begin(4)
    answer = send(
        "POST", upload, b"abcd", Upload_Offset="0", X_HTTP_Method_Override="patch", **_PATCH
    )
    assert answer.status == 204
    assert_finished(upload, b"abcd")


_PATCH = {"Content_Type": PATCH["Content-Type"]}


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_bytes_with_the_right_checksum_are_kept(begin: Begin, send: Send, algorithm: str) -> None:
    upload = begin(len(FILM))
    digest = b64encode(hashlib.new(algorithm, FILM).digest()).decode()
    answer = send("PATCH", upload, FILM, Upload_Offset="0", Upload_Checksum=f"{algorithm} {digest}")
    assert answer.status == 204
    assert_finished(upload, FILM)


def test_surplus_bytes_of_unknown_length_are_cut_off(begin: Begin, send: Send) -> None:
    upload = begin(10)
    send("PATCH", upload, b"abcd", Upload_Offset="0")
    pieces = iter([b"efghij", b"surplus"])
    answer = send("PATCH", upload, pieces, Upload_Offset="4", Transfer_Encoding="chunked")
    assert answer.status == 413
    assert spool_path(upload.pk).read_bytes() == b"abcd"


def test_deleted_upload_is_gone(begin: Begin, send: Send) -> None:
    upload = begin(10)
    send("PATCH", upload, b"abcd", Upload_Offset="0")
    assert send("DELETE", upload).status == 204
    assert measure_spool(upload.pk) is None
    assert send("HEAD", upload).status == 404
    assert send("PATCH", upload, b"e", Upload_Offset="4").status == 404


def test_upload_given_up_while_a_request_waited_is_not_found(begin: Begin) -> None:
    upload = begin(10)
    Upload.objects.all().delete()
    with pytest.raises(NotFound):
        tus._look_again(upload)


def test_finished_upload_is_not_deleted(begin: Begin, send: Send) -> None:
    upload = begin(4)
    send("PATCH", upload, b"abcd", Upload_Offset="0")
    assert send("DELETE", upload).status == 409
    assert_finished(upload, b"abcd")


@pytest.mark.parametrize("method", ["HEAD", "PATCH"])
def test_expired_upload_is_gone(begin: Begin, send: Send, method: str) -> None:
    upload = begin(10)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert send(method, upload, b"abcd", Upload_Offset="0").status == 410


def test_full_disk_is_said_and_loses_nothing(begin: Begin, send: Send) -> None:
    upload = begin(10)
    spool_path(upload.pk).symlink_to("/dev/full")
    answer = send("PATCH", upload, b"abcd", Upload_Offset="0")
    assert answer.status == 507
    assert b'"code":"disk_full"' in answer.body
    spool_path(upload.pk).unlink()
    spool_path(upload.pk).write_bytes(b"abcd")
    assert send("PATCH", upload, b"efghij", Upload_Offset="4").status == 204
    assert_finished(upload, b"abcdefghij")


CUTS = {"nothing": 0, "one-byte": 1, "half": len(FILM) // 2, "all-but-one": len(FILM) - 1}


@pytest.mark.parametrize("arrived", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("end", [lambda socket: socket.close(), reset], ids=["closed", "reset"])
def test_upload_goes_on_where_the_connection_broke(
    server: Address, begin: Begin, session: Headers, send: Send, arrived: int, end: Any
) -> None:
    upload = begin(len(FILM))
    headers = {**session, **PATCH, "Upload-Offset": "0"}
    with half_sent(
        server, path_of(upload), headers, FILM[:arrived], length=len(FILM)
    ) as connection:
        await_turn(upload)
        await_offset(send, upload, arrived)
        end(connection)
    rest = send("PATCH", upload, FILM[arrived:], Upload_Offset=str(arrived))
    assert rest.status == 204
    assert_finished(upload, FILM)


def test_upload_whose_answer_got_lost_is_finished(
    server: Address, begin: Begin, session: Headers, send: Send
) -> None:
    upload = begin(len(FILM))
    headers = {**session, **PATCH, "Upload-Offset": "0"}
    with half_sent(server, path_of(upload), headers, FILM, length=len(FILM)):
        await_offset(send, upload, len(FILM))
    # the last byte is there a moment before it is moved and noted
    finished = Upload.objects.filter(pk=upload.pk, finished_at__isnull=False)
    wait_for(finished.exists, what="the finish", within_s=TIMEOUT_S)
    assert_finished(upload, FILM)


def test_broken_off_bytes_with_a_checksum_do_not_stay(
    server: Address, begin: Begin, session: Headers, send: Send
) -> None:
    upload = begin(len(FILM))
    digest = b64encode(hashlib.sha1(FILM, usedforsecurity=False).digest()).decode()
    headers = {**session, **PATCH, "Upload-Offset": "0", "Upload-Checksum": f"sha1 {digest}"}
    with half_sent(server, path_of(upload), headers, FILM[:9], length=len(FILM)):
        await_offset(send, upload, 9)
    await_offset(send, upload, 0)


def test_newer_request_takes_over_from_a_silent_one(
    server: Address, begin: Begin, session: Headers, send: Send
) -> None:
    upload = begin(len(FILM))
    headers = {**session, **PATCH, "Upload-Offset": "0"}
    with half_sent(server, path_of(upload), headers, FILM[:99], length=len(FILM)) as silent:
        await_offset(send, upload, 99)
        assert send("PATCH", upload, FILM[99:], Upload_Offset="99").status == 204
        assert read_status(silent) == 408
    assert_finished(upload, FILM)


def test_newer_request_does_not_mix_its_bytes_with_an_older_ones(
    server: Address, begin: Begin, session: Headers, send: Send
) -> None:
    upload = begin(len(FILM))
    headers = {**session, **PATCH, "Upload-Offset": "0"}
    with half_sent(server, path_of(upload), headers, FILM[:99], length=len(FILM)):
        await_offset(send, upload, 99)
        assert send("PATCH", upload, FILM, Upload_Offset="0").status == 409
    assert spool_path(upload.pk).read_bytes() == FILM[:99]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_upload_that_another_process_writes_is_locked(
    begin: Begin, send: Send, method: str
) -> None:
    upload = begin(10)
    with lock_spool(upload.pk):
        assert send(method, upload, b"abcd", Upload_Offset="0").status == 423
    assert send("PATCH", upload, b"abcdefghij", Upload_Offset="0").status == 204


def test_deleting_takes_over_from_a_silent_request(
    server: Address, begin: Begin, session: Headers, send: Send
) -> None:
    upload = begin(len(FILM))
    headers = {**session, **PATCH, "Upload-Offset": "0"}
    with half_sent(server, path_of(upload), headers, FILM[:99], length=len(FILM)):
        await_offset(send, upload, 99)
        assert send("DELETE", upload).status == 204
    assert measure_spool(upload.pk) is None
