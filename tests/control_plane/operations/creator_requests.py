"""Who may call the operations of requests to become a creator."""

from typing import Final

from tests.control_plane.operations.table import row

# The viewer has asked, the other viewer has not.
ROWS: Final = [
    row("GET me/creator-request", 401, 200, *[404] * 4),
    row("POST me/creator-request", 401, 409, 201, 409, 409, 409, body={"message": "Films."}),
    row("DELETE me/creator-request", 401, 204, *[404] * 4),
    row("GET creator-requests", 401, *[403] * 4, 200),
    row("GET creator-requests/{request_id}", 401, *[403] * 4, 200),
    row("POST creator-requests/{request_id}/approve", 401, *[403] * 4, 200),
    row("POST creator-requests/{request_id}/decline", 401, *[403] * 4, 200, body={"reason": "No."}),
]
