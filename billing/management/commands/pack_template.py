from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from billing.packs.template import write_template


class Command(BaseCommand):
    help = "写一个空的数据包工作簿：每张表一页，中文列名，填好即可导入。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT.xlsx")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.suffix.lower() != ".xlsx":
            raise CommandError(_("请给一个以 .xlsx 结尾的文件名。"))
        if out.exists():
            raise CommandError(_("%s 已存在，不覆盖。") % out)
        try:
            write_template(out)
        except OSError as error:
            raise CommandError(_("写不进去：%s。") % error) from error
        self.stdout.write(_("已写入 %s") % out)
