"""Reads of refusals."""

from django.db.models import QuerySet

from control_plane.errors import require
from control_plane.refusals.models import Refusal
from shared.events.refusals import RefusalCode


def find_refusal(decision_id: str) -> Refusal | None:
    """The refusal that bore this decision id, as its answer and the edge's log do."""
    return Refusal.objects.filter(pk=decision_id).first()


def access_refusal(decision_id: str) -> Refusal:
    """The same; raise `NotFound` where there is none, or none any more."""
    return require(
        find_refusal(decision_id),
        "No such refusal. They are kept for 30 days; of a flood, only a sample is.",
    )


def list_refusals(
    *, code: RefusalCode | None = None, video_id: str = "", subject: str = ""
) -> QuerySet[Refusal]:
    """The newest first: all, or those of one code, video or viewer."""
    wanted = {"code": code, "video_id": video_id, "subject": subject}
    return Refusal.objects.filter(**{name: value for name, value in wanted.items() if value})
