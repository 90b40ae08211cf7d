import datetime as dt
from decimal import Decimal

import factory
from django.utils import timezone

from facilities.models import Funding, Milestone, Phase, Project, Site
from facilities.models.projects import PARTS
from tests.factories.people import UserFactory
from tests.factories.places import CommunityFactory


class SiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Site

    community = factory.SubFactory(CommunityFactory)
    name = factory.Sequence(lambda n: f"示例用房{n}")
    owner = "示例单位"
    area_m2 = Decimal("120.00")


class ProjectFactory(factory.django.DjangoModelFactory):
    """A plan whose seven parts are written; trait `approved` by two people."""

    class Meta:
        model = Project

    class Params:
        approved = factory.Trait(
            state="approved",
            street_by=factory.SubFactory(UserFactory),
            district_by=factory.SubFactory(UserFactory),
            street_at=factory.LazyFunction(timezone.now),
            district_at=factory.LazyFunction(timezone.now),
        )

    community = factory.SubFactory(CommunityFactory)
    name = factory.Sequence(lambda n: f"示例项目{n}")

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        return {**{part: "示例" for part in PARTS}, **kwargs}


class PhaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Phase

    project = factory.SubFactory(ProjectFactory)
    community = factory.SelfAttribute("project.community")
    number = 1
    name = "示例分期"
    budget = Decimal("500000.00")


class MilestoneFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Milestone

    phase = factory.SubFactory(PhaseFactory)
    community = factory.SelfAttribute("phase.community")
    name = "示例节点"


class FundingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Funding

    phase = factory.SubFactory(PhaseFactory, project__approved=True)
    community = factory.SelfAttribute("phase.community")
    source = "street"
    payer = factory.Sequence(lambda n: f"示例出资方{n}")
    pledged = Decimal("1000.00")
    agreed_on = dt.date(2026, 1, 5)
    minutes = "示例纪要"
