"""Who may call the operations of catalogue."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET videos", *[200] * 6),
    row("POST videos", 401, 403, 403, 201, 201, 201, body={"title": "A film"}),
    row("GET videos/{video_id}", 404, 200, 404, 200, 404, 200),
    row("PATCH videos/{video_id}", 401, 404, 404, 200, 404, 200, body={"title": "Another"}),
    row("DELETE videos/{video_id}", 401, 404, 404, 204, 404, 204),
    row("POST videos/{video_id}/publish", 401, 404, 404, 200, 404, 200),
    row("POST videos/{video_id}/unpublish", 401, 404, 404, 200, 404, 200),
]
