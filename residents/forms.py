"""What residents tell of themselves, their family and their wishes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Category
from portal.personal import check_words, normal_phone
from residents.accounts import Told
from residents.consents import text_in_force
from residents.models import Purpose, TieKind

OLDEST = 120


class PersonForm(forms.Form):
    called = forms.CharField(
        label=gettext_lazy("怎么称呼您"),
        help_text=gettext_lazy("如张阿姨、小李；不必写全名。"),
        max_length=20,
        validators=[check_words],
    )
    birth_year = forms.IntegerField(
        label=gettext_lazy("出生年份"),
        help_text=gettext_lazy("只要年份，用来看老年优惠。"),
        required=False,
    )

    def clean_birth_year(self) -> int | None:
        year, now = self.cleaned_data["birth_year"], timezone.localdate().year
        if year is not None and not now - OLDEST <= year <= now:
            raise ValidationError(_("请填写四位数的年份，如 1958。"))
        return year


class AboutForm(PersonForm):
    """What somebody tells of themselves; a number only with the consent to keep it."""

    label = forms.CharField(
        label=gettext_lazy("楼栋单元"),
        help_text=gettext_lazy("例如 3号楼2单元；不写门牌号。"),
        max_length=24,
        required=False,
        validators=[check_words],
    )
    phone = forms.CharField(label=gettext_lazy("手机号"), max_length=20, required=False)
    agrees_phone = forms.BooleanField(label=text_in_force(Purpose.PHONE), required=False)

    def clean_phone(self) -> str:
        text = self.cleaned_data["phone"].strip()
        return normal_phone(text) if text else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("phone") and not data.get("agrees_phone"):
            self.add_error("agrees_phone", _("留手机号要先同意；不留就把号码清空。"))
        return data

    def told(self) -> Told:
        data = self.cleaned_data
        return Told(data["called"], data["birth_year"], data["phone"], data["label"])


class JoinForm(AboutForm):
    agrees = forms.BooleanField(
        label=text_in_force(Purpose.SERVICE),
        error_messages={"required": gettext_lazy("登记要先同意；不同意也可以到社区窗口办理。")},
    )


class FamilyForm(PersonForm):
    """Somebody one acts for; the year is asked, since a child needs a guardian."""

    kind = forms.ChoiceField(label=gettext_lazy("您是"), choices=TieKind)
    agrees = forms.BooleanField(
        label=gettext_lazy("孩子由我作为监护人同意；成年家人已经亲口同意由我登记和代办。"),
        error_messages={"required": gettext_lazy("没有同意不能登记。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["called"].label = _("怎么称呼这位家人")
        self.fields["birth_year"].required = True
        self.fields["birth_year"].help_text = _("用来看是不是未满十四周岁，孩子只能由监护人登记。")

    def told(self) -> Told:
        return Told(self.cleaned_data["called"], self.cleaned_data["birth_year"])


class NeedForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("说说您缺什么、盼什么"),
        help_text=gettext_lazy("请不要写身份证号、电话等个人信息。"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[check_words],
    )
    category = forms.ModelChoiceField(
        Category.objects.all(),
        label=gettext_lazy("关于哪一类服务"),
        empty_label=gettext_lazy("说不准"),
        required=False,
    )
