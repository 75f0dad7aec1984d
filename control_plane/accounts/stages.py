"""A step of every log-in, after the password and the confirmed address."""

from allauth.account.stages import LoginStage
from django.http import HttpResponse

from control_plane.accounts.models import Application


class ApprovalStage(LoginStage):
    """Nobody gets in who waits to be let in; they are told so (`approval_pending`)."""

    key = "approval"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        waiting = Application.objects.filter(
            user=self.login.user, state=Application.State.WAITING
        ).exists()
        return (HttpResponse() if waiting else None), True
