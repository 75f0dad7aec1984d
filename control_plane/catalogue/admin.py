"""Videos and assets in the admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from control_plane.admin_refusals import telling_refusals
from control_plane.catalogue.courses import delete_course, publish_course, unpublish_course
from control_plane.catalogue.models import (
    Asset,
    Category,
    Course,
    Lecture,
    Playlist,
    PlaylistItem,
    Video,
)
from control_plane.catalogue.services import (
    change_video,
    delete_video,
    publish_video,
    unpublish_video,
)
from control_plane.entitlements.ending import end_unentitled_watchers


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
        "slug",
        "language",
        "tags",
        "category",
        "visibility",
        "is_premium",
        "owner",
        "published_at",
        "withdrawn_at",
        "asset",
        "created_at",
        "updated_at",
    ]
    readonly_fields: ClassVar = ["slug", "published_at", "asset", "created_at", "updated_at"]
    autocomplete_fields: ClassVar = ["owner", "category"]
    inlines: ClassVar = [AssetInline]
    actions: ClassVar = ["publish", "unpublish"]

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        for video in videos:
            with telling_refusals(self, request, video):
                publish_video(video, now=timezone.now())

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, _request: HttpRequest, videos: QuerySet[Video]) -> None:
        for video in videos:
            unpublish_video(video, now=timezone.now())

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def save_model(
        self, _request: HttpRequest, video: Video, form: "ModelForm[Video]", _change: bool
    ) -> None:
        change_video(
            video,
            now=timezone.now(),
            **{name: form.cleaned_data[name] for name in form.changed_data},
        )

    def delete_model(self, _request: HttpRequest, video: Video) -> None:
        delete_video(video, now=timezone.now())

    def delete_queryset(self, _request: HttpRequest, videos: QuerySet[Video]) -> None:
        for video in videos:
            delete_video(video, now=timezone.now())

    def get_deleted_objects(self, videos: Any, request: HttpRequest) -> Any:
        """What belongs to a video goes with it, though none of it may be deleted alone."""
        listed, counts, _forbidden, protected = super().get_deleted_objects(videos, request)
        return listed, counts, set(), protected


class SubcategoryInline(TabularInline):
    """What a category is divided in."""

    model = Category
    fields: ClassVar = ["name", "slug", "position"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    extra = 0


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    list_display: ClassVar = ["name", "parent", "slug", "position"]
    list_select_related: ClassVar = ["parent"]
    list_filter: ClassVar = [("parent", admin.RelatedOnlyFieldListFilter)]
    search_fields: ClassVar = ["name", "slug", "parent__name"]
    autocomplete_fields: ClassVar = ["parent"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [SubcategoryInline]


class LectureInline(TabularInline):
    """The lectures of a course, in their order."""

    model = Lecture
    fields: ClassVar = ["position", "video", "is_preview"]
    autocomplete_fields: ClassVar = ["video"]
    extra = 0


@admin.register(Course)
class CourseAdmin(ModelAdmin):
    list_display: ClassVar = ["title", "owner", "category", "visibility", "published_at"]
    list_select_related: ClassVar = ["owner", "category"]
    list_filter: ClassVar = ["visibility", ("published_at", admin.EmptyFieldListFilter)]
    search_fields: ClassVar = ["title", "slug", "owner__email"]
    autocomplete_fields: ClassVar = ["owner", "category"]
    inlines: ClassVar = [LectureInline]
    actions: ClassVar = ["publish", "unpublish"]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        before = set(form.instance.lectures.values_list("video_id", flat=True))
        super().save_formset(request, form, formset, change)
        end_unentitled_watchers(before, now=timezone.now())

    def delete_model(self, request: HttpRequest, course: Course) -> None:
        with telling_refusals(self, request):
            delete_course(course, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, courses: QuerySet[Course]) -> None:
        for course in courses:
            self.delete_model(request, course)

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, _request: HttpRequest, courses: QuerySet[Course]) -> None:
        for course in courses:
            publish_course(course, now=timezone.now())

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, _request: HttpRequest, courses: QuerySet[Course]) -> None:
        for course in courses:
            unpublish_course(course, now=timezone.now())


class PlaylistItemInline(TabularInline):
    """What stands in a playlist, in its order."""

    model = PlaylistItem
    fields: ClassVar = ["position", "video"]
    autocomplete_fields: ClassVar = ["video"]
    extra = 0


@admin.register(Playlist)
class PlaylistAdmin(ModelAdmin):
    list_display: ClassVar = ["title", "owner", "privacy", "created_at"]
    list_select_related: ClassVar = ["owner"]
    list_filter: ClassVar = ["privacy"]
    search_fields: ClassVar = ["title", "owner__email"]
    autocomplete_fields: ClassVar = ["owner"]
    inlines: ClassVar = [PlaylistItemInline]
