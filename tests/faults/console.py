"""A process of the portal that does what a test asks, line by line: `[name, arguments]` in, a JSON answer out."""

import json
import re
import sys
from typing import Any

import django
from django.db import close_old_connections


def start(month: str) -> int:
    from billing import runs
    from billing.management.commands.close_month import whole_country

    return runs.start(month, whole_country()).pk


def hand_out() -> int:
    from billing import working

    return working.hand_out()


def deliver(run: int, number: int, times: int) -> None:
    from celery import current_app

    for _time in range(times):
        current_app.send_task("billing.tasks.close_batch", args=(run, number))


def progress(run: int) -> dict[str, Any]:
    from billing import runs
    from billing.models import CloseRun

    now = runs.progress(CloseRun.objects.get(pk=run))
    return {"total": now.total, "handled": now.handled, "states": now.states, "is_over": now.is_over}


def page(run: int) -> str:
    """The text of a run's page, as an administrator reads it."""
    from django.urls import reverse

    html = administrator().get(reverse("admin:books_run", args=[run])).content.decode()
    main = html[html.index('id="run-progress"') :]
    return " ".join(re.sub(r"<[^>]*>", " ", main[main.index(">") + 1 :]).split())


def press(run: int, button: str) -> int:
    """Press a button of a run's page; return the run whose page follows."""
    from django.urls import reverse

    answer = administrator().post(reverse("admin:books_run_do", args=[run]), {"do": button})
    return int(re.findall(r"\d+", answer["Location"])[-1])


def administrator() -> Any:
    from django.test import Client

    from portal.models import User

    client = Client(SERVER_NAME="localhost")
    user, _made = User.objects.get_or_create(username="administrator", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


def draft(month: str, codes: list[str]) -> list[str]:
    from billing import closing

    return [one.state for one in closing.draft(month, codes)]


def faults() -> list[str]:
    from billing.verification import verify_ledger

    return [str(fault) for fault in verify_ledger()]


DEEDS = (start, hand_out, deliver, progress, page, press, draft, faults)
ACTIONS = {one.__name__: one for one in DEEDS}


def main() -> None:
    django.setup()
    for line in sys.stdin:
        name, arguments = json.loads(line)
        close_old_connections()
        try:
            answer: Any = {"answer": ACTIONS[name](*arguments)}
        except Exception as error:  # noqa: BLE001 - told to the test
            answer = {"error": repr(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
