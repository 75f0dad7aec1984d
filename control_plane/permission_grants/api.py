"""Named permissions: mine, and for administrators everybody's."""

from http import HTTPStatus
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import IsAdmin
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals
from control_plane.permission_grants.models import PermissionGrant
from control_plane.permission_grants.selectors import (
    access_permission_grant,
    list_permission_grants,
    live,
)
from control_plane.permission_grants.serializers import (
    HeldPermissionSerializer,
    NewPermissionGrantSerializer,
    PermissionGrantSerializer,
)
from control_plane.permission_grants.services import grant_permission, revoke_permission


class MyPermissions(ListAPIView[PermissionGrant]):
    """What I was let do, as long as it holds. Administrators may do all of it anyway."""

    queryset = PermissionGrant.objects.none()
    serializer_class = HeldPermissionSerializer

    def get_queryset(self) -> QuerySet[PermissionGrant]:
        return require_caller(self.request).permission_grants.filter(live(timezone.now()))


class PermissionGrantFilter(django_filters.FilterSet):
    """Permissions of one user, of one name, or those that hold (`live=true`)."""

    user = django_filters.UUIDFilter(field_name="user_id")
    permission = django_filters.ChoiceFilter(choices=Permission.choices)
    live = django_filters.BooleanFilter(method="filter_live")

    def filter_live(
        self, grants: QuerySet[PermissionGrant], _name: str, value: bool
    ) -> QuerySet[PermissionGrant]:
        condition = live(timezone.now())
        return grants.filter(condition) if value else grants.exclude(condition)


class PermissionGrants(ListAPIView[PermissionGrant]):
    """Who was let do what, those that have ended too."""

    permission_classes = (IsAdmin,)
    queryset = list_permission_grants()
    serializer_class = PermissionGrantSerializer
    filterset_class = PermissionGrantFilter

    @extend_schema(
        request=NewPermissionGrantSerializer,
        responses={
            201: PermissionGrantSerializer,
            200: OpenApiResponse(PermissionGrantSerializer, description="It was so already."),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Let somebody do something, until then if wanted; another end replaces the present one."""
        asked = NewPermissionGrantSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        granted, is_new = grant_permission(
            wanted["user"],
            Permission(wanted["permission"]),
            until=wanted["until"],
            by=require_caller(request),
            now=timezone.now(),
            request=request,
        )
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return Response(PermissionGrantSerializer(granted).data, status=status)


class OnePermissionGrant(APIView):
    """One permission of somebody's."""

    permission_classes = (IsAdmin,)

    @extend_schema(
        responses={204: None, **document_refusals({404: "not_found: no such permission."})}
    )
    def delete(self, request: Request, permission_grant_id: UUID) -> Response:
        """Revoke it; it holds nothing from the next request on."""
        grant, by = access_permission_grant(permission_grant_id), require_caller(request)
        revoke_permission(grant, by=by, now=timezone.now(), request=request)
        return Response(status=HTTPStatus.NO_CONTENT)
