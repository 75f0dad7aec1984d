"""Tests for control_plane/config.py: what an environment may say, and what is refused."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

from control_plane.config import Config
from shared.runtime.config import ConfigInvalid, load_config

OTHER_KEY = (
    generate_private_key(SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)

PROVIDER = {
    "id": "school",
    "name": "Our school",
    "server_url": "https://id.example/realms/school",
    "client_id": "sluice",
    "client_secret": "a secret",
}


def describe_provider(**facts: str) -> str:
    """A provider as the environment tells of it, with these facts instead of good ones."""
    return json.dumps([{**PROVIDER, **facts}])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLUICE_CONTROL_URL", "video.example"),
        ("SLUICE_CONTROL_URL", "https://video.example/"),
        ("SLUICE_CONTROL_EDGE_URL", "https://edge.example/base"),
        ("SLUICE_CONTROL_FRONT_END_URL", "app.example"),
        ("SLUICE_CONTROL_FRONT_END_URL", "https://app.example/base"),
        ("SLUICE_CONTROL_ADDRESS_DAYS", "-1"),
        ("SLUICE_CONTROL_SIGN_UP", "yes"),
        ("SLUICE_CONTROL_SIGN_UP", "true"),
        ("SLUICE_CONTROL_KEY_LIFE_DAYS", "-1"),
        ("SLUICE_CONTROL_START_WITHIN_S", "-1"),
        ("SLUICE_CONTROL_LIMIT_ANONYMOUS", "many"),
        ("SLUICE_CONTROL_CORS_ORIGINS", "https://app.example,evil"),
        ("SLUICE_CONTROL_SECRET_KEY", "hunter2"),
        ("SLUICE_CONTROL_KEK", "hunter2"),
        ("SLUICE_CONTROL_KEK", f"{'A' * 43}=,hunter2"),
        ("SLUICE_CONTROL_JWT_PRIVATE_KEY", "hunter2"),
        ("SLUICE_CONTROL_JWT_PRIVATE_KEY", OTHER_KEY),
        ("SLUICE_CONTROL_PORT", "eighty"),
        ("SLUICE_CONTROL_MAX_UPLOAD_BYTES", "-1"),
        ("SLUICE_CONTROL_EMAIL_SECURITY", "hope"),
        ("SLUICE_CONTROL_EMAIL_HOTS", "mail.example"),
        ("SLUICE_CONTROL_GOOGLE_CLIENT_SECRET", "alone"),
        ("SLUICE_CONTROL_FACEBOOK_CLIENT_SECRET", "alone"),
        ("SLUICE_CONTROL_OIDC", "[{"),
        ("SLUICE_CONTROL_OIDC", '{"id": "school"}'),
        ("SLUICE_CONTROL_OIDC", describe_provider(id="google")),
        ("SLUICE_CONTROL_OIDC", describe_provider(id="A school")),
        ("SLUICE_CONTROL_OIDC", describe_provider(name="")),
        ("SLUICE_CONTROL_OIDC", describe_provider(server_url="http://id.example")),
        ("SLUICE_CONTROL_OIDC", describe_provider(server_url="https://a:b@id.example")),
        ("SLUICE_CONTROL_OIDC", describe_provider(server_url="https://id.example?a=b")),
        ("SLUICE_CONTROL_OIDC", describe_provider(client_secret="")),
        ("SLUICE_CONTROL_OIDC", describe_provider(trust="all")),
        ("SLUICE_TRUSTED_PROXIES", "10.0.0.0/8,nowhere"),
        ("SLUICE_LOG_LEVEL", "LOUD"),
        ("SLUICE_ISSUER", "x" * 129),
    ],
)
def test_what_will_not_do_is_named_and_not_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigInvalid) as refusal:
        load_config(Config)
    assert str(refusal.value).startswith(f"{name}: ")
    assert value not in str(refusal.value)


def test_a_client_id_without_its_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_CONTROL_GOOGLE_CLIENT_ID", "sluice")
    with pytest.raises(ConfigInvalid, match=r"GOOGLE_CLIENT_SECRET: .*together"):
        load_config(Config)


def test_what_is_missing_of_a_provider_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: value for name, value in PROVIDER.items() if name != "client_id"}
    monkeypatch.setenv("SLUICE_CONTROL_OIDC", json.dumps([PROVIDER, kept]))
    with pytest.raises(ConfigInvalid, match=r"^SLUICE_CONTROL_OIDC: 1\.client_id: missing$"):
        load_config(Config)


def test_two_providers_of_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_CONTROL_OIDC", json.dumps([PROVIDER, PROVIDER]))
    with pytest.raises(ConfigInvalid, match="an id of its own"):
        load_config(Config)


@pytest.mark.parametrize("url", ["https://id.example/a/", "http://localhost:8080", "http://[::1]"])
def test_a_provider_is_reached_over_tls_or_on_this_machine(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_CONTROL_OIDC", describe_provider(server_url=url))
    (provider,) = load_config(Config).oidc
    assert provider.server_url == url.removesuffix("/")


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_TRUSTED_PROXIES", "10.0.0.0/8,2001:db8::/32")
    monkeypatch.setenv("SLUICE_CONTROL_CORS_ORIGINS", "https://a.example,https://b.example:444")
    config = load_config(Config)
    assert [str(network) for network in config.trusted_proxies] == ["10.0.0.0/8", "2001:db8::/32"]
    assert config.cors_origins == ("https://a.example", "https://b.example:444")


def test_a_key_may_be_written_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pem = settings.CONFIG.jwt_private_key.get_secret_value()
    monkeypatch.setenv("SLUICE_CONTROL_JWT_PRIVATE_KEY", pem.replace("\n", "\\n"))
    assert load_config(Config).jwt_private_key.get_secret_value() == pem


def test_secrets_are_not_shown() -> None:
    shown = repr(load_config(Config))
    for secret in (settings.CONFIG.kek, settings.CONFIG.secret_key):
        assert secret.get_secret_value() not in shown
