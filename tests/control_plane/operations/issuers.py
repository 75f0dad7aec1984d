"""Who may call the operations of other sites."""

from typing import Final

from tests.control_plane.issuers.sites import make_jwk
from tests.control_plane.operations.table import row

SITE: Final = {"issuer": "https://new.example", "jwks": {"keys": [make_jwk(101)]}}

ROWS: Final = [
    row("GET issuers", 401, 403, 403, 403, 403, 200),
    row("POST issuers", 401, 403, 403, 403, 403, 201, body=SITE),
    row("GET issuers/{issuer_id}", 401, 403, 403, 403, 403, 200),
    row("PATCH issuers/{issuer_id}", 401, 403, 403, 403, 403, 200, body={"max_height": 720}),
    row("DELETE issuers/{issuer_id}", 401, 403, 403, 403, 403, 204),
]
