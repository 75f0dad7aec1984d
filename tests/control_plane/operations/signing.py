"""Who may call the operations of signing keys."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET signing-keys", 401, 403, 403, 403, 403, 200),
    row("POST signing-keys/rotate", 401, 403, 403, 403, 403, 204),
    row("POST signing-keys/{kid}/compromised", 401, 403, 403, 403, 403, 204),
]
