"""The demo as `make run` prepares it: on servers of its own, through a real worker, once."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from portal.access import Role
from portal.demo import people
from portal.embedded import servers_of
from tests.factories import UserFactory

ROLES = {"superuser", *Role.values}


def run(folder: Path, *command: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the portal on the servers of a folder, as `make run` does."""
    others = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "TEST_SLOT", "DEBUG"}
    environment = {name: value for name, value in os.environ.items() if name not in others}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={**environment, "VAR_DIR": str(folder), "DEMO": "1", "COLUMNS": "160", **extra},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("demo")
    yield folder
    servers_of(folder).stop()


@pytest.fixture(scope="module")
def first(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(folder, "demo")


def test_first_run_posts_both_months_and_tells_the_result(first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stderr

    for month in ("2026-09", "2026-10"):
        for community in ("黄河社区", "天府社区", "电建社区", "梨园社区"):
            assert re.search(rf"{month}.*{community}", first.stdout)
    assert people.PASSWORD in first.stdout


def test_second_run_does_nothing_but_tell_the_same(
    folder: Path, first: subprocess.CompletedProcess[str]
) -> None:
    second = run(folder, "demo")

    assert second.returncode == 0, second.stderr
    assert "结账" not in second.stderr + second.stdout
    assert second.stdout.splitlines() == first.stdout.splitlines()[-len(second.stdout.splitlines()) :]


def test_books_hold_and_the_open_month_has_work_to_do(
    folder: Path, first: subprocess.CompletedProcess[str]
) -> None:
    verified = run(folder, "verify_ledger")
    review = run(folder, "review_month", "2026-11")

    assert verified.returncode == 0, verified.stdout
    assert "分表 HH-M4" in review.stdout
    assert "还没有核实" in review.stdout


def test_every_role_has_an_account() -> None:
    assert {person.role or "superuser" for person in people.PEOPLE} == ROLES


@pytest.mark.django_db
def test_demo_is_refused_outside_demo_mode() -> None:
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")


@pytest.mark.django_db
@pytest.mark.parametrize("is_demo", [True, False])
def test_demo_accounts_open_only_in_demo_mode(settings: Any, rf: Any, is_demo: bool) -> None:
    settings.DEMO = is_demo
    user = UserFactory(email=f"clerk{people.DOMAIN}")
    user.set_password(people.PASSWORD)
    user.save()

    found = authenticate(rf.post("/"), username=user.username, password=people.PASSWORD)

    assert (found == user) is is_demo


@pytest.mark.django_db
def test_other_accounts_open_in_any_mode(rf: Any) -> None:
    user = UserFactory(email="someone@example.org")
    user.set_password("for-tests-only")
    user.save()

    assert authenticate(rf.post("/"), username=user.username, password="for-tests-only") == user
