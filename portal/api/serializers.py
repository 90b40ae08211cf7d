"""How rows look to other systems: names as in the exports, money and quantities as strings."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from billing.models import Charge, CommunityMonth, Rebate, RegionMonth, Share
from billing.models.rollups import Figures
from facilities.models import Booking, Community, Region, Space
from portal.personal import check_words
from portal.visible import visible


class SeenField(serializers.CharField):
    """Words, without what nobody sees in them."""

    def to_internal_value(self, data: Any) -> str:
        return visible(super().to_internal_value(data))


class RegionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Region
        fields = ["code", "name", "level", "parent", "managed_by", "urban_rural"]


class CommunitySerializer(serializers.ModelSerializer):
    code = serializers.CharField(source="region_id")

    class Meta:
        model = Community
        fields = ["code", "name", "households", "population", "notice_days"]


class SpaceSerializer(serializers.ModelSerializer):
    facility = serializers.CharField(source="facility.ref")
    community = serializers.CharField(source="community_id")
    zone = serializers.CharField(source="zone.name", default=None)

    class Meta:
        model = Space
        fields = [
            "id",
            "community",
            "facility",
            "name",
            "floor",
            "zone",
            "category",
            "uses",
            "equipment",
            "area_m2",
            "capacity",
            "is_accessible",
        ]


class SlotSerializer(serializers.Serializer):
    """A time that can be booked now by who asks."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class FreeSlotSerializer(serializers.Serializer):
    """A time that can be booked instead; `how`: moved, shorter, similar (another room) or next."""

    space = serializers.IntegerField()
    name = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    how = serializers.ChoiceField(["moved", "shorter", "similar", "next"])


class RefusalSerializer(serializers.Serializer):
    """Why nothing was done: taken, closed, limit, rule or state; and what is free instead."""

    detail = serializers.CharField()
    reason = serializers.CharField()
    free = FreeSlotSerializer(many=True)


class BookingSerializer(serializers.ModelSerializer):
    """When and where; what for only where the reader booked it. Nobody is named."""

    space_name = serializers.CharField(source="space.name")
    community = serializers.CharField(source="community_id")
    purpose = serializers.SerializerMethodField()
    mine = serializers.SerializerMethodField()

    class Meta:
        model = Booking
        fields = [
            "id",
            "space",
            "space_name",
            "community",
            "starts_at",
            "ends_at",
            "state",
            "people",
            "price",
            "hold_until",
            "purpose",
            "mine",
        ]

    def get_mine(self, booking: Booking) -> bool:
        return booking.booked_by_id == self.context["request"].user.pk

    def get_purpose(self, booking: Booking) -> str:
        return booking.purpose if self.get_mine(booking) else ""


class WishSerializer(serializers.Serializer):
    """A time one would like to book; `hold` only keeps it for a while, `wait` joins the waiting list."""

    space = serializers.IntegerField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    people = serializers.IntegerField(min_value=1, max_value=9999, default=1)
    purpose = SeenField(max_length=80, allow_blank=True, default="", validators=[check_words])
    provider = serializers.CharField(
        max_length=40, required=False, help_text="`ref` of a provider one is a member of: book in its name"
    )
    hold = serializers.BooleanField(default=False)
    wait = serializers.BooleanField(default=False)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["end"] <= asked["start"]:
            raise serializers.ValidationError({"end": _("结束要晚于开始。")})
        return asked


class FiguresSerializer(serializers.ModelSerializer):
    """The columns of the `closes` export, and what follows from them."""

    shortfall = serializers.DecimalField(14, 2, allow_null=True)
    self_sufficiency = serializers.DecimalField(
        14, 4, allow_null=True, help_text="(rebate_in + recovered_in) / bill_out"
    )

    class Meta:
        fields = [*Figures.FIELDS, "shortfall", "self_sufficiency"]


class CommunityMonthSerializer(FiguresSerializer):
    id = serializers.IntegerField(source="close_id")
    community = serializers.CharField(source="community_id")
    digest = serializers.CharField(source="close.digest")
    posted_at = serializers.DateTimeField(source="close.posted_at")

    class Meta(FiguresSerializer.Meta):
        model = CommunityMonth
        fields = ["id", "community", "month", "digest", "posted_at", *FiguresSerializer.Meta.fields]


class RegionMonthSerializer(FiguresSerializer):
    region = serializers.CharField(source="region_id")

    class Meta(FiguresSerializer.Meta):
        model = RegionMonth
        fields = ["region", "month", "communities", "in_shortfall", *FiguresSerializer.Meta.fields]


class AgreementRowSerializer(serializers.ModelSerializer):
    """What the rows of one agreement have in common; no agreement is the community's own part."""

    agreement = serializers.CharField(source="agreement.ref", default=None)
    provider = serializers.CharField(source="agreement.provider.ref", default=None)


class CloseRowSerializer(AgreementRowSerializer):
    community = serializers.CharField(source="close.community_id")


class ShareSerializer(AgreementRowSerializer):
    community = serializers.CharField(source="sharing.close.community_id")
    month = serializers.CharField(source="sharing.close.month")
    bill = serializers.CharField(source="sharing.bill.ref")
    utility = serializers.CharField(source="sharing.bill.utility")

    class Meta:
        model = Share
        fields = [
            "id",
            "community",
            "month",
            "bill",
            "utility",
            "agreement",
            "provider",
            "quantity",
            "gross",
            "subsidy",
            "subsidy_fund",
            "amount",
            "flags",
        ]


class ChargeSerializer(CloseRowSerializer):
    month = serializers.CharField(source="close.month")
    correction = serializers.CharField(source="correction.ref", default=None)

    class Meta:
        model = Charge
        fields = ["id", "community", "month", "agreement", "provider", "kind", "correction", "fund", "amount"]


class RebateSerializer(CloseRowSerializer):
    closed_in = serializers.CharField(source="close.month")

    class Meta:
        model = Rebate
        fields = [
            "id",
            "community",
            "closed_in",
            "month",
            "agreement",
            "provider",
            "term_ref",
            "kind",
            "base",
            "amount",
            "welfare_amount",
            "value",
            "status",
        ]


class LineSerializer(serializers.Serializer):
    entry = serializers.IntegerField(source="entry.number")
    date = serializers.DateField(source="entry.date")
    source = serializers.CharField(source="entry.source")  # type: ignore[assignment]
    amount = serializers.DecimalField(14, 2, help_text="debit positive, credit negative")


class AccountSerializer(serializers.Serializer):
    """An account in one month: what it held, every line, what it holds."""

    account = serializers.CharField(source="title")
    opening = serializers.DecimalField(14, 2)
    lines = LineSerializer(many=True)
    balance = serializers.DecimalField(14, 2)


class StatementSerializer(serializers.Serializer):
    """What came in and went out of a community's funds in a posted month, row by row."""

    figures = CommunityMonthSerializer()
    shares = ShareSerializer(many=True)
    charges = ChargeSerializer(many=True)
    rebates = RebateSerializer(many=True)
    accounts = AccountSerializer(many=True)
