"""The embedded PostgreSQL and Redis of development, demo and tests: one pair per folder, shared by all processes."""

import argparse
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from portal.processes import HOST, NAME, Folder, Postgres, Redis, ServersUnavailable, wait_with_parent

__all__ = ["EmbeddedServers", "ServersUnavailable", "servers_of"]


class EmbeddedServers:
    """PostgreSQL and Redis of one folder; any number of processes may call `start` at once.

    `with EmbeddedServers(folder) as servers:` gives a private pair that ends with the block.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Folder(Path(folder).resolve())
        self.postgres = Postgres(self.folder)
        self.redis = Redis(self.folder)
        self._use: int | None = None

    def __enter__(self) -> "EmbeddedServers":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def database_url(self) -> str:
        port = self.folder.port(self.postgres.port_name)
        return f"postgres://{NAME}:{self.folder.state['password']}@{HOST}:{port}/{NAME}"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.folder.state['password']}@{HOST}:{self.folder.port(self.redis.port_name)}"

    @property
    def postgres_pid(self) -> int | None:
        process = self.postgres.process
        return process.pid if process else None

    @property
    def redis_pid(self) -> int | None:
        process = self.redis.process
        return process.pid if process else None

    def start(self, *, postgres: bool = True, redis: bool = True) -> None:
        """Bring up what is not up yet; what already answers is used as it is."""
        self.folder.make()
        with self._locked():
            self._hold()
            if postgres:
                self.postgres.start()
            if redis:
                self.redis.start()

    def stop(self) -> None:
        """Stop both, whoever started them."""
        if self.folder.path.exists():
            self.folder.make()
            with self._locked():
                self._release()
                self.postgres.stop()
                self.redis.stop()

    def stop_if_unused(self) -> bool:
        """Stop both unless another process still uses them; say whether nobody does."""
        with self._locked():
            self._release()
            use = self.folder.open_file("users")
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            finally:
                os.close(use)
            self.postgres.stop()
            self.redis.stop()
            return True

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self.folder.open_file("lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _hold(self) -> None:
        """Count this process and its forks among the users until they end, however they end."""
        if self._use is None:
            self._use = self.folder.open_file("users")
            fcntl.flock(self._use, fcntl.LOCK_SH)

    def _release(self) -> None:
        if self._use is not None:
            os.close(self._use)
            self._use = None


def servers_of(var_dir: Path) -> EmbeddedServers:
    """The pair that commands, web and workers of one VAR_DIR share."""
    return EmbeddedServers(var_dir / "servers")


def hold(servers: EmbeddedServers, command: list[str]) -> int:
    """Run a command; when it ends or is interrupted, stop the servers unless others use them."""
    children: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        # Ctrl-C has reached the child already, from the terminal.
        if number != signal.SIGINT:
            for child in children:
                child.send_signal(signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    children.append(subprocess.Popen(command))
    status = wait_with_parent(children[0])
    if servers.folder.path.exists():
        servers.stop_if_unused()
    return status if status >= 0 else 128 - status


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m portal.embedded", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status", "urls", "hold"])
    parser.add_argument("command", nargs=argparse.REMAINDER, help="with hold: the command to run")
    asked = parser.parse_args(arguments)
    servers = servers_of(Path(os.environ.get("VAR_DIR") or "var"))
    if asked.action == "hold":
        return hold(servers, asked.command)
    if asked.action == "stop":
        servers.stop()
    if asked.action in ("start", "urls"):
        servers.start()
    if asked.action == "urls":
        sys.stdout.write(f"DATABASE_URL={servers.database_url}\nREDIS_URL={servers.redis_url}\n")
    else:
        sys.stdout.write(f"PostgreSQL: {servers.postgres_pid or '-'}\nRedis: {servers.redis_pid or '-'}\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ServersUnavailable as error:
        sys.exit(str(error))
