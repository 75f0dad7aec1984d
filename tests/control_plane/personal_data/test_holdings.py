"""All that is held on a person is handed out, and nothing that opens a door."""

import json
from typing import Final

import pytest
from django.apps import apps
from django.utils import timezone
from rest_framework.test import APIClient

from control_plane.accounts.applications import State, decide
from control_plane.accounts.invitations import create_invitation
from control_plane.accounts.models import Invitation, Role, User
from control_plane.entitlements.services import grant_access
from control_plane.personal_data.holdings import HOLDINGS
from tests.control_plane.accounts.journeys import make_applicant
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

PASSWORD: Final = {"password": "correct horse battery"}

# What somebody did to what is not theirs, or what is kept for a day to answer a call again.
OTHERS: Final = {
    "activity.Activity.by",
    "accounts.Application.decided_by",
    "accounts.Invitation.invited_by",
    "admin.LogEntry.user",
    "catalogue.Video.owner",
    "creator_requests.CreatorRequest.decided_by",
    "entitlements.Grant.granted_by",
    "entitlements.ShareLink.created_by",
    "idempotency.KeptAnswer.user",
    "permission_grants.PermissionGrant.granted_by",
    "permission_grants.PermissionGrant.revoked_by",
    "playback.TakeDown.by",
    "transcodes.TranscodeJob.requested_by",
}


def export(client: APIClient) -> dict[str, list[dict[str, object]]]:
    answer = client.post("/api/v1/me/export", PASSWORD, format="json")
    assert answer.status_code == 200
    return json.loads(answer.content)  # type: ignore[no-any-return]


def test_no_table_that_names_a_person_is_forgotten() -> None:
    named = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is User
    }
    held = {f"{one.model._meta.label}.{one.owner}" for one in HOLDINGS.values()}
    assert named <= held | OTHERS


def test_a_copy_holds_what_is_mine_and_of_nobody_else(
    make_user: MakeUser, make_video: MakeVideo, log_in: LogIn
) -> None:
    mine, other = make_user(Role.CREATOR), make_user(Role.CREATOR)
    film, foreign = make_video(mine, title="Mine"), make_video(other, title="Not mine")
    grant, _ = grant_access(mine, foreign.id, by=other, expires_at=None)
    copy = export(log_in(mine))
    assert copy.keys() == HOLDINGS.keys()
    assert [row["email"] for row in copy["account"]] == [mine.email]
    assert [row["id"] for row in copy["videos"]] == [str(film.pk)]
    assert [row["id"] for row in copy["grants"]] == [str(grant.pk)]
    assert other.email not in json.dumps(copy)


def test_a_copy_does_not_tell_where_an_administrator_was(
    make_user: MakeUser, log_in: LogIn
) -> None:
    user, admin = make_user(), make_user(Role.ADMIN)
    change = {"role": "creator"}
    log_in(admin).patch(f"/api/v1/users/{user.pk}", change, REMOTE_ADDR="203.0.113.9")
    copy = export(log_in(user))
    assert [row["kind"] for row in copy["activity"]] == ["role_changed"]
    assert "203.0.113.9" not in json.dumps(copy)
    assert str(admin.pk) not in json.dumps(copy)


def test_how_somebody_came_is_in_a_copy_without_who_decided(
    make_user: MakeUser, log_in: LogIn
) -> None:
    admin, user, now = make_user(Role.ADMIN), make_user(), timezone.now()
    invitation, _ = create_invitation(by=admin, request=None, now=now)
    Invitation.objects.filter(pk=invitation.pk).update(used_by=user, used_at=now)
    decide(make_applicant(user), State.APPROVED, by=admin, request=None, now=now)
    copy = export(log_in(user))
    assert [row["id"] for row in copy["invitation"]] == [str(invitation.pk)]
    assert [row["state"] for row in copy["application"]] == ["approved"]
    assert str(admin.pk) not in json.dumps(copy)
    assert invitation.digest not in json.dumps(copy)


def test_no_secret_is_in_a_copy(make_user: MakeUser, log_in: LogIn) -> None:
    user = make_user()
    copy = json.dumps(export(log_in(user)))
    assert user.password not in copy
    assert '"session_key"' not in copy


@pytest.mark.parametrize("operation", ["export", "deletion"])
def test_without_the_password_nothing_is_done(
    operation: str, make_user: MakeUser, log_in: LogIn
) -> None:
    user = make_user()
    body = {"password": "wrong horse battery"}
    answer = log_in(user).post(f"/api/v1/me/{operation}", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "incorrect_password")
    assert User.objects.filter(pk=user.pk).exists()
