"""The servers that connregd is measured beside, on loopback, each as lean as it
can be made: they write nothing to a disk that they wait for."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

from connregd import wait_until


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Peer:
    """A process of ours, whose log is in `folder`."""

    def __init__(self, folder, *command, **options):
        self.command = list(map(str, command))
        self._log = folder / "log"
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                **options)
        self.pid = self._process.pid

    def await_(self, ready):
        def is_ready():
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.command[0]} has ended:\n"
                                   f"{self._log.read_text()}")
            return ready()
        wait_until(is_ready)

    def stop(self):
        self._process.kill()
        self._process.wait()


class Redis(Peer):
    """A redis-server without persistence."""

    def __init__(self, folder):
        self.port = free_port()
        super().__init__(folder, "redis-server", "--port", self.port, "--bind",
                         "127.0.0.1", "--save", "", "--appendonly", "no",
                         cwd=folder)
        self.await_(self._answers)

    def _answers(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


class Postgres(Peer):
    """A PostgreSQL of its own, at a Unix socket, that never waits for a disk.

    It refuses to run as root: as that, it is run as the user "postgres".
    """

    SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off",
                "wal_level=minimal", "max_wal_senders=0", "autovacuum=off",
                "listen_addresses=", "shared_buffers=1GB",
                "maintenance_work_mem=256MB", "max_wal_size=8GB")

    def __init__(self):
        programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="connreg-bench-"))
        options = {"cwd": self._folder}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            options.update(user=user.pw_uid, group=user.pw_gid,
                           extra_groups=[])
        cluster = self._folder / "cluster"
        subprocess.run([programs / "initdb", "--auth=trust", "--no-sync",
                        "--username=bench", "--pgdata", cluster],
                       check=True, stdout=subprocess.DEVNULL, **options)
        settings = [word for setting in self.SETTINGS for word in ("-c", setting)]
        super().__init__(self._folder, programs / "postgres", "-D", cluster,
                         "-k", self._folder, *settings, **options)
        self.database = f"host={self._folder} user=bench dbname=postgres"
        self.await_(lambda: subprocess.run(
            [programs / "pg_isready", "-q", "-h", self._folder],
            check=False).returncode == 0)

    def stop(self):
        # At once, and with the processes that it has begun.
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()
        shutil.rmtree(self._folder)
