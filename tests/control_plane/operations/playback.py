"""Who may call the operations of playback."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET me/sessions", 401, *[200] * 5),
    row("GET sessions", 401, 403, 403, 403, 403, 200),
    row("POST videos/{video_id}/playback", 401, 201, 403, 201, 403, 201),
]
