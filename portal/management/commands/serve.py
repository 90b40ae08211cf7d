import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from portal.processes import wait_with_parent

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HOST = "127.0.0.1"
POLITE = 10  # seconds to finish; honcho itself gives its processes five


def leave(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does, once: a second signal must not cut the clean-up short."""
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def first_free_port(wanted: int) -> int:
    """The port asked for, or the next one that nobody listens on."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise SystemExit(f"{wanted}–{wanted + 99} 都被占用，请用 PORT 指定。 (No free port: set PORT.)")


class Command(BaseCommand):
    help = "准备演示数据，然后启动网站、任务进程和定时器；Ctrl-C 全部停止。"

    def handle(self, *args: Any, **options: Any) -> None:
        for number in ENDINGS:
            signal.signal(number, leave)
        try:
            call_command("demo")
            self._serve(first_free_port(int(os.environ.get("PORT") or 8000)))
        except KeyboardInterrupt:
            self.stdout.write("")

    def _serve(self, port: int) -> None:
        here = Path(sys.executable).parent
        environment = {
            **os.environ,
            "PORT": str(port),
            "SITE_URL": os.environ.get("SITE_URL") or f"http://{HOST}:{port}",
            "VAR_DIR": str(settings.VAR_DIR),
            "PATH": f"{here}{os.pathsep}{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
        }
        # In a session of its own: signals reach it through this process alone, once.
        honcho = subprocess.Popen(
            [sys.executable, "-m", "honcho", "start"],
            cwd=settings.BASE_DIR,
            env=environment,
            start_new_session=True,
        )
        try:
            self._announce(honcho, port)
            wait_with_parent(honcho)
        finally:
            self._end(honcho)
        if honcho.returncode:
            raise SystemExit(honcho.returncode)

    def _end(self, honcho: "subprocess.Popen[bytes]") -> None:
        """Stop politely what still runs, then without asking: nothing we started stays."""
        if honcho.poll() is not None:
            return
        everyone = psutil.Process(honcho.pid).children(recursive=True)
        honcho.terminate()
        try:
            honcho.wait(POLITE)
        except subprocess.TimeoutExpired:
            honcho.kill()
            honcho.wait()
        for process in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def _announce(self, honcho: "subprocess.Popen[bytes]", port: int) -> None:
        """Say the address once the door is open."""
        while honcho.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    self.stdout.write(self.style.SUCCESS(f"\n  里仁  http://{HOST}:{port}/    Ctrl-C 停止\n"))
                    return
            time.sleep(0.1)
