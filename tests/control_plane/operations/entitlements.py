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
    row("GET plans", *[200] * 6),
    row("GET subscriptions", 401, *[200] * 5),
    row("POST subscriptions", 401, 200, *[201] * 4, body={"plan": "{plan_id}"}),
    row("DELETE subscriptions/{subscription_id}", 401, 200, 404, 404, 404, 200),
    row("GET share-links", 401, *[200] * 5),
    row("POST share-links", 401, 404, 404, 201, 404, 201, body={"video": "{video_id}"}),
    row("DELETE share-links/{link_id}", 401, 404, 404, 204, 404, 204),
    row("GET decisions/{decision_id}", 401, *[403] * 4, 404),
]
