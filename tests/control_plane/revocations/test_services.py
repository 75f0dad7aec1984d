"""Tests for control_plane/revocations/services.py."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction

from control_plane.revocations.models import OutboxEntry, Revocation
from control_plane.revocations.services import (
    RevocationInvalid,
    forget_expired,
    lift_revocation,
    revoke_asset,
    revoke_key,
    revoke_session,
    revoke_video,
    revoke_viewer,
)
from control_plane.revocations.tasks import sweep
from shared.events import revocations as events
from shared.events.revocations import RevocationScope
from shared.paths import PathInvalid
from shared.tokens import MAX_TOKEN_LIFE

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)
SECOND = int(NOW.timestamp())
ID = "0198c0de-0000-7000-8000-00000000f001"
OWN, OTHER = "http://testserver", "https://elsewhere.example"


def outbox() -> list[events.Revocation]:
    return [events.Revocation.parse(entry.record) for entry in OutboxEntry.objects.all()]


@pytest.mark.parametrize(
    ("revoke", "expected"),
    [
        (partial(revoke_session, ID), ("session", OWN, None)),
        (partial(revoke_session, ID, issuer=OTHER), ("session", OTHER, None)),
        (partial(revoke_viewer, ID), ("viewer", OWN, SECOND + 1)),
        (partial(revoke_viewer, ID, issuer=OTHER), ("viewer", OTHER, SECOND + 1)),
        (partial(revoke_video, ID), ("video", None, None)),
        (partial(revoke_asset, ID), ("asset", None, None)),
        (partial(revoke_key, ID), ("key", None, None)),
    ],
    ids=["session", "their session", "viewer", "their viewer", "video", "asset", "key"],
)
def test_a_revocation_is_a_row_and_an_entry_that_say_the_same(
    revoke: Callable[..., None], expected: tuple[str, str | None, int | None]
) -> None:
    revoke(now=NOW)
    row, (entry,) = Revocation.objects.get(), outbox()
    assert (entry.scope, entry.issuer, entry.issued_before) == expected
    assert (row.scope, row.issuer or None, row.issued_before) == expected
    assert (entry.id, entry.subject) == (str(row.pk), row.subject)
    assert (entry.subject, entry.lifted) == (ID, False)
    assert entry.revoked_at == NOW.timestamp() == row.revoked_at.timestamp()


@pytest.mark.parametrize(
    ("revoke", "life_s"),
    [(revoke_video, MAX_TOKEN_LIFE), (revoke_key, 30 * 24 * 3600)],
    ids=["as long as a token", "a key that may be in somebody's hands for longer"],
)
def test_how_long_a_revocation_is_kept(revoke: Callable[..., None], life_s: int) -> None:
    revoke(ID, now=NOW)
    assert outbox()[0].expires_at == SECOND + life_s
    ends_at = NOW + timedelta(seconds=life_s)
    forget_expired(now=ends_at - timedelta(seconds=1))
    assert Revocation.objects.exists()
    forget_expired(now=ends_at)
    assert not Revocation.objects.exists()


def test_the_periodic_sweep_forgets_what_is_expired() -> None:
    revoke_video(ID, now=NOW - timedelta(days=3650))
    sweep()
    assert not Revocation.objects.exists()


def test_what_is_revoked_twice_is_one_row_that_lasts_longer() -> None:
    revoke_viewer(ID, now=NOW)
    revoke_viewer(ID, now=NOW + timedelta(hours=1))
    first, second = outbox()
    assert first.id == second.id
    assert second.issued_before == SECOND + 3601
    assert second.expires_at == first.expires_at + 3600
    assert Revocation.objects.get().revoked_at == NOW + timedelta(hours=1)


def test_a_late_clock_takes_nothing_back() -> None:
    revoke_viewer(ID, now=NOW)
    revoke_viewer(ID, now=NOW - timedelta(hours=1))
    first, second = outbox()
    assert (second.issued_before, second.expires_at) == (first.issued_before, first.expires_at)


def test_subjects_of_one_name_are_apart_by_issuer_and_scope() -> None:
    revoke_session(ID, now=NOW)
    revoke_session(ID, now=NOW, issuer=OTHER)
    revoke_viewer(ID, now=NOW)
    assert Revocation.objects.count() == 3


def test_what_is_lifted_is_told_and_forgotten() -> None:
    revoke_video(ID, now=NOW)
    assert lift_revocation(RevocationScope.VIDEO, ID)
    revoked, lifted = outbox()
    assert lifted == revoked.model_copy(update={"lifted": True})
    assert not Revocation.objects.exists()


@pytest.mark.parametrize("issuer", [None, OTHER], ids=["ours", "theirs"])
def test_a_session_is_lifted_for_its_own_issuer(issuer: str | None) -> None:
    revoke_session(ID, now=NOW)
    revoke_session(ID, now=NOW, issuer=OTHER)
    assert lift_revocation(RevocationScope.SESSION, ID, issuer=issuer)
    assert not Revocation.objects.filter(issuer=issuer or OWN).exists()
    assert Revocation.objects.count() == 1


def test_what_was_never_revoked_is_not_lifted() -> None:
    revoke_video(ID, now=NOW)
    assert not lift_revocation(RevocationScope.ASSET, ID)
    assert not lift_revocation(RevocationScope.SESSION, ID)
    assert len(outbox()) == 1


@pytest.mark.parametrize(
    ("revoke", "error"),
    [
        (partial(revoke_video, "no id"), PathInvalid),
        (partial(revoke_asset, ID.upper()), PathInvalid),
        (partial(revoke_key, ""), RevocationInvalid),
        (partial(revoke_key, "k" * 129), RevocationInvalid),
        (partial(revoke_session, "a\0session"), RevocationInvalid),
        (partial(revoke_session, ID, issuer="i" * 129), RevocationInvalid),
        (partial(revoke_session, "listing"), RevocationInvalid),
        (partial(revoke_viewer, "listing"), RevocationInvalid),
    ],
    ids=[
        "a video without an id",
        "an asset in capitals",
        "an empty kid",
        "a kid that is too long",
        "a NUL",
        "an issuer that is too long",
        "the session of all posters",
        "the viewer of all posters",
    ],
)
def test_what_cannot_be_revoked_is_refused(
    revoke: Callable[..., None], error: type[ValueError]
) -> None:
    with pytest.raises(error):
        revoke(now=NOW)
    assert not Revocation.objects.exists()
    assert not OutboxEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_revokes_nothing() -> None:
    def fail() -> None:
        with transaction.atomic():
            revoke_video(ID, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not Revocation.objects.exists()
    assert not OutboxEntry.objects.exists()
