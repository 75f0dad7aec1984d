"""Who may call the operations of accounts."""

from typing import Final

from tests.control_plane.operations.table import row

NEWCOMER: Final = {"email": "new@example.org", "password": "correct horse battery"}

# What allauth answers to whoever is logged in does not depend on the role.
ACCOUNT_ROWS: Final = [
    row("GET config", *[200] * 6),
    row("GET auth/session", 401, *[200] * 5),
    row("DELETE auth/session", *[401] * 6),
    row("GET auth/sessions", 401, *[200] * 5),
    row("DELETE auth/sessions", 401, *[400] * 5, body={}),
    row("POST auth/login", *[400] * 6, body={}),
    row("POST auth/signup", 401, *[409] * 5, body=NEWCOMER),
    row("GET auth/email/verify", *[400] * 6),
    row("POST auth/email/verify", *[400] * 6, body={"key": "made up"}),
    row("POST auth/password/request", *[400] * 6, body={}),
    row("GET auth/password/reset", *[400] * 6),
    row("POST auth/password/reset", *[400] * 6, body={"key": "made up", "password": "x"}),
    row("POST auth/reauthenticate", 401, *[400] * 5, body={"password": "wrong"}),
    row("POST account/password/change", 401, *[400] * 5, body={"new_password": "x"}),
    row("GET account/email", 401, *[200] * 5),
    row("POST account/email", 409, *[200] * 5, body={"email": "new@example.org"}),
    row("PUT account/email", 401, *[400] * 5, body={"email": "new@example.org"}),
    row("PATCH account/email", 401, *[400] * 5, body={"email": "new@example.org"}),
    row("DELETE account/email", 401, *[400] * 5, body={"email": "new@example.org"}),
]

ROWS: Final = [
    *ACCOUNT_ROWS,
    *(
        row(one.operation.replace(" ", " browser/"), *one.statuses, body=one.body)
        for one in ACCOUNT_ROWS
    ),
    row("POST tokens/refresh", *[400] * 6, body={"refresh_token": "made up"}),
    row("GET me", 401, *[200] * 5),
    row("PATCH me", 401, *[200] * 5, body={"display_name": "Ada"}),
]
