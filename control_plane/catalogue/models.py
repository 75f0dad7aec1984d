"""Videos and the assets made of them.

A video is what people see and keep the address of; an asset is one finished transcode of it,
which never changes. Which asset a video plays is one column.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from control_plane.entitlements.models import Visibility
from control_plane.ids import make_uuid7


class Video(models.Model):
    """A film in the catalogue; a draft until `published_at` is set.

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
    published_at = models.DateTimeField(null=True, blank=True)
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
            models.Index(fields=["visibility", "-id"], name="catalogue_video_visible")
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
