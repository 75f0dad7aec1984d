"""Sessions and leases for tests: viewers that no other test has, and time that passes at once."""

import json
import time
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis

from edge.gate.standing import Session
from shared.events.leases import ViewerKeys, name_viewer_keys
from tests.edge.films import ASSET_ID, ISSUER, VIDEO_ID


def make_viewer() -> str:
    return f"viewer-{uuid4().hex}"


def make_session(session_id: str, subject: str, **fields: Any) -> Session:
    """One that just began and lives for an hour."""
    now = time.time()
    defaults = {
        "issuer": ISSUER,
        "expires_at": int(now) + 3600,
        "max_streams": None,
        "start_by": None,
        "video_id": VIDEO_ID,
        "asset_id": ASSET_ID,
        "began_at": now,
        "seen_at": now,
    }
    return Session(session_id=session_id, subject=subject, **{**defaults, **fields})


async def let_time_pass(client: Redis, subject: str, *, seconds: int) -> None:
    """Everything that is kept of a viewer happened earlier by so much."""
    keys = name_viewer_keys(ISSUER, subject)
    await _shift(client, keys.leases, seconds * 1000)
    await _shift(client, keys.begun, seconds)
    await _shift(client, keys.displaced, seconds)
    await _shift_playing(client, keys, seconds)


async def _shift(client: Redis, key: str, by: int) -> None:
    found: Any = await client.zrange(key, 0, -1, withscores=True)
    for member, score in found:
        await client.zadd(key, {member: score - by})


async def _shift_playing(client: Redis, keys: ViewerKeys, seconds: int) -> None:
    for sid, text in (await client.hgetall(keys.playing)).items():
        lease = json.loads(text)
        for name in ("began_at", "expires_at"):
            lease[name] -= seconds
        await client.hset(keys.playing, sid, json.dumps(lease))
