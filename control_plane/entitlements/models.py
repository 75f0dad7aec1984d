"""Grants: a named user may watch a video, from somebody, until some time."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from control_plane.ids import make_uuid7


class Visibility(models.TextChoices):
    """Who may watch a published video."""

    FREE = "free", "Free: everybody, without an account"
    MEMBERS = "members", "Members: everybody who is logged in"
    GRANTED = "granted", "Granted: the users named"


class Grant(models.Model):
    """Expiry needs no job: it is part of every question asked."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants"
    )
    video = models.ForeignKey("catalogue.Video", on_delete=models.CASCADE, related_name="grants")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "video"], name="entitlements_one_grant")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} may watch {self.video_id}"
