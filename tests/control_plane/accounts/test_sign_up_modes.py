"""Tests for control_plane/accounts/sign_up.py: who may sign up, and what becomes of them."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from control_plane.accounts.invitations import revoke_invitation
from control_plane.accounts.models import Application, Invitation, Role, User
from control_plane.activity.models import Activity, Kind
from control_plane.config import SignUpMode
from tests.control_plane.accounts.journeys import (
    EMAIL,
    call,
    invite,
    join,
    read_key,
    set_mode,
    sign_up,
    try_log_in,
    verify_email,
)
from tests.control_plane.at_once import AT_ONCE, all_at_once
from tests.control_plane.conftest import MakeUser

pytestmark = pytest.mark.django_db

TAKEN = "taken@example.org"
INVITING = [SignUpMode.OPEN, SignUpMode.INVITATION, SignUpMode.APPROVAL]


@pytest.fixture
def taken(make_user: MakeUser) -> User:
    """Somebody who has an account already."""
    user = make_user(email=TAKEN)
    EmailAddress.objects.create(user=user, email=TAKEN, verified=True, primary=True)
    return user


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize("email", [EMAIL, TAKEN], ids=["a newcomer", "an account"])
@pytest.mark.parametrize(
    ("mode", "code"),
    [(SignUpMode.CLOSED, "sign_up_closed"), (SignUpMode.INVITATION, "invitation_required")],
)
def test_where_it_is_not_open_everybody_is_refused_alike(
    mode: SignUpMode, code: str, email: str, settings: Settings
) -> None:
    set_mode(settings, mode)
    answer = sign_up(email)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert (User.objects.count(), mail.outbox) == (1, [])


def test_where_it_is_closed_an_invitation_opens_nothing_and_stays_unused(
    admin: User, settings: Settings
) -> None:
    token = invite(admin, EMAIL)
    set_mode(settings, SignUpMode.CLOSED)
    assert sign_up(invitation=token).json()["code"] == "sign_up_closed"
    assert Invitation.objects.get().used_at is None


@pytest.mark.parametrize("mode", INVITING)
def test_an_invitation_that_was_mailed_makes_an_account_with_its_role_at_once(
    mode: SignUpMode, admin: User, settings: Settings
) -> None:
    set_mode(settings, mode)
    answer = sign_up(EMAIL.upper(), invitation=invite(admin, EMAIL, role=Role.CREATOR))
    assert answer.status_code == 200
    tokens = {"Authorization": f"Bearer {answer.json()['meta']['access_token']}"}
    assert call("GET", "me", **tokens).json()["role"] == "creator"
    user, invitation = User.objects.get(email=EMAIL), Invitation.objects.get()
    assert invitation.used_by == user
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == (EMAIL, True, True)
    assert Activity.objects.filter(user=user, kind=Kind.INVITATION_USED).count() == 1


@pytest.mark.parametrize("mode", INVITING)
def test_one_that_was_handed_on_leaves_the_address_to_be_confirmed(
    mode: SignUpMode, admin: User, settings: Settings
) -> None:
    set_mode(settings, mode)
    answer = sign_up(invitation=invite(admin, role=Role.CREATOR))
    assert (answer.status_code, answer.json()["code"]) == (401, "verify_email_pending")
    verify_email()
    assert try_log_in().status_code == 200
    assert User.objects.get(email=EMAIL).role == Role.CREATOR


@pytest.mark.parametrize("fault", ["used", "expired", "revoked", "another's", "made up"])
def test_an_invitation_that_is_no_good_is_refused_in_one_way(fault: str, admin: User) -> None:
    now = timezone.now()
    ends_at = now if fault == "expired" else now + timedelta(hours=1)
    bound = "bob@example.org" if fault == "another's" else ""
    token = invite(admin, bound, expires_at=ends_at)
    if fault == "used":
        sign_up("first@example.org", invitation=token)
    if fault == "revoked":
        revoke_invitation(Invitation.objects.get(), by=admin, request=None, now=now)
    answer = sign_up(invitation="made-up" if fault == "made up" else token)
    assert answer.status_code == 403
    assert answer.json() == {
        "type": "urn:sluice:problem:invitation_invalid",
        "title": "Forbidden",
        "status": 403,
        "code": "invitation_invalid",
        "detail": "The invitation was used or revoked, is too old, or is for another address.",
    }
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_sign_up_that_fails_leaves_the_invitation_unused(admin: User) -> None:
    token = invite(admin, EMAIL)
    refused = call(
        "POST", "auth/signup", {"email": EMAIL, "password": "short", "invitation": token}
    )
    assert refused.status_code == 400
    assert sign_up(invitation=token).status_code == 200


@pytest.mark.usefixtures("taken")
def test_trying_an_invitation_does_not_tell_who_has_an_account(admin: User) -> None:
    newcomer = sign_up(invitation=invite(admin))
    holder = sign_up(TAKEN, invitation=invite(admin))
    assert (newcomer.status_code, newcomer.json()["data"]) == (
        holder.status_code,
        holder.json()["data"],
    )
    assert not Invitation.objects.filter(used_at=None).exists()
    assert User.objects.get(email=TAKEN).role == Role.VIEWER


def test_a_newcomer_waits_and_is_told_so_after_password_and_confirmed_address(
    settings: Settings,
) -> None:
    set_mode(settings, SignUpMode.APPROVAL)
    assert sign_up().json()["code"] == "verify_email_pending"
    assert try_log_in().json()["code"] == "verify_email_pending"
    verify_email()
    assert try_log_in(password="wrong horse battery").json()["code"] == "email_password_mismatch"
    answer = try_log_in()
    assert (answer.status_code, answer.json()["code"]) == (401, "approval_pending")
    assert "access_token" not in answer.json()["meta"]
    user = User.objects.get()
    assert user.is_active
    assert user.application.state == Application.State.WAITING


def test_a_new_password_does_not_end_the_waiting(settings: Settings) -> None:
    set_mode(settings, SignUpMode.APPROVAL)
    join_and_wait()
    call("POST", "auth/password/request", {"email": EMAIL})
    changed = {"key": read_key(), "password": "another horse battery"}
    assert call("POST", "auth/password/reset", changed).status_code == 401
    assert try_log_in(password="another horse battery").json()["code"] == "approval_pending"


def join_and_wait() -> None:
    sign_up()
    verify_email()


def test_who_had_an_account_before_waits_for_nothing(settings: Settings) -> None:
    join()
    set_mode(settings, SignUpMode.APPROVAL)
    assert try_log_in().status_code == 200


@pytest.mark.usefixtures("taken")
def test_waiting_does_not_tell_who_has_an_account(settings: Settings) -> None:
    set_mode(settings, SignUpMode.APPROVAL)
    newcomer, holder = sign_up(), sign_up(TAKEN)
    assert newcomer.status_code == holder.status_code == 401
    assert newcomer.json()["data"] == holder.json()["data"]
    assert list(Application.objects.values_list("user__email", flat=True)) == [EMAIL]


@pytest.mark.django_db(transaction=True)
def test_an_invitation_that_many_use_at_once_makes_one_account(admin: User) -> None:
    token = invite(admin)
    addresses = [f"newcomer-{number}@example.org" for number in range(AT_ONCE)]
    answers = all_at_once(lambda: sign_up(addresses.pop(), invitation=token).status_code)
    assert sorted(answers) == [401, *[403] * (AT_ONCE - 1)]
    newcomer = User.objects.get(email__startswith="newcomer")
    assert Invitation.objects.get().used_by == newcomer


@pytest.mark.django_db(transaction=True)
def test_one_who_signs_up_many_times_at_once_has_one_account() -> None:
    answers = all_at_once(lambda: sign_up().json()["code"])
    assert answers == ["verify_email_pending"] * AT_ONCE
    assert User.objects.count() == EmailAddress.objects.count() == 1


@pytest.mark.parametrize("mode", list(SignUpMode))
def test_who_has_no_account_is_told_by_mail_of_signing_up_where_they_may(
    mode: SignUpMode, settings: Settings
) -> None:
    set_mode(settings, mode)
    call("POST", "auth/password/request", {"email": EMAIL})
    offers = "http://testserver/signup" in str(mail.outbox[-1].body)
    assert offers is (mode in (SignUpMode.OPEN, SignUpMode.APPROVAL))


@pytest.mark.parametrize("mode", list(SignUpMode))
def test_a_deployment_tells_its_mode(mode: SignUpMode, settings: Settings) -> None:
    set_mode(settings, mode)
    assert call("GET", "info").json()["sign_up"] == mode.value
