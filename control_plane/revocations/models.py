"""Revocations in force, and those that edges have not been told of yet.

`shared.events.revocations` says what they mean. Edges read the rows through a view of theirs.
"""

from typing import ClassVar

from django.db import models

from control_plane.ids import make_uuid7
from shared.events.revocations import RevocationScope


class ScopeChoice(models.TextChoices):
    """`shared.events.revocations.RevocationScope` for the database."""

    SESSION = RevocationScope.SESSION.value
    VIEWER = RevocationScope.VIEWER.value
    VIDEO = RevocationScope.VIDEO.value
    ASSET = RevocationScope.ASSET.value
    KEY = RevocationScope.KEY.value


class Revocation(models.Model):
    """One for each thing revoked; `issuer` is empty where the scope has none.

    Subjects are text: other sites name their viewers and sessions as they like.
    """

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    scope = models.CharField(max_length=16, choices=ScopeChoice.choices)
    issuer = models.CharField(max_length=128, blank=True)
    subject = models.CharField(max_length=128)
    issued_before = models.BigIntegerField(null=True, blank=True)
    revoked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["-revoked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "issuer", "subject"], name="revocations_one_of_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.subject}"


class OutboxEntry(models.Model):
    """A record for the stream, written with the row it tells of and deleted once it is sent."""

    record = models.TextField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.record
