"""Tests for control_plane/accounts/codes.py: authenticator apps and recovery codes."""

import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from xml.etree import ElementTree

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from control_plane.accounts.codes import take_code
from control_plane.accounts.models import User
from control_plane.api_keys.services import create_key
from tests.control_plane.accounts.journeys import (
    EMAIL,
    PASSWORD,
    Tokens,
    call,
    join,
    read_key,
    refresh,
    try_log_in,
)
from tests.control_plane.accounts.second_steps import (
    APP,
    CODE,
    RECOVERY,
    give_code,
    give_password,
    prove_password,
    read_tokens,
    set_up_app,
    show_code,
)

pytestmark = pytest.mark.django_db

CLIENTS = 6


def see_recovery_codes(tokens: Tokens) -> Any:
    return call("GET", RECOVERY, **tokens.headers).json()["data"]


def test_the_password_alone_gives_nothing() -> None:
    set_up_app(join())
    answer = try_log_in()
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (401, "mfa_authenticate_pending")
    assert problem["meta"].keys() == {"is_authenticated", "session_token"}
    pending = problem["data"]["flows"][-1]
    assert pending["types"] == ["recovery_codes", "totp"]
    header = {"X-Session-Token": problem["meta"]["session_token"]}
    assert call("GET", "auth/session", **header).status_code == 401
    assert call("GET", "me", **header).status_code == 401


def test_with_the_code_there_are_tokens() -> None:
    secret = set_up_app(join())
    tokens = read_tokens(give_code(show_code(secret, ahead=1)))
    assert call("GET", "me", **tokens.headers).json()["email"] == EMAIL
    assert refresh(tokens.refresh).status_code == 200


def test_a_browser_is_asked_too_and_so_is_whoever_goes_to_the_admin() -> None:
    secret = set_up_app(join())
    User.objects.update(role="admin")
    client = Client(content_type="application/json")
    log_in = {"email": EMAIL, "password": PASSWORD}
    path = "/api/v1/browser/auth"
    answer = client.post(f"{path}/login", log_in, "application/json")
    assert answer.json()["code"] == "mfa_authenticate_pending"
    for page in ("/admin/", "/admin/upload"):
        assert client.get(page).status_code == 302
    assert client.post("/admin/login/", log_in).status_code == 405
    client.post(f"{path}/login", log_in, "application/json")
    code = {"code": show_code(secret, ahead=1)}
    assert client.post(f"{path}/2fa/authenticate", code, "application/json").status_code == 200
    assert client.get("/admin/").status_code == 200


def test_a_wrong_code_is_refused_and_many_lock_even_the_right_one() -> None:
    secret = set_up_app(join())
    step = give_password()
    for _ in range(5):
        answer = call("POST", CODE, {"code": "no code"}, **step)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        assert answer.json()["errors"][0]["code"] == "incorrect_code"
    answer = call("POST", CODE, {"code": show_code(secret, ahead=1)}, **step)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_login_attempts")
    assert call("POST", CODE, {"code": "no code"}, **give_password()).status_code == 429


def test_a_code_is_good_once() -> None:
    secret = set_up_app(join())
    code = show_code(secret, ahead=1)
    tokens = read_tokens(give_code(code))
    assert give_code(code).status_code == 400
    assert give_code(f"{code[:3]} {code[3:]}").status_code == 400
    answer = call("POST", "auth/2fa/reauthenticate", {"code": code}, **tokens.headers)
    assert answer.status_code == 400


def set_up_by_a_code_to_come() -> str:
    """Have an app; the code that set it up, which would be good for half a minute more at least."""
    tokens = join()
    prove_password(tokens)
    secret = call("GET", APP, **tokens.headers).json()["meta"]["secret"]
    code = show_code(secret, ahead=1)
    assert call("POST", APP, {"code": code}, **tokens.headers).status_code == 200
    return code


def test_the_code_that_set_an_app_up_does_not_log_in() -> None:
    assert give_code(set_up_by_a_code_to_come()).status_code == 400


def test_a_code_that_was_used_gives_no_more_attempts() -> None:
    used = set_up_by_a_code_to_come()
    step = give_password()
    for code in (*["no code"] * 4, used, "no code"):
        assert call("POST", CODE, {"code": code}, **step).status_code == 400
    assert call("POST", CODE, {"code": "no code"}, **step).status_code == 429


def test_of_many_uses_at_once_exactly_one_succeeds() -> None:
    user, start = User(), Barrier(CLIENTS)

    def use(_number: int) -> bool:
        start.wait()
        return take_code(user, "123456")

    with ThreadPoolExecutor(CLIENTS) as clients:
        assert sorted(clients.map(use, range(CLIENTS))) == [False] * (CLIENTS - 1) + [True]
    assert take_code(User(), "123456")


def test_a_code_proves_who_is_logged_in() -> None:
    tokens = join()
    secret = set_up_app(tokens)
    recovery, *_ = see_recovery_codes(tokens)["unused_codes"]
    tokens = read_tokens(give_code(show_code(secret, ahead=1)))
    answer = call("DELETE", APP, **tokens.headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    body = {"code": recovery}
    assert call("POST", "auth/2fa/reauthenticate", body, **tokens.headers).status_code == 200
    assert call("DELETE", APP, **tokens.headers).status_code == 200


def test_a_recovery_code_stands_in_once() -> None:
    tokens = join()
    set_up_app(tokens)
    first, second, *_ = see_recovery_codes(tokens)["unused_codes"]
    assert give_code(first).status_code == 200
    assert give_code(first).status_code == 400
    assert give_code(second).status_code == 200
    assert see_recovery_codes(tokens)["unused_code_count"] == 8


def test_recovery_codes_are_shown_once() -> None:
    tokens = join()
    set_up_app(tokens)
    assert len(see_recovery_codes(tokens)["unused_codes"]) == 10
    assert "unused_codes" not in see_recovery_codes(tokens)


def test_new_recovery_codes_end_the_old_ones() -> None:
    tokens = join()
    set_up_app(tokens)
    old, *_ = see_recovery_codes(tokens)["unused_codes"]
    new, *_ = call("POST", RECOVERY, {}, **tokens.headers).json()["data"]["unused_codes"]
    assert give_code(old).status_code == 400
    assert give_code(new).status_code == 200


def test_who_has_no_other_factor_gets_no_recovery_codes() -> None:
    tokens = join()
    prove_password(tokens)
    answer = call("POST", RECOVERY, {}, **tokens.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_generate_recovery_codes")


def test_the_password_is_asked_again_before_an_app_is_added() -> None:
    tokens = join()
    for method, body in (("GET", None), ("POST", {"code": "123456"}), ("DELETE", None)):
        answer = call(method, APP, body, **tokens.headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    assert try_log_in().status_code == 200


def test_an_app_is_shown_its_secret_as_text_address_and_picture() -> None:
    tokens = join()
    prove_password(tokens)
    first, second = (call("GET", APP, **tokens.headers).json()["meta"] for _ in range(2))
    assert first["totp_url"] == (
        f"otpauth://totp/ada%40example.org?secret={first['secret']}&issuer=testserver"
    )
    picture = ElementTree.fromstring(first["totp_svg"])  # noqa: S314  (ours)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert first["secret"] != second["secret"]
    assert len(base64.b32decode(first["secret"])) == 20


def test_a_wrong_code_sets_nothing_up() -> None:
    tokens = join()
    prove_password(tokens)
    assert call("POST", APP, {"code": "123456"}, **tokens.headers).status_code == 400
    call("GET", APP, **tokens.headers)
    assert call("POST", APP, {"code": "no code"}, **tokens.headers).status_code == 400
    assert not Authenticator.objects.exists()


def test_no_secret_is_kept_in_the_clear() -> None:
    tokens = join()
    prove_password(tokens)
    secret = call("GET", APP, **tokens.headers).json()["meta"]["secret"]
    assert secret not in str([row.get_decoded() for row in Session.objects.all()])
    secret = set_up_app(tokens)
    codes = see_recovery_codes(tokens)["unused_codes"]
    kept = str(list(Authenticator.objects.values()))
    assert secret not in kept
    assert not any(code in kept for code in codes)
    assert kept.count("gAAAA") == 2  # a version of Fernet tokens, in base64


def test_without_the_app_the_password_is_enough_again() -> None:
    tokens = join()
    set_up_app(tokens)
    assert call("DELETE", APP, **tokens.headers).status_code == 200
    assert not Authenticator.objects.exists()
    assert try_log_in().status_code == 200


def test_a_password_chosen_by_mail_does_not_get_past_the_code() -> None:
    secret = set_up_app(join())
    call("POST", "auth/password/request", {"email": EMAIL})
    call("POST", "auth/password/reset", {"key": read_key(), "password": PASSWORD})
    assert give_code(show_code(secret, ahead=1)).status_code == 200


def test_an_account_that_was_shut_between_the_steps_gives_nothing() -> None:
    secret = set_up_app(join())
    step = give_password()
    User.objects.update(is_active=False)
    answer = call("POST", CODE, {"code": show_code(secret, ahead=1)}, **step)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert "access_token" not in answer.json()["meta"]


def test_a_key_of_a_machine_needs_no_code() -> None:
    set_up_app(join())
    _, text = create_key(User.objects.get(), name="A machine", scopes=["catalogue:read"])
    assert call("GET", "videos", Authorization=f"Bearer {text}").status_code == 200


def test_an_address_is_not_changed_beside_a_second_factor() -> None:
    tokens = join()
    new = {"email": "new@example.org"}
    set_up_app(tokens)
    answer = call("POST", "account/email", new, **tokens.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "add_email_blocked")
    call("DELETE", APP, **tokens.headers)
    assert call("POST", "account/email", new, **tokens.headers).status_code == 200
    answer = call("GET", APP, **tokens.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "unverified_email")


@pytest.mark.django_db(transaction=True)
def test_the_holder_is_told_by_mail_of_a_new_factor_and_of_one_less() -> None:
    tokens = join()
    set_up_app(tokens)
    call("DELETE", APP, **tokens.headers)
    added, removed = mail.outbox[-2:]
    assert "Authenticator app activated." in str(added.body)
    assert "Authenticator app deactivated." in str(removed.body)
    assert isinstance(removed, EmailMultiAlternatives)
    (html,) = removed.alternatives
    assert "Authenticator app deactivated." in str(html[0])
