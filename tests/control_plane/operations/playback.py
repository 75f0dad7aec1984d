"""Who may call the operations of playback."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET me/sessions", 401, *[200] * 5),
    row("DELETE me/sessions", 401, *[204] * 5),
    row("DELETE me/sessions/{session_id}", 401, 204, 404, 404, 404, 404),
    row("GET sessions", 401, 403, 403, 403, 403, 200),
    row("GET sessions/{session_id}", 401, 403, 403, 403, 403, 200),
    row("DELETE sessions/{session_id}", 401, 403, 403, 403, 403, 204),
    row("POST sessions/{session_id}/renewal", 404, 200, 404, 404, 404, 404),
    row("POST users/{user_id}/log-out", 401, 403, 403, 403, 403, 204),
    row("POST videos/{video_id}/playback", 401, 201, 403, 201, 403, 201),
    row("POST lectures/{lecture_id}/playback", 401, 201, 403, 201, 403, 201),
    row("POST share-links/{secret}/playback", *[201] * 6),
    row("PUT videos/{video_id}/take-down", 401, 403, 403, 403, 403, 204, body={}),
    row("DELETE videos/{video_id}/take-down", 401, 403, 403, 403, 403, 204),
]
