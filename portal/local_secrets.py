"""Secrets of a machine that is not in production, each made once; whichever process comes first makes it."""

import contextlib
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def local_secret(folder: Path, name: str) -> str:
    """Return the secret kept under this name in the folder; make it, readable by its owner alone."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            part = path.with_name(f"{name}.{secrets.token_hex(4)}")
            part.touch(0o600)
            part.write_text(secrets.token_urlsafe(50))
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(part)
            part.unlink()
        return path.read_text()
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{path} 属于其他用户：请设置 VAR_DIR 为自己的目录。 ({path} belongs to another user: set VAR_DIR.)"
        ) from error
