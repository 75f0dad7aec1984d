"""A refusal as a row, found by the decision id that the refused person was shown."""

from typing import ClassVar

from django.db import models

from shared.events.refusals import RefusalCode, explain_refusal


class CodeChoice(models.TextChoices):
    """`shared.events.refusals.RefusalCode` for the database."""

    TOKEN_MISSING = RefusalCode.TOKEN_MISSING.value
    TOKEN_INVALID = RefusalCode.TOKEN_INVALID.value
    TOKEN_EXPIRED = RefusalCode.TOKEN_EXPIRED.value
    START_WINDOW_CLOSED = RefusalCode.START_WINDOW_CLOSED.value
    REVOKED = RefusalCode.REVOKED.value
    NOT_IN_SCOPE = RefusalCode.NOT_IN_SCOPE.value
    STREAM_LIMIT = RefusalCode.STREAM_LIMIT.value
    ORIGIN_REFUSED = RefusalCode.ORIGIN_REFUSED.value
    ADDRESS_REFUSED = RefusalCode.ADDRESS_REFUSED.value
    KEYS_UNAVAILABLE = RefusalCode.KEYS_UNAVAILABLE.value


class Refusal(models.Model):
    """`shared.events.refusals.Refusal`, whose fields these are; `rules` is the trace that the edge
    took when it refused. What the record leaves out is empty. `kept_at` is by our own clock."""

    decision_id = models.CharField(primary_key=True, max_length=16)
    at = models.DateTimeField()
    code = models.CharField(max_length=32, choices=CodeChoice.choices)
    cause = models.CharField(max_length=512)
    rules = models.JSONField(default=list)
    weight = models.PositiveBigIntegerField(default=1)
    method = models.CharField(max_length=512)
    issuer = models.CharField(max_length=512, blank=True)
    subject = models.CharField(max_length=512, blank=True)
    session_id = models.CharField(max_length=512, blank=True)
    video_id = models.CharField(max_length=512, blank=True)
    asset_id = models.CharField(max_length=512, blank=True)
    name = models.CharField(max_length=512, blank=True)
    kind = models.CharField(max_length=512, blank=True)
    origin = models.CharField(max_length=512, blank=True)
    peer = models.CharField(max_length=512, blank=True)
    kept_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="refusals_newest"),
            models.Index(fields=["code", "-at"], name="refusals_newest_of_code"),
            models.Index(fields=["video_id", "-at"], name="refusals_newest_of_video"),
            models.Index(fields=["subject", "-at"], name="refusals_newest_of_subject"),
        ]

    def __str__(self) -> str:
        return self.decision_id

    @property
    def title(self) -> str:
        """What the refused person was told."""
        return explain_refusal(RefusalCode(self.code))
