"""Grants: who may watch a video that is not for everybody."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.entitlements.models import Grant
from control_plane.entitlements.serializers import GrantSerializer, NewGrantSerializer
from control_plane.entitlements.services import (
    Target,
    access_grant,
    grant_access,
    list_grants,
    take_back,
)
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals


class GrantFilter(filters.FilterSet):
    """Grants of one video or course, or to one user or group."""

    video = filters.UUIDFilter(field_name="video_id")
    user = filters.UUIDFilter(field_name="user_id")
    course = filters.UUIDFilter(field_name="course_id")
    group = filters.UUIDFilter(field_name="group_id")


class Grants(ListAPIView[Grant]):
    """Grants of my videos; an administrator's are all."""

    queryset = Grant.objects.none()
    serializer_class = GrantSerializer
    filterset_class = GrantFilter

    def get_queryset(self) -> QuerySet[Grant]:
        return list_grants(require_caller(self.request))

    @extend_schema(
        request=NewGrantSerializer,
        responses={
            201: GrantSerializer,
            200: OpenApiResponse(GrantSerializer, description="It was there, and is extended."),
            **document_refusals(
                {404: "not_found: no such video, course or category, or not yours."}
            ),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Let somebody watch one of my videos. Granting again extends."""
        asked = NewGrantSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        target = Target(wanted.get("video"), wanted.get("course"), wanted.get("category"))
        grant, is_new = grant_access(
            wanted.get("user") or wanted.get("group") or wanted["email"],
            target,
            by=require_caller(request),
            expires_at=wanted["expires_at"],
            note=wanted["note"],
            window_s=wanted["window_s"],
        )
        body = self.get_serializer(grant).data
        return Response(body, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


class OneGrant(APIView):
    """A grant of one of my videos."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, grant_id: UUID) -> Response:
        """Take it back. What plays by leave of it alone ends within seconds."""
        take_back(access_grant(require_caller(request), grant_id), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
