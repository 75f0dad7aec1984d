"""Mails of accounts: a text and the same as HTML, with a request or without one."""

from http import HTTPStatus
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from control_plane.errors import Refused


def attach_html(message: EmailMultiAlternatives) -> None:
    """Beside the text, the same as HTML."""
    facts = {"subject": message.subject, "text": message.body}
    message.attach_alternative(render_to_string("account/mail.html", facts), "text/html")


def send_mail(template: str, to: str, **facts: Any) -> None:
    """Send `account/email/<template>_subject.txt` and `…_message.txt`; raises `Refused` when the
    mail server does not take it."""
    subject, text = (
        render_to_string(f"account/email/{template}_{part}.txt", facts).strip()
        for part in ("subject", "message")
    )
    message = EmailMultiAlternatives(subject, text, to=[to])
    attach_html(message)
    try:
        message.send()
    except (SMTPException, OSError) as error:
        detail = "The mail server did not take the mail. Try again."
        raise Refused(
            "mail_failed", status=HTTPStatus.SERVICE_UNAVAILABLE, detail=detail
        ) from error
