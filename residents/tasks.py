"""Jobs of people: forgetting."""

from celery import shared_task

from residents import privacy


@shared_task
def prune_residents() -> None:
    privacy.prune()
