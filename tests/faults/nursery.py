"""A process that has loaded the portal and forks a worker for each line it reads: starting one anew takes seconds."""

import os
import signal
import sys

import django


def main() -> None:
    django.setup()
    from portal.celery import app

    app.loader.import_default_modules()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for number, _line in enumerate(sys.stdin):
        pid = os.fork()
        if not pid:
            os.setsid()
            name = f"nursery-{number}@localhost"
            options = ["--pool", "solo", "--loglevel", "ERROR", "--without-gossip", "--without-mingle"]
            app.worker_main(["--quiet", "worker", "--hostname", name, *options])
            os._exit(0)
        sys.__stdout__.write(f"{pid}\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
