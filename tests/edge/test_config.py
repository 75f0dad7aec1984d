"""The edge's settings as an operator gives them."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from edge.config import Config
from shared.runtime.config import ConfigInvalid, load_config

NEEDED = {
    "SLUICE_MEDIA_STORE": "/srv/media",
    "SLUICE_ISSUER": "https://sluice.example",
    "REDIS_URL": "unix://:secret@/run/redis.sock?db=0",
    "SLUICE_EDGE_DATABASE_URL": "postgresql://sluice_edge:secret@/sluice?host=/run/postgres",
    "SLUICE_EDGE_JWKS_URL": "https://sluice.example/.well-known/jwks.json",
    "SLUICE_EDGE_KEYS_FILE": "/var/lib/sluice/jwks.json",
}


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Config:
    for name, value in {**NEEDED, **variables}.items():
        monkeypatch.setenv(name, value)
    return load_config(Config)


def test_six_variables_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load(monkeypatch)
    assert config.media_store == Path("/srv/media")
    assert (config.host, config.port) == ("127.0.0.1", 8080)
    assert config.trusted_proxies == ()


def test_all_that_is_missing_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigInvalid) as invalid:
        load_config(Config)
    assert {line.partition(":")[0] for line in str(invalid.value).splitlines()} == NEEDED.keys()


def test_trusted_proxies_are_a_list_of_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load(monkeypatch, SLUICE_TRUSTED_PROXIES="10.0.0.0/8, 2001:db8::/32,192.0.2.1")
    assert config.trusted_proxies == (
        ip_network("10.0.0.0/8"),
        ip_network("2001:db8::/32"),
        ip_network("192.0.2.1/32"),
    )


def test_origins_are_read_as_browsers_send_them(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "https://Watch.example:443, http://localhost:8000"
    config = load(monkeypatch, SLUICE_EDGE_CREDENTIAL_ORIGINS=text)
    assert config.credential_origins == ("https://watch.example", "http://localhost:8000")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLUICE_EDGE_CREDENTIAL_ORIGINS", "*"),
        ("SLUICE_EDGE_CREDENTIAL_ORIGINS", "null"),
        ("SLUICE_EDGE_CREDENTIAL_ORIGINS", "watch.example"),
        ("SLUICE_EDGE_CREDENTIAL_ORIGINS", "https://watch.example/"),
        ("SLUICE_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("SLUICE_TRUSTED_PROXIES", "nginx"),
        ("SLUICE_EDGE_PORT", "65536"),
        ("SLUICE_EDGE_JWKS_URL", "file:///etc/passwd"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost"),
        ("SLUICE_EDGE_DATABASE_URL", "localhost"),
        ("SLUICE_EDGE_DATABASE_URL", "mysql://localhost/sluice"),
        ("SLUICE_EDGE_INTERNAL", "8081"),
        ("SLUICE_EDGE_INTERNAL", ":8081"),
        ("SLUICE_EDGE_INTERNAL", "127.0.0.1:http"),
        ("SLUICE_EDGE_INTERNAL", "127.0.0.1:65536"),
        ("SLUICE_EDGE_INTERNAL", "unix:relative.sock"),
        ("SLUICE_EDGE_CACHE_BYTES", "lots"),
        ("SLUICE_EDGE_DRAIN_S", "-1"),
        ("SLUICE_LOG_LEVEL", "LOUD"),
        ("SLUICE_EDGE_CASHE_BYTES", "1000000"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ConfigInvalid, match=f"^{name}: "):
        load(monkeypatch, **{name: value})
