from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.access import ScopedQuerySet
from portal.history import tracked

PREFIX_LENGTHS = (2, 4, 6, 9, 12)


def scope_prefix(code: str) -> str:
    """Return the code without its trailing zero groups: the prefix of every code below it."""
    for length in PREFIX_LENGTHS:
        if not code[length:].strip("0"):
            return code[:length]
    return code


class Level(models.IntegerChoices):
    PROVINCE = 1, _("省")
    CITY = 2, _("市")
    DISTRICT = 3, _("区县")
    STREET = 4, _("街道乡镇")
    COMMUNITY = 5, _("社区（村）")
    ZONE = 9, _("开发区")


class UrbanRural(models.TextChoices):
    """城乡分类代码 of the National Bureau of Statistics."""

    MAIN_URBAN = "111", _("主城区")
    URBAN_FRINGE = "112", _("城乡结合区")
    TOWN_CENTRE = "121", _("镇中心区")
    TOWN_FRINGE = "122", _("镇乡结合区")
    SPECIAL = "123", _("特殊区域")
    TOWNSHIP_CENTRE = "210", _("乡中心区")
    VILLAGE = "220", _("村庄")


class RegionQuerySet(ScopedQuerySet):
    region_path = "code"

    def below(self, code: str) -> "RegionQuerySet":
        return self.filter(code__startswith=scope_prefix(code))


class Region(models.Model):
    """An administrative division; its 12-digit statistical code says where it lies."""

    code = models.CharField(_("代码"), max_length=12, primary_key=True, db_collation="C")
    name = models.CharField(_("名称"), max_length=60)
    level = models.PositiveSmallIntegerField(_("级别"), choices=Level)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("上级"),
        null=True,
        blank=True,
        related_name="children",
        db_index=False,
    )
    prefix = models.CharField(_("代码前缀"), max_length=12, editable=False)
    urban_rural = models.CharField(_("城乡分类"), max_length=3, choices=UrbanRural, blank=True)
    managed_by = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("托管的开发区"),
        null=True,
        blank=True,
        related_name="manages",
        db_index=False,
        help_text=_("由开发区管理的街道填它；法定归属不变。"),
    )

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("地区")
        verbose_name_plural = pgettext_lazy("复数", "地区")
        ordering = ["code"]
        indexes = [
            models.Index(fields=["parent"], name="region_parent"),
            models.Index(fields=["managed_by"], name="region_managed_by", condition=~Q(managed_by=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=False) | Q(level=Level.PROVINCE),
                name="region_only_province_without_parent",
                violation_error_message=_("只有省级可以没有上级。"),
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{12}$"),
                name="region_code_has_12_digits",
                violation_error_message=_("地区代码是 12 位数字。"),
            ),
            models.CheckConstraint(
                condition=Q(code__startswith=F("prefix")),
                name="region_prefix_begins_code",
                violation_error_message=_("代码前缀与代码不符。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def prefixes_below(self) -> list[str]:
        """Where the codes under it begin; under a development zone lies what it manages."""
        if self.level == Level.ZONE:
            return list(self.manages.order_by("prefix").values_list("prefix", flat=True))
        return [self.prefix]

    @property
    def is_residents_committee(self) -> bool:
        """居委会 by the last three digits of the code (001–199)."""
        return self.level == Level.COMMUNITY and "001" <= self.code[9:] <= "199"


class CommunityQuerySet(ScopedQuerySet):
    region_path = "region__code"

    def below(self, region: Region) -> "CommunityQuerySet":
        within = Q(pk__in=[])
        for prefix in region.prefixes_below:
            within |= Q(region__code__startswith=prefix)
        return self.filter(within)

    def hold(self, codes: Iterable[str]) -> None:
        """Let no month of these communities be posted before the caller's transaction ends.

        Writing the rows makes a close that has read before this begin again.
        """
        held = self.filter(region__in=sorted(set(codes))).order_by("region_id").select_for_update(no_key=True)
        self.filter(region__in=list(held.values_list("pk", flat=True))).update(notice_days=F("notice_days"))


@tracked()
class Community(models.Model):
    """A community that uses the portal: who lives there and how its books are kept."""

    class CashHolder(models.TextChoices):
        STREET = "street", _("街道代管（居财街管）")
        OWN = "own", _("居委会自有账户")
        CHARITY = "charity", _("慈善组织专项基金")

    region = models.OneToOneField(
        Region, models.PROTECT, verbose_name=_("地区"), primary_key=True, db_column="code", db_index=False
    )
    name = models.CharField(_("简称"), max_length=60)
    households = models.PositiveIntegerField(_("户数"), null=True, blank=True)
    population = models.PositiveIntegerField(_("人口"), null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(
        _("公示天数"), default=0, help_text=_("0 表示算完直接入账，不公示。")
    )
    cash_holder = models.CharField(_("资金存放"), max_length=8, choices=CashHolder, default=CashHolder.STREET)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("社区")
        verbose_name_plural = pgettext_lazy("复数", "社区")
        ordering = ["region"]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        return self.region_id

    @property
    def community_id(self) -> str:
        return self.region_id


SUFFIXES = ("社区居民委员会", "社区居委会", "社区")


def short_name(official: str) -> str:
    """Return what people call a community: 黄河社区居委会 → 黄河社区."""
    for suffix in SUFFIXES:
        if official.endswith(suffix) and len(official) > len(suffix):
            return official.removesuffix(suffix) + "社区"
    return official
