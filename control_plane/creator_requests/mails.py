"""What is mailed about a request: to who decides, and to who asked."""

from django.conf import settings
from django.utils import timezone

from control_plane.accounts.mails import send_mail
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import list_who_may
from control_plane.creator_requests.models import CreatorRequest, RequestState


def tell_deciders(row: CreatorRequest) -> None:
    """Each of them, with what was said."""
    page = f"{settings.CONFIG.url}/admin/creator_requests/creatorrequest/{row.pk}/change/"
    for user in list_who_may(Permission.DECIDE_CREATORS, now=timezone.now()):
        send_mail("creator_asked", user.email, asked=row, page=page)


def tell_decision(row: CreatorRequest) -> None:
    """The one who asked, with the reason."""
    front_end = settings.CONFIG.front_end_url or settings.CONFIG.url
    is_approved = row.state == RequestState.APPROVED
    name = "creator_approved" if is_approved else "creator_declined"
    send_mail(name, row.user.email, asked=row, page=f"{front_end}/account")
