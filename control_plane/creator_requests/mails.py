"""What is mailed about a request: to administrators, and to who asked."""

from django.conf import settings

from control_plane.accounts.mails import send_mail
from control_plane.accounts.services import list_admins
from control_plane.creator_requests.models import CreatorRequest, RequestState


def tell_administrators(row: CreatorRequest) -> None:
    """Each of them, with what was said."""
    page = f"{settings.CONFIG.url}/admin/creator_requests/creatorrequest/{row.pk}/change/"
    for admin in list_admins():
        send_mail("creator_asked", admin.email, asked=row, page=page)


def tell_decision(row: CreatorRequest) -> None:
    """The one who asked, with the reason."""
    front_end = settings.CONFIG.front_end_url or settings.CONFIG.url
    is_approved = row.state == RequestState.APPROVED
    name = "creator_approved" if is_approved else "creator_declined"
    send_mail(name, row.user.email, asked=row, page=f"{front_end}/account")
