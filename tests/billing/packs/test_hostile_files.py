"""Files that are broken, or made to hurt, are refused before they do."""

import stat
import time
import zipfile

import pytest

from billing.packs import files, workbooks
from tests.billing.packs.making import STANDING, cells, folder, refused, text, workbook, zipped

PROVIDERS = text(cells(STANDING["providers"]))


def reason(path):
    [told] = refused(path)
    return told[4]


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_another_encoding_is_told_with_its_row(tmp_path, encoding):
    path = folder(tmp_path, STANDING)
    (path / "providers.csv").write_bytes("ref,name\nP1,示例食堂\n".encode(encoding))

    [told] = refused(path)

    assert told[0] == "providers"
    assert told[1] == (2 if encoding == "gbk" else 1)
    assert "UTF-8" in told[4]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('ref,name\nP1,"示例', "引号不成对"),
        ('ref,name\nP1,"示"例\n', "引号不成对"),
        ("ref,name\nP1,示\0例\n", "NUL"),
    ],
)
def test_broken_quotes_and_nul_are_told_with_their_row(tmp_path, data, text):
    path = folder(tmp_path, {})
    (path / "providers.csv").write_text(data, "utf-8")

    [told] = refused(path)

    assert told[:2] == ("providers", 2)
    assert text in told[4]


def test_an_empty_file_lacks_its_header(tmp_path):
    path = folder(tmp_path, {})
    (path / "providers.csv").touch()

    assert refused(path) == [("providers", 1, "", "ref", "表头缺少这些必填的列（也可以写中文列名）。")]


def test_nothing_and_what_is_no_pack_are_refused(tmp_path):
    assert "没有数据表" in reason(folder(tmp_path, {}))
    assert reason(tmp_path / "nowhere") == "没有这个文件或文件夹。"
    (tmp_path / "pack.rar").write_bytes(b"Rar!")
    assert reason(tmp_path / "pack.rar") == "不认识这种文件；请给文件夹、.zip 或 .xlsx。"
    for name in ("pack.zip", "pack.xlsx"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 nothing of the kind")
        assert "不是能" in reason(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    ["../providers.csv", "/providers.csv", "..\\providers.csv", "C:providers.csv", "a/../providers.csv"],
)
def test_a_zip_that_points_outside_is_refused(tmp_path, name):
    assert reason(zipped(tmp_path, {name: PROVIDERS})) == "文件名指向 .zip 之外；请重新打包。"
    assert not (tmp_path.parent / "providers.csv").exists()


@pytest.mark.parametrize("name", ["inner.zip", "a/b/providers.csv", "providers.CSV", "providers.csv.exe"])
def test_a_zip_holds_the_files_of_a_pack_and_nothing_else(tmp_path, name):
    assert "不认识这张表" in reason(zipped(tmp_path, {name: PROVIDERS}))


def test_what_operating_systems_leave_in_a_zip_is_passed_over(tmp_path):
    path = zipped(
        tmp_path,
        {"九月/providers.csv": "ref\n", "__MACOSX/九月/._providers.csv": b"\0", "九月/.DS_Store": b"\0"},
    )

    assert [sheet.name for sheet in files.read_sheets(path)] == ["providers"]


def test_a_link_and_a_doubled_file_in_a_zip_are_refused(tmp_path):
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("providers.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert reason(path) == "是链接而不是文件；请打包文件本身。"

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("providers.csv", PROVIDERS)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("providers.csv", PROVIDERS)
    assert reason(path) == "同一个文件在 .zip 里出现了两次。"


def test_bombs_are_refused_by_their_size_before_they_are_unpacked(tmp_path):
    started = time.monotonic()

    assert "压缩比超过 200 倍" in reason(zipped(tmp_path, {"providers.csv": b"0" * 2**24}))
    sizes = {f"{name}.csv": bytes(range(256)) * 2**15 * 9 for name in ("providers",)}
    path = zipped(tmp_path, sizes)
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].file_size > files.MAX_BYTES
    assert reason(path).startswith(("数据太大", "压缩比"))
    assert time.monotonic() - started < 10


def test_a_million_rows_are_refused_with_the_limit(tmp_path):
    path = folder(tmp_path, {})
    with (path / "providers.csv").open("w") as file:
        file.write("ref\n")
        file.writelines(f"P{number}\n" for number in range(1_000_000))

    assert reason(path) == "行数太多：一个数据包最多 500,000 行，请分几个数据包导入。"


def test_a_formula_is_refused_wherever_it_stands(tmp_path):
    path = workbook(tmp_path, {"providers": [["ref", "name"], ["P1", "=1+1"], ['=HYPERLINK("x")', "b"]]})

    assert refused(path) == [
        ("providers", 2, "name", "=1+1", "这是公式；请粘贴为数值后再导入。"),
        ("providers", 3, "ref", '=HYPERLINK("x")', "这是公式；请粘贴为数值后再导入。"),
    ]


def test_error_values_unknown_sheets_and_wide_rows_of_a_workbook_are_refused(tmp_path):
    sheets = {
        "providers": [["ref", "name"], ["P1", "#N/A"]],
        "Sheet1": [["x"]],
        "meters": [["ref"] + [""] * 200 + ["x"]],
    }

    problems = refused(workbook(tmp_path, sheets))

    assert [(file, row) for file, row, *_rest in problems] == [
        ("providers", 2),
        ("meters", 1),
        ("Sheet1", None),
    ]
    assert problems[0][4] == "这是 Excel 的错误值，请改成正确的内容。"
    assert problems[1][4] == "列太多：最多 100 列。"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("xl/extra.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
        ("xl/extra.xml", b"<!--" + b"x" * 3_000_000 + b"--><!DOCTYPE x><x/>"),
        ("xl/extra.xml", "<!DOCTYPE x><x/>".encode("utf-16")),
        ("xl/extra.bin", b"<!DOCTYPE x><x/>"),
    ],
    ids=["plain", "behind a comment", "in UTF-16", "by another name"],
)
def test_a_workbook_that_could_define_entities_is_refused(tmp_path, part, text):
    path = workbook(tmp_path, {"providers": [["ref"], ["P1"]]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, text)

    assert reason(path) == "含有 DOCTYPE 声明，不是正常的 .xlsx 文件。"


def test_shared_strings_of_a_workbook_are_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_SHARED_STRINGS", 30_000)
    path = workbook(tmp_path, {"providers": [["ref"], ["P1"]]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", "<sst>" + "<si/>" * 10_000 + "</sst>")
    assert "共享文字表" in reason(path)


def test_a_workbook_that_claims_a_million_rows_is_read_as_far_as_it_is_filled(tmp_path):
    path = workbook(tmp_path, {"providers": [["ref"], ["P1"]]})
    claimed = tmp_path / "claimed.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(claimed, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            new.writestr(member, data.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'))
    started = time.monotonic()

    [rows] = [list(sheet.rows) for sheet in files.read_sheets(claimed)]

    assert rows == [["ref"], ["P1"]]
    assert time.monotonic() - started < 2
