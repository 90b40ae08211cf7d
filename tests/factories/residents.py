from typing import Any

import factory

from residents import consents
from residents.models import FamilyTie, Household, Need, PersonalView, Purpose, Reason, Resident, TieKind
from tests.factories.people import UserFactory
from tests.factories.places import CommunityFactory

# Numbers of a range that no operator gives out to people.
PHONE = "13800000000"


class HouseholdFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Household

    community = factory.SubFactory(CommunityFactory)
    label = factory.Sequence(lambda n: f"示例{n}号楼")


class ResidentFactory(factory.django.DjangoModelFactory):
    """A grown-up with an account who agreed to the text; `phone="…"`, `agrees=False`, `child=True`."""

    class Meta:
        model = Resident
        skip_postgeneration_save = True

    class Params:
        child = factory.Trait(account=None, birth_year=2020)

    community = factory.SubFactory(CommunityFactory)
    account = factory.SubFactory(UserFactory)
    household = factory.SubFactory(HouseholdFactory, community=factory.SelfAttribute("..community"))
    called = factory.Sequence(lambda n: f"示例居民{n}")
    birth_year = 1960

    @factory.post_generation
    def number(self, create: bool, given: str | None, **kwargs: Any) -> None:
        if given:
            self.set_phone(given)
            self.save()
            consents.give(self, Purpose.PHONE, by=self.account)

    @factory.post_generation
    def agrees(self, create: bool, given: bool | None, **kwargs: Any) -> None:
        if given is not False:
            consents.give(self, consents.needed_by(self), by=self.account)


class FamilyTieFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FamilyTie

    actor = factory.SubFactory(ResidentFactory)
    member = factory.SubFactory(
        ResidentFactory, account=None, community=factory.SelfAttribute("..actor.community")
    )
    kind = TieKind.HELPER


class NeedFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Need

    community = factory.SelfAttribute("resident.community")
    resident = factory.SubFactory(ResidentFactory)
    text = factory.Sequence(lambda n: f"想要一个示例活动{n}")


class PersonalViewFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PersonalView

    by = factory.SubFactory(UserFactory)
    resident = factory.SubFactory(ResidentFactory)
    community = factory.SelfAttribute("resident.community")
    reason = Reason.CHECK
    page = "admin:residents_resident_open"
