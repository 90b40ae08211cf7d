"""Every row that people edit keeps its history: who, when, from which page, from what to what."""

import re

import pghistory
import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError, connection, models, transaction
from django.urls import get_resolver, reverse
from pghistory.models import Context, Event

from billing.models import UtilityBill
from portal import audit
from portal.access import Role
from portal.celery import app
from portal.changes import page_name, story
from portal.history import event_model
from portal.models import AccessRole, AuditEntry
from services.models import Agreement, Provider
from tests.factories import (
    AgreementFactory,
    BillFactory,
    CommunityFactory,
    FacilityFactory,
    MeterFactory,
    MonthCloseFactory,
    ProviderFactory,
    ReadingFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db

OURS = ("portal", "facilities", "residents", "services", "billing")

# Rows without a history of their own, each with its reason; every other model is tracked.
UNTRACKED = {
    "portal.AuditEntry": "append-only itself",
    "portal.Message": "what was told to one person, changed by nobody",
    "portal.Delivery": "bookkeeping of jobs",
    "portal.ChannelChoice": "personal, and only about one's own messages",
    "portal.Export": "bookkeeping of jobs; ordering and fetching a file are in the audit",
    "portal.Upload": "a file waiting for its answer; what it changes has its own history",
    "facilities.Region": "official codes, loaded from the yearly list, edited by nobody",
    "facilities.Category": "comes with migrations, edited by nobody",
    "facilities.SiteNote": "a diary: rows are added and stay",
    "facilities.Flow": "append-only; taken back by a row with the sign turned",
    "facilities.Booking": "personal data pruned after its time; each step is in the audit",
    "facilities.Occupancy": "follows from bookings",
    "facilities.Block": "what an external calendar says now",
    "facilities.RefusedWish": "figures, counted by the portal",
    "facilities.VisitCount": "figures, counted by the portal",
    "residents.Consent": "versions and withdrawals are rows that stay",
    "residents.FamilyTie": "who acts for whom is personal itself; making and ending it is in the audit",
    "residents.PersonalView": "a record of who looked",
    "billing.Reading": "the next reading is its correction; entering is in the audit",
    "billing.MonthClose": "moves by operations, each in the audit",
    "billing.Objection": "words of residents, said once and answered once; both in the audit",
    "billing.Reminder": "a record of what was sent",
    "billing.Account": "ledger",
    "billing.AccountMonth": "ledger",
    "billing.Entry": "ledger, append-only",
    "billing.Line": "ledger, append-only",
    "billing.BillSharing": "computed",
    "billing.Share": "computed",
    "billing.Charge": "computed",
    "billing.Rebate": "computed",
    "billing.CommunityMonth": "roll-up",
    "billing.RegionMonth": "roll-up",
    "billing.CloseRun": "bookkeeping of jobs",
    "billing.CloseBatch": "bookkeeping of jobs",
}

PERSONAL = re.compile(
    r"phone|mobile|username|display_name|first_name|last_name|email|password|payer|payee|raised_for|birth"
    r"|address_of|contact|person_name|lookup"
)


def our_models():
    models_ = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return [model for model in models_ if not issubclass(model, Event)]


def events_of():
    return [
        model
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        if issubclass(model, Event)
    ]


def test_every_model_keeps_a_history_or_says_why_not():
    untracked = {model._meta.label for model in our_models() if event_model(model) is None}

    assert untracked == set(UNTRACKED)


# Every column of words in the history, each about a place, a thing or a business: a new one is judged here.
WORDS = {
    "facilities.ClosureEvent": {"reason"},
    "facilities.CommunityEvent": {"name"},
    "facilities.ExternalCalendarEvent": {"name"},
    "facilities.FacilityEvent": {"ref", "name", "address"},
    "facilities.FundingEvent": {"minutes"},
    "facilities.HolidayEvent": {"name"},
    "facilities.MilestoneEvent": {"name"},
    "facilities.NormEvent": {"code", "name", "source"},
    "facilities.OpeningHoursEvent": {"season_from", "season_until"},
    "facilities.PhaseEvent": {"name"},
    "facilities.PhotoEvent": {"caption"},
    "facilities.ProjectEvent": {
        *("name", "builder", "operator", "services", "price_list", "cooperation", "supervision", "duties"),
        "returned_for",
    },
    "facilities.SiteEvent": {"name", "address", "owner"},
    "facilities.SpaceEvent": {"name", "uses", "equipment"},
    "facilities.ZoneEvent": {"name"},
    "services.AgreementEvent": {"ref", "space"},
    "services.LicenceEvent": {"number", "issued_by"},
    "services.ProviderEvent": {"ref", "name", "uscc"},
    "billing.ChargeTermEvent": {"from_month"},
    "billing.CorrectionEvent": {"ref", "reason"},
    "billing.MeterEvent": {"ref"},
    "billing.PaymentEvent": {"ref"},
    "billing.RebateTermEvent": {"ref", "from_month", "tiers"},
    "billing.ReceiptEvent": {"ref"},
    "billing.RevenueEvent": {"month"},
    "billing.SharingRuleEvent": {"from_month"},
    "billing.TariffEvent": {"source"},
    "billing.TopUpEvent": {"ref", "source"},
    "billing.TransferEvent": {"ref", "minutes"},
    "billing.UtilityBillEvent": {"ref", "loss_reason"},
    "billing.UtilityTermEvent": {"from_month"},
}


def test_every_column_of_words_in_the_history_is_known_to_be_about_no_person():
    wordy = (models.CharField, models.TextField, models.JSONField)
    found = {
        table._meta.label: {
            field.name
            for field in table._meta.fields
            if isinstance(field, wordy) and not field.choices and field.name != "pgh_label"
        }
        for table in events_of()
    }

    assert {table: columns for table, columns in found.items() if columns} == WORDS


def test_editing_people_in_the_admin_leaves_their_names_in_no_log(client):
    here = CommunityFactory()
    colleague = staff(Role.CLERK, here)
    client.force_login(staff(Role.REGION_ADMIN, here))
    form = {"username": colleague.username, "display_name": "示例独特同事", "is_active": "on"}
    role = colleague.access_roles.get()
    rows = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1, "0-id": role.pk, "0-user": colleague.pk}
    rows |= {"0-role": role.role, "0-region": role.region_id}
    form |= {f"access_roles-{name}": value for name, value in rows.items()}

    answer = client.post(reverse("admin:portal_user_change", args=[colleague.pk]), form)

    assert answer.status_code == 302
    assert AuditEntry.objects.filter(subject=f"用户 {colleague.pk}").exists()
    assert not LogEntry.objects.exists()


def test_no_event_table_holds_a_personal_field():
    personal = [
        f"{table._meta.label}.{field.name}"
        for table in events_of()
        for field in table._meta.fields
        if PERSONAL.search(field.name) or type(field).__name__.startswith("Encrypted")
    ]

    assert personal == []


@pytest.fixture
def here():
    return CommunityFactory()


@pytest.fixture
def clerk(client, here):
    user = staff(Role.CLERK, here)
    client.force_login(user)
    return user


def change(client, agreement, **fields):
    form = {"ref": agreement.ref, "space": agreement.space, "floor": "", "area_m2": "30"} | fields
    return client.post(reverse("admin:services_agreement_change", args=[agreement.pk]), form)


def test_the_history_says_who_changed_what_and_from_which_page(client, clerk, here):
    agreement = AgreementFactory(facility__community=here, space="一楼", area_m2="20")

    change(client, agreement, space="二楼")
    page = client.get(reverse("admin:services_agreement_history", args=[agreement.pk]))

    step = page.context["steps"][0]
    assert step.who == str(clerk)
    assert step.where == "工作台 · 协议 · 修改"
    assert ("空间", "一楼", "二楼") in [(one.label, one.before, one.after) for one in step.changes]
    assert ("面积（㎡）", "20", "30") in [(one.label, one.before, one.after) for one in step.changes]
    assert "二楼" in page.content.decode()


def test_a_page_is_known_by_its_name_without_what_was_asked(client, clerk, here):
    agreement = AgreementFactory(facility__community=here)

    address = reverse("admin:services_agreement_change", args=[agreement.pk])
    client.post(f"{address}?_changelist_filters=q%3Dsecret", {"ref": "A-9", "area_m2": "1"})

    origin = Context.objects.get(metadata__user=clerk.pk).metadata
    assert origin == {"user": clerk.pk, "page": "admin:services_agreement_change"}


def test_a_foreign_row_has_no_history(client, clerk):
    foreign = AgreementFactory()

    assert client.get(reverse("admin:services_agreement_history", args=[foreign.pk])).status_code == 404


def test_what_a_foreign_row_was_called_is_not_told(client, clerk, here):
    foreign = FacilityFactory(name="别处的楼")
    agreement = AgreementFactory(facility__community=here)
    Agreement.objects.filter(pk=agreement.pk).update(facility=foreign)
    Agreement.objects.filter(pk=agreement.pk).update(facility=agreement.facility)

    page = client.get(reverse("admin:services_agreement_history", args=[agreement.pk]))

    assert "别处的楼" not in page.content.decode()
    assert "看不到的一行" in page.content.decode()


def test_a_role_taken_away_stays_in_the_history_of_its_person(here):
    user = staff(Role.CLERK, here)
    AccessRole.objects.filter(user=user).delete()

    steps = story(user, [(AccessRole, "user_id")], user=UserFactory(superuser=True))

    assert ("delete", "角色授权 · " + str(user)) in [(step.deed, step.what) for step in steps]


def test_a_phone_number_is_in_no_history():
    provider = ProviderFactory(phone="13800000000")
    Provider.objects.filter(pk=provider.pk).update(phone="13900000000")

    events = event_model(Provider).objects.filter(pgh_obj=provider)

    assert [event.pgh_label for event in events] == ["insert"]
    assert not hasattr(events[0], "phone")


def test_a_bill_that_a_month_takes_is_no_change_by_anybody(here):
    bill = BillFactory(facility__community=here)
    UtilityBill.objects.filter(pk=bill.pk).update(close=MonthCloseFactory(community=here))

    assert event_model(UtilityBill).objects.filter(pgh_obj=bill).count() == 1


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_history_is_append_only(verb):
    AgreementFactory()
    rows = event_model(Agreement).objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(ref="x") if verb == "update" else rows.delete()


@pytest.mark.parametrize(
    "sql", ["UPDATE pghistory_context SET metadata = '{}'", "DELETE FROM pghistory_context"]
)
def test_who_wrote_cannot_be_rewritten(sql):
    with pghistory.context(user=1, page="home"):
        AgreementFactory()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


OF_PEOPLE = ("me_", "needs", "inbox", "message", "channels", "my_", "room", "role", "account_", "mfa_")


@pytest.mark.parametrize(
    "name", sorted(one for one in get_resolver().reverse_dict if str(one).startswith(OF_PEOPLE))
)
def test_pages_on_which_people_write_are_called_by_words(name):
    only_read = {"me_data", "room_feed", "rooms", "my_bookings", "inbox"}

    assert name in only_read or page_name({"page": name}) != name


def test_an_account_in_the_audit_is_a_number():
    user = UserFactory(display_name="示例独特称呼")

    audit.record("user.changed", user)

    assert AuditEntry.objects.get().subject == f"用户 {user.pk}"


def test_a_job_says_its_name():
    made = []

    @app.task(name="tests.make")
    def make():
        made.append(AgreementFactory())

    make()

    step = story(made[0], [], user=UserFactory(superuser=True))[0]
    assert (step.who, step.where) == ("系统", "后台任务 tests.make")


def test_a_table_without_history_says_so(client, clerk, here):
    reading = ReadingFactory(meter__facility__community=here)

    page = client.get(reverse("admin:billing_reading_history", args=[reading.pk]))

    assert "不逐行记历史" in page.content.decode()


def test_a_history_costs_the_same_for_30_changes(client, clerk, here, django_assert_max_num_queries):
    meter = MeterFactory(facility__community=here)
    for number in range(30):
        type(meter).objects.filter(pk=meter.pk).update(digits=number % 9 + 1)

    with django_assert_max_num_queries(12):
        page = client.get(reverse("admin:billing_meter_history", args=[meter.pk]))

    assert len(page.context["steps"]) == 31
