"""Who may call the operations of catalogue."""

from typing import Final

from tests.control_plane.operations.table import row

ROWS: Final = [
    row("GET videos", *[200] * 6),
    row("POST videos", 401, 403, 403, 201, 201, 201, body={"title": "A film"}),
    row("GET videos/{video_id}", 404, 200, 404, 200, 404, 200),
    row("GET videos/by-slug/{slug}", *[404] * 6),
    row("PATCH videos/{video_id}", 401, 404, 404, 200, 404, 200, body={"title": "Another"}),
    row("DELETE videos/{video_id}", 401, 404, 404, 204, 404, 204),
    row("POST videos/{video_id}/publish", 401, 404, 404, 200, 404, 200),
    row("POST videos/{video_id}/unpublish", 401, 404, 404, 200, 404, 200),
    row("GET categories", *[200] * 6),
    row("POST categories", 401, *[403] * 4, 201, body={"name": "Arts", "slug": "arts"}),
    row("PATCH categories/{slug}", 401, *[403] * 4, 404, body={"name": "Arts"}),
    row("DELETE categories/{slug}", 401, *[403] * 4, 404),
    row("GET courses", *[200] * 6),
    row("GET me/courses", 401, *[200] * 5),
    row("POST courses", 401, 403, 403, 201, 201, 201, body={"title": "A course"}),
    row("GET courses/{course_id}", 404, 404, 404, 200, 404, 200),
    row("PATCH courses/{course_id}", 401, 404, 404, 200, 404, 200, body={"title": "Another"}),
    row("DELETE courses/{course_id}", 401, 404, 404, 204, 404, 204),
    row("POST courses/{course_id}/publish", 401, 404, 404, 200, 404, 200),
    row("POST courses/{course_id}/unpublish", 401, 404, 404, 200, 404, 200),
    row("GET courses/{course_id}/lectures", 404, 404, 404, 200, 404, 200),
    # 409: the video is in it already
    row(
        "POST courses/{course_id}/lectures",
        *(401, 404, 404, 409, 404, 409),
        body={"video": "{video_id}"},
    ),
    row(
        "PATCH courses/{course_id}/lectures/{lecture_id}",
        *(401, 404, 404, 200, 404, 200),
        body={"is_preview": True},
    ),
    row("DELETE courses/{course_id}/lectures/{lecture_id}", 401, 404, 404, 204, 404, 204),
    row("PUT courses/{course_id}/order", 401, 404, 404, 409, 404, 409, body={"order": []}),
    row("GET playlists", *[200] * 6),
    row("POST playlists", 401, *[201] * 5, body={"title": "Evenings"}),
    row("GET playlists/{playlist_id}", 404, 404, 404, 200, 404, 200),
    row("PATCH playlists/{playlist_id}", 401, 404, 404, 200, 404, 200, body={"title": "Other"}),
    row("DELETE playlists/{playlist_id}", 401, 404, 404, 204, 404, 204),
    row("GET playlists/{playlist_id}/items", 404, 404, 404, 200, 404, 200),
    row(
        "POST playlists/{playlist_id}/items",
        *(401, 404, 404, 409, 404, 409),
        body={"video": "{video_id}"},
    ),
    row("DELETE playlists/{playlist_id}/items/{item_id}", 401, 404, 404, 204, 404, 204),
    row("PUT playlists/{playlist_id}/order", 401, 404, 404, 409, 404, 409, body={"order": []}),
]
