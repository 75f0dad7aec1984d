"""Uploads as rows. How much has arrived is the size of the spool file, not a column."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from control_plane.ids import make_uuid7


class Upload(models.Model):
    """A source on its way in; `finished_at` is set once, when it lies in the media store."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    video = models.ForeignKey("catalogue.Video", on_delete=models.CASCADE, related_name="uploads")
    file_name = models.CharField(max_length=255, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.file_name or str(self.id)
