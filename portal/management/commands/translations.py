import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

APPS = ("portal", "facilities", "residents", "services", "billing")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def python_of(path: Path) -> str:
    """Python as it is; of a template the calls that its translation tags stand for."""
    text = path.read_text()
    if path.suffix == ".py":
        return text
    return "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())


def sources() -> Iterator[Path]:
    """Every file of ours that may hold a text."""
    base = Path(settings.BASE_DIR)
    for app in APPS:
        yield from sorted(path for path in (base / app).rglob("*.py") if "migrations" not in path.parts)
        yield from sorted((base / app / "templates").rglob("*.html"))
    for pattern in ("*.html", "*.txt"):
        yield from sorted((base / "templates").rglob(pattern))


def texts_in_use() -> Catalog:
    """Every marked text of code and templates."""
    found = Catalog()
    for path in sources():
        code = io.BytesIO(python_of(path).encode())
        for _line, message, comments, context in extract("python", code, keywords=KEYWORDS):
            found.add(message, auto_comments=comments, context=context)
    return found


def read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale=path.parent.parent.name)
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def compiled(catalog: Catalog) -> bytes:
    """The .mo of a catalogue, without its dates, so that the same catalogue gives the same bytes."""
    plain = Catalog(locale=catalog.locale, fuzzy=False, creation_date=EPOCH, revision_date=EPOCH)
    for message in catalog:
        if message.id:
            plain.add(message.id, message.string, flags=message.flags, context=message.context)
    output = io.BytesIO()
    write_mo(output, plain)
    return output.getvalue()


class Command(BaseCommand):
    help = "收集新文字到 locale/en，编译全部译文；--check 只检查：缺译文、占位符不符、.mo 未更新都算失败。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="只检查，不写文件")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        english = Path(settings.BASE_DIR) / "locale" / "en" / "LC_MESSAGES" / "django.po"
        if not check:
            self._collect(english)
        problems = list(self._problems(english, check=check))
        for problem in problems:
            self.stderr.write(problem)
        if problems and check:
            raise CommandError(f"{len(problems)} 处译文待补：manage.py translations")

    def _collect(self, path: Path) -> None:
        """Bring the English catalogue up to the texts in use; keep what is translated, drop what is gone."""
        kept, used = read(path), texts_in_use()
        catalog = Catalog(locale="en")
        for message in used:
            if message.id:
                old = translation_of(message, kept)
                catalog.add(message.id, old.string if old else None, context=message.context)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, omit_header=True, sort_output=True, width=110)

    def _problems(self, english: Path, *, check: bool) -> Iterator[str]:
        translated = read(english)
        for message in texts_in_use():
            found = translation_of(message, translated) if message.id else message
            if message.id and not (found and any(strings(found.string))):
                yield f"缺英文：{message.id}"
        for path in sorted(
            po for folder in settings.LOCALE_PATHS for po in folder.glob("*/LC_MESSAGES/*.po")
        ):
            catalog = read(path)
            for message, errors in catalog.check():
                yield from (f"{path.name} {message.id}：{error}" for error in errors)
            target = path.with_suffix(".mo")
            if check and (not target.exists() or target.read_bytes() != compiled(catalog)):
                yield f"{target} 未更新"
            elif not check:
                target.write_bytes(compiled(catalog))


def translation_of(message: Message, catalog: Catalog) -> Message | None:
    """What a catalogue says of a message; nothing where only one of the two has a plural."""
    found = catalog.get(message.id, message.context)
    return found if found and found.pluralizable == message.pluralizable else None


def strings(text: Any) -> list[str]:
    """The forms of a translation: one, or one for each plural."""
    return [text] if isinstance(text, str) else list(text or ())
