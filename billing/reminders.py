"""Say what a month still lacks to those who enter it, once for each thing, and see when it is there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Reminder
from billing.review import Finding, findings
from facilities.models import Community
from portal.access import Role
from portal.models import AccessRole
from portal.months import in_words
from portal.notifications import tell

ASKED = (Role.CLERK, Role.ACCOUNTANT)
NOBODY: list[int | None] = [None]


def missing(month: str, codes: Sequence[str]) -> dict[str, list[Finding]]:
    """Return what the review lists as incomplete, by community; one without is not named."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings(month, codes):
        if finding.is_incomplete:
            found[finding.code].append(finding)
    return dict(found)


@transaction.atomic
def remind(month: str, codes: Sequence[str]) -> int:
    """Write down what is missing and for whom; return how many reminders are new."""
    lacking = missing(month, codes)
    asked = _asked(lacking)
    wanted: dict[tuple[str, str, str, int | None], str] = {
        (code, one.kind, one.ref, to): one.text
        for code, found in lacking.items()
        for one in found
        for to in asked[code]
    }
    known = Reminder.objects.filter(community__in=codes, month=month)
    before = _keys(known)
    known.open().exclude(pk__in=[pk for key, pk in before.items() if key in wanted]).update(
        settled_at=timezone.now()
    )
    known.filter(pk__in=[pk for key, pk in before.items() if key in wanted]).update(settled_at=None)
    new = [
        Reminder(community_id=code, month=month, kind=kind, ref=ref, text=text[:400], to_id=to)
        for (code, kind, ref, to), text in wanted.items()
        if (code, kind, ref, to) not in before
    ]
    Reminder.objects.bulk_create(new, ignore_conflicts=True)
    _tell(month, new)
    return len(new)


def _keys(rows: Any) -> dict[tuple[Any, ...], int]:
    columns = ("community_id", "kind", "ref", "to_id", "pk")
    return {tuple(key): pk for *key, pk in rows.values_list(*columns)}


def _asked(codes: Iterable[str]) -> dict[str, list[int | None]]:
    """Whose work it is to enter the months of these communities: those with the narrowest such role."""
    roles = (
        AccessRole.objects.in_force(timezone.localdate())
        .filter(role__in=ASKED, user__is_active=True)
        .values_list("user_id", "region__prefix")
    )
    by_prefix: dict[str, list[int | None]] = defaultdict(list)
    for user_id, prefix in roles:
        by_prefix[prefix].append(user_id)
    found: dict[str, list[int | None]] = {}
    for code in codes:
        prefixes = [prefix for prefix in by_prefix if code.startswith(prefix)]
        found[code] = by_prefix[max(prefixes, key=len)] if prefixes else NOBODY
    return found


def _tell(month: str, new: list[Reminder]) -> None:
    """One message a person with everything they were not told of yet."""
    mine: dict[int, list[Reminder]] = defaultdict(list)
    for one in new:
        if one.to_id:
            mine[one.to_id].append(one)
    people = get_user_model().objects.in_bulk(mine)
    names = Community.objects.in_bulk({one.community_id for one in new})
    for to, rows in mine.items():
        lines = [
            _("%(place)s：%(text)s") % {"place": f"{names[one.community_id]} · {one.ref}", "text": one.text}
            for one in rows
        ]
        codes = {one.community_id for one in rows}
        place = names[codes.pop()] if len(codes) == 1 else None
        told = sha256("|".join(sorted(f"{one.community_id} {one.kind} {one.ref}" for one in rows)).encode())
        tell(
            people[to],
            "month.incomplete",
            subject=place,
            title=_("%(month)s 月结还缺 %(count)d 项") % {"month": in_words(str(month)), "count": len(rows)},
            text="\n".join(lines),
            url=reverse("admin:books_month", args=[place.pk, month]) if place else reverse("admin:books"),
            key=f"month:{month}:{told.hexdigest()[:32]}",
        )
