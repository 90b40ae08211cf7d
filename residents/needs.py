"""说说: raise a need, take it in hand, answer it, close it."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Category, Community
from portal import audit
from portal.errors import Refused
from portal.notifications import tell
from portal.personal import check_words
from residents.models import LOOK_UP_ROLES, Need, NeedState, Resident

A_DAY = 5
OPEN = (NeedState.WAITING, NeedState.IN_HAND)


@transaction.atomic
def say(resident: Resident, text: str, category: Category | None = None) -> Need:
    """Raise a need for one's own community, a few a day."""
    if Resident.objects.select_for_update().get(pk=resident.pk).erased_at:
        raise Refused(_("这位居民已经注销。"))
    since = timezone.now() - dt.timedelta(days=1)
    if resident.needs.filter(raised_at__gte=since).count() >= A_DAY:
        raise Refused(_("一天最多说 %d 条，明天再来；急事请打社区电话。") % A_DAY)
    check_words(text)
    need = Need.objects.create(
        community_id=resident.community_id, category=category, text=text, resident=resident
    )
    audit.record("need.said", need)
    return need


@transaction.atomic
def note(community: Community, text: str, category: Category | None = None, *, by: Any) -> Need:
    """Write down what somebody unnamed said at the counter."""
    if not by.holds(community.pk, *LOOK_UP_ROLES):
        raise Refused(_("只有本社区的工作人员可以代录。"))
    check_words(text)
    need = Need.objects.create(community=community, category=category, text=text, entered_by=by)
    audit.record("need.noted", need, by=by)
    return need


@transaction.atomic
def take_up(need: Need, *, by: Any) -> None:
    _move(need, NeedState.IN_HAND, (NeedState.WAITING,), by=by)
    _tell(need, _("您说的事有人在办了"), _("%s已经接手，有了结果会答复您。"), key="in_hand")


def answer(need: Need, text: str, *, by: Any) -> None:
    """Answer in words that whoever said it will read."""
    if not text.strip():
        raise Refused(_("请写下答复。"))
    check_words(text)
    with transaction.atomic():
        _move(
            need,
            NeedState.ANSWERED,
            (*OPEN, NeedState.ANSWERED),
            by=by,
            answer=text.strip(),
            answered_by=by,
            answered_at=timezone.now(),
        )
        _tell(
            need,
            _("您说的事有答复了"),
            _("%s已经答复，请打开“说说”看看。"),
            key=f"answered:{timezone.now().isoformat()}",
        )


def _tell(need: Need, title: str, text: str, *, key: str) -> None:
    """Tell who said it what became of it; the words stay where they are and go with them."""
    if need.resident and need.resident.account:
        tell(
            need.resident.account,
            f"need.{key.partition(':')[0]}",
            subject=need,
            title=title,
            text=text % need.community,
            url=reverse("needs"),
            key=f"need:{need.pk}:{key}",
        )


def close(need: Need, *, by: Any) -> None:
    """Nothing more to be done: answered, or needing no answer."""
    _move(need, NeedState.CLOSED, (*OPEN, NeedState.ANSWERED), by=by)


@transaction.atomic
def _move(need: Need, state: str, allowed: tuple[str, ...], *, by: Any, **fields: Any) -> None:
    row = Need.objects.select_for_update().get(pk=need.pk)
    if not by.holds(row.community_id, *LOOK_UP_ROLES):
        raise Refused(_("只有本社区的工作人员可以答复。"))
    if row.state not in allowed:
        raise Refused(_("这条已经是“%s”，不能再改。") % row.get_state_display())
    for name, value in {"state": state, **fields}.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *fields])
    audit.record(f"need.{state}", row, by=by)
