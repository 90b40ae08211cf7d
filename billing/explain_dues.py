"""How charges and give-back came about, told in sentences a provider can follow (billing-rules 3, 4)."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from billing.blocks import FUND_NAMES
from billing.charges import Charge
from billing.explain import Sentence, Step
from billing.explain_words import day, money, percent, price
from billing.money import ONE, grouped_text
from billing.rebates import Rebate


def charge_sentences(charge: Charge) -> list[Sentence]:
    """How a monthly charge came about."""
    told = _tell_all(charge.explanation)
    return [
        *told,
        Sentence(charge.explanation[0]["rule"], _("合计 %(amount)s 元。") % {"amount": money(charge.amount)}),
    ]


def rebate_sentences(rebate: Rebate) -> list[Sentence]:
    """How a row of give-back came about."""
    told = _tell_all(rebate.explanation)
    if rebate.status == "in_kind":
        text = _("以服务抵，折算 %(value)s 元，不收钱。") % {"value": money(rebate.value or 0)}
        return [*told, Sentence("4.4", text)]
    if rebate.amount is None:
        return told
    text = _("本行金额 %(amount)s 元。") % {"amount": money(rebate.amount)}
    return [*told, Sentence("4.8" if rebate.status != "adjustment" else "4.9", text)]


def _tell_all(steps: Iterable[Step]) -> list[Sentence]:
    return [Sentence(step["rule"], _TELL[step["rule"]](step)) for step in steps]


def _days(step: Step) -> dict[str, str]:
    return {"active": step["days"][0], "days": step["days"][1]}


def _lump_sum(step: Step) -> str:
    texts = _days(step) | {"amount": money(step["monthly_amount"])}
    return _("包干每月 %(amount)s 元，本月 %(days)s 天中有效 %(active)s 天。") % texts


def _property_fee(step: Step) -> str:
    texts = _days(step) | {"area": grouped_text(step["area_m2"] * 10, 3), "rate": price(step["rate"])}
    return (
        _("物业费：%(area)s 平方米 × 每月每平方米 %(rate)s 元，本月 %(days)s 天中有效 %(active)s 天。")
        % texts
    )


def _correction(step: Step) -> str:
    texts = {"reason": step["reason"] or _("未写明"), "fund": str(FUND_NAMES[step["fund"]])}
    return _("更正，计入“%(fund)s”，原因：%(reason)s。") % texts


def _holiday(step: Step) -> str:
    return _("免缴期到 %(until)s，本月不缴。") % {"until": day(step["holiday_until"])}


def _fixed(step: Step) -> str:
    texts = _days(step) | {"amount": money(step["monthly_amount"])}
    return _("每月固定反哺 %(amount)s 元，本月 %(days)s 天中有效 %(active)s 天。") % texts


def _in_kind(step: Step) -> str:
    texts = _days(step) | {"hours": grouped_text(step["hours"], 3), "value": price(step["unit_value"])}
    return _("每月服务 %(hours)s 小时，每小时折 %(value)s 元，本月 %(days)s 天中有效 %(active)s 天。") % texts


def _missing(step: Step) -> str:
    return _("本月收入还没有核定，暂不计算；核定后在下一次结账补上。")


def _percent_of(step: Step) -> str:
    texts = {
        "base": money(step["base"]),
        "rate": percent(step["rate"], ONE),
        "threshold": money(step.get("threshold", 0)),
    }
    if "threshold" in step:
        return _("核定收入 %(base)s 元，超过 %(threshold)s 元的部分按 %(rate)s 反哺。") % texts
    return _("核定收入 %(base)s 元，按 %(rate)s 反哺。") % texts


def _tiers(step: Step) -> str:
    slices = _("；").join(
        _("%(low)s 至 %(high)s 元按 %(rate)s")
        % {"low": money(low), "high": money(high), "rate": percent(rate, ONE)}
        for low, high, rate in step["slices"]
    )
    return _("核定收入 %(base)s 元，分档计算：%(slices)s。") % {"base": money(step["base"]), "slices": slices}


def _bounds(step: Step) -> str:
    if "cap" in step:
        return _("最多 %(cap)s 元，按上限计。") % {"cap": money(step["cap"])}
    texts = _days(step) | {"floor": money(step["floor"])}
    return _("每月至少 %(floor)s 元（%(active)s/%(days)s 天），按下限计。") % texts


def _adjusted(step: Step) -> str:
    texts = {"due": money(step["due"]), "posted": money(step["posted"])}
    return _("按新核定的收入应缴 %(due)s 元，已入账 %(posted)s 元，本次补差。") % texts


def _welfare(step: Step) -> str:
    texts = {"percent": grouped_text(step["percent"], 4), "welfare": money(step["welfare"])}
    return _("其中 %(percent)s %%（%(welfare)s 元）进公益金，其余进水电账户。") % texts


# The sentence of each rule, by the number that steps carry.
_TELL: dict[str, Callable[[Step], str]] = {
    "3.1": _lump_sum,
    "3.2": _property_fee,
    "3.3": _correction,
    "4.2": _holiday,
    "4.3": _fixed,
    "4.4": _in_kind,
    "4.5": _missing,
    "4.6": _percent_of,
    "4.7": _tiers,
    "4.8": _bounds,
    "4.9": _adjusted,
    "4.10": _welfare,
}
