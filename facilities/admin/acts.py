"""What people do with a project, one page each: the fields it needs, who may, and the operation it calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from facilities import funding, projects
from facilities.models import Flow, Funding, Phase, Project, ProjectState
from facilities.models.projects import OPEN_STATES
from portal.access import Role
from portal.admin_base import INPUT_ROLES, MONEY_ROLES

NO_NAMES = _("会长期留在操作记录里，请不要写人的姓名、电话。")
CELL = {"class": "cell", "autocomplete": "off"}


class ActForm(forms.Form):
    """The fields of one act; choices are rows of the project alone."""

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = {
            "phase": Phase.objects.filter(project=project),
            "funding": Funding.objects.filter(phase__project=project).select_related("phase"),
            "flow": Flow.objects.filter(funding__phase__project=project, takes_back=None, taken_back_by=None),
        }
        for name, queryset in rows.items():
            if name in self.fields:
                self.fields[name].queryset = queryset  # type: ignore[attr-defined]


class PhaseChoice(forms.ModelChoiceField):
    def label_from_instance(self, row: Any) -> str:
        return str(_("第 %(number)s 期 · %(name)s") % {"number": row.number, "name": row.name})


class FlowChoice(forms.ModelChoiceField):
    def label_from_instance(self, row: Any) -> str:
        return f"{row.on} {row} {row.purpose or row.funding.payer}"


def _phase() -> PhaseChoice:
    return PhaseChoice(Phase.objects.none(), label=_("分期"), widget=forms.Select(CELL))


def _funding() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(Funding.objects.none(), label=_("出资方"), widget=forms.Select(CELL))


def _amount(label: Any) -> forms.DecimalField:
    widget = forms.TextInput({**CELL, "inputmode": "decimal"})
    return forms.DecimalField(
        label=label, min_value=Decimal("0.01"), max_digits=14, decimal_places=2, widget=widget
    )


def _text(label: Any, length: int, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=length, help_text=help_text, widget=forms.TextInput(CELL))


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput({"class": "cell", "type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, initial=timezone.localdate, widget=widget)


class ReasonForm(ActForm):
    reason = forms.CharField(
        label=_("原因"), help_text=NO_NAMES, max_length=300, widget=forms.Textarea({"rows": 3})
    )


class PledgeForm(ActForm):
    phase = _phase()
    source = forms.ChoiceField(label=_("资金来源"), choices=Funding.Source.choices, widget=forms.Select(CELL))
    payers = forms.CharField(
        label=_("出资方"),
        help_text=_("一行一个；写几个就均摊成几份，精确到分，除不尽的分给前面的。"),
        widget=forms.Textarea({"rows": 5}),
    )
    total = _amount(_("合计金额（元）"))
    on = _day(_("约定日期"))
    minutes = _text(_("约定依据"), 160, _("协议或会议纪要。"))


class AmendForm(ActForm):
    funding = _funding()
    pledged = _amount(_("新的认缴金额（元）"))
    minutes = _text(_("约定依据"), 160, _("协议或会议纪要。"))


class ReceiveForm(ActForm):
    funding = _funding()
    amount = _amount(_("到账金额（元）"))
    on = _day(_("到账日期"))
    evidence = _text(_("凭证"), 80, _("收据或银行流水号。"))


class SpendForm(ActForm):
    phase = _phase()
    amount = _amount(_("支出金额（元）"))
    purpose = _text(_("用途"), 120)
    payee = _text(_("收款方"), 80, _("单位名称；个人只写“个人”。会公开。"))
    on = _day(_("支付日期"))
    evidence = _text(_("凭证"), 80, _("发票或合同号。"))


class TakeBackForm(ActForm):
    flow = FlowChoice(Flow.objects.none(), label=_("哪一笔"), widget=forms.Select(CELL))
    reason = forms.CharField(
        label=_("为什么冲回"), help_text=NO_NAMES, max_length=120, widget=forms.Textarea({"rows": 3})
    )


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do with a project in some of its states."""

    label: Promise | str
    states: Sequence[str]
    roles: Sequence[Role]
    run: Callable[[Project, dict[str, Any], Any], object]
    form: type[ActForm] = ActForm
    note: Promise | str = ""


def _spend(project: Project, given: dict[str, Any], by: Any) -> None:
    names = ("amount", "purpose", "payee", "on", "evidence")
    funding.spend(given["phase"], funding.Spending(**{name: given[name] for name in names}), by=by)


def _pledge(project: Project, given: dict[str, Any], by: Any) -> None:
    names = given["payers"].splitlines()
    source, on, minutes = given["source"], given["on"], given["minutes"]
    funding.pledge(given["phase"], source, names, given["total"], on=on, minutes=minutes, by=by)


def _receive(project: Project, given: dict[str, Any], by: Any) -> None:
    on, evidence = given["on"], given["evidence"]
    funding.receive(given["funding"], given["amount"], on=on, evidence=evidence, by=by)


APPROVERS = (Role.APPROVER,)
ACTS: dict[str, Act] = {
    "submit": Act(
        _("提交审批"),
        (ProjectState.DRAFT,),
        INPUT_ROLES,
        lambda project, given, by: projects.submit(project, by=by),
        note=_("提交后方案不能再改；要改请审批人退回。"),
    ),
    "street": Act(
        _("街道批准"),
        (ProjectState.SUBMITTED,),
        APPROVERS,
        lambda project, given, by: projects.approve_for_street(project, by=by),
        note=_("批准后交区县审批。写过这份方案的人不能批准。"),
    ),
    "district": Act(
        _("区县批准"),
        (ProjectState.STREET,),
        APPROVERS,
        lambda project, given, by: projects.approve_for_district(project, by=by),
        note=_("批准后方案和资金向所有人公开。"),
    ),
    "return": Act(
        _("退回修改"),
        (ProjectState.SUBMITTED, ProjectState.STREET),
        APPROVERS,
        lambda project, given, by: projects.send_back(project, given["reason"], by=by),
        ReasonForm,
    ),
    "pledge": Act(_("登记认缴"), (*ProjectState.values,), MONEY_ROLES, _pledge, PledgeForm),
    "amend": Act(
        _("改认缴金额"),
        (*ProjectState.values,),
        MONEY_ROLES,
        lambda project, given, by: funding.amend(given["funding"], given["pledged"], given["minutes"], by=by),
        AmendForm,
    ),
    "receive": Act(_("登记到账"), OPEN_STATES, MONEY_ROLES, _receive, ReceiveForm),
    "spend": Act(
        _("登记支出"),
        OPEN_STATES,
        MONEY_ROLES,
        _spend,
        SpendForm,
        _("这一期各出资方按还剩的钱成比例分担，一分不差。"),
    ),
    "takeback": Act(
        _("冲回一笔"),
        OPEN_STATES,
        MONEY_ROLES,
        lambda project, given, by: funding.take_back(given["flow"], given["reason"], by=by),
        TakeBackForm,
        _("原来的一笔保留，另记一笔相反的。同一业务号的各笔一起冲回。"),
    ),
    "finish": Act(
        _("标为已建成"),
        (ProjectState.APPROVED,),
        INPUT_ROLES,
        lambda project, given, by: projects.finish(project, by=by),
    ),
}


def open_acts(project: Project, user: Any) -> list[tuple[str, Act]]:
    """What this person may do with a project as it stands."""
    found = []
    for name, act in ACTS.items():
        may = user.holds(project.community_id, *act.roles)
        if name == "district":
            may = may and projects.is_district_approver(user, project.community_id)
        if may and project.state in act.states:
            found.append((name, act))
    return found
