"""A permission that was granted, as a row. None is deleted while its holder is there."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from control_plane.accounts.permission_names import list_permissions
from control_plane.ids import make_uuid7


class PermissionGrant(models.Model):
    """That `user` holds a permission from when it was granted `until` then, or until it is revoked,
    whichever comes first. Who administers has it anyway."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="permission_grants"
    )
    permission = models.CharField(max_length=32, choices=list_permissions)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    granted_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "permission"],
                condition=models.Q(revoked_at=None),
                name="permission_granted_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.permission}"
