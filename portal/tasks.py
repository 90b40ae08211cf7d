"""Jobs of the portal itself."""

from celery import shared_task

from portal.entrance import accounts, codes


@shared_task(ignore_result=True, autoretry_for=(OSError,), max_retries=3, retry_backoff=2)
def send_code(sealed: str) -> None:
    codes.deliver(sealed)


@shared_task
def forget_unproven_accounts() -> int:
    return accounts.forget_unproven()
