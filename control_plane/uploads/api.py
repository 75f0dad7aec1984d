"""Sources over HTTP, as far as Django takes them: beginning a resumable upload, or a small file
whole. The bytes of a resumable one go to `uploads.asgi`.
"""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.accounts.permissions import IsCreator
from control_plane.catalogue.selectors import access_own_video
from control_plane.openapi import document_refusals
from control_plane.transcodes.serializers import JobSerializer
from control_plane.uploads import protocol
from control_plane.uploads.refusals import refusals
from control_plane.uploads.services import create_upload, take_file

CREATION_HEADERS = [
    OpenApiParameter("Tus-Resumable", str, OpenApiParameter.HEADER, required=True),
    OpenApiParameter("Upload-Length", int, OpenApiParameter.HEADER, required=True),
    OpenApiParameter(
        "Upload-Metadata",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description="`video_id` and, if wanted, `filename`, each with its value in base64.",
    ),
]
REFUSALS = document_refusals(
    {
        413: "`too_large`: more bytes than are accepted.",
        429: "`queue_full`: too many transcode jobs are unfinished.",
        507: "`disk_full`: the server has no room left.",
    }
)
OLD_CLIENT = document_refusals({412: "`unsupported_version`: tus 1.0.0 is spoken here."})


class Uploads(APIView):
    """Resumable uploads (tus 1.0)."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "OPTIONS" else [IsCreator()]

    @extend_schema(exclude=True)
    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        described = protocol.describe_server(settings.CONFIG.max_upload_bytes)
        return Response(status=HTTPStatus.NO_CONTENT, headers=described)

    @extend_schema(
        request=None,
        parameters=CREATION_HEADERS,
        responses={201: None, **OLD_CLIENT, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Begin an upload. Its bytes go to the `Location` of the answer, by HEAD and PATCH."""
        caller, now = require_caller(request), timezone.now()
        creation = protocol.parse_creation(request.headers)
        video = access_own_video(caller, creation.video_id, now=now)
        with refusals():
            upload = create_upload(
                video,
                owner=caller,
                size_bytes=creation.size_bytes,
                file_name=creation.file_name,
                now=now,
            )
        headers = protocol.describe_upload(upload, offset=0)
        headers["Location"] = f"/api/v1/uploads/{upload.pk}"
        return Response(status=HTTPStatus.CREATED, headers=headers)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Refusals, too, say which protocol is spoken."""
        final = super().finalize_response(request, response, *args, **kwargs)
        protocol.add_headers(final, protocol.describe_version(final.status_code))
        return final


class SourceInput(serializers.Serializer[Any]):
    """A form with one file."""

    file = serializers.FileField(allow_empty_file=True)


class VideoSource(APIView):
    """The source of a video, as one small file."""

    permission_classes = (IsCreator,)
    parser_classes = (MultiPartParser,)

    @extend_schema(request=SourceInput, responses={201: JobSerializer, **REFUSALS})
    def post(self, request: Request, video_id: UUID) -> Response:
        """Upload a source and queue its transcode."""
        caller, now = require_caller(request), timezone.now()
        video = access_own_video(caller, video_id, now=now)
        given = SourceInput(data=request.data)
        given.is_valid(raise_exception=True)
        with refusals():
            job = take_file(video, owner=caller, file=given.validated_data["file"], now=now)
        return Response(JobSerializer(job).data, status=HTTPStatus.CREATED)
