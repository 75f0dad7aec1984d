"""Who may call the operations of captions and posters."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET videos/{video_id}/captions", 401, 404, 404, 200, 404, 200),
    row("POST videos/{video_id}/captions", 401, 404, 404, 415, 404, 415, body={}),
    row("DELETE videos/{video_id}/captions/{caption_id}", 401, 404, 404, 204, 404, 204),
    row("GET videos/{video_id}/poster", 401, 404, 404, 200, 404, 200),
    row("PUT videos/{video_id}/poster", 401, 404, 404, 200, 404, 200, body={"number": None}),
]
