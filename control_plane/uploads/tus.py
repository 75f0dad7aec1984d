"""HEAD, PATCH and DELETE of an upload (tus 1.0). Creating one is an ordinary call, in `api`."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeAlias
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from control_plane.accounts.models import User
from control_plane.database import in_database
from control_plane.errors import NotFound, Refused
from control_plane.uploads import protocol
from control_plane.uploads.asgi_types import Receive
from control_plane.uploads.models import Upload
from control_plane.uploads.receiving import Receiver, open_receiver
from control_plane.uploads.refusals import refusals
from control_plane.uploads.selectors import access_upload, measure_upload
from control_plane.uploads.services import abandon_upload, finish_stranded, finish_upload
from control_plane.uploads.turns import Turn, Turns

_TURNS: Final = Turns()


async def answer_upload_request(
    request: HttpRequest, user: User, *, upload_id: UUID, receive: Receive
) -> HttpResponse:
    """Do what a request wants of an upload of the user's; raises `Refused`."""
    upload = await in_database(access_upload, user, upload_id)
    with refusals():
        return await _HANDLERS[request.method or ""](request, upload, receive)


def check_method(request: HttpRequest) -> None:
    if request.method not in _HANDLERS:
        raise Refused("method_not_allowed", status=HTTPStatus.METHOD_NOT_ALLOWED)


def describe_server() -> HttpResponse:
    """The answer to OPTIONS."""
    described = protocol.describe_server(settings.CONFIG.max_upload_bytes)
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=described)


async def _head(_request: HttpRequest, upload: Upload, _receive: Receive) -> HttpResponse:
    _check_life(upload)
    offset = await in_database(measure_upload, upload)
    if upload.finished_at is None and offset == upload.size_bytes:
        await in_database(finish_stranded, upload, now=timezone.now())
    headers = protocol.describe_upload(upload, offset=offset)
    return HttpResponse(headers={**headers, "Upload-Length": str(upload.size_bytes)})


async def _patch(request: HttpRequest, upload: Upload, receive: Receive) -> HttpResponse:
    if request.content_type != protocol.CONTENT_TYPE:
        detail = f"The bytes must be sent as {protocol.CONTENT_TYPE}."
        raise Refused("unsupported_media_type", status=415, detail=detail)
    _check_life(upload)
    async with _TURNS.take(upload.pk) as turn, open_receiver(upload.pk) as receiver:
        offset = await _append(request, upload, receiver, turn, receive)
        if upload.finished_at is None and offset == upload.size_bytes:
            await in_database(finish_upload, upload, now=timezone.now())
    headers = protocol.describe_upload(upload, offset=offset)
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=headers)


async def _append(
    request: HttpRequest, upload: Upload, receiver: Receiver, turn: Turn, receive: Receive
) -> int:
    """Take the request's body, now that nobody else writes; the offset then."""
    checksum = protocol.parse_checksum(request.headers)
    offset = await in_database(_look_again, upload)
    if protocol.parse_count(request.headers, "Upload-Offset") != offset:
        raise Refused("offset_mismatch", status=409, extra={"offset": offset})
    limit = upload.size_bytes - offset
    if protocol.announced_length(request.headers) > limit:
        raise Refused("too_large", status=413, detail="More bytes than the upload has.")
    if limit == 0:
        return offset
    return await receiver.receive_body(receive, turn, limit=limit, checksum=checksum)


def _look_again(upload: Upload) -> int:
    """Whoever wrote before may have finished the upload, or given it up."""
    try:
        upload.refresh_from_db()
    except Upload.DoesNotExist as error:
        raise NotFound("No such upload.") from error
    return measure_upload(upload)


async def _delete(_request: HttpRequest, upload: Upload, _receive: Receive) -> HttpResponse:
    async with _TURNS.take(upload.pk), open_receiver(upload.pk):
        await in_database(abandon_upload, upload)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _check_life(upload: Upload) -> None:
    if upload.finished_at is None and upload.expires_at <= timezone.now():
        raise Refused("upload_expired", status=410, detail="The upload took too long.")


_Handler: TypeAlias = Callable[[HttpRequest, Upload, Receive], Awaitable[HttpResponse]]

_HANDLERS: Final[dict[str, _Handler]] = {"HEAD": _head, "PATCH": _patch, "DELETE": _delete}
