"""Everybody's accounts, for administrators."""

from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import PROFILE, User
from control_plane.accounts.permissions import IsAdmin
from control_plane.accounts.services import access_user, change_user
from control_plane.activity.services import note_change, note_deed
from control_plane.creator_requests.services import settle
from control_plane.openapi import document_refusals
from control_plane.personal_data.services import delete_account

_LAST_ADMIN = document_refusals({409: "last_admin: nobody would administer the site."})


class UserSerializer(ModelSerializer[User]):
    """An account as administrators see it. The profile is its holder's to change."""

    class Meta:
        model = User
        fields: ClassVar = [
            *("id", "email", *PROFILE),
            *("role", "is_active", "last_login", "created_at"),
        ]
        read_only_fields: ClassVar = ["email", *PROFILE, "last_login", "created_at"]


class UserFilter(django_filters.FilterSet):
    """`role`, `is_active`, and `search` in addresses and names."""

    search = django_filters.CharFilter(method="filter_search")

    class Meta:
        model = User
        fields: ClassVar = ["role", "is_active"]

    def filter_search(self, users: QuerySet[User], _name: str, text: str) -> QuerySet[User]:
        places = ("email", "display_name", "first_name", "last_name")
        found = Q()
        for place in places:
            found |= Q(**{f"{place}__icontains": text})
        return users.filter(found)


class Users(ListAPIView[User]):
    """Everybody with an account."""

    permission_classes = (IsAdmin,)
    queryset = User.objects.all()
    serializer_class = UserSerializer
    filterset_class = UserFilter


class OneUser(APIView):
    """Somebody with an account."""

    permission_classes = (IsAdmin,)

    @extend_schema(responses=UserSerializer)
    def get(self, _request: Request, user_id: UUID) -> Response:
        """Show the account."""
        return Response(UserSerializer(access_user(user_id)).data)

    @extend_schema(request=UserSerializer, responses={200: UserSerializer, **_LAST_ADMIN})
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Give another role, suspend (`is_active: false`) or restore."""
        user = access_user(user_id)
        given = UserSerializer(user, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        facts: dict[str, Any] = given.validated_data
        change_user(user, now=timezone.now(), **facts)
        caller = require_caller(request)
        note_change(user, request, by=caller, **facts)
        settle(user, by=caller, now=timezone.now(), request=request)
        return Response(UserSerializer(user).data)

    @extend_schema(responses={204: None, **_LAST_ADMIN})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Delete the account, and all films of it. It cannot be undone."""
        delete_account(access_user(user_id), now=timezone.now())
        if require_caller(request).pk != user_id:
            note_deed(request, f"Deleted user {user_id}")
        return Response(status=HTTPStatus.NO_CONTENT)
