"""Revoking and lifting at once: whoever follows the stream ends where the table is."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from control_plane.revocations.models import OutboxEntry, Revocation
from control_plane.revocations.relay import send_outbox
from control_plane.revocations.services import lift_revocation, revoke_session
from shared.events.revocations import RevocationScope
from tests.control_plane.revocations.conftest import ReadStream

SUBJECTS = ("one", "two")
THREADS, STEPS = 4, 25


@pytest.mark.django_db(transaction=True)
def test_the_stream_tells_of_each_subject_in_the_order_of_the_table(
    read_stream: ReadStream,
) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(revoke_and_lift, seed) for seed in range(THREADS)]:
            done.result()
    send_outbox()
    assert not OutboxEntry.objects.exists()
    denied: dict[str, str] = {}
    for told in read_stream():
        if told.lifted:
            assert denied.pop(told.subject) == told.id, "what was told of last"
        else:
            denied[told.subject] = told.id
    rows = Revocation.objects.values_list("subject", "id")
    assert denied == {subject: str(row_id) for subject, row_id in rows}


def revoke_and_lift(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    try:
        for _ in range(STEPS):
            subject = random.choice(SUBJECTS)
            if random.random() < 0.5:
                revoke_session(subject, now=timezone.now())
            else:
                lift_revocation(RevocationScope.SESSION, subject)
    finally:
        connection.close()
