"""What arrives as a file, and what is written by a worker: nothing hurts, nothing is lost, nobody sees more."""

import csv
import io
import threading
import zipfile

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from billing.models import Reading, Revenue
from portal.access import Role
from portal.models import Export, Message
from portal.spreadsheets import exporting, files
from portal.spreadsheets.columns import harmless
from tests.factories import (
    AgreementFactory,
    BookingFactory,
    CommunityFactory,
    MeterFactory,
    MonthCloseFactory,
    ReadingFactory,
    RevenueFactory,
    UserFactory,
    post,
    staff,
)
from tests.portal.test_spreadsheets import HEADS, csv_of, send, take, url


def xlsx_of(*rows) -> bytes:
    book, data = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(data)
    return data.getvalue()


def zip_of(**parts: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", part)
    return data.getvalue()


def sparse(row: int) -> bytes:
    """A workbook of two filled rows, one of them far below the other."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_of(["x"], ["y"]))) as old, zipfile.ZipFile(data, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b'<row r="2"', b'<row r="%d"' % row).replace(b'"A2"', b'"A%d"' % row)
            new.writestr(name, part)
    return data.getvalue()


HOSTILE = {
    "a program named .xlsx": (b"MZ\x90\x00\x03\x00\x00\x00", "不是 CSV"),
    "a zip that is no workbook": (zip_of(hello=b"x"), "不是 CSV"),
    "a bomb": (zip_of(xl__workbook=b"<a/>", bomb=b"0" * (101 * 2**20)), "太大"),
    "entities": (zip_of(xl__workbook=b"<!DOCTYPE a>"), "DOCTYPE"),
    "entities behind a long comment": (
        zip_of(xl__workbook=b"<!--" + b"x" * 2_000_000 + b"--><!DOCTYPE a>"),
        "DOCTYPE",
    ),
    "entities in UTF-16": (zip_of(xl__workbook="<!DOCTYPE a>".encode("utf-16")), "DOCTYPE"),
    "two thousand million empty rows": (sparse(2_000_000_000), "行太多"),
    "a broken workbook": (zip_of(xl__workbook=b"<a/>"), "打不开"),
    "an old workbook": (b"\xd0\xcf\x11\xe0rest", "另存为 .xlsx"),
    "NUL": (b"a,b\n1,\x00\n", "不是 CSV"),
    "UTF-16": ("表,读数\n1,2\n".encode("utf-16"), "UTF-16"),
    "no encoding at all": (b"a\n\xff\xff\xff\n", "读不出"),
    "200 columns": (csv_of(["x"] * 200, ["1"] * 200), "列太多"),
    "200 columns in a workbook": (xlsx_of(["x"] * 200, [1] * 200), "列太多"),
    "an unclosed quote": (b'a,b\n"1,2\n', "引号"),
    "nothing": (b"\n", "没有数据"),
    "heads alone": (csv_of(HEADS), "没有数据"),
    "unknown columns": (csv_of([*HEADS, "金额"], ["1", "2", "3", "4", "5"]), "不认识的列：金额"),
    "a column twice": (csv_of([*HEADS, "读数"], ["1", "2", "3", "4", "5"]), "重复"),
    "no key": (csv_of(["读数"], ["1"]), "缺少"),
    "too many rows": (csv_of(HEADS, *[["1", "2", "3", "4"]] * (files.MAX_ROWS + 1)), "行太多"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_is_none_is_refused_in_words(client, what):
    data, text = HOSTILE[what]
    client.force_login(UserFactory(superuser=True))

    answer = send(client, "billing.Reading", data, "表.xlsx")

    assert answer.status_code == 422
    assert text in answer.context_data["bad"]


@pytest.fixture
def place(db):
    return CommunityFactory()


@pytest.fixture
def clerk(client, place):
    user = staff(Role.CLERK, place)
    client.force_login(user)
    return user


def test_gbk_is_read_and_said(client, clerk, place):
    meter = MeterFactory(facility__community=place)
    data = csv_of(HEADS, [meter.ref, "2026-10-31", "", "5"]).decode("utf-8-sig").encode("gbk")

    answer = send(client, "billing.Reading", data)

    assert "GBK" in answer.context_data["outcome"].notice
    assert answer.context_data["upload"]


@pytest.mark.parametrize("comma", [";", "\t"])
def test_what_other_programs_put_between_columns_is_read(client, clerk, place, comma):
    meter = MeterFactory(facility__community=place)
    data = csv_of(HEADS, [meter.ref, "2026-10-31", "", "5"]).replace(b",", comma.encode())

    answer = send(client, "billing.Reading", data)

    assert len(answer.context_data["outcome"].added) == 1


@pytest.mark.parametrize("day", ["9999-12-11", "206-10-31"])
def test_a_year_that_is_a_slip_of_the_hand_is_told(client, clerk, place, day):
    meter = MeterFactory(facility__community=place)

    answer = send(client, "billing.Reading", csv_of(HEADS, [meter.ref, day, "", "5"]))

    ((number, problem),) = answer.context_data["problems"]
    assert (number, problem.column) == (2, "抄表日期")


def test_merged_cells_are_told(client, clerk, place):
    meter = MeterFactory(facility__community=place)
    book, data = Workbook(), io.BytesIO()
    for row in (HEADS, [meter.ref, "2026-10-30", "", "5"], ["", "2026-10-31", "", "6"]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(data)

    answer = send(client, "billing.Reading", data.getvalue())

    assert "合并的单元格" in answer.context_data["outcome"].notice
    assert answer.context_data["upload"] is None


def test_a_formula_is_told_where_it_stands(client, clerk, place):
    meter = MeterFactory(facility__community=place)

    answer = send(client, "billing.Reading", xlsx_of(HEADS, [meter.ref, "2026-10-31", "", "=1+1"]))

    ((number, problem),) = answer.context_data["problems"]
    assert (number, problem.column) == (2, "读数")
    assert "公式" in problem.text


def test_the_same_row_twice_is_told(client, clerk, place):
    meter = MeterFactory(facility__community=place)
    row = [meter.ref, "2026-10-31", "", "5"]

    answer = send(client, "billing.Reading", csv_of(HEADS, row, row))

    ((number, problem),) = answer.context_data["problems"]
    assert (number, problem.text) == (3, "与第 2 行重复，请只留一行。")


def test_a_settled_row_stays(client, clerk, place):
    reading = ReadingFactory(meter__facility__community=place)
    post(MonthCloseFactory(community=place))

    answer = send(client, "billing.Reading", csv_of(HEADS, [reading.meter.ref, "2026-09-30", "", "1"]))

    ((_number, problem),) = answer.context_data["problems"]
    assert "已经入账" in problem.text


def test_revenue_from_a_file_waits_for_another_to_verify_it(client, clerk, place):
    row = RevenueFactory(agreement__facility__community=place, verified=True)
    heads = ["协议", "月份", "收入"]

    take(client, "billing.Revenue", csv_of(heads, [row.agreement.ref, "2026年9月", "12,345.60"]))

    saved = Revenue.objects.get()
    assert (saved.status, saved.submitted_by, saved.verified_by) == ("submitted", clerk, None)


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_import_once(client):
    place = CommunityFactory()
    user = staff(Role.CLERK, place)
    client.force_login(user)
    meter = MeterFactory(facility__community=place)
    seen = send(client, "billing.Reading", csv_of(HEADS, [meter.ref, "2026-10-31", "", "5"]))
    answers: list[int] = []

    def confirm():
        other = type(client)()
        other.cookies = client.cookies
        data = {"confirm": seen.context_data["upload"].key}
        answers.append(other.post(url("billing.Reading", "import"), data).status_code)
        connections.close_all()

    threads = [threading.Thread(target=confirm) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [302, 409]
    assert Reading.objects.count() == 1


def test_readings_cost_the_same_queries_however_many(client, clerk, place):
    """Ten and three hundred: a query a row would show."""
    counts = []
    for size in (10, 300):
        meters = MeterFactory.create_batch(size, facility__community=place)
        data = csv_of(HEADS, *[[meter.ref, "2026-10-31", "", "5"] for meter in meters])
        with CaptureQueriesContext(connection) as spent:
            take(client, "billing.Reading", data)
        counts.append(len(spent))

    assert counts[0] == counts[1] < 80


def test_a_big_list_is_written_by_a_worker_and_given_to_its_maker_alone(client, clerk, place, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    ReadingFactory.create_batch(3, meter__facility__community=place)
    ReadingFactory()

    answer = client.post(url("billing.Reading", "export"), {"kind": "csv", "reason": ""})
    export = Export.objects.get()
    exporting.run(export.pk)
    exporting.run(export.pk)

    assert answer.url == reverse("admin:portal_export_changelist")
    export.refresh_from_db()
    assert (export.state, export.rows, export.total, export.attempts) == ("done", 3, 3, 1)
    told = Message.objects.get(to=clerk)
    assert (told.kind, told.url) == ("export.done", answer.url)
    assert "下载" in client.get(answer.url).content.decode()
    file = reverse("admin:portal_export_file", args=[export.pk])
    lines = list(csv.reader(io.StringIO(b"".join(client.get(file).streaming_content).decode("utf-8-sig"))))
    assert len(lines) == 4
    client.force_login(staff(Role.CLERK, place))
    assert client.get(file).status_code == 404


def test_a_file_is_gone_with_the_role_it_was_made_in(client, clerk, place, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    ReadingFactory(meter__facility__community=place)
    client.post(url("billing.Reading", "export"), {"kind": "xlsx", "reason": ""})
    export = Export.objects.get()
    exporting.run(export.pk)

    clerk.access_roles.update(region=CommunityFactory().region)

    assert client.get(reverse("admin:portal_export_file", args=[export.pk])).status_code == 404


def test_an_export_that_lost_its_worker_is_handed_out_again_and_in_the_end_given_up(client, clerk, place):
    export = Export.objects.create(
        by=clerk,
        model="billing.Reading",
        kind="csv",
        total=9000,
        state="running",
        touched_at="2026-01-01T00:00Z",
    )

    exporting.tend()

    export.refresh_from_db()
    assert export.state == "waiting"
    Export.objects.update(attempts=3, touched_at="2026-01-01T00:00Z")
    exporting.tend()
    export.refresh_from_db()
    assert export.state == "failed"
    assert Message.objects.get(to=clerk).kind == "export.failed"


def test_expired_files_go(clerk):
    Export.objects.create(by=clerk, model="billing.Reading", kind="csv", expires_at="2026-01-01T00:00Z")

    exporting.tend()

    assert not Export.objects.exists()


def test_a_sheet_of_meters_shows_ones_own_and_no_others(client, clerk, place):
    own, foreign = MeterFactory(facility__community=place), MeterFactory()
    ReadingFactory(meter=own)

    page = client.get(reverse("admin:billing_meter_sheet", args=["readings"])).content.decode()

    assert own.ref in page
    assert "1,000" in page
    assert foreign.ref not in page


@pytest.mark.parametrize("name", ["rooms", "attendance"])
def test_a_sheet_of_the_day_shows_ones_own_rooms_and_no_names(client, clerk, place, name):
    own, foreign = BookingFactory(space__facility__community=place), BookingFactory()

    address = reverse("admin:facilities_booking_sheet", args=[name])
    page = client.get(address, {"day": f"{own.starts_at:%Y-%m-%d}"}).content.decode()

    assert own.space.name in page
    assert str(foreign.space.facility) not in page
    assert own.booked_by.display_name not in page


def test_a_sheet_of_providers_shows_agreements_of_ones_own_place(client, clerk, place):
    own = AgreementFactory(facility__community=place, provider__region=place.region)
    foreign = AgreementFactory(provider=own.provider)

    page = client.get(reverse("admin:services_provider_sheet", args=["providers"])).content.decode()

    assert own.ref in page
    assert foreign.ref not in page


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@sum", "\t=1", "\r=1", "\n=1"])
def test_no_text_is_taken_for_a_formula(text):
    assert harmless(text) == "'" + text
