from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from facilities.models.columns import community_of, latitude_field, longitude_field
from portal.access import ScopedQuerySet
from portal.history import tracked


class Category(models.Model):
    """One of the nine functions Xi'an counts, with the national group it rolls up to."""

    code = models.CharField(_("代码"), max_length=16, primary_key=True, db_collation="C")
    name = models.CharField(_("名称"), max_length=20)
    national_group = models.CharField(_("国家分类"), max_length=20)
    icon = models.CharField(_("图标"), max_length=32)
    is_urgent = models.BooleanField(_("急需紧缺"), default=False)
    position = models.PositiveSmallIntegerField(_("顺序"))

    class Meta:
        verbose_name = _("功能类别")
        verbose_name_plural = pgettext_lazy("复数", "功能类别")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Datum(models.TextChoices):
    """The datum a pair of coordinates was taken in; never mixed, converted when shown."""

    WGS84 = "WGS-84", "WGS-84"
    GCJ02 = "GCJ-02", "GCJ-02"
    BD09 = "BD-09", "BD-09"


@tracked()
class Facility(models.Model):
    """A building or part of one in which a community offers services; it has one master meter a utility."""

    ref = models.CharField(_("设施编号"), max_length=64, db_collation="C")
    community = community_of("facilities")
    name = models.CharField(_("设施名称"), max_length=80)
    area_m2 = models.DecimalField(
        _("建筑面积（㎡）"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    floors = models.PositiveSmallIntegerField(_("层数"), null=True, blank=True)
    residential_property_rate = models.DecimalField(
        _("本小区住宅物业费（元/㎡·月）"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("商家的物业费不得高于它。"),
    )
    address = models.CharField(_("地址"), max_length=160, blank=True)
    longitude = longitude_field()
    latitude = latitude_field()
    datum = models.CharField(_("坐标系"), max_length=6, choices=Datum, blank=True)
    is_illustrative = models.BooleanField(_("示意位置"), default=False, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("设施")
        verbose_name_plural = pgettext_lazy("复数", "设施")
        ordering = ["ref"]
        indexes = [models.Index(fields=["community"], name="facility_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["ref"],
                name="facility_ref_once",
                violation_error_message=_("设施编号已被使用。"),
            ),
            models.CheckConstraint(
                condition=Q(area_m2__gte=0) | Q(area_m2=None),
                name="facility_area_not_negative",
                violation_error_message=_("面积不能为负。"),
            ),
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None)
                | (Q(longitude__isnull=False, latitude__isnull=False) & ~Q(datum="")),
                name="facility_coordinates_with_datum",
                violation_error_message=_("经度、纬度和坐标系要一起填。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
