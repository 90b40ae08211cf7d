"""The inbox, the choice of channels and the staff's list of what was sent."""

import pytest
from django.urls import reverse

from portal.access import Role
from portal.models import AuditEntry, Channel, Delivery, Message
from portal.notifications import tell
from tests.factories import (
    CommunityFactory,
    DeliveryFactory,
    MessageFactory,
    ProjectFactory,
    UserFactory,
    staff,
)

pytestmark = pytest.mark.django_db
State = Delivery.State


def reader(**fields):
    return UserFactory(email="reader@portal.example", **fields)


def say(to, key="a", **fields):
    words = {"subject": None, "title": "预约成功", "text": "明天 10:00，示例室。"}
    tell(to, "booking.confirmed", key=key, **{**words, **fields})


def email():
    return Delivery.objects.get(channel=Channel.EMAIL)


def test_inbox_shows_ones_own_messages_only(client):
    mine, other = MessageFactory(title="给我的"), MessageFactory(title="给别人的")
    client.force_login(mine.to)

    page = client.get(reverse("inbox")).content.decode()

    assert "给我的" in page
    assert "给别人的" not in page
    assert client.post(reverse("message", args=[other.pk])).status_code == 404
    assert Message.objects.get(pk=other.pk).read_at is None


def test_message_is_read_by_a_post_and_opens_what_it_is_about(client):
    message = MessageFactory(url="/bookings/")
    client.force_login(message.to)

    client.get(reverse("inbox"))
    assert Message.objects.unread().count() == 1
    answer = client.post(reverse("message", args=[message.pk]), {"do": "open"})

    assert answer.url == "/bookings/"
    assert Message.objects.unread().count() == 0


def test_link_is_there_only_for_who_may_see_what_it_leads_to(client):
    project = ProjectFactory()
    near, far = staff(Role.CLERK, project.community), staff(Role.CLERK, CommunityFactory())
    say([near, far], subject=project, url="/admin/")

    shown = {}
    for user in (near, far):
        client.force_login(user)
        shown[user.pk] = 'value="open"' in client.get(reverse("inbox")).content.decode()
    answer = client.post(reverse("message", args=[Message.objects.get(to=far).pk]), {"do": "open"})

    assert shown == {near.pk: True, far.pk: False}
    assert answer.url == reverse("inbox")


def test_everything_is_marked_read_at_once(client):
    message = MessageFactory()
    MessageFactory(to=message.to)
    foreign = MessageFactory()
    client.force_login(message.to)

    client.post(reverse("inbox_read"))

    assert list(Message.objects.unread()) == [foreign]


def test_inbox_of_many_takes_a_fixed_number_of_queries(client, django_assert_num_queries):
    user = UserFactory()
    project = ProjectFactory()
    for number in range(30):
        say(user, key=str(number), subject=project, url="/admin/")
    client.force_login(user)

    with django_assert_num_queries(5):  # user, roles, count with unread, page, subjects
        page = client.get(reverse("inbox"))

    assert page.content.decode().count("<article") == 20
    assert client.get(reverse("inbox"), {"page": 2}).content.decode().count("<article") == 10


def test_choices_are_kept(client):
    user = reader()
    client.force_login(user)

    client.post(reverse("channels"), {"months-sms": "on"})
    say(user)

    assert email().state == State.SKIPPED
    assert 'name="months-sms" id="id_months-sms" checked' in client.get(reverse("channels")).content.decode()


def deliveries_page(client, user, **data):
    client.force_login(user)
    address = reverse("admin:portal_delivery_changelist")
    return client.post(address, data, follow=True) if data else client.get(address)


def test_administrator_sees_deliveries_to_people_of_their_region_without_name_or_text(client):
    here = CommunityFactory()
    mine = DeliveryFactory(message__to=staff(Role.CLERK, here))
    DeliveryFactory(message__to=staff(Role.CLERK, CommunityFactory(code="610202001001")))

    page = deliveries_page(client, staff(Role.REGION_ADMIN, here))

    assert [row.pk for row in page.context["cl"].result_list] == [mine.pk]
    assert mine.message.title not in page.content.decode()
    assert str(mine.message.to) not in page.content.decode()


def test_list_of_deliveries_costs_the_same_for_30_people(client, django_assert_num_queries):
    here = CommunityFactory()
    admin = staff(Role.REGION_ADMIN, here)
    for _ in range(30):
        DeliveryFactory(message__to=staff(Role.CLERK, here))
    client.force_login(admin)

    with django_assert_num_queries(5):
        page = client.get(reverse("admin:portal_delivery_changelist"))

    assert len(page.context["cl"].result_list) == 30


def test_only_what_failed_is_sent_again_and_that_is_recorded(client):
    here = CommunityFactory()
    to = staff(Role.CLERK, here)
    failed = DeliveryFactory(message__to=to, state=State.FAILED, attempts=8, reason="SMTP 550")
    sent = DeliveryFactory(message__to=to, state=State.SENT)

    deliveries_page(
        client, staff(Role.REGION_ADMIN, here), action="send_again", _selected_action=[failed.pk, sent.pk]
    )

    assert set(Delivery.objects.values_list("pk", "state", "attempts")) == {
        (failed.pk, State.PENDING, 0),
        (sent.pk, State.SENT, 0),
    }
    assert AuditEntry.objects.filter(action="delivery.retried").count() == 1
