import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest
import redis

from portal.embedded import EmbeddedServers, ServersUnavailable

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

ROOT = Path(__file__).resolve().parent.parent
START = """
import encodings.idna, os, sys
from portal.embedded import EmbeddedServers
folder, user = sys.argv[1], int(sys.argv[2])
if user != os.geteuid():
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
servers = EmbeddedServers(folder)
servers.start()
print(servers.postgres_pid, servers.redis_pid, flush=True)
sys.stdin.read()
"""


def command(folder: Path, user: int) -> list[str]:
    return [sys.executable, "-c", START, str(folder), str(user)]


def start_in_a_process(folder: Path, user: int | None = None) -> str:
    """Start the pair from a process of its own; what it says of them."""
    who = os.geteuid() if user is None else user
    done = subprocess.run(
        command(folder, who), cwd=ROOT, input="", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def one(servers: EmbeddedServers, query: str) -> object:
    connection = psycopg2.connect(servers.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder where nothing was ever started."""
    folder = tmp_path / "var" / "servers"
    yield folder
    EmbeddedServers(folder).stop()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose cluster is made, for the tests of what comes after."""
    folder = tmp_path_factory.mktemp("var") / "servers"
    with EmbeddedServers(folder):
        return folder


@pytest.fixture
def servers(cluster: Path) -> Iterator[EmbeddedServers]:
    with EmbeddedServers(cluster) as servers:
        yield servers


def test_processes_that_start_at_once_share_one_pair(folder: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        said = set(pool.map(start_in_a_process, [folder] * 3))

    assert len(said) == 1


def test_both_answer_and_end_with_the_block(cluster: Path) -> None:
    with EmbeddedServers(cluster) as servers:
        version = one(servers, "SHOW server_version_num")
        client = redis.Redis.from_url(servers.redis_url)
        assert client.ping()
        client.close()

    assert str(version).startswith("18")
    assert servers.postgres_pid is None
    assert servers.redis_pid is None


def test_killed_servers_come_back_on_the_same_addresses_with_what_was_committed(
    servers: EmbeddedServers,
) -> None:
    one(servers, "CREATE TABLE kept AS SELECT 42 AS figure")
    before = servers.database_url, servers.redis_url
    for pid in (servers.postgres_pid, servers.redis_pid):
        assert pid
        os.kill(pid, signal.SIGKILL)

    servers.start()

    assert (servers.database_url, servers.redis_url) == before
    assert one(servers, "SELECT figure FROM kept") == 42


def test_pid_file_of_somebody_else_is_not_believed(cluster: Path) -> None:
    stale = cluster / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{cluster / 'postgres'}\n0\n0\n\n\n")
    servers = EmbeddedServers(cluster)

    assert servers.postgres_pid is None
    with servers:
        assert one(servers, "SELECT 1") == 1


def test_port_that_somebody_took_is_given_up(servers: EmbeddedServers) -> None:
    servers.redis.stop()
    with socket.socket() as somebody:
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        somebody.bind(("127.0.0.1", servers.folder.port("redis_port")))
        somebody.listen()

        servers.start(postgres=False)

        assert servers.folder.port("redis_port") != somebody.getsockname()[1]
        assert servers.redis_pid


def test_servers_stay_while_another_process_uses_them(servers: EmbeddedServers) -> None:
    user = subprocess.Popen(
        command(servers.folder.path, os.geteuid()), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with user:
        assert user.stdout
        user.stdout.readline()

        assert not servers.stop_if_unused()
        assert one(servers, "SELECT 1") == 1
        user.kill()

    assert servers.stop_if_unused()
    assert servers.postgres_pid is None


def test_start_that_is_killed_anywhere_leaves_nothing_half_made(folder: Path) -> None:
    for patience in (0.6, 0.9, 1.2, 1.5):
        launcher = subprocess.Popen(
            command(folder, os.geteuid()), cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(patience)
        os.killpg(launcher.pid, signal.SIGKILL)
        launcher.wait()

    with EmbeddedServers(folder) as servers:
        assert one(servers, "SELECT 1") == 1
    assert not list(folder.glob("initdb-*"))


def test_half_made_cluster_is_not_taken_for_one(folder: Path) -> None:
    (folder / "initdb-gone" / "data").mkdir(parents=True)
    (folder / "initdb-gone" / "data" / "PG_VERSION").write_text("18\n")

    with EmbeddedServers(folder) as servers:
        assert one(servers, "SELECT 1") == 1
    assert not (folder / "initdb-gone").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
class TestAsAnotherUser:
    nobody = 65534

    @pytest.fixture
    def reachable(self, folder: Path) -> Path:
        """pytest keeps its folders to their owner; this one's way is opened."""
        for above in folder.parent.parents:
            if not above.name.startswith(("test_", "popen-", "pytest-")):
                break
            above.chmod(above.stat().st_mode | 0o055)
        folder.parent.mkdir()
        return folder

    def test_folder_of_root_is_refused_to_an_ordinary_user(self, reachable: Path) -> None:
        EmbeddedServers(reachable).folder.make()

        os.seteuid(self.nobody)
        try:
            with pytest.raises(ServersUnavailable, match="VAR_DIR"):
                EmbeddedServers(reachable).start()
        finally:
            os.seteuid(0)

    def test_root_serves_a_folder_of_another_user_as_that_user(self, reachable: Path) -> None:
        os.chown(reachable.parent, self.nobody, self.nobody)

        with EmbeddedServers(reachable) as servers:
            assert servers.postgres.process
            assert servers.postgres.process.uids().real == self.nobody
            assert {path.stat().st_uid for path in reachable.iterdir()} == {self.nobody}

    @pytest.mark.parametrize("user", [nobody, 54321], ids=["named", "without a name"])
    def test_ordinary_user_has_servers_too(self, reachable: Path, user: int) -> None:
        os.chown(reachable.parent, user, user)

        said = start_in_a_process(reachable, user)

        assert "None" not in said

    def test_without_user_namespaces_root_gives_the_folder_to_an_unprivileged_user(
        self, reachable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refusing = tmp_path / "bin" / "unshare"
        refusing.parent.mkdir()
        refusing.write_text("#!/bin/sh\nexit 1\n")
        refusing.chmod(0o755)
        monkeypatch.setenv("PATH", f"{refusing.parent}{os.pathsep}{os.environ['PATH']}")
        assert shutil.which("unshare") == str(refusing)

        with EmbeddedServers(reachable) as servers:
            assert servers.postgres.process
            assert servers.postgres.process.uids().real == self.nobody
