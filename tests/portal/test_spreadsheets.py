"""Lists as spreadsheets: every list staff may edit goes out and comes in again; the books only go out."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from billing.models import Meter, Reading
from facilities.models import Closure, Holiday, Norm, OpeningHours, Zone
from portal.access import Role
from portal.admin_base import AppendOnlyAdmin, ScopedAdmin
from portal.models import AuditEntry, Export, Upload
from tests.factories import (
    AgreementFactory,
    BillFactory,
    ChargeTermFactory,
    CommunityFactory,
    CorrectionFactory,
    FacilityFactory,
    HouseholdFactory,
    MeterFactory,
    OpeningBalanceFactory,
    PaymentFactory,
    ProjectFactory,
    ProviderFactory,
    ReadingFactory,
    RebateTermFactory,
    ReceiptFactory,
    RegionFactory,
    ResidentFactory,
    RevenueFactory,
    SharingRuleFactory,
    SiteFactory,
    SpaceFactory,
    TariffFactory,
    TopUpFactory,
    TransferFactory,
    UserFactory,
    UtilityTermFactory,
    staff,
)

pytestmark = pytest.mark.django_db

# Lists without an import or an export, each for its reason.
NOT_IMPORTED = {
    "portal.User",  # accounts and roles are given one by one
    "facilities.Phase",  # come with the page of their project
    "facilities.Milestone",
    "residents.Resident",  # each agrees in person
    "residents.Need",
    "facilities.ExternalCalendar",  # each is connected, and its result looked at, by itself
}
NOT_EXPORTED = {"portal.User", "portal.Export"}


def url(model: str, page: str) -> str:
    return reverse(f"admin:{model.lower().replace('.', '_')}_{page}")


def csv_of(heads: list[str], *rows: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([heads, *rows])
    return text.getvalue().encode("utf-8-sig")


def send(client, model: str, data: bytes, name: str = "表.csv"):
    file = io.BytesIO(data)
    file.name = name
    return client.post(url(model, "import"), {"file": file})


def take(client, model: str, data: bytes):
    """Send, look, confirm."""
    seen = send(client, model, data)
    upload = seen.context_data["upload"]
    assert upload, [problem.text for _number, problem in seen.context_data["problems"]]
    return client.post(url(model, "import"), {"confirm": upload.key})


def exported(client, model: str, kind: str = "csv", **filters: str) -> bytes:
    address = url(model, "export") + "?" + "&".join(f"{key}={value}" for key, value in filters.items())
    answer = client.post(address, {"kind": kind, "reason": "年度核对"})
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_every_list_is_imported_and_exported_or_says_why_not():
    for model, model_admin in admin.site._registry.items():
        assert isinstance(model_admin, ScopedAdmin)
        if isinstance(model_admin, AppendOnlyAdmin):
            assert model_admin.not_imported
        else:
            assert bool(model_admin.not_imported) == (model._meta.label in NOT_IMPORTED), model
        assert bool(model_admin.not_exported) == (model._meta.label in NOT_EXPORTED), model


def test_a_list_with_an_act_of_its_own_is_written_by_it():
    own = {
        type(one).__name__
        for one in admin.site._registry.values()
        if type(one).save_model is not ScopedAdmin.save_model and not one.not_imported
    }
    by_act = {type(one).__name__ for one in admin.site._registry.values() if one.writes_by_act}

    assert own - {"HolidayAdmin", "OpeningHoursAdmin"} == by_act


EDITABLE = {
    "facilities.Facility": FacilityFactory,
    "facilities.Site": SiteFactory,
    "facilities.Project": ProjectFactory,
    "facilities.Space": SpaceFactory,
    "facilities.Community": CommunityFactory,
    "services.Agreement": AgreementFactory,
    "billing.Meter": MeterFactory,
    "billing.Reading": ReadingFactory,
    "billing.UtilityBill": BillFactory,
    "billing.OpeningBalance": OpeningBalanceFactory,
    "billing.TopUp": TopUpFactory,
    "billing.Transfer": TransferFactory,
    "billing.Receipt": ReceiptFactory,
    "billing.Correction": CorrectionFactory,
    "billing.Payment": PaymentFactory,
    "billing.Revenue": RevenueFactory,
    "billing.UtilityTerm": UtilityTermFactory,
    "billing.ChargeTerm": ChargeTermFactory,
    "billing.RebateTerm": RebateTermFactory,
    "billing.SharingRule": SharingRuleFactory,
    "billing.Tariff": TariffFactory,
}


def make_hours(**kwargs):
    return OpeningHours.objects.create(
        facility=FacilityFactory(), weekday=1, opens_at="09:00", closes_at="18:00"
    )


def make_closure(**kwargs):
    times = {"starts_at": "2026-11-01T01:00:05Z", "ends_at": "2026-11-02T01:00Z"}
    return Closure.objects.create(facility=FacilityFactory(), reason="维修", **times)


def make_zone(**kwargs):
    return Zone.objects.create(facility=FacilityFactory(), floor=1, name="静态区")


def make_norm(**kwargs):
    code = f"n{Norm.objects.count()}"
    given = {"measure": "area", "value": 600, "source": "示例", "name": "面积"}
    return Norm.objects.create(region=RegionFactory(), code=code, **given)


def make_holiday(**kwargs):
    day = dt.date(2027, 1, 1) + dt.timedelta(days=Holiday.objects.count())
    return Holiday.objects.create(date=day, name="元旦")


EDITABLE |= {
    "facilities.OpeningHours": make_hours,
    "facilities.Closure": make_closure,
    "facilities.Zone": make_zone,
    "facilities.Holiday": make_holiday,
    "facilities.Norm": make_norm,
    "residents.Household": HouseholdFactory,
    "services.Provider": lambda: ProviderFactory(region=RegionFactory(), phone="029-1234567"),
}


def test_every_editable_list_goes_round():
    editable = {
        model._meta.label
        for model, one in admin.site._registry.items()
        if not one.not_imported and one.write_roles
    }

    assert editable == set(EDITABLE)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("model", EDITABLE)
def test_what_was_exported_comes_in_again_and_changes_nothing(client, model, kind):
    for number in range(3):
        given = {"valid_from": f"202{number}-01-01"} if model == "billing.Tariff" else {}
        EDITABLE[model](**given)
    client.force_login(UserFactory(superuser=True))

    answer = send(client, model, exported(client, model, kind))

    told = [(one.column, one.value, one.text) for _n, one in answer.context_data.get("problems", ["?"])]
    assert told == []
    outcome = answer.context_data["outcome"]
    total = apps.get_model(model).objects.count()
    assert (len(outcome.added), len(outcome.changed), outcome.unchanged) == (0, 0, total)


@pytest.fixture
def place():
    return CommunityFactory()


@pytest.fixture
def clerk(client, place):
    user = staff(Role.CLERK, place)
    client.force_login(user)
    return user


HEADS = ["表", "抄表日期", "读数种类", "读数"]


def test_readings_come_in_as_people_write_them(client, clerk, place):
    meter = MeterFactory(facility__community=place)
    ReadingFactory(meter=meter, read_on="2026-09-30", value=Decimal(1000))

    take(client, "billing.Reading", csv_of(HEADS, [meter.ref, "2026/10/31", "", "1,286.5"]))

    assert Reading.objects.get(read_on="2026-10-31").value == Decimal("1286.500")
    entry = AuditEntry.objects.get(action="reading.imported")
    assert (entry.by, entry.region_id, entry.data) == (
        clerk,
        place.pk,
        {"added": 1, "changed": 0, "rows": [meter.readings.get(read_on="2026-10-31").pk]},
    )


def test_a_meter_elsewhere_is_not_found(client, clerk):
    foreign = MeterFactory()

    answer = send(client, "billing.Reading", csv_of(HEADS, [foreign.ref, "2026-10-31", "", "5"]))

    ((number, problem),) = answer.context_data["problems"]
    assert (number, problem.column, problem.value) == (2, "表", foreign.ref)
    assert "没有找到" in problem.text


def test_one_bad_row_writes_nothing(client, clerk, place):
    meter = MeterFactory(facility__community=place)
    rows = [[meter.ref, "2026-10-31", "", "5"], [meter.ref, "2026-02-30", "", "-1"]]

    answer = send(client, "billing.Reading", csv_of(HEADS, *rows))

    assert answer.status_code == 422
    assert [number for number, _problem in answer.context_data["problems"]] == [3]
    assert not answer.context_data["upload"]
    assert not Reading.objects.exists()


def test_what_only_the_database_refuses_is_told_in_its_row(client, clerk, place):
    meter = MeterFactory(facility__community=place)
    rows = [[meter.ref, "2026-10-31", "", "5"], [meter.ref, "2026-11-30", "", "-1"]]

    answer = send(client, "billing.Reading", csv_of(HEADS, *rows))

    ((number, problem),) = answer.context_data["problems"]
    assert (number, problem.text) == (3, "读数不能为负。")


def test_confirming_twice_imports_once(client, clerk, place):
    meter = MeterFactory(facility__community=place)
    seen = send(client, "billing.Reading", csv_of(HEADS, [meter.ref, "2026-10-31", "", "5"]))
    confirmation = {"confirm": seen.context_data["upload"].key}

    first = client.post(url("billing.Reading", "import"), confirmation)
    second = client.post(url("billing.Reading", "import"), confirmation)

    assert (first.status_code, second.status_code) == (302, 409)
    assert Reading.objects.count() == 1


def test_only_the_sender_confirms(client, clerk, place):
    meter = MeterFactory(facility__community=place)
    seen = send(client, "billing.Reading", csv_of(HEADS, [meter.ref, "2026-10-31", "", "5"]))
    client.force_login(staff(Role.CLERK, place))

    answer = client.post(url("billing.Reading", "import"), {"confirm": seen.context_data["upload"].key})

    assert answer.status_code == 409
    assert not Reading.objects.exists()


def test_a_preview_that_no_longer_holds_writes_nothing(client, clerk, place):
    reading = ReadingFactory(meter__facility__community=place, value=Decimal(10))
    data = csv_of(HEADS, [reading.meter.ref, str(reading.read_on), "", "20"])
    seen = send(client, "billing.Reading", data)
    Reading.objects.update(value=Decimal(15))

    answer = client.post(url("billing.Reading", "import"), {"confirm": seen.context_data["upload"].key})

    assert answer.status_code == 409
    assert Reading.objects.get().value == 15


def test_an_expired_preview_is_gone(client, clerk, place):
    meter = MeterFactory(facility__community=place)
    seen = send(client, "billing.Reading", csv_of(HEADS, [meter.ref, "2026-10-31", "", "5"]))
    Upload.objects.update(expires_at="2026-01-01T00:00Z")

    answer = client.post(url("billing.Reading", "import"), {"confirm": seen.context_data["upload"].key})

    assert answer.status_code == 409


def test_formulas_are_made_harmless_and_negative_numbers_stay(client):
    place = CommunityFactory()
    FacilityFactory(community=place, name="=cmd|'/c calc'!A1", address="-12")
    client.force_login(UserFactory(superuser=True))

    rows = list(csv.DictReader(io.StringIO(exported(client, "facilities.Facility").decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(exported(client, "facilities.Facility", "xlsx"))).active

    assert rows[0]["设施名称"] == "'=cmd|'/c calc'!A1"
    assert rows[0]["地址"] == "-12"
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "inlineStr", "n"}  # texts and numbers, no formula


def test_officials_export_and_never_import(client, place):
    MeterFactory(facility__community=place)
    MeterFactory()
    client.force_login(staff(Role.OFFICIAL, place))

    assert client.get(url("billing.Meter", "import")).status_code == 403
    assert client.get(url("billing.Meter", "template")).status_code == 403
    rows = exported(client, "billing.Meter").decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert Meter.objects.count() == 2


def test_lists_with_people_need_a_reason(client):
    client.force_login(UserFactory(superuser=True))

    refused = client.post(url("services.Provider", "export"), {"kind": "csv", "reason": ""})

    assert refused.status_code == 422
    assert not Export.objects.exists()


def test_an_export_is_on_record(client, clerk, place):
    ReadingFactory(meter__facility__community=place)

    exported(client, "billing.Reading", kind="csv", region=place.pk)

    entry = AuditEntry.objects.get(action="reading.exported")
    assert entry.data == {"filters": f"region={place.pk}", "rows": 1, "kind": "csv", "reason": "年度核对"}


def test_a_list_that_only_goes_out_holds_what_it_shows(client, place):
    resident = ResidentFactory(community=place, number="13800138000")
    client.force_login(staff(Role.CLERK, place))

    text = exported(client, "residents.Resident").decode("utf-8-sig")

    assert resident.called in text
    assert "138****8000" in text
    assert "13800138000" not in text


@pytest.mark.parametrize("label", sorted(model._meta.label for model in admin.site._registry))
def test_every_list_opens_and_its_export_with_it(client, label):
    client.force_login(UserFactory(superuser=True))
    if label in NOT_EXPORTED:
        assert client.get(url(label, "export")).status_code == 403
        return

    page = client.get(url(label, "changelist")).content.decode()

    assert url(label, "export") in page
    assert client.get(url(label, "export")).status_code == 200
    assert exported(client, label)
    may = not admin.site._registry[apps.get_model(label)].not_imported
    assert client.get(url(label, "import")).status_code == (200 if may else 403)
    assert client.get(url(label, "template")).status_code == (200 if may else 403)


@pytest.mark.parametrize(("made", "read"), [("en", "zh-hans"), ("zh-hans", "en")])
@pytest.mark.parametrize("model", EDITABLE)
def test_file_made_in_one_language_comes_in_with_the_other(client, model, made, read):
    EDITABLE[model]()
    client.force_login(UserFactory(superuser=True))

    with translation.override(made):  # what a request leaves behind ends here
        client.cookies["django_language"] = made
        data = exported(client, model)
        client.cookies["django_language"] = read
        answer = send(client, model, data)

    assert answer.status_code == 200
    assert [one.text for _n, one in answer.context_data["problems"]] == []
    assert answer.context_data["outcome"].unchanged == apps.get_model(model).objects.count()
