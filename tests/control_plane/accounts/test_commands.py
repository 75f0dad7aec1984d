"""Tests for the command `ensure_admin`."""

import io

import pytest
from django.core.management import CommandError, call_command

from control_plane.accounts.models import Role, User
from tests.control_plane.accounts.journeys import EMAIL, PASSWORD, log_in, try_log_in

pytestmark = pytest.mark.django_db


def ensure_admin(monkeypatch: pytest.MonkeyPatch, password: str, email: str = EMAIL) -> str:
    output = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("ensure_admin", "--email", email, stdout=output)
    return output.getvalue()


def test_an_administrator_is_made_who_can_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "made" in ensure_admin(monkeypatch, PASSWORD)
    assert User.objects.get().role == Role.ADMIN
    assert log_in().access


def test_a_second_call_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_admin(monkeypatch, PASSWORD)
    assert "left as it is" in ensure_admin(monkeypatch, "another password", EMAIL.upper())
    assert User.objects.count() == 1
    assert try_log_in(password="another password").status_code == 400
    assert try_log_in().status_code == 200


def test_an_account_that_is_no_administrators_is_not_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    User.objects.create_user(EMAIL, PASSWORD)
    ensure_admin(monkeypatch, PASSWORD)
    assert User.objects.get().role == Role.VIEWER


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, ""), (EMAIL, "short"), ("nobody", PASSWORD)],
    ids=["no password", "weak password", "no address"],
)
def test_what_will_not_do_is_refused(
    email: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError):
        ensure_admin(monkeypatch, password, email)
    assert not User.objects.exists()
