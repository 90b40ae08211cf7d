"""How a bill was shared, told in sentences a resident can follow, back to the readings.

The arithmetic stores steps as data (`sharing_steps`); here each rule number has the sentence that
tells its step. Charges and give-back are told by `explain_dues`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from billing.blocks import FUND_NAMES
from billing.explain_words import day, listed, money, percent, price, quantity, reading, utility_name
from billing.money import FACTOR, grouped_text
from billing.sharing_values import REVERSAL, Share

Step = Mapping[str, Any]


class Sentence(NamedTuple):
    """One step told in words, with the number of its rule."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What the sentences of one row need beside its steps: the bill in common and the row itself."""

    common: Mapping[str, Any] = field(default_factory=dict)
    share: Share | None = None

    @property
    def utility(self) -> str:
        return self.common.get("utility", "")


def bill_sentences(common: Mapping[str, Any]) -> list[Sentence]:
    """What all rows of one bill have in common."""
    if common.get("rule") == "2.9":
        return [Sentence("2.9", _("这张单冲回账单 %(ref)s，全部原样退回。") % {"ref": common["corrects"]})]
    told = [Sentence("2.0", _bill(common)), Sentence("2.0", _agreement(common))]
    if common.get("scaled"):
        told.append(Sentence("2.2", _scaled(common)))
    elif common.get("measured"):
        told.append(Sentence("2.1", _measured(common)))
    if common.get("ignored"):
        refs = listed(common["ignored"])
        told.append(Sentence("2.1", _("按权重分摊的住户名下的分表不参与计算：%(refs)s。") % {"refs": refs}))
    if common.get("unusable"):
        refs = listed(common["unusable"])
        told.append(Sentence("2.1", _("社区的分表没有可用读数，按 0 计：%(refs)s。") % {"refs": refs}))
    if "price" in common:
        told.append(Sentence("2.6", _ceiling(common)))
    return told


def share_sentences(common: Mapping[str, Any], share: Share) -> list[Sentence]:
    """How one row of a shared bill came about, step by step, ending with what is to pay."""
    telling = Telling(common, share)
    told = []
    if "by_law" in share.flags:
        text = _("没有签分摊约定，依《民法典》第二百八十三条按面积分摊。")
        told.append(Sentence("2.0", text))
    told += [Sentence(step["rule"], _TELL[step["rule"]](step, telling)) for step in _steps(share)]
    told.append(Sentence("2.7" if share.agreement_ref else "2.8", _to_pay(share)))
    return told


def _steps(share: Share) -> list[Step]:
    """The stored steps, and the cost, which is not stored: it is gross unless a ceiling lowered it."""
    steps: list[Step] = list(share.explanation)
    if not share.agreement_ref or share.flags == REVERSAL:
        return steps
    later = [step for step in steps if step["rule"] in ("2.6", "2.7")]
    cost = next((step["cost"] for step in later if step["rule"] == "2.6"), share.gross)
    return [*(step for step in steps if step not in later), {"rule": "2.5", "cost": cost}, *later]


def _bill(common: Mapping[str, Any]) -> str:
    texts = {
        "utility": utility_name(common["utility"]),
        "start": day(common["period"][0]),
        "end": day(common["period"][1]),
        "amount": money(common["amount"]),
    }
    if common["quantity"] is None:
        return _("%(start)s至%(end)s的%(utility)s费账单，金额 %(amount)s 元，没有总表用量。") % texts
    texts["quantity"] = quantity(common["quantity"], common["utility"])
    return _("%(start)s至%(end)s，%(utility)s总表 %(quantity)s，金额 %(amount)s 元。") % texts


_BASES: dict[str, Callable[[], str]] = {
    "area": lambda: _("面积"),
    "headcount": lambda: _("人数"),
    "hours": lambda: _("使用时长"),
    "equipment": lambda: _("设备功率"),
    "points": lambda: _("约定点数"),
}


def _agreement(common: Mapping[str, Any]) -> str:
    if common["residual"] == "loss":
        text = _("各家都装了分表，按分表用量分摊，总表与分表之差作为线损。")
    else:
        text = _("先扣除分表计量的用量，余下的按%(basis)s分摊。") % {"basis": _BASES[common["basis"]]()}
    if common.get("agreed_on"):
        text += _("（%(on)s签订）") % {"on": day(common["agreed_on"])}
    return text


def _measured(common: Mapping[str, Any]) -> str:
    texts = {
        "measured": quantity(common["measured"], common["utility"]),
        "rest": quantity(common.get("rest", 0), common["utility"]),
        "percent": percent(common.get("rest", 0), common["quantity"]),
    }
    if common["residual"] == "loss":
        text = _("分表合计 %(measured)s，损耗 %(rest)s，占总表 %(percent)s。") % texts
        reason = common.get("loss_reason")
        return text + (_("损耗原因：%(reason)s。") % {"reason": reason} if reason else "")
    return _("分表合计 %(measured)s，余下 %(rest)s 大家分摊。") % texts


def _scaled(common: Mapping[str, Any]) -> str:
    return _("分表合计超过总表，已按比例折算到总表的 %(quantity)s。") % {
        "quantity": quantity(common["quantity"], common["utility"])
    }


def _ceiling(common: Mapping[str, Any]) -> str:
    found = common["price"]
    texts = {"price": price(found["unit_price"]), "limit": money(found["limit"])}
    if common["amount"] > found["limit"]:
        return _("按居民价 %(price)s 元计是 %(limit)s 元，账单更高：居民价用户最多按居民价付。") % texts
    return _("按居民价 %(price)s 元计是 %(limit)s 元，账单没有超过，按账单分摊。") % texts


def _meter(step: Step, telling: Telling) -> str:
    texts: dict[str, str] = {
        "meter": step["meter"],
        "quantity": quantity(step["quantity"], telling.utility),
    }
    if step.get("unused"):
        return _("分表 %(meter)s 这一期没有使用，计 0。") % texts
    readings = [reading(one) for one in step["readings"]]
    if len(readings) == 2:
        texts |= {"first": readings[0], "last": readings[1]}
        text = _("分表 %(meter)s 从 %(first)s到 %(last)s，用了 %(quantity)s") % texts
    else:
        texts["readings"] = " → ".join(readings)
        text = _("分表 %(meter)s：%(readings)s，用了 %(quantity)s") % texts
    if "multiplier" in step:
        text += _("（已乘倍率 %(multiplier)s）") % {"multiplier": grouped_text(step["multiplier"], FACTOR)}
    if "rolled_over" in step:
        text += _("；表走满归零，已接着算")
    if "raised" in step:
        text += _("；读数低于之前的估读，按估读计，不重复收")
    return text + _("。")


def _rest(step: Step, telling: Telling) -> str:
    """2.3: the part by weight, or the loss on top of what was measured."""
    if "loss" in step:
        texts = {
            "measured": quantity(step["measured"], telling.utility),
            "loss": quantity(step["loss"], telling.utility),
        }
        return _("分表用量 %(measured)s，损耗按用量分摊，再加 %(loss)s。") % texts
    texts = {
        "weight": _weight(step),
        "percent": percent(step["weighs"] or 0, telling.common.get("weights") or 0),
    }
    if telling.common.get("quantity") is None:
        return _("权重 %(weight)s，占全部权重的 %(percent)s。") % texts
    texts["part"] = quantity(step["part"], telling.utility)
    return _("权重 %(weight)s，占全部权重的 %(percent)s，分到 %(part)s。") % texts


def _weight(step: Step) -> str:
    """The weight and its factors as they were agreed."""
    if "weight" in step:
        text = grouped_text(step["weight"], FACTOR)
    else:
        text = _("%(area)s 平方米") % {"area": grouped_text(step["area_m2"] * 10, 3)}
    if "position" in step:
        text += _(" × 位置系数 %(factor)s") % {"factor": grouped_text(step["position"], FACTOR)}
    if "frequency" in step:
        text += _(" × 频次系数 %(factor)s") % {"factor": grouped_text(step["frequency"], FACTOR)}
    if "days" in step:
        text += _(" × %(active)s/%(days)s 天") % {"active": step["days"][0], "days": step["days"][1]}
    return text


def _carried(step: Step, telling: Telling) -> str:
    texts = {
        "agreement": step["agreement"],
        "quantity": quantity(step["quantity"], telling.utility),
        "cost": money(step["cost"]),
    }
    if telling.common.get("quantity") is None:
        return _("包干协议 %(agreement)s 的 %(cost)s 元由社区承担。") % texts
    return _("包干协议 %(agreement)s 用的 %(quantity)s（%(cost)s 元）由社区承担。") % texts


def _cost(step: Step, telling: Telling) -> str:
    """2.5: the part of the bill that the quantity or the weight brings."""
    common, share = telling.common, telling.share
    texts = {"amount": money(common["amount"]), "cost": money(step["cost"])}
    if common.get("cost_over") == "quantities" and share is not None and share.quantity is not None:
        texts["mine"] = quantity(share.quantity, telling.utility)
        texts["all"] = quantity(common["quantity"], telling.utility)
        return _("总表 %(all)s中占 %(mine)s，账单 %(amount)s 元中摊到 %(cost)s 元。") % texts
    return _("账单 %(amount)s 元中摊到 %(cost)s 元。") % texts


def _capped(step: Step, telling: Telling) -> str:
    gross = telling.share.gross if telling.share else 0
    texts = {
        "cost": money(step["cost"]),
        "gross": money(gross),
        "price": price(telling.common["price"]["unit_price"]),
    }
    return _("不高于居民价 %(price)s 元：%(cost)s 元降为 %(gross)s 元，差额由社区承担。") % texts


def _subsidised(step: Step, telling: Telling) -> str:
    share = telling.share
    texts = {
        "percent": grouped_text(step["percent"], 4),
        "subsidy": money(share.subsidy if share else 0),
        "fund": str(FUND_NAMES[share.subsidy_fund]) if share and share.subsidy_fund else "",
    }
    return _("补贴 %(percent)s %%，即 %(subsidy)s 元，由“%(fund)s”承担。") % texts


def _community(step: Step, telling: Telling) -> str:
    """2.8: the community's own part, or what ceilings leave over."""
    if "left_over" in step:
        return _("按居民价封顶后余下 %(amount)s 元由社区承担。") % {"amount": money(step["left_over"])}
    texts = {"quantity": quantity(step["quantity"], telling.utility), "cost": money(step["cost"])}
    if telling.common.get("quantity") is None:
        return _("社区自用和公共部分 %(cost)s 元。") % texts
    return _("社区自用和公共部分 %(quantity)s，%(cost)s 元。") % texts


def _to_pay(share: Share) -> str:
    amount = {"amount": money(share.amount)}
    if not share.agreement_ref:
        return _("社区合计承担 %(amount)s 元。") % amount
    if share.amount < 0:
        return _("应退 %(amount)s 元。") % {"amount": money(-share.amount)}
    return _("应付 %(amount)s 元。") % amount


def _taken_back(step: Step, telling: Telling) -> str:
    return _("冲回账单 %(ref)s 的同一行，金额和用量取负数。") % {"ref": step["corrects"]}


# The sentence of each rule, by the number that steps carry.
_TELL: dict[str, Callable[[Step, Telling], str]] = {
    "1.5": _meter,
    "2.3": _rest,
    "2.4": _carried,
    "2.5": _cost,
    "2.6": _capped,
    "2.7": _subsidised,
    "2.8": _community,
    "2.9": _taken_back,
}
