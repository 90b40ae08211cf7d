import datetime as dt
from urllib.parse import quote, unquote

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.models import Objection
from billing.objections import answer, raise_objection
from facilities import bookings
from facilities.bookings import BookingRefused, Wish
from facilities.models import Booking
from portal.access import Role
from portal.errors import Refused
from portal.models import AuditEntry, Channel, ChannelChoice, Delivery, Message, Topic
from portal.notifications import choose, tell
from portal.personal import lookup
from portal.spreadsheets.models import Export
from residents import accounts, consents, family, needs, privacy
from residents.accounts import Told
from residents.models import Consent, Need, NeedState, Purpose, Resident, TieKind
from tests.factories import (
    CommunityFactory,
    FamilyTieFactory,
    MonthCloseFactory,
    NeedFactory,
    ObjectionFactory,
    ResidentFactory,
    SpaceFactory,
    UserFactory,
    open_daily,
    staff,
)
from tests.factories.residents import PHONE
from tests.factories.rooms import tomorrow

pytestmark = pytest.mark.django_db

NAME, CHILD, DOOR, MAIL = "示例独特称呼", "示例独特孩子", "示例独特楼栋", "unique@example.invalid"
WORDS, TOLD, TOLD_OTHERS = "示例独特愿望", "示例独特消息", "示例独特转告"


def everything_stored(*, for_good: bool = False) -> str:
    """Every column of every table of the database, as text; or of the audit and the history alone."""
    stored = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if for_good and table not in ("portal_auditentry", "pghistory_context") and "event" not in table:
                continue
            cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")
            stored += [unquote(row[0]) for row in cursor.fetchall()]
    return "\n".join(stored)


def live_a_little(user, community):
    """Register, add a child, book for both, say something, be told and told of, be looked up, agree anew."""
    told = Told(NAME, 1958, PHONE, DOOR)
    resident = accounts.join(community, told, by=user)
    child = family.add(resident, Told(CHILD, 2020), TieKind.GUARDIAN, by=user)
    room = SpaceFactory(facility__community=community)
    open_daily(room.facility)
    for number, whom in enumerate((None, child.pk)):
        start = tomorrow(10 + number)
        wish = Wish(room, start, start + dt.timedelta(hours=1), purpose=NAME, resident_id=whom)
        bookings.book(wish, by=user)
    clerk = staff(Role.CLERK, community)
    needs.answer(needs.say(resident, WORDS), f"{NAME}您好", by=clerk)
    choose(user, {(Topic.BOOKINGS, Channel.SMS): False})
    tell(user, "booking.confirmed", subject=None, title=TOLD, text=TOLD, key="theirs")
    tell(clerk, "need.said", subject=resident, title=TOLD_OTHERS, text=TOLD_OTHERS, key="of them")
    privacy.open_record(resident, "booking", "test", by=clerk)
    accounts.change(resident, told, by=user)
    accounts.confirm(resident, by=clerk)
    handled_by_staff(clerk, resident, room)
    return resident


def handled_by_staff(clerk, resident, room):
    """Objected and booked for at the counter, looked for, exported, edited with the household."""
    community = resident.community
    notice = MonthCloseFactory(community=community, notice=True)
    objection = raise_objection(notice, f"{NAME}家的电费不对", by=clerk, raised_for=f"一号楼{NAME}")
    answer(objection, f"{NAME}：已核对", by=staff(Role.APPROVER, community))
    start = tomorrow(15)
    held = bookings.book(Wish(room, start, start + dt.timedelta(hours=1), booked_for=NAME), by=clerk)
    bookings.cancel(held, by=clerk, reason="asked")
    Booking.objects.filter(pk=held.pk).update(starts_at=tomorrow(9, -2), ends_at=tomorrow(10, -2))
    client = Client()
    client.force_login(clerk)
    household = reverse("admin:residents_household_change", args=[resident.household_id])
    client.post(household, {"label": f"{DOOR}东"})
    client.get(reverse("admin:residents_resident_changelist"), {"q": NAME})
    listed = reverse("admin:residents_resident_export") + f"?q={quote(NAME)}"
    made = client.post(listed, {"kind": "csv", "reason": "核对"})
    assert (made.status_code, Export.objects.count()) == (200, 1)
    Export.objects.all().delete()  # as they are after a week


def test_erased_person_stands_in_no_column_of_any_table():
    user = UserFactory(username="示例独特登录", display_name=NAME, email=MAIL)
    with_verified_phone(user, f"+86{PHONE}")
    EmailAddress.objects.create(user=user, email=MAIL, verified=True)
    resident = live_a_little(user, CommunityFactory())
    resident.refresh_from_db()
    personal = [
        NAME,
        CHILD,
        DOOR,
        WORDS,
        TOLD,
        TOLD_OTHERS,
        MAIL,
        "示例独特登录",
        PHONE,
        resident.phone_digest,
    ]
    cipher = connection.cursor()
    cipher.execute("SELECT phone FROM residents_resident WHERE id = %s", [resident.pk])
    (sealed,) = cipher.fetchone()
    before = everything_stored()
    kept = everything_stored(for_good=True)

    privacy.erase(resident)

    after = everything_stored()
    clear = [PHONE]  # the number itself is nowhere even before
    assert [text for text in [*personal, sealed] if text not in before] == clear
    assert [text for text in [*personal, sealed] if text in after] == []
    assert [text for text in [*personal, sealed] if text in kept] == []
    assert ("household.changed" in kept, "resident.exported" in kept) == (True, True)


def test_what_an_erased_person_was_told_goes_with_its_deliveries_and_choices():
    user = UserFactory(email=MAIL)
    resident = live_a_little(user, CommunityFactory())
    other = UserFactory(email="other@example.invalid")
    tell(other, "booking.confirmed", subject=None, title="预约成功", text="示例室。", key="another's")

    privacy.erase(resident)

    told = (
        Message.objects.values_list("to", flat=True),
        Delivery.objects.values_list("message__to", flat=True),
    )
    assert [(other.pk in some, user.pk in some) for some in told] == [(True, False)] * 2
    assert not ChannelChoice.objects.exists()


def test_erased_person_leaves_the_figures():
    resident = live_a_little(UserFactory(), CommunityFactory())

    privacy.erase(resident)

    assert (Booking.objects.count(), Need.objects.count(), Resident.objects.count()) == (3, 1, 2)
    assert not Resident.objects.known().exists()
    assert not Consent.objects.in_force().exists()


def test_erased_account_opens_nothing(client):
    resident = ResidentFactory()
    account = resident.account

    privacy.erase(resident)

    account.refresh_from_db()
    assert (account.is_active, account.has_usable_password(), account.email) == (False, False, "")


def test_objection_stays_without_its_words():
    resident = ResidentFactory()
    theirs = ObjectionFactory(raised_by=resident.account, text=WORDS, raised_for=NAME)
    answered = ObjectionFactory(
        raised_by=resident.account,
        text=WORDS,
        answer=NAME,
        answered_by=UserFactory(),
        answered_at=timezone.now(),
    )
    other = ObjectionFactory(text="别人的示例异议")

    privacy.erase(resident)

    stored = everything_stored()
    assert (WORDS in stored, NAME in stored, other.text in stored) == (False, False, True)
    theirs.refresh_from_db()
    answered.refresh_from_db()
    assert (theirs.answer, bool(answered.answer)) == ("", True)


@pytest.mark.parametrize(("days", "named"), [(729, "王某"), (731, "（称呼已清除）")])
def test_for_whom_staff_wrote_an_objection_is_forgotten_two_years_after_the_answer(days, named):
    open_still = ObjectionFactory(raised_for="王某")
    answered = ObjectionFactory(raised_for="王某", answered=True)
    Objection.objects.filter(pk=answered.pk).update(answered_at=timezone.now() - dt.timedelta(days=days))

    counts = privacy.prune()

    answered.refresh_from_db()
    open_still.refresh_from_db()
    assert (answered.raised_for, counts["objections"]) == (named, int(named != "王某"))
    assert open_still.raised_for == "王某"


def test_objection_written_down_for_another_of_the_community_or_elsewhere_keeps_its_words():
    resident = ResidentFactory(called=NAME)
    other = ObjectionFactory(close__community=resident.community, raised_for="别人", text="别人的话")
    elsewhere = ObjectionFactory(raised_for=NAME, text=WORDS)

    privacy.erase(resident)

    for one in (other, elsewhere):
        before = (one.raised_for, one.text)
        one.refresh_from_db()
        assert (one.raised_for, one.text) == before


def test_need_of_somebody_erased_meanwhile_is_not_written():
    resident = ResidentFactory()
    privacy.erase(Resident.objects.get(pk=resident.pk))

    with pytest.raises(Refused):
        needs.say(resident, WORDS)


def test_account_erased_before_its_booking_books_nothing():
    room = SpaceFactory()
    open_daily(room.facility)
    resident = ResidentFactory(community=room.community)
    user = UserFactory._meta.model.objects.get(pk=resident.account_id)
    privacy.erase(resident)

    with pytest.raises(BookingRefused):
        bookings.book(Wish(room, tomorrow(10), tomorrow(11), purpose=NAME), by=user)


def test_account_with_duties_is_not_erased_by_its_resident():
    community = CommunityFactory()
    resident = ResidentFactory(account=staff(Role.CLERK, community), community=community)

    with pytest.raises(Refused):
        privacy.erase(resident)

    resident.refresh_from_db()
    assert resident.called


def test_two_who_signed_in_by_phone_can_both_be_erased():
    for number in (PHONE, "13800000001"):
        resident = ResidentFactory()
        with_verified_phone(resident.account, f"+86{number}")
        privacy.erase(resident)

    assert not Resident.objects.known().exists()


def with_verified_phone(user, number):
    user.phone, user.phone_lookup, user.phone_verified = number, lookup(number), True
    user.save()


def aged(resident: Resident, **fields):
    Resident.objects.filter(pk=resident.pk).update(**fields)


def test_who_was_away_for_years_is_forgotten_and_who_signed_in_is_not():
    long_ago = timezone.localdate() - dt.timedelta(days=1200)
    gone, here, helped = ResidentFactory.create_batch(3)
    for one in (gone, here, helped):
        aged(one, active_on=long_ago)
    here.account.last_login = timezone.now()
    here.account.save()
    FamilyTieFactory(member=helped)

    counts = privacy.prune()

    assert counts["inactive"] == 1
    assert set(Resident.objects.known().values_list("pk", flat=True)) >= {here.pk, helped.pk}
    assert AuditEntry.objects.get(action="residents.pruned").data == counts


@pytest.mark.parametrize(("days", "forgotten"), [(29, 0), (31, 1)])
def test_withdrawn_consent_is_followed_by_forgetting_after_thirty_days(days, forgotten):
    resident = ResidentFactory()
    consents.withdraw(resident, Purpose.SERVICE)
    Consent.objects.filter(purpose=Purpose.SERVICE).update(
        given_at=timezone.now() - dt.timedelta(days=90),
        withdrawn_at=timezone.now() - dt.timedelta(days=days),
    )

    assert privacy.prune()["withdrawn"] == forgotten


def test_consent_given_again_stops_the_forgetting():
    resident = ResidentFactory()
    consents.withdraw(resident, Purpose.SERVICE)
    Consent.objects.update(
        given_at=timezone.now() - dt.timedelta(days=90), withdrawn_at=timezone.now() - dt.timedelta(days=60)
    )
    consents.give(resident, Purpose.SERVICE, by=resident.account)

    assert privacy.prune()["withdrawn"] == 0


def test_old_answered_needs_lose_their_words_and_still_count():
    old, waiting = NeedFactory(), NeedFactory()
    Need.objects.update(raised_at=timezone.now() - dt.timedelta(days=800))
    Need.objects.filter(pk=old.pk).update(state=NeedState.CLOSED)

    privacy.prune()

    old.refresh_from_db()
    waiting.refresh_from_db()
    assert (old.text, old.state, bool(waiting.text)) == ("", NeedState.CLOSED, True)


def test_no_column_is_there_for_an_id_card_number():
    columns = {
        field.name
        for model in apps.get_app_config("residents").get_models()
        for field in model._meta.get_fields()
    }

    assert not {name for name in columns if "card" in name or "identity" in name or "idno" in name}


def test_resident_sees_themselves_and_those_they_act_for_alone():
    tie = FamilyTieFactory()
    ResidentFactory(community=tie.actor.community)

    seen = Resident.objects.visible_to(tie.actor.account)

    assert set(seen) == {tie.actor, tie.member}
