"""One thing to look at before the month is closed, and the texts of every kind of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.blocks import KINDS, MESSAGES, Block

BLOCKS, CHECK = "blocks", "check"
# Blocks that say that something has not been entered yet.
MISSING_INPUT = {"no_closing_reading", "no_submeter", "no_residential_price"}


class Message(NamedTuple):
    """Texts of one kind of finding; incomplete: something of the month has not been entered yet."""

    text: str | Promise
    todo: str | Promise
    is_incomplete: bool = False
    severity: str = CHECK


TEXTS: dict[str, Message] = {
    "earlier_month_open": Message(
        MESSAGES["earlier_month_open"].what, MESSAGES["earlier_month_open"].to_do, severity=BLOCKS
    ),
    # Meters
    "missing_reading": Message(
        _("本月还没有止码。"), _("请在月末前后两天内抄表；抄不到时录入一条估读。"), is_incomplete=True
    ),
    "reading_jump": Message(
        _("本月用量 %(quantity)s，前几期平均 %(mean)s，相差一倍以上。"),
        _("请核对读数和倍率；确有原因的可以不改。"),
    ),
    "estimated_reading": Message(_("本月用的是估读。"), _("请尽快补抄实际读数；下次抄表会自动找平。")),
    "community_meter_unusable": Message(
        _("社区自用分表没有可用的读数，按没有用量计。"), _("请补抄这块表，或给停用的表录入终止读数。")
    ),
    "shared_tenant_meter": Message(
        _("协议 %(agreement)s 按权重分摊，它的分表不计入。"),
        _("如要按分表计费，请改水电约定；否则不必理会。"),
    ),
    "ended_still_metered": Message(
        _("协议 %(agreement)s 已于 %(ends_on)s 结束，表仍在它名下。"),
        _("请录入终止读数；换了使用人的，给新的使用人另建一行并录入起始读数。"),
    ),
    "master_differs": Message(
        _("总表读数算出 %(measured)s，账单 %(bill)s 写的是 %(quantity)s。"),
        _("请核对总表读数、倍率和账期，必要时向供应单位查询。"),
    ),
    # Bills
    "missing_bill": Message(
        _("上月有%(utility)s账单 %(bill)s，本月还没有。"),
        _("请录入本月账单；不是每月出账的可以不理。"),
        is_incomplete=True,
    ),
    "bills_overlap": Message(
        _("账单 %(bill)s 与 %(other)s 的账期重叠。"), _("请核对账期，避免同一段用量收两次。")
    ),
    "period_gap": Message(
        _("账单 %(bill)s 从 %(start)s 开始，上一张到 %(before)s 为止，账期不连续。"),
        _("请核对账期，看是否漏了一张账单。"),
    ),
    "scaled": Message(
        _("分表合计 %(measured)s，超过账单 %(bill)s 的总表用量 %(quantity)s，已按比例缩减。"),
        _("请查找分表偏大或总表偏小的原因。"),
    ),
    "loss_near_cap": Message(
        _("账单 %(bill)s 的线损 %(loss)s %%，接近上限 %(cap)s %%。"), _("请查漏、核对分表，免得下月受阻。")
    ),
    "loss_explained": Message(
        _("账单 %(bill)s 的线损 %(loss)s %%，超过上限 %(cap)s %%，已有说明：%(reason)s"),
        _("请确认说明属实；长期偏高要请人查线路。"),
    ),
    "above_residential_price": Message(
        _("账单 %(bill)s 为 %(amount)s 元，按居民价应为 %(ceiling)s 元，高出 %(over)s 元。"),
        _("按居民价付费的协议不承担高出部分；请向供应单位申请执行居民价格。"),
    ),
    "unsigned_sharing": Message(
        _("%(utility)s由 %(count)s 份协议与社区分摊，没有签过分摊约定，依法按面积。"),
        _("请把几种算法并排给各方看，议定后填写议定日期。"),
    ),
    # Agreements
    "ended_still_agreed": Message(
        _("协议已于 %(ends_on)s 结束，却有自 %(from_month)s 起的%(what)s约定。"),
        _("请核对：续签的改协议结束日期，否则删去这条约定。"),
    ),
    "ended_still_corrected": Message(
        _("协议已于 %(ends_on)s 结束，本月还有更正 %(correction)s（%(amount)s 元）。"),
        _("请核对更正是否记到了正确的协议上。"),
    ),
    "property_rate_above": Message(
        _("物业费单价 %(rate)s 元，高于本小区住宅标准 %(highest)s 元。"), _("请把单价降到住宅标准以内。")
    ),
    "property_rate_unknown": Message(
        _("收取物业费，但设施没有填写本小区住宅物业费标准。"), _("请填写住宅标准，才能核对是否超过。")
    ),
    # Revenue
    "missing_revenue": Message(
        _("本月收入还没有申报。"),
        _("请提醒服务商申报；结账时没有已核的收入，本月不计反哺。"),
        is_incomplete=True,
    ),
    "rejected_revenue": Message(
        _("本月收入 %(amount)s 元已被退回，还没有重报。"), _("请提醒服务商更正后重报。"), is_incomplete=True
    ),
    "unverified_revenue": Message(
        _("本月收入 %(amount)s 元已申报，还没有核实。"), _("请由申报人以外的人核实。"), is_incomplete=True
    ),
    "revenue_outside_run": Message(
        _("协议本月不在有效期内（%(run)s），却有收入 %(amount)s 元。"),
        _("请核对协议起止日期，或这笔收入应属的协议。"),
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: in which community, of which kind, where, what is the matter, what to do."""

    code: str
    kind: str
    severity: str
    where: str
    text: str
    todo: str
    is_incomplete: bool
    subject: str
    ref: str

    def as_data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def make(code: str, kind: str, subject: str, ref: str, **data: Any) -> Finding:
    """Return a finding with the texts of its kind."""
    message = TEXTS[kind]
    return Finding(
        code=code,
        kind=kind,
        severity=message.severity,
        where=f"{KINDS[subject]} {ref}",
        text=_filled(message.text, data),
        todo=_filled(message.todo, data),
        is_incomplete=message.is_incomplete,
        subject=subject,
        ref=ref,
    )


def _filled(text: str | Promise, data: Mapping[str, Any]) -> str:
    return str(text) % data


def of_block(code: str, block: Block) -> Finding:
    """Return what stops the month, as the close itself says it."""
    return Finding(
        code=code,
        kind=block.code,
        severity=BLOCKS,
        where=block.where,
        text=block.what,
        todo=block.to_do,
        is_incomplete=block.code in MISSING_INPUT,
        subject=block.kind,
        ref=block.ref,
    )
