"""The opponent does its work: it lets in whom the edge would let in, and nobody else."""

import time
from typing import Any

import pytest
from jwt import PyJWKSet

from tests.edge.films import ASSET_ID, ISSUER, OTHER_ASSET_ID, OTHER_VIDEO_ID, VIDEO_ID, make_signer
from tests.load.opponents.django_site.judge import Judge

SIGNER = make_signer()
JUDGE = Judge(
    PyJWKSet.from_json(SIGNER.jwks().decode()).keys[0],
    ISSUER,
    {ASSET_ID: VIDEO_ID, OTHER_ASSET_ID: OTHER_VIDEO_ID},
)


def ask_for(asset_id: str, token: str) -> str:
    return f"/asked/{asset_id}/video/720/2000_0.m4s?token={token}"


def issue(**claims: Any) -> str:
    return SIGNER.issue(**claims)


def test_a_good_token_opens_its_video() -> None:
    assert JUDGE.admits(ask_for(ASSET_ID, issue()))


@pytest.mark.parametrize(
    "uri",
    [
        ask_for(OTHER_ASSET_ID, issue()),
        ask_for("0198c0de-0000-7000-8000-00000000a009", issue()),
        ask_for(ASSET_ID, issue(expires_at=int(time.time()) - 1)),
        ask_for(ASSET_ID, issue(not_before=int(time.time()) + 3000)),
        ask_for(ASSET_ID, make_signer().issue()),
        ask_for(ASSET_ID, make_signer("https://elsewhere.example").issue()),
        ask_for(ASSET_ID, issue()[:-4]),
        ask_for(ASSET_ID, issue(asset_id=ASSET_ID)),
        ask_for(ASSET_ID, ""),
        f"/open/{ASSET_ID}/video/720/2000_0.m4s?token={issue()}",
        f"/asked/{ASSET_ID}/video/720/2000_0.m4s",
        "",
    ],
    ids=[
        "another video",
        "no asset",
        "expired",
        "not yet",
        "another key",
        "another issuer",
        "damaged",
        "no video",
        "empty",
        "another place",
        "no token",
        "nothing",
    ],
)
def test_anything_else_opens_nothing(uri: str) -> None:
    assert not JUDGE.admits(uri)
