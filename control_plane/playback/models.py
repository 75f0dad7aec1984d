"""Playback sessions, named by the `sid` of their signed URLs; and videos that were taken down."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from control_plane.ids import make_uuid7


class PlaybackSession(models.Model):
    """A URL that was issued: to whom (nobody for a visitor), for which video, until when.

    `rule` is the `entitlements.decisions.Rule` that allowed it, and `decision` all that was asked
    then. `subject` is the token's `sub`. What has not begun by `start_by` does not begin. A renewal
    is another URL of the same session and asset, with a later end.
    """

    is_ended: bool  # of those from `selectors.list_sessions`

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="playback_sessions",
        db_index=False,
    )
    video = models.ForeignKey(
        "catalogue.Video",
        on_delete=models.CASCADE,
        related_name="playback_sessions",
        db_index=False,
    )
    asset = models.ForeignKey(
        "catalogue.Asset", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    subject = models.CharField(max_length=128)
    rule = models.CharField(max_length=32)
    decision = models.JSONField(default=dict)
    max_height = models.PositiveIntegerField(null=True)
    max_streams = models.PositiveIntegerField(null=True)
    origins = ArrayField(models.CharField(max_length=256), default=list)
    start_by = models.DateTimeField(null=True)
    issued_at = models.DateTimeField()
    renewed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="playback_session_of_user"),
            models.Index(fields=["video", "-id"], name="playback_session_of_video"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class TakeDown(models.Model):
    """A video that an administrator took down: nobody watches it, and it cannot be published."""

    video = models.OneToOneField(
        "catalogue.Video", on_delete=models.CASCADE, primary_key=True, related_name="take_down"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return str(self.video_id)
