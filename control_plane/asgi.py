"""The ASGI application: Django for everything but the bytes of resumable uploads."""

import os
import re
from typing import Final
from uuid import UUID

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")  # noqa: TID251
_pages_and_api: Final = get_asgi_application()

# only now, since they need Django's settings
from django.conf import settings  # noqa: E402

from control_plane.uploads.asgi import serve_upload  # noqa: E402
from control_plane.uploads.asgi_types import Receive, Scope, Send  # noqa: E402
from control_plane.uploads.body_limit import limit_body  # noqa: E402

# What a body may hold besides a file.
_FORM_BYTES: Final = 2**20
_SOURCE: Final = re.compile(r"/api/v1/videos/[^/]+/source")
_UPLOAD: Final = re.compile(r"/api/v1/uploads/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")

_with_source: Final = limit_body(
    _pages_and_api, max_bytes=settings.CONFIG.max_source_bytes + _FORM_BYTES
)
_without_file: Final = limit_body(_pages_and_api, max_bytes=_FORM_BYTES)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    path = scope.get("path", "")
    upload = _UPLOAD.fullmatch(path)
    if upload is not None:
        await serve_upload(scope, receive, send, upload_id=UUID(upload[1]))
    elif _SOURCE.fullmatch(path):
        await _with_source(scope, receive, send)
    else:
        await _without_file(scope, receive, send)
