"""Packs as they arrive: a folder, a .zip of it, or a workbook; what could hurt is refused before it is read."""

import csv
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from django.utils.translation import gettext as _

from billing.packs.problems import PackRefused, problem, refuse
from billing.packs.schema import TABLES
from billing.packs.values import Cell
from billing.packs.workbooks import read_workbook

MAX_BYTES = 64 * 2**20
MAX_ZIP_RATIO = 200
SMALL = 2**20
BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error)


class Sheet(NamedTuple):
    """One file of a pack: its rows from the header on; the first row has number 1."""

    name: str
    rows: Iterator[list[Cell]]


def read_sheets(path: Path) -> Iterator[Sheet]:
    """Yield the files of a pack in the order of the rules."""
    try:
        with ExitStack() as stack:
            yield from _in_order(_sheets(path, stack))
    except OSError as error:
        raise refuse(path.name, _("读不出来：%s。") % error) from error


def _in_order(sheets: dict[str, Iterator[list[Cell]]]) -> Iterator[Sheet]:
    if not sheets:
        raise refuse("", _("里面没有数据表；要的文件是：%s。") % _("、").join(TABLES))
    for name in (*(one for one in TABLES if one in sheets), *(one for one in sheets if one not in TABLES)):
        yield Sheet(name, sheets[name] if name in TABLES else _unknown(name))


def _unknown(name: str) -> Iterator[list[Cell]]:
    """Told when its turn comes, so that everything else wrong with the pack is told too."""
    return map(_refuse_table, [name])


def _refuse_table(name: str) -> list[Cell]:
    raise refuse(name, _("不认识这张表；可以有的是：%s。") % _("、").join(TABLES))


def _sheets(path: Path, stack: ExitStack) -> dict[str, Iterator[list[Cell]]]:
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise refuse(path.name, _("没有这个文件或文件夹。"))
    if path.suffix.lower() == ".zip":
        return _zip(path)
    if path.suffix.lower() == ".xlsx":
        return dict(read_workbook(path, stack))
    raise refuse(path.name, _("不认识这种文件；请给文件夹、.zip 或 .xlsx。"))


def _folder(folder: Path) -> dict[str, Iterator[list[Cell]]]:
    files = sorted(file for file in folder.iterdir() if not file.name.startswith("."))
    if sum(file.stat().st_size for file in files) > MAX_BYTES:
        raise _too_big()
    return {_name(file.name): _csv(file.name, file.read_bytes() if file.is_file() else b"") for file in files}


def _name(file: str) -> str:
    """The table a file holds; what is not a table's file keeps its whole name and is unknown by it."""
    name = file.removesuffix(".csv")
    return name if file.endswith(".csv") and name in TABLES else file


def _too_big() -> PackRefused:
    return refuse("", _("数据太大：解开后最多 %s MB，请分几个数据包导入。") % (MAX_BYTES // 2**20))


def _zip(path: Path) -> dict[str, Iterator[list[Cell]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {_name(name): _csv(name, archive.read(one)) for name, one in _members(archive).items()}
    except BROKEN as error:
        raise refuse(path.name, _("不是能解开的 .zip 文件（%s）；加密的请先解密。") % error) from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of a zip, or of the one folder in it, once each name, size and kind was found harmless."""
    found = archive.infolist()
    unsafe = [problem(one.filename, None, "", None, text) for one in found if (text := _unsafe(one))]
    if unsafe:
        raise PackRefused(unsafe)
    members = [one for one in found if not one.is_dir() and not _is_litter(one.filename)]
    if sum(one.file_size for one in members) > MAX_BYTES:
        raise _too_big()
    tops = {PurePosixPath(one.filename).parent for one in members}
    is_one_folder = len(tops) == 1 and len(next(iter(tops)).parts) == 1
    names = [PurePosixPath(one.filename).name if is_one_folder else one.filename for one in members]
    if len(set(names)) < len(names):
        raise refuse("", _("同一个文件在 .zip 里出现了两次。"))
    return dict(zip(names, members, strict=True))


def _is_litter(name: str) -> bool:
    """What operating systems leave beside the files."""
    parts = PurePosixPath(name).parts
    return bool(parts) and (parts[0] == "__MACOSX" or parts[-1].startswith("."))


def _unsafe(member: zipfile.ZipInfo) -> str:
    parts = PurePosixPath(member.filename).parts
    if member.filename.startswith("/") or ".." in parts or "\\" in member.filename or ":" in member.filename:
        return _("文件名指向 .zip 之外；请重新打包。")
    if stat.S_ISLNK(member.external_attr >> 16):
        return _("是链接而不是文件；请打包文件本身。")
    if member.file_size > SMALL and member.file_size > MAX_ZIP_RATIO * member.compress_size:
        return _("压缩比超过 %s 倍，不像真实的数据。") % MAX_ZIP_RATIO
    return ""


def _csv(file: str, data: bytes) -> Iterator[list[Cell]]:
    """Rows of a CSV file in UTF-8, with or without a BOM."""
    file = _name(file)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse(file, _("编码不是 UTF-8（是 UTF-16）：请在 Excel 里另存为“CSV UTF-8”。"), row=1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        wrong = repr(data[error.start : error.start + 8])
        raise refuse(
            file, _("编码不是 UTF-8（可能是 GBK）：请在 Excel 里另存为“CSV UTF-8”。"), row=row, value=wrong
        ) from error
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise refuse(file, _("含有空字符（NUL），不是 CSV 文件。"), row=row)
    yield from _rows(file, text)


def _rows(file: str, text: str) -> Iterator[list[Cell]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 1
    try:
        for row in reader:
            yield list(row)
            number += 1
    except csv.Error as error:
        raise refuse(file, _("引号不成对或格式不是 CSV（%s）。") % error, row=number) from error
