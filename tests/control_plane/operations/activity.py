"""Who may call the operations of activity."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET me/activity", 401, *[200] * 5),
    row("GET users/{user_id}/activity", 401, 403, 403, 403, 403, 200),
]
