"""Videos and the assets made of them.

A video is what people see and keep the address of; an asset is one finished transcode of it,
which never changes. Which asset a video plays is one column.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from control_plane.entitlements.models import Visibility
from control_plane.ids import make_uuid7


class Video(models.Model):
    """A film in the catalogue; a draft until `published_at` is set."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="videos"
    )
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=10_000)
    visibility = models.CharField(
        max_length=16, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    published_at = models.DateTimeField(null=True, blank=True)
    asset = models.OneToOneField(
        "catalogue.Asset", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["visibility", "-id"], name="catalogue_video_visible")
        ]

    def __str__(self) -> str:
        return self.title


class Asset(models.Model):
    """A published transcode; the store holds its files below `assets/<id>/`."""

    id = models.UUIDField(primary_key=True, editable=False)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="assets")
    duration_ms = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    heights = ArrayField(models.PositiveIntegerField())
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return str(self.id)


class Leftover(models.Model):
    """A place in the store that nothing needs any more, to be emptied from `due_at` on.

    `place` is a prefix when it ends in a slash, else the key of one object.
    """

    place = models.CharField(primary_key=True, max_length=400)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.place
