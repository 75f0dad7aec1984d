"""Who may call the operations of named permissions."""

from typing import Final

from tests.control_plane.operations.table import row

NEW: Final = {"user": "{user_id}", "permission": "end_sessions"}

ROWS: Final = [
    row("GET me/permissions", 401, *[200] * 5),
    row("GET permission-grants", 401, *[403] * 4, 200),
    row("POST permission-grants", 401, *[403] * 4, 201, body=NEW),
    row("DELETE permission-grants/{permission_grant_id}", 401, *[403] * 4, 204),
]
