"""The life of signing keys: made at first need, moved on by rotation, forgotten in the end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from control_plane.encryption import encrypt, renew_encryption
from control_plane.errors import Refused, require
from control_plane.revocations.services import revoke_key
from control_plane.signing.models import SigningKey
from shared.keyring import KeyLife, Stage, is_expired, public_jwk, rotate
from shared.tokens import MAX_TOKEN_LIFE

# For how long a process may go on signing with a key that another process has retired.
REREAD_S: Final = 30
# Before that some edge may not know a new key: a JWK Set may be kept for a minute.
SPREAD_S: Final = 120

_LOCK: Final = 7_018_392_411
# One key is current and one is next at any time, so places are made free before they are taken.
_STORING_ORDER: Final = (Stage.RETIRED, Stage.CURRENT, Stage.NEXT)


class NextKeyTooYoung(Refused):
    """Rotating now might make tokens that some edge cannot verify yet."""

    def __init__(self) -> None:
        detail = f"The next key is younger than {SPREAD_S} s; some edge may not know it yet."
        super().__init__("next_key_too_young", status=HTTPStatus.CONFLICT, detail=detail)


def ensure_keys(*, now: datetime) -> None:
    """Make a current and a next key where there is none."""
    if not _find_missing():
        return
    with _alone():
        for stage in _find_missing():
            _make_key(stage, now).save(force_insert=True)


def rotate_keys(*, now: datetime, force: bool = False) -> None:
    """Let the next key sign from now on; raise `NextKeyTooYoung` unless forced.

    Keys whose tokens are all dead are forgotten. The others are encrypted anew, so that after a
    rotation none needs an older key of SLUICE_CONTROL_KEK.
    """
    ensure_keys(now=now)
    with _alone():
        _forget_keys(now)
        newcomer = _make_key(Stage.NEXT, now)
        keys = {key.kid: key for key in SigningKey.objects.all()}
        if not force:
            _check_age(keys.values(), now)
        lives = rotate(map(life_of, keys.values()), newcomer=newcomer.kid, now=_seconds(now))
        for life in sorted(lives, key=lambda life: _STORING_ORDER.index(life.stage)):
            _store_life(keys.get(life.kid, newcomer), life)


def rotate_when_due(*, now: datetime, life: timedelta) -> bool:
    """Rotate once a key has signed for that long; whether that was done. A next key that some edge
    may not know yet has to wait."""
    ensure_keys(now=now)
    if SigningKey.objects.get(stage=Stage.CURRENT).since > now - life:
        return False
    try:
        rotate_keys(now=now)
    except NextKeyTooYoung:
        return False
    return True


def replace_compromised_key(*, now: datetime) -> str:
    """Let the next key sign at once, and revoke and forget the one that did; its kid."""
    ensure_keys(now=now)
    kid = SigningKey.objects.get(stage=Stage.CURRENT).kid
    declare_compromised(kid, now=now)
    return kid


def declare_compromised(kid: str, *, now: datetime) -> None:
    """Revoke and forget a key, and have another in its place at once; raise `NotFound`.

    Every URL signed with it ends. Until they read the keys again, for `REREAD_S`, other processes
    may go on handing out such URLs, which edges refuse.
    """
    with _alone():
        key = require(SigningKey.objects.filter(kid=kid).first(), "No such signing key.")
        if key.stage == Stage.CURRENT:
            rotate_keys(now=now, force=True)
        key.delete()
        ensure_keys(now=now)
        revoke_key(kid, now=now)


def life_of(key: SigningKey) -> KeyLife:
    """A row as `shared.keyring` sees it."""
    return KeyLife(key.kid, Stage(key.stage), _seconds(key.since))


def is_forgotten(key: SigningKey, *, now: datetime) -> bool:
    """Whether no token of a key can be alive, even one signed while it was being retired."""
    life_s = MAX_TOKEN_LIFE + REREAD_S
    return is_expired(life_of(key), max_token_life=life_s, now=_seconds(now))


def _find_missing() -> list[Stage]:
    found = set(SigningKey.objects.values_list("stage", flat=True))
    return [stage for stage in (Stage.CURRENT, Stage.NEXT) if stage not in found]


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time, until the transaction ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def _make_key(stage: Stage, now: datetime) -> SigningKey:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    jwk = public_jwk(private.public_key())
    return SigningKey(
        kid=jwk["kid"],
        stage=stage,
        since=now,
        public_jwk=jwk,
        encrypted_private=encrypt(pem),
    )


def _forget_keys(now: datetime) -> None:
    for key in SigningKey.objects.filter(stage=Stage.RETIRED):
        if is_forgotten(key, now=now):
            key.delete()


def _check_age(keys: Iterable[SigningKey], now: datetime) -> None:
    youngest = now - timedelta(seconds=SPREAD_S)
    if any(key.stage == Stage.NEXT and key.since > youngest for key in keys):
        raise NextKeyTooYoung


def _store_life(key: SigningKey, life: KeyLife) -> None:
    key.stage = life.stage
    key.since = datetime.fromtimestamp(life.since, UTC)
    key.encrypted_private = renew_encryption(bytes(key.encrypted_private))
    key.save()


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
