"""A sender killed in the middle, on a real process and a real mail server: nothing lost, what was marked not sent again."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from portal import sending
from portal.models import Channel, Delivery
from tests.factories import DeliveryFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.faults,
    pytest.mark.xdist_group("faults"),
]
ROOT = Path(__file__).resolve().parent.parent.parent
SEND = "import django; django.setup(); from portal import sending; sending.send_due('email')"


class MailServer:
    """Enough of SMTP to take letters; it takes the `stuck` one and then never answers."""

    def __init__(self, stuck: int = 0) -> None:
        self.letters: list[str] = []
        self.stuck, self.is_stuck = stuck, threading.Event()
        self.is_over = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.threads = [threading.Thread(target=self._serve)]

    def __enter__(self) -> "MailServer":
        self.threads[0].start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.is_over.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for thread in self.threads:
            thread.join()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.socket.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self.socket.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self._talk, args=[client]))
            self.threads[-1].start()

    def _talk(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            self._answer(client, lines)

    def _answer(self, client: socket.socket, lines: BinaryIO) -> None:
        client.sendall(b"220 here\r\n")
        for line in lines:
            word = line.split()[0].upper()
            client.sendall(b"354 go on\r\n" if word == b"DATA" else b"250 ok\r\n")
            if word == b"DATA":
                self.letters.append(_letter_of(lines))
                if len(self.letters) == self.stuck:
                    self.is_stuck.set()
                    self.is_over.wait(60)
                    return
                client.sendall(b"250 taken\r\n")


def _letter_of(lines: Iterator[bytes]) -> str:
    """The Message-ID of the letter that follows, up to the line with a dot alone."""
    found = ""
    for line in lines:
        if line.lower().startswith(b"message-id:"):
            found = line.split()[1].decode()
        if line == b".\r\n":
            break
    return found


def sender(server: MailServer) -> subprocess.Popen:
    database = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "TEST_SLOT"},
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "EMAIL_URL": server.url,
        "VAR_DIR": str(settings.VAR_DIR),
    }
    return subprocess.Popen([sys.executable, "-c", SEND], cwd=ROOT, env=environment)


def test_sender_killed_in_mid_sending_loses_nothing_and_sends_nothing_again_that_was_marked():
    rows = [DeliveryFactory() for _letter in range(3)]
    ids = [f"<message-{row.message_id}@127.0.0.1>" for row in rows]
    with MailServer(stuck=2) as first:
        process = sender(first)
        assert first.is_stuck.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = list(Delivery.objects.order_by("pk").values_list("state", "attempts"))
    cache.delete(sending._pause(Channel.EMAIL))
    with MailServer() as after:
        assert sender(after).wait(60) == 0
        Delivery.objects.filter(state="pending").update(next_at=timezone.now())  # the lease is over
        assert sender(after).wait(60) == 0

    assert left == [("sent", 1), ("pending", 1), ("pending", 0)]
    assert first.letters == ids[:2]
    assert after.letters == [ids[2], ids[1]]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
