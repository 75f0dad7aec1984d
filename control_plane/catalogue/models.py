"""Videos and the assets made of them; where they stand: categories, courses, playlists.

A video is what people see and keep the address of; an asset is one finished transcode of it,
which never changes. Which asset a video plays is one column.
"""

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from control_plane.entitlements.models import Visibility
from control_plane.ids import make_uuid7


def make_slug() -> str:
    """One that says nothing, until `catalogue.slugs` finds a better one."""
    return secrets.token_hex(6)


class Category(models.Model):
    """A shelf of the catalogue; one with a parent is a subcategory, which has none itself."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=100, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Video(models.Model):
    """A film in the catalogue; a draft until `published_at` is set and has come, and again from
    `withdrawn_at` on.

    `poster` is which of the candidates its owner chose, and `poster_source` the source they are
    of: those of another source are other pictures.
    """

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="videos"
    )
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=10_000)
    visibility = models.CharField(
        max_length=16, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    slug = models.SlugField(max_length=100, unique=True, default=make_slug)
    language = models.CharField(max_length=35, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    category = models.ForeignKey(
        Category, on_delete=models.SET_NULL, null=True, blank=True, related_name="videos"
    )
    is_premium = models.BooleanField("premium", default=False)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    asset = models.OneToOneField(
        "catalogue.Asset", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    poster = models.PositiveSmallIntegerField(null=True, blank=True)
    poster_source = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["visibility", "-id"], name="catalogue_video_visible"),
            models.Index(fields=["owner", "-id"], name="catalogue_video_of_owner"),
            models.Index(fields=["category", "-id"], name="catalogue_video_in_category"),
            models.Index(fields=["title", "-id"], name="catalogue_video_by_title"),
            models.Index(fields=["-published_at", "-id"], name="catalogue_video_by_moment"),
            GinIndex(fields=["tags"], name="catalogue_video_tags"),
        ]

    def __str__(self) -> str:
        return self.title


def no_sidecars() -> dict[str, Any]:
    """What an asset holds for which nobody chose anything (`catalogue.sidecars`)."""
    return {"texts": [], "poster": None}


class Asset(models.Model):
    """A published transcode; the store holds its files below `assets/<id>/`.

    `sidecars` are the captions and the poster that it was packaged with, `warnings` what the
    check before publishing found that is no failure.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="assets")
    duration_ms = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    heights = ArrayField(models.PositiveIntegerField())
    source_key = models.CharField(max_length=400, blank=True)
    sidecars = models.JSONField(default=no_sidecars)
    warnings = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return str(self.id)


class Caption(models.Model):
    """Captions that came as a file; the store holds them as WebVTT, like a source of the video."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(max_length=35)
    name = models.CharField(max_length=100)
    is_forced = models.BooleanField(default=False)
    is_sdh = models.BooleanField(default=False)
    cues = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class Leftover(models.Model):
    """A place in the store that nothing needs any more, to be emptied from `due_at` on.

    `place` is a prefix when it ends in a slash, else the key of one object.
    """

    place = models.CharField(primary_key=True, max_length=400)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.place


class Slug(models.Model):
    """A name in an address, present or former, of a video or a course; never given to another."""

    slug = models.SlugField(primary_key=True, max_length=100)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, null=True, related_name="slugs")
    course = models.ForeignKey("Course", on_delete=models.CASCADE, null=True, related_name="slugs")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(video__isnull=False, course__isnull=True)
                | Q(video__isnull=True, course__isnull=False),
                name="catalogue_slug_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class Course(models.Model):
    """Videos in an order, as lectures; a draft until `published_at` is set and has come."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="courses", db_index=False
    )
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=10_000)
    slug = models.SlugField(max_length=100, unique=True, default=make_slug)
    language = models.CharField(max_length=35, blank=True)
    category = models.ForeignKey(
        Category, on_delete=models.SET_NULL, null=True, blank=True, related_name="courses"
    )
    visibility = models.CharField(
        max_length=16, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["visibility", "-id"], name="catalogue_course_visible"),
            models.Index(fields=["owner", "-id"], name="catalogue_course_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title


class Lecture(models.Model):
    """A video at its place in a course; a preview is for whoever may see the course."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="lectures", db_index=False
    )
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="lectures")
    position = models.PositiveIntegerField()
    is_preview = models.BooleanField("preview", default=False)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "video"], name="catalogue_lecture_once"),
            models.UniqueConstraint(
                fields=["course", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="catalogue_lecture_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.video_id}"


class Playlist(models.Model):
    """Somebody's choice of videos, in their order. Each shows only what its reader may see."""

    class Privacy(models.TextChoices):
        PUBLIC = "public", "Public: everybody"
        UNLISTED = "unlisted", "Unlisted: everybody who knows the address"
        PRIVATE = "private", "Private: its owner alone"

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="playlists", db_index=False
    )
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=2000)
    privacy = models.CharField(max_length=8, choices=Privacy.choices, default=Privacy.PRIVATE)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="catalogue_playlist_of_owner"),
            models.Index(fields=["privacy", "-id"], name="catalogue_playlist_shown"),
        ]

    def __str__(self) -> str:
        return self.title


class PlaylistItem(models.Model):
    """A video at its place in a playlist."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    playlist = models.ForeignKey(
        Playlist, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["playlist", "video"], name="catalogue_item_once"),
            models.UniqueConstraint(
                fields=["playlist", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="catalogue_item_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.video_id}"
