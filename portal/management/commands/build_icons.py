"""Write the icon sprite from the @tabler/icons package."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.icons import ICONS

OUTLINES = "node_modules/@tabler/icons/icons/outline"
SPRITE = "portal/static/portal/icons.svg"
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_BOUNDS = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


def symbol(name: str, source: Path) -> str:
    """One icon as a symbol of the sprite, without the invisible square around it."""
    body = _BODY.search(source.read_text("utf-8"))
    if body is None:
        raise CommandError(f"{source} 不是 SVG 图标。")
    shapes = " ".join(_BOUNDS.sub("", body[1]).split())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


class Command(BaseCommand):
    help = "由 @tabler/icons 生成图标文件（npm ci 之后运行）"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / OUTLINES
        if not folder.is_dir():
            raise CommandError("没有找到 @tabler/icons：请先运行 npm ci。")
        missing = [name for name in ICONS if not (folder / f"{name}.svg").is_file()]
        if missing:
            raise CommandError(f"@tabler/icons 中没有这些图标：{'、'.join(missing)}。")
        symbols = "\n".join(symbol(name, folder / f"{name}.svg") for name in ICONS)
        target = Path(settings.BASE_DIR) / SPRITE
        target.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n', "utf-8")
        self.stdout.write(f"{SPRITE}：{len(ICONS)} 个图标")
