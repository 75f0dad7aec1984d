"""What a running edge tells Prometheus."""

from shared.events.revocations import RevocationScope
from tests.edge.edges import World
from tests.edge.films import make_signer
from tests.edge.inside import scrape


async def test_metrics_count_requests_refusals_and_bytes(world: World) -> None:
    for _ in range(3):
        await world.fetch("video/720/1.m4s")
    await world.fetch("poster/poster.jpg", headers={"Range": "bytes=0-9"})
    await world.fetch("main.m3u8", token=make_signer().issue())
    await world.get("/none")
    metrics = await scrape(world.internal)
    assert metrics["requests_total", "video", "200"] == 3
    assert metrics["requests_total", "poster", "206"] == 1
    assert metrics["requests_total", "video", "403"] == 1
    assert metrics["requests_total", "other", "404"] == 1
    assert metrics["problems_total", "token_invalid"] == 1
    assert metrics["problems_total", "not_found"] == 1
    assert metrics["sent_bytes_total", "poster"] == 10
    assert metrics["in_flight",] == 0


async def test_metrics_tell_the_state_of_cache_and_keys(world: World) -> None:
    for _ in range(3):
        await world.fetch("video/720/1.m4s")
    metrics = await scrape(world.internal)
    assert metrics["cache_hits_total",] == 2
    assert metrics["cache_misses_total",] == 1
    assert metrics["cache_files",] == 1
    assert metrics["cache_bytes",] > 3000
    assert metrics["keys",] == 1
    assert 0 <= metrics["keys_age_seconds",] < 60
    assert metrics["reads_pending",] == 0
    assert metrics["store_away",] == 0
    assert metrics["access_log_lost_total",] == 0


async def test_metrics_count_tasks_of_which_every_connection_has_one(world: World) -> None:
    await world.fetch("video/720/1.m4s")
    metrics = await scrape(world.internal)
    assert metrics["tasks",] > metrics["connections",] == 1


async def test_requests_that_no_parser_takes_are_counted_and_leave_nothing_in_flight(
    world: World,
) -> None:
    await world.send_raw(b"rubbish\r\n\r\n")
    metrics = await scrape(world.internal)
    assert metrics["requests_total", "other", "400"] == 1
    assert metrics["in_flight",] == 0


async def test_metrics_tell_where_sessions_stand(world: World) -> None:
    for sid in ("first", "second"):
        await world.fetch(
            "video/720/1.m4s", token=world.signer.issue(session_id=sid, max_streams=1)
        )
    metrics = await scrape(world.internal)
    assert metrics["sessions", "running"] == 1
    assert metrics["sessions", "limit"] == 1
    assert metrics["sessions_asked_total",] == 2
    assert metrics["sessions_refused_total", "limit"] == 1


async def test_metrics_tell_what_is_revoked_and_where_that_is_heard(world: World) -> None:
    metrics = await scrape(world.internal)
    for scope in RevocationScope:
        assert metrics["revocations", scope.value] == 0
    assert metrics["revocations_up", "redis"] in (0, 1)
    assert metrics["revocations_up", "postgres"] == 0
    assert metrics["revocations_invalid_total",] == 0
    assert metrics["revocation_delay_seconds_count",] == 0
