"""Who may call the operations of API keys."""

from typing import Final

from tests.control_plane.operations.table import row

NEW: Final = {"name": "A machine", "scopes": ["catalogue:read"]}

ROWS: Final = [
    row("GET me/api-keys", 401, *[200] * 5),
    row("POST me/api-keys", 401, *[201] * 5, body=NEW),
    row("DELETE me/api-keys/{key_id}", 401, 204, *[404] * 4),
]
