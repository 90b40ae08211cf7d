"""Both ends of a database connection notice within a minute that the other one is gone."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("tcp_keepalives_idle", "30"),
        ("tcp_keepalives_interval", "10"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "60000"),
        ("client_connection_check_interval", "5s"),
        ("idle_in_transaction_session_timeout", "10min"),
    ],
)
def test_the_server_asks_whether_its_client_is_there(setting: str, value: str):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        (found,) = cursor.fetchone()

    assert found == value


def test_the_client_asks_whether_its_server_is_there():
    connection.ensure_connection()

    found = connection.connection.get_dsn_parameters()

    asked = {name: found.get(name) for name in ("keepalives_idle", "keepalives_interval", "keepalives_count")}
    assert asked == {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
    assert (found["tcp_user_timeout"], found["connect_timeout"]) == ("60000", "10")
