"""Calendars kept elsewhere whose events block a space here."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.bookings import CalendarQuerySet
from portal.history import tracked


class ExternalCalendarQuerySet(CalendarQuerySet):
    def in_use(self) -> "ExternalCalendarQuerySet":
        return self.filter(ended_at=None)


@tracked(exclude=["url", "fetched_at", "error", "clashes"])
class ExternalCalendar(models.Model):
    """A calendar of another system, fetched from its address or handed in as a file; only times are kept."""

    space = models.ForeignKey(
        "facilities.Space", models.PROTECT, verbose_name=_("空间"), related_name="external_calendars"
    )
    name = models.CharField(_("名称"), max_length=40, help_text=_("如学校排课、物业会议。"))
    url = models.URLField(
        _("日历地址"),
        max_length=500,
        blank=True,
        help_text=_("https 开头的 iCal（.ics）地址，每 15 分钟取一次；不填就上传文件。"),
    )
    fetched_at = models.DateTimeField(_("上次导入"), null=True, editable=False)
    error = models.CharField(_("上次没导入的原因"), max_length=200, blank=True, editable=False)
    clashes = models.JSONField(_("与预约冲突的时间"), default=list, editable=False)

    ended_at = models.DateTimeField(
        _("停用时间"), null=True, editable=False, help_text=_("停用的日历只留着过去占用的时间，算利用率用。")
    )

    objects = ExternalCalendarQuerySet.as_manager()

    class Meta:
        verbose_name = _("外部日历")
        verbose_name_plural = pgettext_lazy("复数", "外部日历")
        ordering = ["space", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["space", "name"],
                condition=Q(ended_at=None),
                name="externalcalendar_once_in_use",
                violation_error_message=_("这个空间已有同名的外部日历。"),
            ),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="https://"),
                name="externalcalendar_over_https",
                violation_error_message=_("日历地址要以 https:// 开头。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def clash_times(self) -> list[tuple[dt.datetime, dt.datetime]]:
        """The times it wanted at its last import and did not get."""
        return [
            (dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)) for start, end in self.clashes
        ]


class BlockQuerySet(CalendarQuerySet):
    region_path = "calendar__space__community__region__code"

    def between(self, start: object, end: object) -> "BlockQuerySet":
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Block(models.Model):
    """A time at which an external calendar takes its space; what for is not kept."""

    calendar = models.ForeignKey(
        ExternalCalendar, models.PROTECT, verbose_name=_("外部日历"), related_name="blocks"
    )
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("外部占用")
        verbose_name_plural = pgettext_lazy("复数", "外部占用")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="block_in_order",
                violation_error_message=_("结束要晚于开始。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} · {date_format(timezone.localtime(self.starts_at), 'DATETIME_FORMAT')}"
