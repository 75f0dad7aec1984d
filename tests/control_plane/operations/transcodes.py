"""Who may call the operations of transcode jobs."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("POST videos/{video_id}/transcode", 401, 404, 404, 201, 404, 201),
    row("POST videos/{video_id}/plan", 401, 404, 404, 201, 404, 201),
    row("GET jobs", 401, *[200] * 5),
    row("GET jobs/{job_id}", 401, 404, 404, 200, 404, 200),
    row(
        "GET jobs/{job_id}/events",
        *(401, 404, 404, 204, 404, 204),
        headers={"Last-Event-ID": "seen"},
    ),
    row("GET jobs/{job_id}/chunks", 401, 403, 403, 403, 403, 200),
    row(
        "POST jobs/{job_id}/priority",
        *(401, 403, 403, 403, 403, 200),
        body={"priority": "high"},
    ),
    row("POST jobs/{job_id}/retry", 401, 404, 404, 200, 404, 200),
    # 409: it has failed, so there is nothing to cancel
    row("POST jobs/{job_id}/cancel", 401, 404, 404, 409, 404, 409),
]
