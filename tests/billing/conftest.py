from collections.abc import Callable

import pytest
from django.db import connection

REFUSING = """
    CREATE FUNCTION refuse_broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.community_id = current_setting('test.broken', true) THEN RAISE 'a secret of the books'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER refuse_broken BEFORE INSERT OR UPDATE ON billing_monthclose
    FOR EACH ROW EXECUTE FUNCTION refuse_broken()
"""


@pytest.fixture
def break_books(db: None) -> Callable[[str], None]:
    """Have the database refuse the months of one community, or of none."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSING)

    def set_to(code: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('test.broken', %s, true)", [code])

    return set_to
