import os
from typing import Any

import pytest
from django.conf import settings
from pytest_django.plugin import DjangoDbBlocker

from facilities.models import Category
from tests import chromium
from tests import effort as effort
from tests.template_database import template_database


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the Chromium on PATH, else Playwright's own, so that it asks nothing of the network."""
    found = chromium.on_path()
    own = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **own, "args": chromium.FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session", autouse=True)
def _database_beside_playwright() -> None:
    """Playwright's loop runs in the test's own thread, which Django would take for async code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Copy the migrated schema instead of migrating again in every worker and run."""
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = template_database()


@pytest.fixture(scope="session")
def nine_functions(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> list[Category]:
    """The rows that a migration brings, as they are before any test empties the tables."""
    with django_db_blocker.unblock():
        return list(Category.objects.all())


@pytest.fixture(autouse=True)
def _functions_come_back(request: pytest.FixtureRequest) -> None:
    """Tests with transactions of their own empty every table behind them; the next one finds these rows."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None and "live_server" not in request.fixturenames:
        return
    rows = request.getfixturevalue("nine_functions")
    transactional = (marker and marker.kwargs.get("transaction")) or "live_server" in request.fixturenames
    request.getfixturevalue("transactional_db" if transactional else "db")
    Category.objects.bulk_create(rows, ignore_conflicts=True)
