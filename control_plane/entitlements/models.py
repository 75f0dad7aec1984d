"""Grants: somebody may watch a video, by leave of somebody, until some time."""

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
    """To a user, or to whoever holds an e-mail address, now or once they have an account.

    An address is not looked up when it is granted to, so that granting does not tell which have
    accounts. Expiry needs no job: it is part of every question asked.
    """

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="grants",
    )
    email = models.EmailField(blank=True)
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
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, email="")
                | models.Q(user__isnull=True) & ~models.Q(email=""),
                name="entitlements_grant_to_one",
                violation_error_message="Name a user or an e-mail address, not both.",
            ),
            models.UniqueConstraint(
                fields=["user", "video"],
                condition=models.Q(user__isnull=False),
                name="entitlements_one_grant_to_user",
            ),
            models.UniqueConstraint(
                fields=["email", "video"],
                condition=~models.Q(email=""),
                name="entitlements_one_grant_to_email",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email or self.user_id} may watch {self.video_id}"
