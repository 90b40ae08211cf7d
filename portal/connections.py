"""How both ends of a database connection notice within a minute that the other one's machine is gone.

Left alone, a server keeps the session of a machine that lost its power, and all its locks, for two hours.
"""

from typing import Any

# Asked after so many seconds of silence, then again and again; as many times without an answer is gone.
SILENT_S, AGAIN_S, TIMES = 30, 10, 3
GONE_MS = (SILENT_S + AGAIN_S * TIMES) * 1000

# Asked of the server for its side, session by session, so that it holds whoever runs the server.
OF_SERVER = {
    "tcp_keepalives_idle": SILENT_S,
    "tcp_keepalives_interval": AGAIN_S,
    "tcp_keepalives_count": TIMES,
    "tcp_user_timeout": GONE_MS,
    # A query that waits for a lock or computes: is anybody there to take its answer?
    "client_connection_check_interval": "5s",
    # A process that lives and does nothing; the longest transactions, of large packs, never rest that long.
    "idle_in_transaction_session_timeout": "10min",
}

OPTIONS: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": SILENT_S,
    "keepalives_interval": AGAIN_S,
    "keepalives_count": TIMES,
    "tcp_user_timeout": GONE_MS,
    "options": " ".join(f"-c {name}={value}" for name, value in OF_SERVER.items()),
}
