"""Logging as JSON lines on standard error, with tokens and passwords cut out.

Redaction is a last wall: code does not log secrets in the first place. It works on the finished
line, so that nothing passes by way of an argument, an extra field or a traceback.
"""

import json
import logging
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Any, Final

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_SECRET_NAME = r"(?:password|passwd|secret|token|cookie|authorization|invitation|api[_-]?key)"  # noqa: S105
_MEMBER = rf"{_SECRET_NAME}\\*[\"']\s*:\s*b?"

# A JWT or a JWE is base64url in three or five parts, the first of which is a JSON object. It is
# sought from the start of a run of such letters, once: time must not grow with their square.
_PARTS: Final = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{19,}+(?:\.[A-Za-z0-9_-]*){2,4}")
_OBJECT: Final = re.compile(r"e(?:yJ|yA[gi]|w[0ok])[A-Za-z0-9_-]{16}")

_SECRETS: Final = (
    # the path form of a media URL, whatever stands where its token should
    (re.compile(r"(?<!/api)(/v1/)(?!a/|cookie\b)[^/\s\"]+(?=/)"), r"\1[token]"),
    # a URL's password ends at the last @ of its authority
    (re.compile(r"(://[^/\s:@\"]*:)[^/\s\"]+(?=@)"), r"\1[password]"),
    (
        re.compile(r'-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\.|[^"\\])*?(?:-----END|(?=\\?"|\Z))'),
        "[key]",
    ),
)

_NAMED: Final = re.compile(rf"(?i){_SECRET_NAME}|bearer")
_NAMED_SECRETS: Final = (
    (re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]+"), r"\1[token]"),
    # password=..., ?token=...
    (re.compile(rf"(?i)({_SECRET_NAME}=)[^\s&;,\"'\\]+"), r"\1[secret]"),
    # "password": "...", the same in a string of JSON, and 'password': '...'; none of them goes
    # past the end of the string that it may stand in
    (re.compile(rf'(?i)({_MEMBER}")(?:\\.|[^"\\])*'), r"\1[secret]"),
    (re.compile(rf'(?i)({_MEMBER}\\+")(?:\\\\\\"|(?!\\")\\.|[^"\\])*'), r"\1[secret]"),
    (re.compile(rf"(?i)({_MEMBER}\\*')(?:\\.|[^'\"\\])*"), r"\1[secret]"),
    (re.compile(r"(?i)((?:authorization|cookie):\s*)(?!bearer)[^\"\\\r\n]+"), r"\1[secret]"),
)


def redact(text: str) -> str:
    """Cut tokens, keys, credentials and passwords out of a text."""
    text = _PARTS.sub(_cut_token, text)
    for pattern, substitute in _SECRETS:
        text = pattern.sub(substitute, text)
    if _NAMED.search(text):
        for pattern, substitute in _NAMED_SECRETS:
            text = pattern.sub(substitute, text)
    return text


def _cut_token(parts: re.Match[str]) -> str:
    found = _OBJECT.search(parts[0])
    return parts[0] if found is None else f"{parts[0][: found.start()]}[token]"


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time, level, logger, message, extra fields, exception."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD:
                line.setdefault(name, value)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return redact(json.dumps(line, default=str, ensure_ascii=False))


class LineHandler(logging.StreamHandler[IO[str]]):
    """Writes finished lines. The standard handler, when a record cannot be formatted, prints its
    arguments as they are, secrets too; this one says only where the record came from."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        place = f"{record.pathname}:{record.lineno}"
        fault = {"level": "error", "logger": record.name, "message": f"not loggable: {place}"}
        with suppress(OSError, ValueError):  # the stream itself may be what is broken
            self.stream.write(json.dumps(fault) + self.terminator)


def configure_logging(service: str, *, level: str = "INFO") -> None:
    """Send every log record of this process to standard error as JSON lines."""
    handler = LineHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
