"""Who may call the operations of refusals."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET refusals", 401, 403, 403, 403, 403, 200),
    row("GET refusals/{decision_id}", 401, 403, 403, 403, 403, 200),
]
