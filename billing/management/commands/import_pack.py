from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from billing.packs import PackRefused, import_pack


class Command(BaseCommand):
    help = "导入数据包（文件夹、.zip 或 .xlsx）：要么全部写入，要么一处不动并列出全部问题。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")
        parser.add_argument("--dry-run", action="store_true", help="只看会改什么，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_pack(options["path"], dry_run=options["dry_run"])
        except PackRefused as refused:
            raise CommandError(str(refused)) from refused
        for name, count in report.files.items():
            self.stdout.write(
                _("%(file)s：新增 %(added)s，更改 %(changed)s，不变 %(unchanged)s")
                % {
                    "file": name,
                    "added": count.added,
                    "changed": count.changed,
                    "unchanged": count.unchanged,
                }
            )
        total = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
        text = _("试导入，什么都没有写入") if report.dry_run else _("已导入")
        self.stdout.write(f"{text}：" + _("新增 %(added)s，更改 %(changed)s，不变 %(unchanged)s。") % total)
