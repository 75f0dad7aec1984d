"""Videos and assets in the admin."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from control_plane.catalogue.models import Asset, Video
from control_plane.catalogue.services import (
    change_video,
    delete_video,
    publish_video,
    unpublish_video,
)
from control_plane.errors import Refused


class AssetInline(TabularInline):
    """What was made of a video."""

    model = Asset
    fields: ClassVar = ["id", "duration_ms", "size_bytes", "heights", "findings", "created_at"]
    readonly_fields: ClassVar = fields
    extra = 0
    can_delete = False

    @admin.display(description="Warnings")
    def findings(self, asset: Asset) -> str:
        return "; ".join(f"{one['rule']} {one['name']}: {one['text']}" for one in asset.warnings)

    def has_add_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


@admin.register(Video)
class VideoAdmin(ModelAdmin):
    """Facts are changed here; videos come by upload, and transcodes switch their assets."""

    list_display: ClassVar = ["title", "owner", "visibility", "published_at", "created_at"]
    list_filter: ClassVar = ["visibility", ("published_at", admin.EmptyFieldListFilter)]
    list_select_related: ClassVar = ["owner"]
    search_fields: ClassVar = ["title", "owner__email"]
    fields: ClassVar = [
        "title",
        "description",
        "visibility",
        "owner",
        "published_at",
        "asset",
        "created_at",
        "updated_at",
    ]
    readonly_fields: ClassVar = ["published_at", "asset", "created_at", "updated_at"]
    autocomplete_fields: ClassVar = ["owner"]
    inlines: ClassVar = [AssetInline]
    actions: ClassVar = ["publish", "unpublish"]

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        for video in videos:
            try:
                publish_video(video, now=timezone.now())
            except Refused as error:
                self.message_user(request, f"{video}: {error.problem.detail}", messages.ERROR)

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, _request: HttpRequest, videos: QuerySet[Video]) -> None:
        for video in videos:
            unpublish_video(video, now=timezone.now())

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def save_model(
        self, _request: HttpRequest, video: Video, form: "ModelForm[Video]", _change: bool
    ) -> None:
        change_video(video, **{name: form.cleaned_data[name] for name in form.changed_data})

    def delete_model(self, _request: HttpRequest, video: Video) -> None:
        delete_video(video, now=timezone.now())

    def delete_queryset(self, _request: HttpRequest, videos: QuerySet[Video]) -> None:
        for video in videos:
            delete_video(video, now=timezone.now())

    def get_deleted_objects(self, videos: Any, request: HttpRequest) -> Any:
        """What belongs to a video goes with it, though none of it may be deleted alone."""
        listed, counts, _forbidden, protected = super().get_deleted_objects(videos, request)
        return listed, counts, set(), protected
