from typing import Any

import factory

from facilities.models import Community
from portal.access import Role
from portal.models import AccessRole, Channel, Delivery, Message, Topic, User
from services.models import Licence, Provider, ProviderMember
from tests.factories.places import CommunityFactory, RegionFactory

PASSWORD = "for-tests-only"


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody invented; `roles=[(Role.CLERK, community)]` and `provider=provider` say what they may do."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        superuser = factory.Trait(is_superuser=True, is_staff=True)

    username = factory.Sequence(lambda n: f"user{n}")
    display_name = factory.Sequence(lambda n: f"示例用户{n}")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def roles(self, create: bool, given: Any, **kwargs: Any) -> None:
        for role, place in given or ():
            region = place.region if isinstance(place, Community) else place
            AccessRoleFactory(user=self, role=role, region=region)
            if role not in (Role.PROVIDER, Role.RESIDENT) and not self.is_staff:  # type: ignore[has-type]
                self.is_staff = True
                self.save(update_fields=["is_staff"])

    @factory.post_generation
    def provider(self, create: bool, given: Any, **kwargs: Any) -> None:
        if given:
            ProviderMemberFactory(user=self, provider=given)


class AccessRoleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AccessRole

    user = factory.SubFactory(UserFactory)
    role = Role.CLERK
    region = factory.SubFactory(RegionFactory)


class MessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Message

    to = factory.SubFactory(UserFactory)
    key = factory.Sequence(lambda n: f"test:{n}")
    kind = "booking.confirmed"
    topic = Topic.BOOKINGS
    title = "预约成功：示例室"
    text = "明天 10:00，示例室。"


class DeliveryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Delivery

    message = factory.SubFactory(MessageFactory, to__email="somebody@portal.example")
    channel = Channel.EMAIL


class ProviderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Provider

    ref = factory.Sequence(lambda n: f"P{n:04d}")
    name = factory.Sequence(lambda n: f"示例商家{n}")
    kind = Provider.Kind.ENTERPRISE


class LicenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Licence

    provider = factory.SubFactory(ProviderFactory)
    kind = Licence.Kind.FOOD
    number = factory.Sequence(lambda n: f"JY{n:06d}")


class ProviderMemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProviderMember

    user = factory.SubFactory(UserFactory)
    provider = factory.SubFactory(ProviderFactory)


def staff(role: str, *places: Any) -> User:
    """Somebody who holds one role in each of these places; in a community of its own without one."""
    return UserFactory(roles=[(role, place) for place in places or (CommunityFactory(),)])
