"""Logs: JSON lines, and no way for a secret to stand in one."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.logs import JsonFormatter, LineHandler, configure_logging, redact
from tests.vectors.token_material import GOOD, PARTNER_GOOD

ASSET = "0198c0de-0000-7000-8000-000000000001"


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(output: io.StringIO) -> Iterator[logging.Logger]:
    logger = logging.Logger("sluice.probe")
    handler = LineHandler(output)
    handler.setFormatter(JsonFormatter("edge"))
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)


def line_of(output: io.StringIO) -> dict[str, Any]:
    (text,) = output.getvalue().splitlines()
    line = json.loads(text)
    assert isinstance(line, dict)
    return line


def test_record_is_one_line_of_json(log: logging.Logger, output: io.StringIO) -> None:
    log.warning("served %s\nin %d parts", "film", 2, extra={"status": 200})
    line = line_of(output)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "warning",
        "service": "edge",
        "logger": "sluice.probe",
        "message": "served film\nin 2 parts",
        "status": 200,
    }


def test_exception_is_part_of_the_line(log: logging.Logger, output: io.StringIO) -> None:
    try:
        int("no number")
    except ValueError:
        log.exception("failed")
    assert line_of(output)["exception"].splitlines()[-1].startswith("ValueError: ")


def test_stack_is_part_of_the_line(log: logging.Logger, output: io.StringIO) -> None:
    log.info("here", stack_info=True)
    assert "test_stack_is_part_of_the_line" in line_of(output)["stack"]


def test_extra_field_cannot_change_what_every_line_says(
    log: logging.Logger, output: io.StringIO
) -> None:
    log.info("here", extra={"at": "never", "level": "none", "service": "other", "logger": "x"})
    line = line_of(output)
    assert (line["level"], line["service"], line["logger"]) == ("info", "edge", "sluice.probe")
    assert line["at"] != "never"


def test_object_that_is_no_json_is_written_as_its_text(
    log: logging.Logger, output: io.StringIO
) -> None:
    log.info("here", extra={"parts": {1}, "error": ValueError("x")})
    assert line_of(output)["parts"] == "{1}"


SECRETS = {
    "token": GOOD,
    "token of another issuer": PARTNER_GOOD,
    "token with white space in its header": "ewogImFsZyI6ICJFZERTQSIKfQ.e30.c2lnbmF0dXJl",
    "unsigned token": GOOD.rpartition(".")[0] + ".",
    "encrypted token": "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..aXZpdml2.Y2lwaGVydGV4dA.dGFn",
    "token in a path": f"https://edge.example/v1/{GOOD}/{ASSET}/main.m3u8",
    "no token in a path": "GET /v1/hunter2-opaque/x/main.m3u8 HTTP/1.1",
    "token in a query": "GET /v1/a/x/main.m3u8?token=hunter2&CMCD=br%3D1",
    "token after a line end": f"the token is\n{GOOD}",
    "token in a query within": f"/login?next=%2Fv1%2F{GOOD}%2Fmain.m3u8",
    "bearer": "Authorization: Bearer hunter2/+=",
    "bearer in lower case": "authorization: bearer  hunter2",
    "basic": "Authorization: Basic aHVudGVyMg==",
    "cookie": "Cookie: sessionid=hunter2; csrftoken=hunter2",
    "set-cookie": "Set-Cookie: sluice_token=hunter2; Path=/v1/a/x/",
    "password in a URL": "redis://:hunter2@redis.example:6379/0",
    "password in a socket's URL": "unix://:hunter2@/run/redis.sock?db=0",
    "user and password in a URL": "postgresql://sluice:hunter2@/sluice?host=/run",
    "password with signs in a URL": "redis://:hunter2@hunter2:x@redis.example:6379/0",
    "password of a connection string": "host=/run dbname=sluice password=hunter2 user=sluice",
    "password in a query": "redis://h/0?db=0&password=hunter2",
    "password in a dictionary": "{'email': 'a', 'password': 'hunter2'}",
    "password in JSON": '{"new_password": "hunter2", "a": 1}',
    "password with an apostrophe in a dictionary": "{'password': \"hunter2'er2\"}",
    "password in bytes": "{'password': b'hunter2'}",
    "password with quotes in JSON": '{"password":"hunt\\"er2"}',
    "secret in a form": "client_secret=hunter2&grant_type=x",
    "invitation in a query": "/signup?invitation=hunter2",
    "refresh token": '{"refresh_token": "hunter2"}',
    "API key": "X-Api-Key=hunter2",
    "private key": "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
    "torn private key": "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n",
}
PARTS = [part for token in (GOOD, PARTNER_GOOD) for part in token.split(".")[1:]]


def assert_clean(text: str) -> None:
    for secret in ("hunter2", "er2", "aHVudGVyMg", "c2lnbmF0dXJl", "Y2lwaGVydGV4dA", *PARTS):
        assert secret not in text


EVERY_SECRET = pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)


@EVERY_SECRET
def test_secret_does_not_pass_in_a_text(secret: str) -> None:
    assert_clean(redact(secret))
    assert_clean(redact(f"before {secret} after"))


@EVERY_SECRET
def test_secret_does_not_pass_in_a_message(
    log: logging.Logger, output: io.StringIO, secret: str
) -> None:
    log.error(secret)
    assert_clean(json.dumps(line_of(output)))


@EVERY_SECRET
def test_secret_does_not_pass_in_an_argument(
    log: logging.Logger, output: io.StringIO, secret: str
) -> None:
    log.error("got %s and %r and\n%s", secret, secret.encode(), [secret])
    assert_clean(json.dumps(line_of(output)))


@EVERY_SECRET
def test_secret_does_not_pass_in_an_extra_field(
    log: logging.Logger, output: io.StringIO, secret: str
) -> None:
    log.error("got", extra={"url": secret, "headers": {"x": [secret]}, "raw": secret.encode()})
    assert_clean(json.dumps(line_of(output)))


def _raise(error: Exception, cause: Exception) -> None:
    raise error from cause


@EVERY_SECRET
def test_secret_does_not_pass_in_an_exception(
    log: logging.Logger, output: io.StringIO, secret: str
) -> None:
    cause = ValueError(secret)
    try:
        _raise(RuntimeError(secret), cause)
    except RuntimeError:
        log.exception("failed")
    assert_clean(json.dumps(line_of(output)))


@pytest.mark.parametrize(
    "name", ["password", "secret", "token", "Authorization", "cookie", "api_key"]
)
def test_field_that_is_named_a_secret_is_one(
    log: logging.Logger, output: io.StringIO, name: str
) -> None:
    log.error("got", extra={name: "hunter2", "nested": {f"x_{name}": "hunter2"}})
    assert line_of(output)[name] == "[secret]"
    assert_clean(json.dumps(line_of(output)))


def test_rest_of_a_line_stays_readable() -> None:
    text = f'GET https://edge.example/v1/{GOOD}/{ASSET}/main.m3u8?token=x&a=b "ffmpeg"'
    assert redact(text) == (
        f'GET https://edge.example/v1/[token]/{ASSET}/main.m3u8?token=[secret]&a=b "ffmpeg"'
    )


@pytest.mark.parametrize(
    "text",
    [
        "/api/v1/videos/0198c0de/playback",
        f"/v1/a/{ASSET}/main.m3u8",
        "POST /v1/cookie",
        "unknown kid 'x', refused with token_invalid",
        "SLUICE_CONTROL_SECRET_KEY: missing",
        "REDIS_PASSWORD: missing",
        "http://127.0.0.1:8000/livez",
        "redis://redis.example:6379/0",
        "someone@example.org",
        "eyebrow.museum.example",
        "control_plane_review_handlers.models.Review",
        "eyewitness_films_of_the_year.models.Film",
        '{"kind": "video", "code": "token_expired", "at": 1.5}',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


json_texts = st.recursive(
    st.text(st.sampled_from("aeyJ.:=/@\"'\\ \npasword\u00e9-") | st.characters(), max_size=30)
    | st.sampled_from(list(SECRETS.values())),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["password", "token", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(value=json_texts)
def test_redacted_line_is_still_json(value: Any) -> None:
    record = logging.makeLogRecord({"msg": "got %s", "args": (repr(value),), "value": value})
    assert json.loads(JsonFormatter("edge").format(record))["service"] == "edge"


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("%d", GOOD), id="argument of another type"),
        pytest.param(("%s %s", GOOD), id="argument missing"),
        pytest.param(("no place", GOOD), id="argument too many"),
    ],
)
def test_record_that_cannot_be_formatted_tells_its_place_alone(
    log: logging.Logger,
    output: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, str],
) -> None:
    log.error(*arguments)
    line = line_of(output)
    assert line["message"].startswith("not loggable: ")
    assert "test_logs.py" in line["message"]
    assert_clean(output.getvalue() + capsys.readouterr().err)


def test_stream_that_is_closed_stops_nobody(log: logging.Logger, output: io.StringIO) -> None:
    output.close()
    log.error("nobody hears this")


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def test_every_logger_of_the_process_writes_such_lines(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch, output: io.StringIO
) -> None:
    monkeypatch.setattr(sys, "stderr", output)
    configure_logging("transcoder", level="WARNING")
    logging.getLogger("library").info("not heard")
    logging.getLogger("library").warning("heard with %s", GOOD)
    line = line_of(output)
    assert (line["service"], line["message"]) == ("transcoder", "heard with [token]")
    assert len(root.handlers) == 1


def test_configuring_twice_doubles_no_line(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch, output: io.StringIO
) -> None:
    monkeypatch.setattr(sys, "stderr", output)
    configure_logging("edge")
    configure_logging("edge")
    root.info("once")
    assert line_of(output)["message"] == "once"
