"""A request to become a creator, as a row."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models

from control_plane.ids import make_uuid7


class RequestState(models.TextChoices):
    """How far a request is."""

    PENDING = "pending", "Waits for a decision"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class CreatorRequest(models.Model):
    """What `user` said when they asked, and what came of it. `decided_by` is nobody where the
    setting decided, or where the user withdrew; `reason` is shown to the user."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="creator_requests"
    )
    message = models.TextField(max_length=2000)
    asked_at = models.DateTimeField()
    state = models.CharField(
        max_length=16, choices=RequestState.choices, default=RequestState.PENDING
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reason = models.TextField(max_length=1000, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(state=RequestState.PENDING),
                name="creator_request_one_pending",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RequestState.PENDING, decided_at=None)
                | ~models.Q(state=RequestState.PENDING) & models.Q(decided_at__isnull=False),
                name="creator_request_decided_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-id"], name="creator_request_by_state")]

    def __str__(self) -> str:
        return f"{self.user}, {self.asked_at:%Y-%m-%d}"

    @property
    def may_ask_at(self) -> datetime | None:
        """From when on somebody may ask again who was declined."""
        if self.state != RequestState.DECLINED or self.decided_at is None:
            return None
        return self.decided_at + timedelta(days=settings.CONFIG.creator_wait_days)
