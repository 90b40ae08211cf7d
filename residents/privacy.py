"""What the law gives to people: see who looked, take their data along, be forgotten."""

import datetime as dt
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities import bookings
from facilities.bookings.changing import MAY_CANCEL
from facilities.bookings.making import lock_spaces
from facilities.models import Booking, Space
from portal import audit
from portal.errors import Refused
from portal.models import User
from portal.notifications import unsay
from residents.models import (
    LOOK_UP_ROLES,
    Consent,
    FamilyTie,
    Need,
    NeedState,
    PersonalView,
    Purpose,
    Resident,
)

AFTER_WITHDRAWAL = dt.timedelta(days=30)
INACTIVE = dt.timedelta(days=3 * 365)
KEEP_NEEDS = dt.timedelta(days=2 * 365)
KEEP_OBJECTORS = dt.timedelta(days=2 * 365)
CLEARED = gettext_lazy("（称呼已清除）")


@transaction.atomic
def open_record(resident: Resident, reason: str, page: str, *, by: Any) -> str:
    """Return the full number, having written down who asked for it and why."""
    if not by.holds(resident.community_id, *LOOK_UP_ROLES):
        raise Refused(_("只有本社区的经办可以打开完整信息。"))
    PersonalView.objects.create(
        by=by, community_id=resident.community_id, resident=resident, reason=reason, page=page
    )
    return resident.phone.removeprefix("+86")


def erase(resident: Resident) -> None:
    """Forget a resident, the family only they act for, and their account; what is counted stays."""
    account = resident.account
    if account and (account.works_here or account.provider_ids):
        raise Refused(_("这个账户还有工作人员或商家的职责，要先由地区管理员收回。"))
    with transaction.atomic():
        _lock(Q(pk=resident.pk) | Q(pk__in=resident.acts_for.values("member")), resident.account_id)
        for tie in list(resident.acts_for.select_related("member")):
            others = tie.member.acted_for_by.exclude(pk=tie.pk)
            if tie.member.account_id is None and not others.exists():
                _erase_row(tie.member)
        _erase_row(resident)
        if account:
            close_account(account)


@transaction.atomic
def erase_member(member: Resident) -> None:
    """Forget somebody without an account, for whom nobody acts any more."""
    _lock(Q(pk=member.pk))
    _erase_row(member)


def _lock(people: Q, account: int | None = None) -> None:
    """Wait for bookings being written for these people, in the order in which those lock.

    The account, the residents by key, then every leaf of the houses where something of theirs is given
    back: whoever waits there is offered it, in any room of the house.
    """
    if account:
        list(User.objects.select_for_update(no_key=True).filter(pk=account))
    rows = Resident.objects.select_for_update(of=("self",)).filter(people)
    keys = [row.pk for row in rows.order_by("pk")]
    theirs = Q(resident__in=keys)
    if account:
        theirs |= Q(booked_by=account, resident=None)
    houses = _to_give_back(Booking.objects.filter(theirs)).order_by().values("space__facility")
    lock_spaces(Space.objects.filter(facility__in=houses))


def _erase_row(resident: Resident) -> None:
    """Take from a resident's rows everything that says who it was."""
    row = Resident.objects.select_for_update(of=("self",)).select_related("account").get(pk=resident.pk)
    mine = Q(resident=row) | Q(booked_by=row.account_id, resident=None) if row.account_id else Q(resident=row)
    _give_back(Booking.objects.filter(mine))
    bookings.forget(Booking.objects.filter(mine))
    _forget_said_for(row)
    unsay([row, *row.needs.all()])
    forget_words(row.needs.all())
    FamilyTie.objects.filter(Q(actor=row) | Q(member=row)).delete()
    Consent.objects.filter(resident=row, withdrawn_at=None).update(withdrawn_at=timezone.now())
    Consent.objects.filter(resident=row).update(by=None)
    household = row.household
    row.account = row.household = row.birth_year = None
    row.called = ""
    row.set_phone("")
    row.erased_at = timezone.now()
    row.save()
    if household and not household.residents.exists():
        household.delete()
    audit.record("resident.erased", row)


def _to_give_back(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    return rows.filter(state__in=MAY_CANCEL, starts_at__gt=timezone.now())


def _give_back(rows: QuerySet[Booking]) -> None:
    """Cancel what has not begun, so that others can have it."""
    for booking in _to_give_back(rows).select_related("space"):
        bookings.cancel(booking, by=None)


def close_account(account: User) -> None:
    """Leave of an account a number that the records of deeds point to."""
    _forget_objections(account)
    for relation in User._meta.related_objects:
        if relation.on_delete is models.CASCADE:
            relation.related_model._default_manager.filter(**{relation.field.name: account}).delete()
    blank = {
        field.name: field.get_default()
        for field in User._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.BooleanField)
        and field.name not in ("username", "password")
    }
    for name, value in blank.items():
        setattr(account, name, value)
    account.username = f"erased-{account.pk}"
    account.last_login, account.is_active = None, False
    account.set_unusable_password()
    account.save()


def _objections() -> QuerySet:
    """Months lie above people, so their objections are asked for by name."""
    return apps.get_model("billing", "Objection")._default_manager.all()


def _forget_objections(account: User) -> None:
    """An objection stays as a deed; its words and those of the answer, which may name people, do not."""
    objections = _objections().filter(raised_by=account)
    gone = _("（提出人已注销，内容已清除。）")
    objections.exclude(answer="").update(answer=gone)
    objections.update(text=gone, raised_for="")


def _forget_said_for(row: Resident) -> None:
    """Clear what staff wrote down for them at the counter, which only their form of address ties to them.

    Whoever is called the same here loses a label with them; what is still to come keeps its own.
    """
    if not row.called:
        return
    named = "raised_for__contains" if len(row.called) > 1 else "raised_for"
    told = _objections().filter(**{"close__community": row.community_id, named: row.called})
    some = Value(_("某居民"))
    words = {name: Replace(name, Value(row.called), some) for name in ("text", "answer")}
    told.update(raised_for=CLEARED, **words)
    noted = Booking.objects.filter(community=row.community_id, resident=None, booked_for=row.called)
    bookings.forget(noted.filter(ends_at__lte=timezone.now()))


def forget_names_of_objections() -> int:
    """Take from objections answered long ago for whom staff wrote them down; their words are public and stay."""
    old = _objections().filter(answered_at__lt=timezone.now() - KEEP_OBJECTORS)
    return old.exclude(raised_for__in=("", CLEARED)).update(raised_for=CLEARED)


def forget_words(needs: QuerySet[Need]) -> int:
    """Take from needs who said what; place, kind and state stay."""
    return needs.filter(pruned_at=None).update(text="", answer="", resident=None, pruned_at=timezone.now())


def prune() -> dict[str, int]:
    """Forget what is older than its time; say how many in the audit."""
    withdrawn = [_forget_one(row) for row in _withdrawn()]
    inactive = [_forget_one(row) for row in _inactive()]
    done = (NeedState.ANSWERED, NeedState.CLOSED)
    old = Need.objects.filter(state__in=done, raised_at__lt=timezone.now() - KEEP_NEEDS)
    counts = {"withdrawn": sum(withdrawn), "inactive": sum(inactive), "needs": forget_words(old)}
    counts["objections"] = forget_names_of_objections()
    told: dict[str, Any] = dict(counts)
    audit.record("residents.pruned", "residents", **told)
    return counts


def _forget_one(resident: Resident) -> bool:
    try:
        erase(resident)
    except Refused:
        return False  # has duties still: the consent of a colleague is no reason to close their work
    return True


def _withdrawn() -> QuerySet[Resident]:
    """Whose needed consent was withdrawn a while ago and not given again."""
    of_one = Consent.objects.filter(resident=OuterRef("pk"), purpose__in=(Purpose.SERVICE, Purpose.CHILD))
    late = of_one.filter(withdrawn_at__lt=timezone.now() - AFTER_WITHDRAWAL)
    live = of_one.filter(withdrawn_at=None)
    return Resident.objects.known().filter(Exists(late), ~Exists(live)).order_by("pk")


def _inactive() -> QuerySet[Resident]:
    """Who has neither signed in nor booked nor changed anything for years."""
    since = timezone.now() - INACTIVE
    booked = Booking.objects.filter(resident=OuterRef("pk"), ends_at__gte=since)
    booked_self = Booking.objects.filter(
        booked_by=OuterRef("account"), booked_by__isnull=False, ends_at__gte=since
    )
    actors = FamilyTie.objects.filter(member=OuterRef("pk")).filter(
        Q(actor__active_on__gte=since.date()) | Q(actor__account__last_login__gte=since)
    )
    return (
        Resident.objects.known()
        .filter(active_on__lt=since.date())
        .exclude(account__last_login__gte=since)
        .exclude(Exists(booked) | Exists(booked_self) | Exists(actors))
        .order_by("pk")
    )
