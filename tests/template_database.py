"""The migrated schema is built once per set of migrations; each run of the suite starts from a copy of it."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings

PREFIX = "liren_template_"


def fingerprint() -> str:
    """Everything that says what the tables look like."""
    files = sorted(Path(settings.BASE_DIR).glob("*/migrations/*.py"))
    digest = hashlib.sha256(Path(settings.BASE_DIR, "requirements.txt").read_bytes())
    for path in files:
        digest.update(str(path.relative_to(settings.BASE_DIR)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def template_database() -> str:
    """The name of the template, made by whichever worker comes first; older ones go."""
    name = PREFIX + fingerprint()
    lock = os.open(settings.VAR_DIR / "tests" / "template", os.O_RDWR | os.O_CREAT, 0o600)
    server = psycopg2.connect(_url("postgres"))
    server.autocommit = True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with server.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
            there = {row[0] for row in cursor.fetchall()}
            if name not in there:
                for old in there | {"liren_new_template"}:
                    cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
                cursor.execute("CREATE DATABASE liren_new_template")
                _migrate("liren_new_template")
                cursor.execute(f'ALTER DATABASE liren_new_template RENAME TO "{name}"')
    finally:
        server.close()
        os.close(lock)
    return name


def _url(database: str) -> str:
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{database}").geturl()


def _migrate(database: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "DATABASE_URL": _url(database)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
