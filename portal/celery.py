"""The Celery application and its clock: jobs are in each app's tasks.py, settings under CELERY_."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("liren", task_cls="portal.history:LabelledTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "hand-out-batches": {
        "task": "billing.tasks.hand_out_batches",
        "schedule": float(os.environ.get("CLOSE_HAND_OUT_SECONDS", "10")),
    },
    "draft-open-months": {
        "task": "billing.tasks.draft_open_months",
        "schedule": crontab(minute=30, hour=1),
    },
    "post-due-months": {
        "task": "billing.tasks.post_due_months",
        "schedule": crontab(minute=0, hour=3),
    },
    "expire-bookings": {
        "task": "facilities.tasks.expire_bookings",
        "schedule": crontab(minute="*/5"),
    },
    "import-calendars": {
        "task": "facilities.tasks.import_calendars",
        "schedule": crontab(minute="*/15"),
    },
    "prune-bookings": {
        "task": "facilities.tasks.prune_bookings",
        "schedule": crontab(minute=15, hour=2),
    },
    "prune-residents": {
        "task": "residents.tasks.prune_residents",
        "schedule": crontab(minute=30, hour=2),
    },
    "forget-unproven-accounts": {
        "task": "portal.tasks.forget_unproven_accounts",
        "schedule": crontab(minute=40),
    },
    "tend-exports": {
        "task": "portal.tasks.tend_exports",
        "schedule": crontab(minute="*/5"),
    },
    "send-emails": {
        "task": "portal.tasks.send_deliveries",
        "schedule": 60.0,
        "args": ["email"],
    },
    "send-text-messages": {
        "task": "portal.tasks.send_deliveries",
        "schedule": 60.0,
        "args": ["sms"],
    },
    "forget-messages": {
        "task": "portal.tasks.forget_messages",
        "schedule": crontab(minute=45, hour=2),
    },
    "forget-sessions": {
        "task": "portal.tasks.forget_sessions",
        "schedule": crontab(minute=50, hour=2),
    },
    "check-roll-ups": {
        "task": "billing.tasks.check_roll_ups",
        "schedule": crontab(minute=30, hour=4),
    },
}
