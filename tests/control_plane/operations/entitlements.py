"""Who may call the operations of entitlements."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET grants", 401, *[200] * 5),
    row(
        "POST grants",
        *(401, 404, 404, 201, 404, 201),
        body={"video": "{video_id}", "email": "new@example.org"},
    ),
    row("DELETE grants/{grant_id}", 401, 404, 404, 204, 404, 204),
]
