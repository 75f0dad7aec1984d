"""Captions and posters over HTTP, for those who may change a video."""

from http import HTTPStatus
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.catalogue.models import Video
from control_plane.catalogue.selectors import access_own_video
from control_plane.errors import Refused
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals
from control_plane.sidecars.selectors import access_caption
from control_plane.sidecars.serializers import (
    CaptionInput,
    CaptionSerializer,
    PosterInput,
    PosterSerializer,
    describe_posters,
)
from control_plane.sidecars.services import add_caption, choose_poster, remove_caption
from shared.captions import MAX_CAPTIONS_BYTES

QUEUE_FULL = document_refusals({429: "`queue_full`: too many transcode jobs are unfinished."})
NOT_TAKEN = document_refusals(
    {
        400: "`captions_invalid`: neither SubRip nor WebVTT; the detail says where.",
        409: "`name_taken`: there are captions of this name. `too_many_captions`.",
        413: "`too_large`: more bytes than captions have.",
    }
)
NO_POSTER = document_refusals({409: "`no_such_poster`: there is no candidate of this number."})


class Captions(APIView):
    """The captions of a video that came as files."""

    parser_classes = (MultiPartParser,)

    @extend_schema(responses=CaptionSerializer(many=True))
    def get(self, request: Request, video_id: UUID) -> Response:
        """List them."""
        captions = _own(request, video_id).captions.order_by("id")
        return Response(CaptionSerializer(captions, many=True).data)

    @extend_schema(
        request=CaptionInput, responses={201: CaptionSerializer, **NOT_TAKEN, **QUEUE_FULL}
    )
    @idempotent
    def post(self, request: Request, video_id: UUID) -> Response:
        """Add captions; a film that was transcoded already is packaged anew, not encoded."""
        video = _own(request, video_id)
        given = CaptionInput(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data.pop("file")
        if file.size > MAX_CAPTIONS_BYTES:
            detail = f"At most {MAX_CAPTIONS_BYTES} bytes are accepted."
            raise Refused("too_large", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=detail)
        caption = add_caption(
            video,
            content=file.read(),
            user=require_caller(request),
            now=timezone.now(),
            **given.validated_data,
        )
        return Response(CaptionSerializer(caption).data, status=HTTPStatus.CREATED)


class CaptionDetail(APIView):
    """Captions that came as one file."""

    @extend_schema(responses={204: None, **QUEUE_FULL})
    def delete(self, request: Request, video_id: UUID, caption_id: UUID) -> Response:
        """Remove them from the film, which is packaged anew."""
        caller, now = require_caller(request), timezone.now()
        caption = access_caption(caller, video_id, caption_id, now=now)
        remove_caption(caption, user=caller, now=now)
        return Response(status=HTTPStatus.NO_CONTENT)


class VideoPoster(APIView):
    """The poster of a video."""

    @extend_schema(responses=PosterSerializer)
    def get(self, request: Request, video_id: UUID) -> Response:
        """Show the pictures to choose from."""
        return _show_posters(request, video_id)

    @extend_schema(
        request=PosterInput, responses={200: PosterSerializer, **NO_POSTER, **QUEUE_FULL}
    )
    def put(self, request: Request, video_id: UUID) -> Response:
        """Choose one of them; the film is packaged anew with it."""
        video = _own(request, video_id)
        given = PosterInput(data=request.data)
        given.is_valid(raise_exception=True)
        number = given.validated_data["number"]
        choose_poster(video, number, user=require_caller(request), now=timezone.now())
        return _show_posters(request, video_id)


def _own(request: Request, video_id: UUID) -> Video:
    return access_own_video(require_caller(request), video_id, now=timezone.now())


def _show_posters(request: Request, video_id: UUID) -> Response:
    shown = describe_posters(_own(request, video_id), now=timezone.now())
    return Response(PosterSerializer(shown).data)
