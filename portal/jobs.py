"""Send work to the workers; a queue that is away stops nobody, since the clock sends again what waits."""

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def send(task: str, *args: Any) -> bool:
    """Send a task by name; tell whether the queue took it."""
    try:
        current_app.send_task(task, args=args, retry=False)
    except OperationalError:
        logger.warning("The queue is away; %s waits for the clock.", task)
        return False
    return True


def send_on_commit(task: str, *args: Any) -> None:
    """Send a task once what it works on is there for others to see."""
    transaction.on_commit(lambda: send(task, *args))
