"""What happened to a row, in words: who, when, from which page, and each field from what to what."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.access import ScopedQuerySet
from portal.history import event_model
from portal.models import User

MOST = 100  # changes on one page; older ones stay in the tables
NOTHING = "—"

# Pages from which people write, as they are called; pages of a table follow from its name.
PAGES = {
    "admin:books_readings": gettext_lazy("每月账 · 抄表"),
    "admin:books_bills": gettext_lazy("每月账 · 账单"),
    "admin:books_revenue": gettext_lazy("每月账 · 收入"),
    "admin:books_step": gettext_lazy("每月账"),
    "admin:books_run_start": gettext_lazy("每月账 · 月结任务"),
    "admin:rooms_step": gettext_lazy("预约日历"),
    "admin:rooms_booking": gettext_lazy("预约日历 · 办理"),
    "admin:rooms_feed_renew": gettext_lazy("预约日历 · 更换订阅地址"),
    "desk:revenue": gettext_lazy("服务商 · 报收入"),
    "account_login": gettext_lazy("登录"),
    "account_signup": gettext_lazy("注册"),
    "room": gettext_lazy("空间预约"),
    "room_here": gettext_lazy("扫码签到"),
    "my_booking_step": gettext_lazy("我的预约"),
    "objections": gettext_lazy("公示 · 提异议"),
    "me_join": gettext_lazy("我的 · 登记为居民"),
    "me_move": gettext_lazy("我的 · 更换社区"),
    "me_change": gettext_lazy("我的 · 修改信息"),
    "me_family": gettext_lazy("我的 · 添加家人"),
    "me_family_remove": gettext_lazy("我的 · 不再代办"),
    "me_consents": gettext_lazy("我的 · 同意与撤回"),
    "me_erase": gettext_lazy("我的 · 注销"),
    "needs": gettext_lazy("说说"),
    "message": gettext_lazy("我的消息"),
    "inbox_read": gettext_lazy("我的消息"),
    "channels": gettext_lazy("我的消息 · 接收方式"),
    "role": gettext_lazy("切换角色"),
}
ENTRANCE = ("account_", "mfa_")
DEEDS = {
    "add": gettext_lazy("新增"),
    "change": gettext_lazy("修改"),
    "delete": gettext_lazy("删除"),
    "changelist": gettext_lazy("列表操作"),
    "do": gettext_lazy("办理"),
    "import": gettext_lazy("导入"),
    "process_import": gettext_lazy("导入"),
    "open": gettext_lazy("打开完整号码"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field, from what to what."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One time somebody wrote a row."""

    at: dt.datetime
    who: str
    where: str
    what: str
    deed: str  # insert, update, delete
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Kept:
    """A table whose history is asked for: the column that names the row, and what its rows are called."""

    model: type[models.Model]
    column: str
    title: str


def story(row: models.Model, below: Iterable[tuple[type[models.Model], str]], *, user: Any) -> list[Step]:
    """Tell the last changes of a row and of the rows on its page, the newest first."""
    asked = [Kept(type(row), "pgh_obj", ""), *(Kept(*one, _name(one[0])) for one in below)]
    found: list[tuple[Kept, Any, Any]] = []
    for kept in asked:
        found += _with_the_one_before(kept, row.pk)
    found.sort(key=lambda one: (one[1].pgh_created_at, one[1].pgh_id), reverse=True)
    words = Words(user, found := found[:MOST])
    return [step for one in found if (step := words.step(*one))]


def _name(model: type[models.Model]) -> str:
    return str(model._meta.verbose_name)


def _with_the_one_before(kept: Kept, key: Any) -> list[tuple[Kept, Any, Any]]:
    """Pair each event with the one before it of the same row."""
    table = event_model(kept.model)
    if table is None:
        return []
    rows = table._default_manager.filter(**{kept.column: key}).select_related("pgh_context")
    events: list[Any] = list(rows.order_by("-pgh_id")[: MOST + 1])
    earlier: dict[Any, Any] = {}
    pairs = []
    for event in reversed(events):
        pairs.append((kept, event, earlier.get(event.pgh_obj_id)))
        earlier[event.pgh_obj_id] = event
    return pairs


class Words:
    """Values and people as they are called; what foreign keys point to is looked up at once a table."""

    def __init__(self, user: Any, found: Sequence[tuple[Kept, Any, Any]]) -> None:
        keys: dict[type[models.Model], set[Any]] = defaultdict(set)
        for _kept, event, before in found:
            for field in _fields(event):
                if field.is_relation:
                    keys[field.related_model] |= {
                        getattr(one, field.attname) for one in (event, before) if one
                    }
            keys[User].add(_origin(event).get("user"))
        self._names = {model: _names(model, wanted - {None}, user) for model, wanted in keys.items()}

    def step(self, kept: Kept, event: Any, before: Any) -> Step | None:
        changes = self._changes(event, before)
        if not changes and event.pgh_label == "update":
            return None
        origin = _origin(event)
        return Step(
            event.pgh_created_at,
            self._who(origin),
            page_name(origin),
            f"{kept.title} · {self._row(event)}" if kept.title else "",
            event.pgh_label,
            changes,
        )

    def _who(self, origin: dict[str, Any]) -> str:
        if key := origin.get("user"):
            return self._names[User].get(key, _("用户 %d") % key)
        return _("系统") if origin.get("job") or origin.get("command") else _("没有登录的人")

    def _row(self, event: Any) -> str:
        """Name a row on the page by its first filled field."""
        shown = (
            self._text(field, event) for field in _fields(event) if field.name not in ("id", "community")
        )
        return next((one for one in shown if one != NOTHING), "")

    def _changes(self, event: Any, before: Any) -> list[Change]:
        if event.pgh_label == "delete":
            return []
        changes = []
        for field in _fields(event):
            new = self._text(field, event)
            old = self._text(field, before) if before else ""
            if new != old and not (event.pgh_label == "insert" and new == NOTHING):
                changes.append(Change(str(field.verbose_name), old, new))
        return changes

    def _text(self, field: Any, event: Any) -> str:
        value = getattr(event, field.attname)
        if value is None or value == "":
            return NOTHING
        if field.is_relation:
            return self._names[field.related_model].get(value, _("（看不到的一行）"))
        if field.flatchoices:
            return str(dict(field.flatchoices).get(value, value))
        return _plain(value)


def _fields(event: Any) -> list[Any]:
    """The columns of the row itself, without its number."""
    return [one for one in event._meta.fields if not one.name.startswith("pgh_") and one.name != "id"]


def _origin(event: Any) -> dict[str, Any]:
    return event.pgh_context.metadata if event.pgh_context_id and event.pgh_context else {}


def _names(model: type[models.Model], keys: set[Any], user: Any) -> dict[Any, str]:
    """Say what rows are called; a row that the reader may not see has no name here."""
    rows = model._default_manager.all()
    if isinstance(rows, ScopedQuerySet):
        rows = rows.visible_to(user)
    return {row.pk: str(row) for row in rows.filter(pk__in=keys)} if keys else {}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Decimal):
        text = f"{value:,f}".replace("-", "−")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, dt.datetime):
        return formats.date_format(timezone.localtime(value), "Y-m-d H:i")
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    return str(value)


def page_name(origin: dict[str, Any]) -> str:
    """Say in words from which page, job or command a row was written."""
    if job := origin.get("job"):
        return _("后台任务 %s") % job
    if command := origin.get("command"):
        return _("命令 %s") % command
    page = origin.get("page") or ""
    kind, _dot, name = page.partition(":")
    if kind == "admin":
        return _admin_page(name)
    if page not in PAGES and page.startswith(ENTRANCE):
        return _("登录与安全")
    return str(PAGES.get(page, page))


def _admin_page(name: str) -> str:
    for model in admin.site._registry:
        start = f"{model._meta.app_label}_{model._meta.model_name}_"
        if name.startswith(start):
            table, deed = _name(model), name.removeprefix(start)
            return _("工作台 · %(table)s · %(page)s") % {"table": table, "page": DEEDS.get(deed, deed)}
    return _("工作台 · %s") % PAGES.get(f"admin:{name}", name)
