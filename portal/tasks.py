"""Jobs of the portal itself: addresses only, the schedule is in `portal.celery`."""

from celery import shared_task
from django.core.management import call_command

from portal import sending, sms
from portal.entrance import accounts, codes
from portal.spreadsheets import exporting, importing


@shared_task(ignore_result=True, autoretry_for=(OSError, sms.SmsUnavailable), max_retries=3, retry_backoff=2)
def send_code(sealed: str) -> None:
    codes.deliver(sealed)


@shared_task
def forget_unproven_accounts() -> int:
    return accounts.forget_unproven()


@shared_task
def write_export(pk: int) -> None:
    exporting.run(pk)


@shared_task
def tend_exports() -> None:
    exporting.tend()
    importing.prune()


@shared_task
def send_deliveries(channel: str) -> None:
    sending.send_due(channel)


@shared_task
def forget_messages() -> None:
    sending.forget()


@shared_task
def forget_sessions() -> None:
    """Delete what has run out: a sign-in left half done keeps the number or address it was begun with."""
    call_command("clearsessions")
