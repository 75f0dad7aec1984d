"""Logging as JSON lines on standard error, with tokens and passwords cut out.

Redaction is a last wall: code does not log secrets in the first place. It works on the finished
line, so that nothing passes by way of an argument, an extra field or a traceback.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Final

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_SECRETS: Final = (
    # a JWT: three base64url parts, the first of which is a JSON object
    (re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), "[token]"),
    # the path form of a media URL, whatever stands where its token should
    (re.compile(r"(/v1/)(?!a/|cookie\b)[^/\s\"]+(?=/)"), r"\1[token]"),
    (re.compile(r"([?&]token=)[^&\s\"]+"), r"\1[token]"),
    (re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]+"), r"\1[token]"),
    (re.compile(r"(://[^/\s:@\"]*:)[^/\s@\"]+(?=@)"), r"\1[password]"),
)


def redact(text: str) -> str:
    """Cut tokens, bearer credentials and passwords in URLs out of a text."""
    for pattern, substitute in _SECRETS:
        text = pattern.sub(substitute, text)
    return text


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time, level, logger, message, extra fields, exception."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, default=str, ensure_ascii=False))


def configure_logging(service: str, *, level: str = "INFO") -> None:
    """Send every log record of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
