"""What is inside an .xlsx file, a zip of parts, before anything reads it."""

import zipfile
import zlib
from typing import IO
from xml.etree.ElementTree import ParseError

from openpyxl.utils.exceptions import InvalidFileException

# What zipfile, the XML parser and openpyxl raise over a file that is broken or made to break them.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    OSError,
)
DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))


def may_define_entities(archive: zipfile.ZipFile) -> bool:
    """Whether a part, whatever its name, has a DOCTYPE: the workbook itself says which are read as XML."""
    for part in archive.infolist():
        with archive.open(part) as file:
            if _has_any(file, DOCTYPES):
                return True
    return False


def has_merged_cells(archive: zipfile.ZipFile) -> bool:
    """Whether cells are merged: only the first of them has a value, and a reader that streams sees no more."""
    for part in archive.infolist():
        if part.filename.startswith("xl/worksheets/"):
            with archive.open(part) as file:
                if _has_any(file, (b"<mergeCell ",)):
                    return True
    return False


def _has_any(file: IO[bytes], words: tuple[bytes, ...]) -> bool:
    """Anywhere in the part, behind a long comment or in UTF-16 too."""
    before = b""
    while piece := file.read(2**20):
        if any(word in before + piece for word in words):
            return True
        before = piece[-20:]
    return False
