"""Lists of videos at 100,000 rows beside 1,000, as each role: milliseconds of a page, p95.

Asked in one process without a network, so that nothing but the list itself is measured.
"""

from statistics import quantiles
from time import perf_counter
from typing import Any, Final

from django.db import connection
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import Grant
from tests.load.control.goals import LIST_GOALS
from tests.load.results import Line, Round, Sample

FEW, MANY = 1_000, 100_000
ROLES: Final = ("visitor", "viewer", "creator", "admin")
_CALLS: Final = 60
_WARM: Final = 5
_GRANTS: Final = 1_000

# A tenth of each kind of film is the creator's.
_FILL: Final = """
INSERT INTO catalogue_video (id, owner_id, title, description, visibility, slug, language, tags,
    is_premium, published_at, poster_source, created_at, updated_at)
SELECT gen_random_uuid(), CASE WHEN number %% 10 = 0 THEN %(creator)s ELSE %(owner)s END::uuid,
    'Film ' || number, '',
    (ARRAY['public', 'members', 'entitled', 'unlisted', 'private'])[1 + number / 10 %% 5],
    'film-' || number, '', '{}', false,
    CASE WHEN number / 50 %% 4 > 0 THEN now() END, '', now(), now()
FROM generate_series(%(first)s::int, %(last)s::int) number
"""


def measure_lists(rounds: int) -> list[Line]:
    """A line for each role."""
    people = _make_people()
    few = _fill_and_time(people, 1, FEW, rounds)
    many = _fill_and_time(people, FEW + 1, MANY, rounds)
    return [
        Line(
            goal,
            tuple(
                Round(Sample(ours), Sample(other))
                for ours, other in zip(many[role], few[role], strict=True)
            ),
        )
        for role, goal in zip(ROLES, LIST_GOALS, strict=True)
    ]


def _make_people() -> dict[str, User | None]:
    roles = {"viewer": Role.VIEWER, "creator": Role.CREATOR, "admin": Role.ADMIN}
    made = {
        name: User.objects.create_user(f"{name}@lists.example.org", role=role)
        for name, role in roles.items()
    }
    return {"visitor": None, **made}


def _fill_and_time(
    people: dict[str, User | None], first: int, last: int, rounds: int
) -> dict[str, list[float]]:
    owner = User.objects.create_user(f"owner-{first}@lists.example.org", role=Role.CREATOR)
    creator = people["creator"]
    values: dict[str, Any] = {
        "creator": creator and creator.pk,
        "owner": owner.pk,
        "first": first,
        "last": last,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FILL, values)
    _grant(people["viewer"], owner)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {name: [_time_list(user) for _ in range(rounds)] for name, user in people.items()}


def _grant(viewer: User | None, owner: User) -> None:
    held = Grant.objects.filter(user=viewer).count()
    videos = Video.objects.filter(visibility="entitled", owner=owner)[: _GRANTS - held]
    Grant.objects.bulk_create([Grant(user=viewer, video=video) for video in videos])


def _time_list(user: User | None) -> float:
    """Milliseconds that 95 of 100 calls take at most."""
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    times = [_time_call(client) for _ in range(_WARM + _CALLS)][_WARM:]
    return quantiles(times, n=20)[-1]


def _time_call(client: APIClient) -> float:
    begun = perf_counter()
    answer = client.get("/api/v1/videos")
    took = perf_counter() - begun
    if answer.status_code != 200 or not answer.json()["results"]:
        raise RuntimeError(f"no list: {answer.status_code}")
    return took * 1000
