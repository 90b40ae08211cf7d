"""The Celery application: jobs are found in each app's tasks.py, settings under CELERY_."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("liren")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
