"""The mails that the running system sends: it has no mail server, so that they go to its log."""

import re

from tests.stack import Stack
from tests.waiting import wait_for


def read_mail(stack: Stack, email: str, folder: str) -> str:
    """The path of the newest link into `folder` that was mailed to somebody."""
    link = rf"{re.escape(stack.control_url)}(/{folder}[/?][^\s\"<]+)"
    mail = re.compile(rf"^To: {re.escape(email)}$.*?{link}", re.DOTALL | re.MULTILINE)
    links: list[str] = []

    def has_arrived() -> bool:
        links.extend(mail.findall((stack.state / "logs" / "control.log").read_text()))
        return bool(links)

    wait_for(has_arrived, what="mail", within_s=10)
    return links[-1]
