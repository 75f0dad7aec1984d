"""Signing keys as rows: the private half is a Fernet token, never plain."""

from typing import ClassVar

from django.db import models

from shared.keyring import Stage


class StageChoice(models.TextChoices):
    """`shared.keyring.Stage` for the database."""

    NEXT = Stage.NEXT.value
    CURRENT = Stage.CURRENT.value
    RETIRED = Stage.RETIRED.value


class SigningKey(models.Model):
    """One Ed25519 key; `since` is when it entered its stage."""

    kid = models.CharField(primary_key=True, max_length=64)
    stage = models.CharField(max_length=16, choices=StageChoice.choices)
    since = models.DateTimeField()
    public_jwk = models.JSONField()
    encrypted_private = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["stage"],
                condition=models.Q(stage=StageChoice.CURRENT),
                name="signing_one_current_key",
            ),
            models.UniqueConstraint(
                fields=["stage"],
                condition=models.Q(stage=StageChoice.NEXT),
                name="signing_one_next_key",
            ),
        ]

    def __str__(self) -> str:
        return self.kid
