"""How rows look to other systems: names as in the exports, money and quantities as strings."""

from rest_framework import serializers

from billing.models import Charge, CommunityMonth, Rebate, RegionMonth, Share
from billing.models.rollups import Figures
from facilities.models import Community, Region, Space


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
