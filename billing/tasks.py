"""Addresses of what workers do: ids in, one call. The schedule is in `portal.celery`."""

from celery import shared_task

from billing import schedule, working


@shared_task
def close_batch(run_id: int, number: int) -> None:
    working.run_batch(run_id, number)


@shared_task
def hand_out_batches() -> None:
    working.hand_out()


@shared_task
def draft_open_months() -> None:
    schedule.hand_out_drafts()


@shared_task
def draft_district(prefix: str) -> None:
    schedule.draft_open_months(prefix)


@shared_task
def post_due_months() -> None:
    schedule.post_due_months()


@shared_task
def check_roll_ups() -> None:
    schedule.check_roll_ups()
