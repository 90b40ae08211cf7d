import csv
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, CommandParser, call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.test import Client
from django.utils.translation import gettext as _

from portal.demo.people import PEOPLE
from portal.screens.routes import DOORS, all_routes, routes_without_arguments
from portal.sessions import SessionStore

HOST = "127.0.0.1"
VISITOR = "visitor"


class Command(BaseCommand):
    help = "每个页面、角色与宽度的截图，存到 VAR_DIR/screens/。"

    def add_arguments(self, parser: CommandParser) -> None:
        names = ", ".join(person.username for person in PEOPLE)
        parser.add_argument("--person", action="append", help=f"只要这些账号：{names}，或 visitor")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from portal.screens.camera import Shot, Walk, browser
        except ModuleNotFoundError as error:
            raise CommandError(_("截图需要 Playwright：请先运行 make setup。")) from error
        call_command("demo", stdout=open(os.devnull, "w"))  # noqa: SIM115 - only its work is wanted
        folder = settings.VAR_DIR / "screens"
        shutil.rmtree(folder, ignore_errors=True)
        shots: list[Shot] = []
        # The database is asked before the browser starts: Playwright's loop runs in this very thread.
        with (
            sessions_of(options["person"] or one_of_each_role()) as sessions,
            server() as address,
            browser() as chromium,
        ):
            for name, session in sessions.items():
                walk = Walk(chromium, address, name, session, folder)
                taken = list(walk.shots([*DOORS, *routes_without_arguments()]))
                count = sum(bool(shot.file) for shot in taken)
                self.stdout.write(_("%(person)s：%(count)s 张") % {"person": name, "count": count})
                shots += taken
        self._write_index(folder, shots)
        reached = {shot.route for shot in shots}
        for route in sorted(set(all_routes()) - reached):
            self.stdout.write(self.style.WARNING(_("没有到过：/%s") % route))
        errors = sorted({shot.path for shot in shots if shot.status >= 500})
        if errors:
            raise CommandError(_("出错的页面：%s") % "，".join(errors))

    def _write_index(self, folder: Any, shots: list[Any]) -> None:
        path = folder / "index.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["person", "path", "route", "status", "width", "file"])
            writer.writeheader()
            writer.writerows(asdict(shot) for shot in shots)
        self.stdout.write(self.style.SUCCESS(str(path)))


def one_of_each_role() -> list[str]:
    """The first demo account of every role, and somebody who has not signed in."""
    firsts = {person.role: person.username for person in reversed(PEOPLE)}
    return [VISITOR, *reversed(firsts.values())]


@contextmanager
def sessions_of(names: list[str]) -> Iterator[dict[str, str]]:
    """A session of each account for as long as the pictures take; the visitor has none."""
    sessions = {}
    for name in names:
        client = Client()
        if name != VISITOR:
            client.force_login(get_user_model().objects.get(username=name))
            sessions[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
        else:
            sessions[name] = ""
    connection.close()
    try:
        yield sessions
    finally:
        for key in filter(None, sessions.values()):
            SessionStore(key).delete()


@contextmanager
def server() -> Iterator[str]:
    """The portal on a free port of loopback."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    options = ["--bind", f"{HOST}:{port}", "--threads", "4", "--worker-tmp-dir", str(settings.VAR_DIR)]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "portal.wsgi", "--log-level", "warning", *options],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DEMO": "1"},
    )
    try:
        _await(process, port)
        yield f"http://{HOST}:{port}"
    finally:
        process.terminate()
        process.wait()


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _attempt in range(300):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise CommandError(_("网站没有启动起来，请看上面的错误。"))
