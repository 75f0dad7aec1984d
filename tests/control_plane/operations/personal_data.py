"""Who may call the operations of personal data."""

from typing import Final

from tests.control_plane.operations.table import row

PASSWORD: Final = {"password": "correct horse battery"}

ROWS: Final = [
    row("POST me/export", 401, *[200] * 5, body=PASSWORD),
    row("POST me/deletion", 401, 204, 204, 204, 204, 409, body=PASSWORD),
    row("GET users", 401, *[403] * 4, 200),
    row("GET users/{user_id}", 401, *[403] * 4, 200),
    row("PATCH users/{user_id}", 401, *[403] * 4, 200, body={"role": "creator"}),
    row("DELETE users/{user_id}", 401, *[403] * 4, 204),
]
