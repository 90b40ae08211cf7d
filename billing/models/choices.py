"""The words of the rules, as they stand in packs and exports, with their Chinese labels."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Utility(TextChoices):
    WATER = "water", _("水")
    ELECTRICITY = "electricity", _("电")
    GAS = "gas", _("气")
    HEATING = "heating", _("暖")


class MeterRole(TextChoices):
    MASTER = "master", _("总表")
    SUBMETER = "submeter", _("分表")


class ReadingKind(TextChoices):
    REGULAR = "regular", _("抄表")
    INITIAL = "initial", _("起始")
    FINAL = "final", _("终止")
    ESTIMATED = "estimated", _("估读")


class Method(TextChoices):
    SUBMETER = "submeter", _("按分表")
    SHARED = "shared", _("按权重分摊")
    LUMP_SUM = "lump_sum", _("包干")


class PriceClass(TextChoices):
    RESIDENTIAL = "residential", _("居民价")
    COST = "cost", _("按实际成本")


class Basis(TextChoices):
    AREA = "area", _("面积")
    HEADCOUNT = "headcount", _("人数")
    HOURS = "hours", _("使用时长")
    EQUIPMENT = "equipment", _("设备功率")
    POINTS = "points", _("约定点数")


class Residual(TextChoices):
    SHARE = "share", _("按权重分摊余量")
    LOSS = "loss", _("作为线损")


class OverMeasured(TextChoices):
    BLOCK = "block", _("停下来核实")
    SCALE = "scale", _("按比例缩减")


class ChargeKind(TextChoices):
    LUMP_SUM = "lump_sum", _("包干费")
    PROPERTY_FEE = "property_fee", _("物业费")
    CORRECTION = "correction", _("更正")


class RebateKind(TextChoices):
    PERCENT = "percent", _("按收入比例")
    TIERED = "tiered", _("分档累进")
    FIXED = "fixed", _("固定金额")
    IN_KIND = "in_kind", _("服务折算")


class RebateStatus(TextChoices):
    DUE = "due", _("应缴")
    HOLIDAY = "holiday", _("免缴期")
    IN_KIND = "in_kind", _("以服务抵")
    MISSING = "missing", _("收入未核")
    ADJUSTMENT = "adjustment", _("补差")


class RevenueStatus(TextChoices):
    SUBMITTED = "submitted", _("待核")
    VERIFIED = "verified", _("已核")
    REJECTED = "rejected", _("退回")


class Fund(TextChoices):
    """The seven funds of a community, never mixed; in the order of exports."""

    UTILITY = "utility", _("水电账户")
    WELFARE = "welfare", _("公益金")
    SERVICE = "service", _("低偿服务收入")
    GRANT = "grant", _("政府补助")
    DONATION = "donation", _("捐赠")
    DEPOSIT = "deposit", _("押金")
    PROPERTY = "property", _("代收物业费")


CORRECTION_FUNDS = [Fund.UTILITY, Fund.PROPERTY, Fund.WELFARE]
