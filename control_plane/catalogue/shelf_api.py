"""Categories and playlists over HTTP."""

from http import HTTPStatus
from uuid import UUID

from django.db.models import ProtectedError, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import find_caller, require_caller
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import holds
from control_plane.catalogue.course_serializers import OrderInput
from control_plane.catalogue.filters import PlaylistFilter
from control_plane.catalogue.models import Category, Playlist, PlaylistItem
from control_plane.catalogue.playlists import (
    access_own_playlist,
    access_playlist,
    add_item,
    change_playlist,
    create_playlist,
    list_items,
    list_playlists,
    order_items,
    remove_item,
)
from control_plane.catalogue.shelf_serializers import (
    CategorySerializer,
    ItemInput,
    PlaylistItemSerializer,
    PlaylistSerializer,
)
from control_plane.errors import Refused
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals
from control_plane.paging import InOrder

_Manages = holds(Permission.MANAGE_CATEGORIES)
_TWICE = document_refusals({409: "`item_twice`: it stands in this playlist already."})
_OUTDATED = document_refusals({409: "`order_outdated`: others stand in it now."})
_IN_USE = document_refusals({409: "`category_in_use`: it is divided, or plans hang on it."})


class Categories(ListAPIView[Category]):
    """All categories, in their order."""

    queryset = Category.objects.select_related("parent")
    serializer_class = CategorySerializer
    pagination_class = InOrder

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "GET" else [_Manages()]

    @extend_schema(request=CategorySerializer, responses={201: CategorySerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a category."""
        given = CategorySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        given.save()
        return Response(given.data, status=HTTPStatus.CREATED)


class CategoryDetail(APIView):
    """One category."""

    permission_classes = (_Manages,)

    @extend_schema(request=CategorySerializer, responses=CategorySerializer)
    def patch(self, request: Request, slug: str) -> Response:
        """Change a category."""
        category = get_object_or_404(Category, slug=slug)
        given = CategorySerializer(category, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        given.save()
        return Response(given.data)

    @extend_schema(responses={204: None, **_IN_USE})
    def delete(self, request: Request, slug: str) -> Response:
        """Delete a category; what stood in it stands in none."""
        try:
            get_object_or_404(Category, slug=slug).delete()
        except ProtectedError:
            detail = "The category is divided, or people subscribe to it."
            raise Refused("category_in_use", status=HTTPStatus.CONFLICT, detail=detail) from None
        return Response(status=HTTPStatus.NO_CONTENT)


class Playlists(ListAPIView[Playlist]):
    """Public playlists, and the caller's own."""

    serializer_class = PlaylistSerializer
    filterset_class = PlaylistFilter

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "GET" else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet[Playlist]:
        return list_playlists(find_caller(self.request))

    @extend_schema(request=PlaylistSerializer, responses={201: PlaylistSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Create an empty playlist."""
        given = PlaylistSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        playlist = create_playlist(require_caller(request), **given.validated_data)
        return _show(request, playlist, status=HTTPStatus.CREATED)


class PlaylistDetail(APIView):
    """One playlist."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "GET" else [IsAuthenticated()]

    @extend_schema(responses=PlaylistSerializer)
    def get(self, request: Request, playlist_id: UUID) -> Response:
        """Show a playlist."""
        return _show(request, access_playlist(find_caller(request), playlist_id))

    @extend_schema(request=PlaylistSerializer, responses=PlaylistSerializer)
    def patch(self, request: Request, playlist_id: UUID) -> Response:
        """Change what is said of a playlist, or who may see it."""
        playlist = _own(request, playlist_id)
        given = PlaylistSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        change_playlist(playlist, **given.validated_data)
        return _show(request, playlist)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, playlist_id: UUID) -> Response:
        """Delete a playlist; its videos stay."""
        _own(request, playlist_id).delete()
        return Response(status=HTTPStatus.NO_CONTENT)


class PlaylistItems(ListAPIView[PlaylistItem]):
    """What of a playlist the caller may see, in its order."""

    queryset = PlaylistItem.objects.none()
    serializer_class = PlaylistItemSerializer
    pagination_class = InOrder

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "GET" else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet[PlaylistItem]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        caller = find_caller(self.request)
        playlist = access_playlist(caller, self.kwargs["playlist_id"])
        return list_items(playlist, caller, now=timezone.now())

    @extend_schema(request=ItemInput, responses={201: PlaylistItemSerializer, **_TWICE})
    @idempotent
    def post(self, request: Request, playlist_id: UUID) -> Response:
        """Put a video at the end."""
        playlist = _own(request, playlist_id)
        given = ItemInput(data=request.data)
        given.is_valid(raise_exception=True)
        item = add_item(
            playlist,
            given.validated_data["video"],
            by=require_caller(request),
            now=timezone.now(),
        )
        body = PlaylistItemSerializer(item, context={"request": request}).data
        return Response(body, status=HTTPStatus.CREATED)


class PlaylistEntry(APIView):
    """One item of one of my playlists."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, playlist_id: UUID, item_id: UUID) -> Response:
        """Take it off; the video stays."""
        remove_item(_own(request, playlist_id), item_id)
        return Response(status=HTTPStatus.NO_CONTENT)


class PlaylistOrder(APIView):
    """The order of items."""

    @extend_schema(request=OrderInput, responses={204: None, **_OUTDATED})
    def put(self, request: Request, playlist_id: UUID) -> Response:
        """Put all items in this order, at once."""
        playlist = _own(request, playlist_id)
        given = OrderInput(data=request.data)
        given.is_valid(raise_exception=True)
        caller = require_caller(request)
        order_items(playlist, given.validated_data["order"], by=caller, now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


def _own(request: Request, playlist_id: UUID) -> Playlist:
    return access_own_playlist(require_caller(request), playlist_id)


def _show(request: Request, playlist: Playlist, *, status: int = HTTPStatus.OK) -> Response:
    body = PlaylistSerializer(playlist, context={"request": request}).data
    return Response(body, status=status)
