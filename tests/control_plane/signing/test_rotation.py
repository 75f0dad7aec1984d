"""Tests for control_plane/signing/rotation.py."""

import io
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pydantic import SecretStr
from pytest_django import Settings

from control_plane.encryption import SecretUnreadable, decrypt
from control_plane.errors import NotFound
from control_plane.revocations.models import Revocation
from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import (
    REREAD_S,
    SPREAD_S,
    NextKeyTooYoung,
    declare_compromised,
    ensure_keys,
    replace_compromised_key,
    rotate_keys,
    rotate_when_due,
)
from control_plane.signing.tasks import rotate
from shared.tokens import MAX_TOKEN_LIFE

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


def stages() -> dict[str, str]:
    return dict(SigningKey.objects.values_list("stage", "kid"))


def use_keks(settings: Settings, *keks: str) -> None:
    joined = SecretStr(",".join(keks))
    settings.CONFIG = settings.CONFIG.model_copy(update={"kek": joined})


@pytest.mark.django_db
def test_first_keys_are_one_that_signs_and_one_that_follows() -> None:
    ensure_keys(now=NOW)
    assert set(stages()) == {"current", "next"}


@pytest.mark.django_db
def test_keys_are_made_once() -> None:
    ensure_keys(now=NOW)
    before = stages()
    ensure_keys(now=later(days=1))
    assert stages() == before


@pytest.mark.django_db
def test_a_lost_next_key_is_made_again_and_the_current_one_kept() -> None:
    ensure_keys(now=NOW)
    before = stages()
    SigningKey.objects.filter(stage="next").delete()
    ensure_keys(now=NOW)
    assert stages()["current"] == before["current"]
    assert stages()["next"] != before["next"]


@pytest.mark.django_db
def test_rotation_moves_every_key_one_stage_on() -> None:
    ensure_keys(now=NOW)
    before = stages()
    rotate_keys(now=later(seconds=SPREAD_S))
    after = stages()
    assert after["current"] == before["next"]
    assert after["retired"] == before["current"]
    assert after["next"] not in before.values()


@pytest.mark.django_db
def test_the_first_rotation_of_all_is_refused_and_leaves_keys() -> None:
    with pytest.raises(NextKeyTooYoung):
        rotate_keys(now=NOW)
    assert set(stages()) == {"current", "next"}


@pytest.mark.django_db
def test_a_next_key_that_edges_may_not_know_does_not_sign() -> None:
    ensure_keys(now=NOW)
    before = stages()
    with pytest.raises(NextKeyTooYoung):
        rotate_keys(now=later(seconds=SPREAD_S - 1))
    assert stages() == before


@pytest.mark.django_db
def test_a_rotation_in_need_is_done_at_once() -> None:
    ensure_keys(now=NOW)
    before = stages()
    rotate_keys(now=NOW, force=True)
    assert stages()["current"] == before["next"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("age_s", "kept"),
    [(MAX_TOKEN_LIFE + REREAD_S, True), (MAX_TOKEN_LIFE + REREAD_S + 1, False)],
    ids=["a token of it may live", "all its tokens are dead"],
)
def test_a_retired_key_is_forgotten_when_its_tokens_are_dead(age_s: int, kept: bool) -> None:
    ensure_keys(now=NOW)
    first = stages()["current"]
    rotate_keys(now=NOW, force=True)
    rotate_keys(now=later(seconds=age_s))
    assert SigningKey.objects.filter(kid=first).exists() is kept


@pytest.mark.django_db
def test_a_compromised_key_is_replaced_revoked_and_forgotten() -> None:
    ensure_keys(now=NOW)
    before = stages()
    assert replace_compromised_key(now=NOW) == before["current"]
    after = stages()
    assert set(after) == {"current", "next"}
    assert after["current"] == before["next"]
    assert after["next"] not in before.values()
    revocation = Revocation.objects.get()
    assert (revocation.scope, revocation.subject) == ("key", before["current"])


@pytest.mark.django_db
def test_keys_that_are_all_compromised_are_replaced_one_after_the_other() -> None:
    ensure_keys(now=NOW)
    before = set(stages().values())
    replace_compromised_key(now=NOW)
    replace_compromised_key(now=NOW)
    assert not before & set(stages().values())
    assert set(Revocation.objects.values_list("subject", flat=True)) == before


@pytest.mark.django_db
@pytest.mark.parametrize("stage", ["current", "next", "retired"])
def test_a_key_of_any_stage_may_be_compromised(stage: str) -> None:
    ensure_keys(now=NOW)
    rotate_keys(now=NOW, force=True)
    before = stages()
    declare_compromised(before[stage], now=NOW)
    after = stages()
    assert before[stage] not in after.values()
    assert {"current", "next"} <= set(after)
    assert Revocation.objects.get().subject == before[stage]


@pytest.mark.django_db
def test_only_a_key_that_is_there_is_compromised() -> None:
    with pytest.raises(NotFound):
        declare_compromised("made-up", now=NOW)
    assert not Revocation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "rotated"), [(29, False), (30, True), (31, True)])
def test_a_key_signs_for_as_long_as_the_operator_wants(days: int, rotated: bool) -> None:
    ensure_keys(now=NOW)
    before = stages()["current"]
    assert rotate_when_due(now=later(days=days), life=timedelta(days=30)) is rotated
    assert (stages()["current"] != before) is rotated


@pytest.mark.django_db
def test_a_scheduled_rotation_waits_until_edges_know_the_next_key() -> None:
    ensure_keys(now=NOW)
    SigningKey.objects.filter(stage="next").update(since=later(days=40))
    assert not rotate_when_due(now=later(days=40), life=timedelta(days=30))


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "rotated"), [(30, True), (0, False)], ids=["30", "never"])
def test_periodic_work_rotates_unless_told_not_to(
    days: int, rotated: bool, settings: Settings
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"key_life_days": days})
    ensure_keys(now=NOW)
    SigningKey.objects.update(since=timezone.now() - timedelta(days=90))
    before = stages()["current"]
    rotate()
    assert (stages()["current"] != before) is rotated


@pytest.mark.django_db
def test_the_command_replaces_a_compromised_key() -> None:
    ensure_keys(now=NOW)
    output, compromised = io.StringIO(), stages()["current"]
    call_command("rotate_keys", "--compromised", stdout=output)
    assert output.getvalue() == f"{compromised}: revoked and forgotten.\n"
    assert compromised not in stages().values()


@pytest.mark.django_db
def test_private_halves_are_not_stored_in_the_clear() -> None:
    ensure_keys(now=NOW)
    for key in SigningKey.objects.all():
        assert b"PRIVATE" not in bytes(key.encrypted_private)
        assert b"PRIVATE" in decrypt(bytes(key.encrypted_private))
        assert "d" not in key.public_jwk


@pytest.mark.django_db
def test_after_a_rotation_the_older_kek_is_not_needed(settings: Settings) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    use_keks(settings, old)
    ensure_keys(now=NOW)
    use_keks(settings, new, old)
    rotate_keys(now=later(days=1))
    use_keks(settings, new)
    assert [decrypt(bytes(key.encrypted_private)) for key in SigningKey.objects.all()]


@pytest.mark.django_db
def test_under_a_foreign_kek_keys_are_unreadable(settings: Settings) -> None:
    ensure_keys(now=NOW)
    use_keks(settings, Fernet.generate_key().decode())
    with pytest.raises(SecretUnreadable):
        decrypt(bytes(SigningKey.objects.all()[0].encrypted_private))


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_together_make_one_pair_of_keys() -> None:
    start = threading.Barrier(4)

    def ensure() -> None:
        start.wait()
        ensure_keys(now=NOW)
        connection.close()

    threads = [threading.Thread(target=ensure) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(SigningKey.objects.values_list("stage", flat=True)) == {"current": 1, "next": 1}
