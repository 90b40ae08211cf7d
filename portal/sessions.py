"""Sessions: the cache answers, the database keeps; a cache that is emptied or away signs nobody out."""

from typing import Any

from django.contrib.sessions.backends import cached_db
from redis.exceptions import RedisError


class SessionStore(cached_db.SessionStore):
    """Reading survives a cache that is away; signing in and out do not: guesses are counted there, too."""

    def load(self) -> dict[str, Any]:
        try:
            return super().load()
        except RedisError:
            return super(cached_db.SessionStore, self).load()
