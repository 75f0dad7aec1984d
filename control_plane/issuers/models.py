"""Another site that signs: its `iss`, its public keys and its ceiling.

`shared.issuers` says what the limits mean.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from shared.tokens import MAX_TOKEN_LIFE


class Issuer(models.Model):
    """One site. Of its JWK Set, kept as it was pasted, only usable keys are published; of its
    videos only those that are published themselves."""

    issuer = models.CharField(
        "iss",
        unique=True,
        max_length=128,
        help_text="What its tokens say, to the letter; usually its address.",
    )
    jwks = models.JSONField(
        "JWK Set", help_text="Its public keys, Ed25519 or P-256, each with kid, alg and use."
    )
    videos = models.ManyToManyField(
        "catalogue.Video",
        blank=True,
        related_name="+",
        help_text="All that its tokens may open, as far as it is published.",
    )
    max_life_s = models.PositiveIntegerField(
        "longest life",
        default=4 * 3600,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_TOKEN_LIFE)],
        help_text="In seconds. A token that lives longer is refused.",
    )
    max_height = models.PositiveIntegerField(
        "highest rung",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="720 for 720p, whatever a token says.",
    )
    max_streams = models.PositiveIntegerField(
        "streams of one viewer",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="At once, whatever a token says.",
    )
    origins = ArrayField(
        models.CharField(max_length=256),
        default=list,
        blank=True,
        help_text="Pages that may play: https://site.example, separated by commas.",
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["issuer"]

    def __str__(self) -> str:
        return self.issuer
