"""What a start leaves behind: the printed block, the announcement, the processes."""

import json
import re
import stat
import urllib.request
from pathlib import Path

import pytest

from shared.base64url import decode_base64url
from tests.processes import find_processes
from tests.stack import Stack, find_free_ports, make_state_folder, start
from tests.system.listening import list_ports

pytestmark = pytest.mark.system

TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.")


def test_announcement_has_these_members_and_no_others(stack: Stack) -> None:
    announced = stack.announced
    assert set(announced) == {
        *("control_plane", "edge", "watch_url", "playback_url"),
        *("admin_email", "admin_password_file", "pids"),
    }
    assert announced["control_plane"] == stack.control_url
    assert announced["edge"] == stack.edge_url
    assert announced["watch_url"].startswith(f"{stack.control_url}/watch/")
    assert re.fullmatch(
        rf"{stack.edge_url}/v1/eyJ[^/?]+/[0-9a-f-]{{36}}/main\.m3u8", announced["playback_url"]
    )
    assert Path(announced["admin_password_file"]).read_text().strip()


def test_playback_url_is_good_for_a_day_and_any_number_of_players(stack: Stack) -> None:
    token = stack.announced["playback_url"].split("/")[4]
    claims = json.loads(decode_base64url(token.split(".")[1]))
    assert claims["exp"] - claims["iat"] == 24 * 3600
    assert not {"sby", "max_streams"} & set(claims)


def test_announcement_is_its_owners_alone(stack: Stack) -> None:
    mode = (stack.state / "standalone.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_announced_processes_run(stack: Stack) -> None:
    pids = stack.announced["pids"]
    assert set(pids) == {
        *("supervisor", "postgres", "redis"),
        *("control", "control-worker", "beat", "transcoder", "edge"),
    }
    assert set(pids.values()) <= find_processes(stack.state)


def test_only_two_ports_are_taken(stack: Stack) -> None:
    ports = list_ports(find_processes(stack.state))
    assert {f"http://127.0.0.1:{port}" for port in ports} == {stack.control_url, stack.edge_url}


@pytest.mark.parametrize("member", ["watch_url", "playback_url", "control_plane"])
def test_announced_address_answers(stack: Stack, member: str) -> None:
    with urllib.request.urlopen(stack.announced[member]) as response:  # noqa: S310
        assert response.status == 200


def test_everything_announced_is_printed(stack: Stack) -> None:
    announced = stack.announced
    for member in ("watch_url", "playback_url", "admin_email", "admin_password_file"):
        assert announced[member] in stack.output
    assert f"ffplay {announced['playback_url']}\n" in stack.output


def test_no_secret_is_printed_or_logged(stack: Stack) -> None:
    secrets = [path.read_bytes().strip() for path in (stack.state / "secrets").iterdir()]
    texts = [path.read_bytes() for path in (stack.state / "logs").iterdir()]
    for text in (*texts, stack.output.encode()):
        assert not [secret for secret in secrets if secret in text]


def test_no_token_is_logged(stack: Stack) -> None:
    for log in (stack.state / "logs").iterdir():
        assert not TOKEN.search(log.read_bytes()), log.name


def test_no_secret_stands_in_a_list_of_processes(stack: Stack) -> None:
    commands = b"".join(
        Path(f"/proc/{pid}/cmdline").read_bytes() for pid in find_processes(stack.state)
    )
    secrets = (path.read_bytes().strip() for path in (stack.state / "secrets").iterdir())
    assert not [secret for secret in secrets if secret in commands]


def test_second_system_on_the_same_state_is_refused(stack: Stack) -> None:
    before = stack.announced
    control_port, edge_port = map(str, find_free_ports())
    second = start(
        stack.state,
        output="second",
        SLUICE_CONTROL_PORT=control_port,
        SLUICE_EDGE_PORT=edge_port,
    )
    assert second.wait(60) == 1
    words = (stack.state.parent / "second").read_text()
    assert f"in use by a running system (process {stack.process.pid})" in words
    assert "SLUICE_STATE" in words
    assert stack.announced == before


def test_bad_setting_is_refused_by_its_name(tmp_path: Path) -> None:
    with start(tmp_path / "state", SLUICE_EDGE_PORT="http") as process:
        assert process.wait(60) == 1
    assert "SLUICE_EDGE_PORT" in (tmp_path / "output").read_text()
    assert not (tmp_path / "state").exists()


def test_taken_port_is_refused(stack: Stack) -> None:
    taken = stack.control_url.rpartition(":")[2]
    with make_state_folder() as state:
        second = start(state, SLUICE_CONTROL_PORT=taken)
        assert second.wait(60) == 1
        words = state.with_name("output").read_text()
    assert f"Port {taken} cannot be used" in words
    assert "SLUICE_CONTROL_PORT=" in words
