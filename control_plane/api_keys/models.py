"""A key, as a row: what is kept can open nothing."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from control_plane.api_keys.scopes import Scope
from control_plane.ids import make_uuid7


class ApiKey(models.Model):
    """A key of `user`'s. `digest` is the SHA-256 of its secret, in hexadecimal digits."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope.choices), default=list)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return self.name
