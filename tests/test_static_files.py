"""What production serves beside its pages can be collected, named by digest and found again."""

import json

from django.conf import settings as given
from django.core.management import call_command

DIGEST = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}


def test_files_are_collected_for_production(settings, tmp_path):
    """A file that names another which is not there would stop it, and every page with it."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**given.STORAGES, "staticfiles": DIGEST}

    call_command("collectstatic", interactive=False, verbosity=0)

    named = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert named["portal/mark.svg"] != "portal/mark.svg"
    assert (tmp_path / named["portal/mark.svg"]).exists()
