"""When places are open: hours per weekday and season, closures, and the official days off."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import facility_of, room_of
from portal.access import ScopedQuerySet
from portal.history import tracked

MONTH_DAY = RegexValidator(r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", _("请写月-日，如 11-15。"))


class PlaceQuerySet(ScopedQuerySet):
    region_path = "facility__community__region__code"


@tracked()
class OpeningHours(models.Model):
    """Open from one time to another on one weekday; a room's own hours replace those of its facility."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("周一")
        TUESDAY = 1, _("周二")
        WEDNESDAY = 2, _("周三")
        THURSDAY = 3, _("周四")
        FRIDAY = 4, _("周五")
        SATURDAY = 5, _("周六")
        SUNDAY = 6, _("周日")
        HOLIDAY = 7, _("法定节假日")

    class Kind(models.TextChoices):
        DAY = "day", _("日常开放")
        NIGHT = "night", _("夜校")

    facility = facility_of("hours")
    space = room_of("hours")
    kind = models.CharField(_("种类"), max_length=5, choices=Kind, default=Kind.DAY)
    weekday = models.PositiveSmallIntegerField(
        _("星期"), choices=Weekday, help_text=_("法定节假日不填开放时间就是闭馆；调休上班日按周一开放。")
    )
    opens_at = models.TimeField(_("开门"))
    closes_at = models.TimeField(_("关门"))
    season_from = models.CharField(
        _("季节自"), max_length=5, blank=True, validators=[MONTH_DAY], help_text=_("月-日；不填为全年。")
    )
    season_until = models.CharField(
        _("季节至"), max_length=5, blank=True, validators=[MONTH_DAY], help_text=_("含当日，可以跨年。")
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("开放时间")
        verbose_name_plural = pgettext_lazy("复数", "开放时间")
        ordering = ["facility", "space", "weekday", "opens_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="openinghours_in_order",
                violation_error_message=_("关门时间要晚于开门时间。"),
            ),
            models.CheckConstraint(
                condition=Q(season_from="", season_until="") | (~Q(season_from="") & ~Q(season_until="")),
                name="openinghours_whole_season",
                violation_error_message=_("季节的起止要一起填。"),
            ),
            models.CheckConstraint(
                condition=Q(weekday__lte=7),
                name="openinghours_weekday_known",
                violation_error_message=_("没有这样的星期。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"


@tracked()
class Closure(models.Model):
    """A facility or one room is closed for a time, whatever its hours say."""

    facility = facility_of("closures")
    space = room_of("closures")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    reason = models.CharField(_("原因"), max_length=80)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("闭馆")
        verbose_name_plural = pgettext_lazy("复数", "闭馆")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="closure_in_order",
                violation_error_message=_("结束要晚于开始。"),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


@tracked()
class Holiday(models.Model):
    """One official day off or make-up workday (调休); it overrides the built-in calendar."""

    date = models.DateField(_("日期"), primary_key=True)
    name = models.CharField(_("名称"), max_length=40)
    is_workday = models.BooleanField(_("调休上班"), default=False)

    class Meta:
        verbose_name = _("节假日与调休")
        verbose_name_plural = pgettext_lazy("复数", "节假日与调休")
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{date_format(self.date)} {self.name}"
