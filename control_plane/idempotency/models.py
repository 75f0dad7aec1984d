"""Answers of creating calls, kept for whoever did not get them."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class KeptAnswer(models.Model):
    """What a user was answered to the call with this `Idempotency-Key`.

    The body is encrypted: it may hold a playback URL or a new API key.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    encrypted_body = models.BinaryField()
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_one_answer")
        ]

    def __str__(self) -> str:
        return self.key
