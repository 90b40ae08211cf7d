"""A whole portal for one fault test: servers, a small city, a console and real worker processes."""

import contextlib
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg2
import redis

from portal.embedded import EmbeddedServers

ROOT = Path(__file__).resolve().parent.parent.parent
MONTH = "2026-10"
COMMUNITIES, BATCH = 12, 3
CITY, LIVE = "faults_city", "faults_live"
LOST = 1.5
PATIENCE = 60


class Site:
    """One portal of its own; `reset` gives it the same city as at first."""

    def __init__(self, servers: EmbeddedServers, folder: Path) -> None:
        self.servers = servers
        self.folder = folder
        self.started: list[psutil.Popen] = []
        self.workers: list[psutil.Popen] = []
        self.idle: list[psutil.Popen] = []
        self.forked: list[psutil.Process] = []
        self._console: psutil.Popen | None = None
        self._nursery: psutil.Popen | None = None

    # Databases

    def url(self, database: str = LIVE) -> str:
        return urlsplit(self.servers.database_url)._replace(path=f"/{database}").geturl()

    def connect(self, database: str = LIVE) -> Any:
        return psycopg2.connect(self.url(database))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = self.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def at_server(self, *statements: str, database: str = "postgres") -> None:
        connection = self.connect(database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def build(self) -> None:
        """Make the city that every test starts from, and remember how its month ends undisturbed."""
        self.at_server(f"CREATE DATABASE {LIVE}")
        self.manage("migrate", "--verbosity", "0")
        self.manage("load_city", "--communities", str(COMMUNITIES), "--until", MONTH)
        self.at_server(f"CREATE DATABASE {CITY} TEMPLATE {LIVE}")
        self.manage("close_month", MONTH, "--inline")
        self.undisturbed = self.books()

    def reset(self) -> None:
        """The city as at first, an empty queue; a worker that lives serves again, for starting one takes long."""
        self.clock.write_text("0")
        self.idle = [one for one in self.started if one in self.workers and one.is_running()]
        for process in self.started:
            if process not in [*self.idle, self._console, self._nursery]:
                kill(process)
        while self.forked:
            kill(self.forked.pop())
        self.at_server(
            f"DROP DATABASE IF EXISTS {LIVE} WITH (FORCE)",
            f"CREATE DATABASE {LIVE} TEMPLATE {CITY} STRATEGY file_copy",
        )
        self.queue().flushall()

    def queue(self) -> Any:
        return redis.Redis.from_url(self.servers.redis_url)

    # Processes

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "TEST_SLOT"},
            "DJANGO_SETTINGS_MODULE": "tests.faults.clock",
            "CLOCK_FILE": str(self.clock),
            "DATABASE_URL": self.url(),
            "REDIS_URL": self.servers.redis_url,
            "VAR_DIR": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "LOG_LEVEL": "WARNING",
            "CLOSE_BATCH_SIZE": str(BATCH),
            "CLOSE_HEARTBEAT_SECONDS": "0.3",
            "CLOSE_LOST_SECONDS": str(LOST),
            "CLOSE_HAND_OUT_SECONDS": "0.5",
        }

    @property
    def clock(self) -> Path:
        path = self.folder / "clock"
        if not path.exists():
            path.write_text("0")
        return path

    def set_clock(self, moment: str) -> None:
        """Let the portal's processes believe that it is this moment."""
        ahead = dt.datetime.fromisoformat(moment) - dt.datetime.now(dt.UTC)
        self.clock.write_text(str(ahead.total_seconds()))

    def manage(self, *words: str) -> None:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr + done.stdout

    def process(self, *words: str, changed: Mapping[str, str] | None = None, **pipes: Any) -> psutil.Popen:
        environment = {**self.environment, **(changed or {})}
        with (self.folder / "processes.log").open("a") as log:
            process = psutil.Popen(
                [sys.executable, "-m", *words], cwd=ROOT, env=environment, stderr=log, **pipes
            )
        self.started.append(process)
        return process

    def worker(self, concurrency: int = 1, **changed: str) -> psutil.Popen:
        """A real worker, as production starts it; with many processes it may have an environment of its own."""
        if concurrency == 1 and self.idle:
            return self.idle.pop()
        options = ["--concurrency", str(concurrency), "--loglevel", "WARNING", "--without-gossip"]
        named = ["--hostname", f"faults-{len(self.started)}@localhost"]
        command = ["celery", "--quiet", "-A", "portal", "worker", *options, *named]
        worker = self.process(*command, changed=changed, stdout=subprocess.DEVNULL)
        if concurrency == 1:
            self.workers.append(worker)
        return worker

    def only_worker(self) -> psutil.Popen:
        """The one worker there is, so that batches are taken in their order."""
        worker = self.worker()
        self.dismiss()
        return worker

    def dismiss(self) -> None:
        """End the workers that live on from earlier tests."""
        while self.idle:
            kill(self.idle.pop())

    def forked_worker(self) -> psutil.Process:
        """A worker of one process that is there at once."""
        if self._nursery is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self._nursery = self.process("tests.faults.nursery", **pipes)
        self._nursery.stdin.write("worker\n")
        self._nursery.stdin.flush()
        self.forked.append(psutil.Process(int(self._nursery.stdout.readline())))
        return self.forked[-1]

    def beat(self) -> psutil.Popen:
        schedule = ["--schedule", str(self.folder / f"beat-{len(self.started)}"), "--pidfile="]
        return self.process("celery", "--quiet", "-A", "portal", "beat", *schedule, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        for process in self.started:
            kill(process)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        self.started, self.workers, self.idle = [], [], []
        self._console = self._nursery = None

    # What a test does and asks

    def ask(self, name: str, *arguments: Any) -> Any:
        if self._console is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self._console = self.process("tests.faults.console", **pipes)
        self._console.stdin.write(json.dumps([name, arguments]) + "\n")
        self._console.stdin.flush()
        answer = json.loads(self._console.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def batches(self, run: int) -> dict[int, str]:
        return dict(self.rows("SELECT number, state FROM billing_closebatch WHERE run_id = %s", run))

    def attempts(self, run: int) -> list[int]:
        """How often each batch was claimed."""
        query = "SELECT attempts FROM billing_closebatch WHERE run_id = %s ORDER BY number"
        return [attempts for (attempts,) in self.rows(query, run)]

    @contextlib.contextmanager
    def silent(self, run: int, number: int) -> Iterator[None]:
        """Let a batch's worker say nothing about it, neither that it lives nor what became of it."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM billing_closebatch WHERE run_id = %s AND number = %s FOR UPDATE",
                    [run, number],
                )
                yield
        finally:
            connection.close()

    @contextlib.contextmanager
    def stuck(self, run_batch: int = 2) -> Iterator[str]:
        """Hold back a batch at its very end: its rows are written, its inputs cannot be marked as taken."""
        codes = [code for (code,) in self.rows("SELECT code FROM facilities_community ORDER BY 1")]
        code = codes[(run_batch - 1) * BATCH + 1]
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM billing_revenue WHERE community_id = %s FOR SHARE", [code])
                assert cursor.rowcount
                yield code
        finally:
            with contextlib.suppress(psycopg2.Error):
                connection.close()

    def end_sessions(self) -> None:
        """End what the server still does for workers that were killed while they waited for a lock."""
        self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s",
            LIVE,
        )

    def is_stuck(self) -> bool:
        """Whether somebody waits for a row's lock."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
        return self.rows(query, LIVE)[0][0] > 0

    def finish(self, run: int) -> None:
        """Wait for the end of a run, handing out what was lost as the clock does."""

        def is_over() -> bool:
            self.ask("hand_out")
            return bool(self.ask("progress", run)["is_over"])

        wait_until(is_over)

    def expect_posted_once(self, run: int) -> None:
        """Every community is posted once, nothing is half-written, the ledger is sound, the run's page says so."""
        page = self.ask("page", run)
        counts = {"total": COMMUNITIES, "handled": COMMUNITIES, "states": {"posted": COMMUNITIES}}
        assert self.ask("progress", run) == {**counts, "is_over": True}
        assert self.books() == self.undisturbed
        assert self.ask("faults") == []
        assert page.startswith(f"已完成 {COMMUNITIES} / {COMMUNITIES} 个社区 已入账 {COMMUNITIES} ")
        assert "正在处理" not in page

    def books(self) -> list[tuple[Any, ...]]:
        """What every community's month holds, as far as it does not depend on when and in which order."""
        return self.rows(
            """
            SELECT c.community_id, c.month, c.state, c.digest, c.last_entry, count(DISTINCT e.id), count(l.*),
                sum(abs(l.amount)), (SELECT count(*) FROM billing_utilitybill b WHERE b.close_id = c.id)
            FROM billing_monthclose c LEFT JOIN billing_entry e ON e.close_id = c.id
            LEFT JOIN billing_line l ON l.entry_id = e.id
            GROUP BY c.id ORDER BY 1, 2
            """
        )

    def posted(self) -> int:
        """How many communities the books hold as posted, whatever a run says."""
        return int(self.rows("SELECT count(*) FROM billing_monthclose WHERE state = 'posted'")[0][0])


def wait_until(is_true: Callable[[], bool], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def kill(process: psutil.Process) -> None:
    """kill -9 to a process and all of its children, the parent first so that it starts no new ones."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)
