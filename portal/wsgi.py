"""The door for gunicorn."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # every view and form now, not within the first request
# What is loaded stays: looking through it again and again held a page up for a quarter of a second.
gc.freeze()
