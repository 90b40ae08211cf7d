"""The month on the command line: what it says, and its exit code."""

import io
import json
import sys
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing import runs
from billing.models import CloseRun, MonthClose
from facilities.models import Region
from portal.months import Month
from tests.billing.test_races import at_once
from tests.billing.worlds import OCTOBER, SEPTEMBER, world
from tests.factories import RegionFactory

pytestmark = pytest.mark.django_db


def close(capsys, month, *arguments):
    """Close in this process; return the exit code and what was said of each community."""
    with pytest.raises(SystemExit) as left:
        call_command("close_month", month, "--inline", "--json", *arguments)
    return left.value.code, {one["code"]: one for one in json.loads(capsys.readouterr().out)}


@pytest.fixture
def zone():
    """A development zone that manages the street of one of two communities."""
    inside, outside = world(code="610111001010"), world(code="610111002010")
    found = RegionFactory(code="610191000000", level=9)
    Region.objects.filter(code="610111001000").update(managed_by=found)
    return found, inside, outside


def test_all_posted_is_exit_0(capsys):
    here = world()

    code, told = close(capsys, SEPTEMBER)

    assert (code, told[here.code]["state"]) == (0, "posted")


@pytest.mark.django_db(transaction=True)
def test_a_run_that_somebody_stops_is_exit_3_and_says_how_many_are_undone(capsys):
    world()

    def stop() -> None:
        while not (run := CloseRun.objects.first()):
            time.sleep(0.02)
        runs.cancel(run, by=None)

    person = threading.Thread(target=at_once, args=[stop])
    person.start()
    with pytest.raises(SystemExit) as left:
        call_command("close_month", SEPTEMBER)
    person.join()

    assert left.value.code == 3
    assert "还有 1 个社区没做" in capsys.readouterr().out


def test_some_blocked_is_exit_3_with_what_where_and_what_to_do(capsys):
    late, ready = world(), world()
    close(capsys, "2026-08", "--region", late.code)

    code, told = close(capsys, OCTOBER)

    assert (code, told[ready.code]["state"], told[late.code]["state"]) == (3, "posted", "blocked")
    assert all(told[late.code]["blocks"][0][name] for name in ("reason", "what", "where", "to_do"))


@pytest.mark.parametrize(
    "arguments", [("2026-13",), ("0000-01",), ("9999-12",), (SEPTEMBER, "--region", "1")]
)
def test_what_cannot_be_closed_is_refused_in_words(arguments):
    with pytest.raises(CommandError, match="月份写成|没有代码为"):
        call_command("close_month", *arguments, "--inline")


@pytest.mark.parametrize(("answer", "closed"), [("n\n", 0), ("y\n", 1)])
def test_a_month_that_is_not_over_is_closed_at_a_terminal_by_who_says_yes(monkeypatch, answer, closed):
    world()
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)

    with pytest.raises((CommandError, SystemExit)):
        call_command("close_month", str(Month.of(timezone.localdate())), "--inline")

    assert MonthClose.objects.posted().count() == closed


@pytest.mark.parametrize(
    ("command", "number"),
    [
        ("bench", "--communities=3"),
        ("bench", "--communities=-24"),
        ("bench", "--rounds=0"),
        ("bench", "--rounds=many"),
        ("load_city", "--communities=0"),
        ("load_city", "--agreements=0"),
        ("load_city", "--months=0"),
    ],
)
def test_numbers_without_sense_are_refused_before_anything_is_done(command, number):
    with pytest.raises(CommandError, match=f"{number.partition('=')[0]}: 请写一个不小于 [14] 的整数"):
        call_command(command, number)


def test_a_development_zone_means_what_it_manages(capsys, tmp_path, zone):
    region, inside, outside = zone

    call_command("review_month", SEPTEMBER, "--region", region.code)
    reviewed = capsys.readouterr().out
    _code, told = close(capsys, SEPTEMBER, "--region", region.code)
    close(capsys, SEPTEMBER)
    call_command("export_close", SEPTEMBER, "--out", str(tmp_path), "--region", region.code)

    assert "1 个社区" in reviewed
    assert list(told) == [inside.code]
    for name in ("closes", "journal"):
        exported = (tmp_path / f"{name}.csv").read_text()
        assert inside.code in exported
        assert outside.code not in exported
