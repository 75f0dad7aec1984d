"""Reads of uploads."""

from uuid import UUID

from control_plane.accounts.models import User
from control_plane.catalogue.media import open_store
from control_plane.errors import require
from control_plane.uploads.models import Upload
from control_plane.uploads.spool import measure_spool
from shared.paths import original_key


def access_upload(user: User, upload_id: UUID) -> Upload:
    """An upload of this user's own; raises `NotFound` for any other."""
    uploads = Upload.objects.select_related("owner", "video")
    return require(uploads.filter(pk=upload_id, owner=user).first(), "No such upload.")


def measure_upload(upload: Upload) -> int:
    """How many bytes of an upload have arrived."""
    if upload.finished_at is not None:
        return upload.size_bytes
    size = measure_spool(upload.pk)
    if size is not None:
        return size
    # moved into the store by a process that was killed before it could say so
    return upload.size_bytes if open_store().exists(source_key(upload)) else 0


def source_key(upload: Upload) -> str:
    """Where an upload lies in the store once it is finished."""
    return original_key(str(upload.video_id), str(upload.pk))
