"""Everybody's requests to become a creator, for who decides."""

from uuid import UUID

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import holds
from control_plane.creator_requests.models import CreatorRequest, RequestState
from control_plane.creator_requests.selectors import access_request, list_requests
from control_plane.creator_requests.serializers import (
    AnyCreatorRequestSerializer,
    DeclineSerializer,
)
from control_plane.creator_requests.services import approve, decline
from control_plane.openapi import document_refusals

_DECIDED = document_refusals({409: "creator_request_decided: or withdrawn, meanwhile."})


class CreatorRequestFilter(django_filters.FilterSet):
    """Requests of one state, or of one user."""

    state = django_filters.ChoiceFilter(choices=RequestState.choices)
    user = django_filters.UUIDFilter(field_name="user_id")


class CreatorRequests(ListAPIView[CreatorRequest]):
    """What people asked, newest first."""

    permission_classes = (holds(Permission.DECIDE_CREATORS),)
    queryset = list_requests()
    serializer_class = AnyCreatorRequestSerializer
    filterset_class = CreatorRequestFilter


class OneCreatorRequest(APIView):
    """What somebody asked."""

    permission_classes = (holds(Permission.DECIDE_CREATORS),)

    @extend_schema(responses=AnyCreatorRequestSerializer)
    def get(self, request: Request, request_id: UUID) -> Response:
        """Show it."""
        return _show(access_request(request_id))


class ApproveCreatorRequest(APIView):
    """Saying yes."""

    permission_classes = (holds(Permission.DECIDE_CREATORS),)

    @extend_schema(request=None, responses={200: AnyCreatorRequestSerializer, **_DECIDED})
    def post(self, request: Request, request_id: UUID) -> Response:
        """Make the one who asked a creator; they are told by mail."""
        by, row = require_caller(request), access_request(request_id)
        return _show(approve(row, by=by, now=timezone.now(), request=request))


class DeclineCreatorRequest(APIView):
    """Saying no."""

    permission_classes = (holds(Permission.DECIDE_CREATORS),)

    @extend_schema(
        request=DeclineSerializer, responses={200: AnyCreatorRequestSerializer, **_DECIDED}
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        """Tell the one who asked why not; they may ask again after a while."""
        by, row = require_caller(request), access_request(request_id)
        given = DeclineSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reason = given.validated_data["reason"]
        return _show(decline(row, reason, by=by, now=timezone.now(), request=request))


def _show(row: CreatorRequest) -> Response:
    return Response(AnyCreatorRequestSerializer(row).data)
