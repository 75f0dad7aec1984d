"""Who may call the operations that tell of the deployment itself."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET info", *[200] * 6),
]
