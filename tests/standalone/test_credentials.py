import stat
from dataclasses import asdict
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from standalone.credentials import load_credentials


def test_each_secret_has_a_file_of_its_owners_alone(tmp_path: Path) -> None:
    load_credentials(tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(
        (
            *("django_secret_key", "kek", "jwt_private_key.pem"),
            *("postgres_password", "postgres_edge_password"),
            *("redis_password", "admin_password"),
        ),
        0o600,
    )


def test_secrets_are_made_once(tmp_path: Path) -> None:
    assert asdict(load_credentials(tmp_path)) == asdict(load_credentials(tmp_path))


def test_no_two_systems_share_a_secret(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = load_credentials(tmp_path), load_credentials(tmp_path / "other")
    assert not set(asdict(one).values()) & set(asdict(other).values())


def test_secret_that_others_may_read_is_closed_again(tmp_path: Path) -> None:
    load_credentials(tmp_path)
    (tmp_path / "kek").chmod(0o644)
    load_credentials(tmp_path)
    assert stat.S_IMODE((tmp_path / "kek").stat().st_mode) == 0o600


def test_keys_are_of_their_kind(tmp_path: Path) -> None:
    credentials = load_credentials(tmp_path)
    Fernet(credentials.kek)
    key = load_pem_private_key(credentials.jwt_private_key.encode(), password=None)
    assert isinstance(key, RSAPrivateKey)
    assert len(credentials.django_secret_key) > 50


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    credentials = load_credentials(tmp_path)
    assert credentials.admin_password not in repr(credentials)
