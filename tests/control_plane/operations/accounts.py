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
    row("POST auth/2fa/authenticate", *[401] * 6, body={"code": "000000"}),
    row("POST auth/2fa/reauthenticate", 401, *[400] * 5, body={"code": "000000"}),
    row("GET auth/webauthn/login", *[200] * 6),
    row("POST auth/webauthn/login", *[400] * 6, body={"credential": {}}),
    row("GET auth/webauthn/authenticate", *[401] * 6),
    row("POST auth/webauthn/authenticate", *[401] * 6, body={"credential": {}}),
    row("GET auth/webauthn/reauthenticate", 401, *[200] * 5),
    row("POST auth/webauthn/reauthenticate", 401, *[400] * 5, body={"credential": {}}),
    row("GET account/authenticators", 401, *[200] * 5),
    # 401: the password is asked again
    row("GET account/authenticators/totp", *[401] * 6),
    row("POST account/authenticators/totp", *[401] * 6, body={"code": "000000"}),
    row("DELETE account/authenticators/totp", *[401] * 6),
    row("GET account/authenticators/recovery-codes", 401, *[404] * 5),
    # 409: they stand in for other factors, and there are none
    row("POST account/authenticators/recovery-codes", 401, *[409] * 5, body={}),
    row("GET account/authenticators/webauthn", *[401] * 6),
    row("POST account/authenticators/webauthn", 401, *[400] * 5, body={"credential": {}}),
    row("PUT account/authenticators/webauthn", 401, *[400] * 5, body={"id": 1, "name": "x"}),
    row("DELETE account/authenticators/webauthn", 401, *[400] * 5, body={"authenticators": [1]}),
    row("POST auth/provider/token", *[400] * 6, body={"provider": "nobody"}),
    row("GET auth/provider/signup", *[409] * 6),
    row("POST auth/provider/signup", *[409] * 6, body={"email": "new@example.org"}),
    row("GET account/providers", 401, *[200] * 5),
    row("DELETE account/providers", 401, *[400] * 5, body={}),
]

ROWS: Final = [
    *ACCOUNT_ROWS,
    *(
        row(one.operation.replace(" ", " browser/"), *one.statuses, body=one.body)
        for one in ACCOUNT_ROWS
    ),
    row("POST browser/auth/provider/redirect", *[302] * 6),
    row("POST tokens/refresh", *[400] * 6, body={"refresh_token": "made up"}),
    row("GET invitations", 401, *[403] * 4, 200),
    row("POST invitations", 401, *[403] * 4, 201, body={"email": "new@example.org"}),
    row("GET invitations/{invitation_id}", 401, *[403] * 4, 200),
    row("DELETE invitations/{invitation_id}", 401, *[403] * 4, 204),
    row("GET applications", 401, *[403] * 4, 200),
    row("POST applications/{applicant_id}/approve", 401, *[403] * 4, 204),
    row("POST applications/{applicant_id}/decline", 401, *[403] * 4, 204),
    row("GET me", 401, *[200] * 5),
    row("PATCH me", 401, *[200] * 5, body={"display_name": "Ada"}),
    row("GET users/{user_id}/second-factors", 401, *[403] * 4, 200),
    row("DELETE users/{user_id}/second-factors", 401, *[403] * 4, 204),
]
