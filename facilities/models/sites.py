from typing import Any

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import community_of, latitude_field, longitude_field
from facilities.models.places import Datum
from portal.access import ScopedQuerySet
from portal.history import tracked


def person_key(label: Any, **extra: Any) -> models.ForeignKey:
    """Return a column that says who did something."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=label, related_name="+", **extra
    )


class BuildMode(models.TextChoices):
    """How services come into a community: one whole centre, or single rooms wherever they fit."""

    WHOLE = "whole", _("整体式")
    SCATTERED = "scattered", _("插花式")


class SiteState(models.TextChoices):
    IDLE = "idle", _("闲置")
    NEGOTIATING = "negotiating", _("洽谈中")
    RESERVED = "reserved", _("已预留")
    IN_USE = "in_use", _("使用中")


# Which state may follow which; anything else is refused.
SITE_MOVES: dict[str, tuple[SiteState, ...]] = {
    SiteState.IDLE: (SiteState.NEGOTIATING,),
    SiteState.NEGOTIATING: (SiteState.RESERVED, SiteState.IDLE),
    SiteState.RESERVED: (SiteState.IN_USE, SiteState.NEGOTIATING, SiteState.IDLE),
    SiteState.IN_USE: (SiteState.IDLE,),
}


@tracked()
class Site(models.Model):
    """A place that could be used for services: whose it is, how one gets it, how far the talks are."""

    class Title(models.TextChoices):
        CERTIFIED = "certified", _("有产权证")
        NOT_REGISTERED = "not_registered", _("权属清楚，未办证")
        UNCLEAR = "unclear", _("权属待查")

    class Acquisition(models.TextChoices):
        PUBLIC = "public", _("公有房屋")
        LEASE = "lease", _("租赁")
        EXCHANGE = "exchange", _("置换")
        DEVELOPER = "developer", _("开发商配建")

    community = community_of("sites")
    name = models.CharField(_("场地名称"), max_length=80)
    address = models.CharField(_("地址"), max_length=160, blank=True)
    owner = models.CharField(_("产权人"), max_length=80, help_text=_("单位名称；个人只写“个人”。"))
    title = models.CharField(_("产权情况"), max_length=16, choices=Title, default=Title.UNCLEAR)
    area_m2 = models.DecimalField(
        _("面积（㎡）"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)]
    )
    state = models.CharField(
        _("状态"), max_length=12, choices=SiteState, default=SiteState.IDLE, editable=False
    )
    build_mode = models.CharField(_("建设方式"), max_length=10, choices=BuildMode, blank=True)
    acquisition = models.CharField(_("取得方式"), max_length=10, choices=Acquisition, blank=True)
    facility = models.ForeignKey(
        "facilities.Facility",
        models.PROTECT,
        verbose_name=_("建成的设施"),
        null=True,
        blank=True,
        related_name="sites",
    )
    longitude = longitude_field()
    latitude = latitude_field()
    datum = models.CharField(
        _("坐标系"),
        max_length=6,
        choices=Datum,
        blank=True,
        help_text=_("高德、腾讯是 GCJ-02，百度是 BD-09。"),
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("场地资源")
        verbose_name_plural = pgettext_lazy("复数", "场地资源")
        ordering = ["community", "name"]
        indexes = [models.Index(fields=["community"], name="site_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "name"],
                name="site_name_once",
                violation_error_message=_("这个社区已有同名的场地。"),
            ),
            models.CheckConstraint(
                condition=Q(area_m2__gte=0),
                name="site_area_not_negative",
                violation_error_message=_("面积不能为负。"),
            ),
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None)
                | (Q(longitude__isnull=False, latitude__isnull=False) & ~Q(datum="")),
                name="site_coordinates_with_datum",
                violation_error_message=_("经度、纬度和坐标系要一起填。"),
            ),
            models.CheckConstraint(
                condition=~Q(acquisition="") | Q(state__in=[SiteState.IDLE, SiteState.NEGOTIATING]),
                name="site_reserved_with_acquisition",
                violation_error_message=_("已预留或使用中的场地要写明取得方式。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SiteNote(models.Model):
    """One step of the talks about a site: what was said or agreed, and what state it led to; never changed."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("场地"), related_name="notes")
    community = community_of("+", editable=False)
    at = models.DateTimeField(_("时间"), db_default=Now())
    by = person_key(_("记录人"), null=True)
    text = models.CharField(_("记录"), max_length=500)
    from_state = models.CharField(_("原状态"), max_length=12, choices=SiteState)
    to_state = models.CharField(_("之后的状态"), max_length=12, choices=SiteState)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("洽谈记录")
        verbose_name_plural = pgettext_lazy("复数", "洽谈记录")
        ordering = ["pk"]
        indexes = [models.Index(fields=["community"], name="sitenote_community")]
        triggers = [
            pgtrigger.Protect(name="sitenote_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.text[:30]
