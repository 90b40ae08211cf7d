"""What is wrong with a pack: where it stands, what is there, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.errors import Refused

SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: file, row (the first row is the header), column, value, and what to do about it."""

    file: str
    row: int | None
    column: str
    value: str
    text: str

    def __str__(self) -> str:
        place = [self.file] if self.file else []
        if self.row is not None:
            place.append(_("第 %s 行") % self.row)
        if self.column:
            place.append(self.column)
        if self.value:
            place.append(f"“{self.value}”")
        return _("%(place)s：%(text)s") % {"place": " ".join(place) or _("数据包"), "text": self.text}


def problem(file: str, row: int | None, column: str, value: Any, text: str) -> Problem:
    """Return a problem with its value as it can be shown: short, on one line."""
    shown = "" if value is None else "".join(c if c.isprintable() else "�" for c in str(value))
    return Problem(file, row, column, shown if len(shown) <= SHOWN else shown[:SHOWN] + "…", text)


class PackRefused(Refused):
    """A pack that was not imported, with every problem in it; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        told = [str(one) for one in self.problems]
        told.append(_("共 %s 处问题，整个数据包没有导入，什么都没有改动。请改好后再导入。") % len(told))
        super().__init__("\n".join(told))


def refuse(file: str, text: str, *, row: int | None = None, value: Any = None) -> PackRefused:
    """Return the refusal of a pack that cannot be read any further."""
    return PackRefused([problem(file, row, "", value, text)])
