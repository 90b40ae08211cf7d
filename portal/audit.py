"""The append-only record of what people did."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from portal.models import AuditEntry, User


def record(
    action: str, subject: models.Model | str, *, by: Any = None, region: str | None = None, **data: Any
) -> None:
    """Write one audit entry in the caller's transaction; the region defaults to the subject's community."""
    _entry(action, subject, region, by, data).save(force_insert=True)


def record_all(what: Iterable[tuple[str, models.Model, str]], *, by: Any, **data: Any) -> None:
    """Write an entry for each row of one act, with its action and region, in one statement."""
    AuditEntry.objects.bulk_create(
        _entry(action, row, region, by, {**data, "pk": row.pk}) for action, row, region in what
    )


def _entry(
    action: str, subject: models.Model | str, region: str | None, by: Any, data: dict[str, Any]
) -> AuditEntry:
    return AuditEntry(
        by=by if by is not None and by.pk else None,
        action=action,
        region_id=region or getattr(subject, "community_id", None),
        subject=_name(subject)[:160],
        data=data,
    )


def _name(subject: models.Model | str) -> str:
    """What stays for good names no person: an account is its number, and so is what else says `audited_as`."""
    if isinstance(subject, User):
        return _("用户 %d") % subject.pk
    return str(getattr(subject, "audited_as", subject))
