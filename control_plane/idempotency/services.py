"""`@idempotent`: a creating call with an `Idempotency-Key` is done once, however often it is sent.

The answer is kept in the transaction that creates, so that neither is without the other; what was
refused has created nothing, and is tried anew. Visitors' keys count for nothing: there is nobody
whose keys they are.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar, cast

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from control_plane.encryption import decrypt, encrypt
from control_plane.errors import Refused
from control_plane.idempotency.models import KeptAnswer
from control_plane.openapi import IDEMPOTENCY_KEY, mark_idempotent

KEPT_FOR: Final = timedelta(hours=24)
REPLAYED: Final = "Idempotency-Replayed"

_MAX_KEY: Final = 255

Create = TypeVar("Create", bound=Callable[..., Response])


def idempotent(create: Create) -> Create:
    """For a method of a view that creates."""

    @wraps(create)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key, user = request.headers.get(IDEMPOTENCY_KEY), request.user
        if key is None or not isinstance(user, AbstractBaseUser):
            return create(view, request, *args, **kwargs)
        _check_key(key)
        fingerprint = _take_fingerprint(request)
        with transaction.atomic():
            _take_turn(user, key)
            kept = _find_answer(user, key, now=timezone.now())
            if kept is not None:
                return _replay(kept, fingerprint)
            try:
                response = create(view, request, *args, **kwargs)
            except Refused as refused:
                refusal = refused  # and what was kept of why stays, as it does without a key
            else:
                _keep(response, user, key, fingerprint=fingerprint)
                return response
        raise refusal

    mark_idempotent(answer)
    return cast("Create", answer)


def forget_answers(*, now: datetime) -> None:
    """Those that are older than anybody may rely on."""
    KeptAnswer.objects.filter(kept_at__lte=now - KEPT_FOR).delete()


def _check_key(key: str) -> None:
    if not 0 < len(key) <= _MAX_KEY or not (key.isascii() and key.isprintable()):
        detail = f"A key has 1 to {_MAX_KEY} printable ASCII characters."
        raise Refused("idempotency_key_invalid", status=HTTPStatus.BAD_REQUEST, detail=detail)


def _take_turn(user: AbstractBaseUser, key: str) -> None:
    """Nobody else works on this key until the transaction ends."""
    digest = hashlib.sha256(f"{user.pk} {key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (taken,) = cursor.fetchone()
    if not taken:
        detail = "A call with this key is being worked on."
        raise Refused("idempotency_key_in_use", status=HTTPStatus.CONFLICT, detail=detail)


def _find_answer(user: AbstractBaseUser, key: str, *, now: datetime) -> KeptAnswer | None:
    kept = KeptAnswer.objects.filter(user_id=user.pk, key=key).first()
    if kept is None or kept.kept_at > now - KEPT_FOR:
        return kept
    kept.delete()
    return None


def _replay(kept: KeptAnswer, fingerprint: str) -> Response:
    if kept.fingerprint != fingerprint:
        detail = "This key was used for another call."
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        raise Refused("idempotency_key_reused", status=status, detail=detail)
    body = json.loads(decrypt(bytes(kept.encrypted_body)))
    return Response(body, status=kept.status, headers={**kept.headers, REPLAYED: "true"})


def _keep(response: Response, user: AbstractBaseUser, key: str, *, fingerprint: str) -> None:
    KeptAnswer.objects.create(
        user_id=user.pk,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        headers={name: value for name, value in response.items() if name != "Content-Type"},
        encrypted_body=encrypt(JSONRenderer().render(response.data) or b"null"),
        kept_at=timezone.now(),
    )


def _take_fingerprint(request: Request) -> str:
    """Of what is asked for: method, address and body, however its members are ordered."""
    body = json.dumps(request.data, sort_keys=True, default=_describe_file)
    asked = f"{request.method} {request.get_full_path()}\n{body}"
    return hashlib.sha256(asked.encode()).hexdigest()


def _describe_file(file: "UploadedFile[bytes]") -> str:
    content = file.read()
    file.seek(0)  # the view reads it too
    return hashlib.sha256(content).hexdigest()
