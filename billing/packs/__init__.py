"""Packs: how data comes in from folders, zip files and workbooks (billing-rules, "The pack")."""

from billing.packs.operation import FileCount, ImportReport, import_pack
from billing.packs.problems import PackRefused, Problem

__all__ = ["FileCount", "ImportReport", "PackRefused", "Problem", "import_pack"]
