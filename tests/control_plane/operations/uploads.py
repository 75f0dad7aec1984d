"""Who may call the operations of uploads."""

from typing import Final

from tests.control_plane.operations.table import row

UPLOAD: Final = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "1000",
    "Upload-Metadata": "video_id {video_id_b64}",
}

ROWS: Final = [
    # 415: the body is looked at, since the caller may
    row("POST videos/{video_id}/source", 401, 403, 403, 415, 404, 415, body={}),
    row("POST uploads", 401, 403, 403, 201, 404, 201, headers=UPLOAD),
]
