"""Playback sessions: one signed URL each, named by the token's `sid`."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from control_plane.ids import make_uuid7


class PlaybackSession(models.Model):
    """A URL that was issued: to whom (nobody for a visitor), for which video, until when.

    `rule` is the `entitlements.decisions.Rule` that allowed it.
    """

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
    rule = models.CharField(max_length=32)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="playback_session_of_user"),
            models.Index(fields=["video", "-id"], name="playback_session_of_video"),
        ]

    def __str__(self) -> str:
        return str(self.id)
