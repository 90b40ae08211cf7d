"""The gateway for text messages, spoken to over a real connection."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from portal import sms
from portal.personal import encrypt
from portal.tasks import send_code

PHONE, TEXT = "+8613800138000", "验证码 123456，5 分钟内有效。"


class Gateway:
    """A gateway on this machine that answers as it is told and keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.body, self.delay, self.heard = 200, b'{"ok": true}', 0.0, []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.heard.append((self.headers["Authorization"], json.loads(sent)))
                time.sleep(gateway.delay)
                self.send_response(gateway.status)
                if gateway.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(gateway.body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.05])
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def gateway(settings):
    served = Gateway()
    settings.SMS_BACKEND = "portal.sms.to_gateway"
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_TOKEN = served.url, "token"
    yield served
    served.stop()


def test_gateway_is_handed_number_signature_and_text(gateway):
    sms.send(PHONE, TEXT)

    assert gateway.heard == [("Bearer token", {"phone": PHONE, "signature": "里仁", "text": TEXT})]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, b"", sms.SmsUnavailable),
        (429, b"", sms.SmsUnavailable),
        (302, b"", sms.SmsUnavailable),
        (200, b"<html>", sms.SmsUnavailable),
        (200, b"\xff\xfe", sms.SmsUnavailable),
        (400, b"", sms.SmsRefused),
        (200, b'{"ok": false}', sms.SmsRefused),
        (200, b"[]", sms.SmsRefused),
    ],
)
def test_answer_tells_whether_to_try_again(gateway, status, body, kind):
    gateway.status, gateway.body = status, body

    with pytest.raises(sms.SmsUnavailable) as raised:
        sms.send(PHONE, TEXT)

    assert type(raised.value) is kind
    assert "138" not in str(raised.value)
    assert len(gateway.heard) == 1


def test_gateway_that_says_nothing_is_given_up(gateway, settings):
    settings.SMS_TIMEOUT_SECONDS, gateway.delay = 0.2, 1

    with pytest.raises(sms.SmsUnavailable):
        sms.send(PHONE, TEXT)


def test_no_gateway_at_the_address_may_be_tried_again(gateway, settings):
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:9/"

    with pytest.raises(sms.SmsUnavailable) as raised:
        sms.send(PHONE, TEXT)

    assert not isinstance(raised.value, sms.SmsRefused)


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [
        ("https://sms.example/", True),
        ("http://127.0.0.1:8080/", True),
        ("http://sms.example/", False),
        ("", False),
        ("file:///etc/passwd", False),
    ],
)
def test_production_sends_only_over_tls(settings, url, is_fine):
    settings.SMS_BACKEND, settings.SMS_GATEWAY_URL = "portal.sms.to_gateway", url

    assert (sms.check_gateway() == []) is is_fine


def test_tests_send_to_memory():
    sms.outbox.clear()

    sms.send(PHONE, TEXT)

    assert list(sms.outbox) == [sms.Message(PHONE, TEXT)]


def code_on_its_way():
    return encrypt(json.dumps([time.time(), "sms", PHONE, TEXT, ""]))


def test_code_is_tried_again_while_the_gateway_is_away(gateway):
    gateway.status = 500

    send_code.apply([code_on_its_way()])

    assert len(gateway.heard) == 1 + send_code.max_retries


def test_code_the_gateway_will_never_take_is_told_once_and_without_the_number(gateway, caplog):
    gateway.body = b'{"ok": false}'

    done = send_code.apply([code_on_its_way()])

    assert done.successful()
    assert len(gateway.heard) == 1
    assert "A code did not go out" in caplog.text
    assert "138" not in caplog.text
