"""What stops a community's month: each block says what, where and what to do (billing-rules 6.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Message(NamedTuple):
    """Texts of one kind of block: `reason` is for machines and never translated."""

    reason: str
    what: str | Promise
    to_do: str | Promise


MESSAGES: dict[str, Message] = {
    # 1 Measured quantity
    "no_closing_reading": Message(
        "no closing reading",
        _("分表在账期内没有可用的止码。"),
        _("请补抄；实在抄不到时，可由工作人员录入一条“估读”（取前三期平均用量）。"),
    ),
    "meter_backwards": Message(
        "meter went backwards from %(previous)s to %(value)s on %(read_on)s",
        _("分表读数倒走：从 %(previous)s 变为 %(value)s（%(read_on)s 抄）。"),
        _("请核对这两次读数和表的位数；若换过表，请给旧表录“终止”读数、新表录“起始”读数。"),
    ),
    # 2 Sharing one bill
    "no_submeter": Message(
        "no sub-meter",
        _("协议约定按分表分摊，但名下没有这种能源的分表。"),
        _("请登记这块分表，或改用别的分摊办法。"),
    ),
    "no_weight": Message(
        "agreement %(agreement)s has no weight",
        _("协议 %(agreement)s 没有分摊权重，也不能用面积代替。"),
        _("请在能源条款里填写权重，或在协议里填写面积（仅按面积分摊时可代替）。"),
    ),
    "over_measured": Message(
        "sub-meters exceed the master meter by %(over)s",
        _("分表合计 %(measured)s，比总表 %(quantity)s 多出 %(over)s。"),
        _("请核对总表和分表读数；确认无误的，可把分摊规则中的“分表超总表时”改为“按比例缩减”。"),
    ),
    "loss_over_cap": Message(
        "loss of %(loss)s %% exceeds the cap",
        _("损耗 %(loss)s %%，超过约定上限 %(cap)s %%。"),
        _("请先查漏、核对读数；确有原因的，在账单上写明损耗原因后重新核算。"),
    ),
    "shared_under_loss": Message(
        "agreement %(agreement)s shares under residual loss",
        _("余量按损耗处理时，协议 %(agreement)s 不能按权重分摊。"),
        _("请给它装分表并改为按分表，或把余量改为“按权重分摊余量”。"),
    ),
    "loss_without_quantity": Message(
        "residual loss needs a quantity",
        _("余量按损耗处理，但账单没有总表用量。"),
        _("请填写账单用量，或把这种能源的余量改为“按权重分摊余量”。"),
    ),
    "no_residential_price": Message(
        "no residential price",
        _("没有在 %(on)s 有效的居民价格，无法核对是否高于居民价。"),
        _("请录入该地区这种能源的居民价格，或在条款里改为按成本价。"),
    ),
    "bill_not_posted": Message(
        "bill %(corrects)s is not posted",
        _("要冲回的账单 %(corrects)s 还没有入账。"),
        _("没入账的账单直接在原编号上修改即可，请删去这张冲回单。"),
    ),
    "bill_taken_back": Message(
        "bill %(corrects)s is taken back already",
        _("账单 %(corrects)s 已经冲回过一次。"),
        _("一张账单只能冲回一次，请删去重复的冲回单。"),
    ),
    "reversal_of_reversal": Message(
        "bill %(corrects)s is itself a taking back",
        _("账单 %(corrects)s 本身就是冲回单，不能再冲回。"),
        _("请用新的编号录入正确的账单。"),
    ),
    # 3 Charges and 4 give-back
    "no_charge_area": Message(
        "agreement %(agreement)s has no area for its property fee",
        _("协议 %(agreement)s 收物业费，但条款和协议里都没有面积。"),
        _("请在收费条款或协议里填写面积。"),
    ),
    "no_figure": Message(
        "%(term)s has no %(field)s",
        _("条款 %(term)s 缺少“%(field)s”，无法计算。"),
        _("请补全条款后重新核算。"),
    ),
    "bad_tiers": Message(
        "tiers of %(term)s cannot be read",
        _("条款 %(term)s 的分档“%(tiers)s”无法识别。"),
        _("请写成 50000:0.03|100000:0.05|*:0.08 的样子：上限从小到大，最后一档为 *。"),
    ),
    # 5 Funds
    "fund_lacks": Message(
        "fund %(fund)s lacks %(lacks)s",
        _("“%(fund_name)s”月末将透支 %(lacks)s 元。"),
        _("请先补入资金，或减少从它支出的补贴、转账；除水电账户外，各项资金不得透支。"),
    ),
    # 6 The close
    "before_first_month": Message(
        "lies before the first month %(first)s",
        _("本社区的账从 %(first)s 开始，更早的月份不能再做。"),
        _("请选 %(first)s 或以后的月份；更早的账单、补入会并入第一个未入账的月份。"),
    ),
    "earlier_month_open": Message(
        "month %(earlier)s is not posted",
        _("%(earlier)s 还没有入账，后面的月份不能先做。"),
        _("请先完成 %(earlier)s 的核算、公示和入账。"),
    ),
}

KINDS = {
    "community": _("社区"),
    "facility": _("设施"),
    "bill": _("账单"),
    "agreement": _("协议"),
    "meter": _("分表"),
    "term": _("条款"),
    "fund": _("资金"),
}

FUND_NAMES = {
    "utility": _("水电账户"),
    "welfare": _("公益金"),
    "service": _("低偿服务收入"),
    "grant": _("政府补助"),
    "donation": _("捐赠"),
    "deposit": _("押金"),
    "property": _("代收物业费"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that stops the month (6.2): its code, the thing to look at, and the figures of the texts."""

    code: str
    kind: str
    ref: str
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The short reason in the words of the rules, for machines and logs."""
        return MESSAGES[self.code].reason % self.data

    @property
    def what(self) -> str:
        texts = dict(self.data)
        if "fund" in texts:
            texts["fund_name"] = str(FUND_NAMES[texts["fund"]])
        return str(MESSAGES[self.code].what) % texts

    @property
    def where(self) -> str:
        """The thing itself, and the bill it stops when that is another thing."""
        ref = FUND_NAMES[self.ref] if self.kind == "fund" else self.ref
        place = f"{KINDS[self.kind]} {ref}"
        bill = self.data.get("bill")
        return f"{KINDS['bill']} {bill} · {place}" if bill else place

    @property
    def to_do(self) -> str:
        return str(MESSAGES[self.code].to_do) % self.data

    def __str__(self) -> str:
        texts = {"where": self.where, "what": self.what, "to_do": self.to_do}
        return gettext("%(where)s：%(what)s%(to_do)s") % texts

    def as_data(self) -> dict[str, Any]:
        """What is stored and sent; `from_data` reads it back."""
        return {"code": self.code, "kind": self.kind, "ref": self.ref, "data": dict(self.data)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Block":
        return cls(data["code"], data["kind"], data["ref"], dict(data["data"]))


def in_order(blocks: Iterable[Block]) -> list[Block]:
    """Blocks without repetition, in an order that does not depend on how they were found."""
    unique = {(block.code, block.kind, block.ref, *sorted(block.data.items())): block for block in blocks}
    return [unique[key] for key in sorted(unique)]
