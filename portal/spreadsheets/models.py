"""Files between upload and confirmation, and files being written for somebody."""

import datetime as dt
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def new_key() -> str:
    return secrets.token_urlsafe(16)


def soon() -> dt.datetime:
    return timezone.now() + dt.timedelta(hours=1)


def next_week() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=7)


def whose() -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("申请人"), related_name="+", editable=False
    )


class Upload(models.Model):
    """A file as it was previewed; only its sender can confirm it, once, before it expires."""

    key = models.CharField(max_length=32, default=new_key, unique=True)
    by = whose()
    model = models.CharField(max_length=80)
    name = models.CharField(_("文件名"), max_length=120)
    data = models.BinaryField()
    seen = models.CharField(max_length=64)  # the digest of what the preview showed
    expires_at = models.DateTimeField(default=soon)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("待导入的文件")
        verbose_name_plural = pgettext_lazy("复数", "待导入的文件")

    def __str__(self) -> str:
        return self.name


class ExportState(models.TextChoices):
    WAITING = "waiting", _("排队中")
    RUNNING = "running", _("正在写")
    DONE = "done", _("可以下载")
    FAILED = "failed", _("没有成功")


class Export(models.Model):
    """A list as a file: who asked for it, why, what it holds; only for its maker, for a week."""

    by = whose()
    role = models.CharField(_("用的角色"), max_length=16, blank=True)
    scope = models.JSONField(default=list)  # the code prefixes the maker held; "" is everything
    model = models.CharField(max_length=80)
    title = models.CharField(_("表名"), max_length=80)
    filters = models.TextField(_("筛选"), blank=True)
    kind = models.CharField(_("格式"), max_length=4, choices=[("csv", "CSV"), ("xlsx", "xlsx")])
    reason = models.CharField(_("用途"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=ExportState, default=ExportState.WAITING)
    rows = models.PositiveIntegerField(_("已写行数"), default=0)
    total = models.PositiveIntegerField(_("总行数"), default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(_("申请时间"), default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("保留到"), default=next_week)

    class Meta:
        verbose_name = _("导出的文件")
        verbose_name_plural = pgettext_lazy("复数", "导出的文件")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.title} {timezone.localtime(self.made_at):%Y-%m-%d %H:%M}"
