"""For all tests: the real PostgreSQL and Redis they run against, and what a skip means."""

import json
import os
from collections.abc import Generator, Iterator
from typing import Final

import pytest
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from tests import services
from tests.edge_database import open_to_edges
from tests.emptying import empty_database
from tests.openid_provider import OpenIdServer, serve_openid_provider
from tests.stack import Stack, make_state_folder, run_stack
from tests.wire import Wire, lay_wire

# How fast a machine is says nothing about whether a property holds.
settings.register_profile("sluice", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sluice")

# Set where all that tests drive from outside is installed: there a skip hides a fault.
SKIP_NOTHING: Final = "SLUICE_TESTS_SKIP_NOTHING" in os.environ  # noqa: TID251


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if SKIP_NOTHING and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped here: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def remove_service_folder() -> Iterator[None]:
    """Set up before all, so torn down after the servers have ended."""
    yield
    services.remove_folder()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The URL of a running PostgreSQL."""
    with services.serve_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a running Redis."""
    with services.serve_redis() as url:
        yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_url: str, redis_url: str) -> None:
    """pytest-django asks for this before it makes its database: by then the server runs."""


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_database)
        yield


@pytest.fixture(scope="session")
def edge_database_url(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> str:  # noqa: ARG001
    """The URL by which an edge reads the database that tests with `transactional_db` write to."""
    with django_db_blocker.unblock():
        return open_to_edges()


@pytest.fixture(scope="session")
def openid_provider() -> Iterator[OpenIdServer]:
    """A provider by which people may log in to the whole system."""
    with serve_openid_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def stack(openid_provider: OpenIdServer) -> Iterator[Stack]:
    """The whole system, with its demo film: one for all tests that leave it as they found it."""
    offered = json.dumps([openid_provider.setting])
    with make_state_folder() as state, run_stack(state, SLUICE_CONTROL_OIDC=offered) as stack:
        yield stack


@pytest.fixture
def wire(stack: Stack) -> Iterator[Wire]:
    """A wire to the running system's edge."""
    with lay_wire(stack.edge_url) as wire:
        yield wire
