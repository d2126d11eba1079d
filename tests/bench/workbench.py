"""The servers that are measured, as far as they are asked for, and the programs
that load them."""

import contextlib
import json
import pathlib
import re
import subprocess
import tempfile

import peers
from connregd import Connregd

CONNECTIONS_OF_HOST = 156 * 64
# The most hosts that are told of at once, so that what is to be said of them
# stays small beside the registry.
HOSTS_AT_ONCE = 30
# How long a connregd keeps the rows of a host whose stream is lost.
GRACE_SECONDS = 2


# What was run, once for each kind of command: those that differ in numbers alone
# are of one kind.
COMMANDS = {}


def noted(command):
    """Its words, as they are handed to the system."""
    words = list(map(str, command))
    words[0] = pathlib.Path(words[0]).name
    COMMANDS.setdefault(re.sub(r"[\d.]+", "", " ".join(words)),
                        " ".join(words))
    return list(map(str, command))


def run_json(*command):
    """What a program that prints one line of JSON says."""
    done = subprocess.run(noted(command), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def start(*command):
    """Begins a program that prints one line of JSON, for its end."""
    process = subprocess.Popen(noted(command), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True)

    def end():
        out, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{command[0]}: exit code {process.returncode}")
        return json.loads(out)
    return process, end


def rate(answer):
    """How many rows a second."""
    return answer["rows"] / answer["seconds"]


def memory_of(pid, name):
    """VmRSS or VmHWM of a process, in bytes."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)[1])


def forget_peak(pid):
    """VmHWM counts from now on."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


class Store:
    """Something that is told of one host of the fleet after the other."""

    def __init__(self, pid):
        self.pid = pid
        self.hosts = 0
        self._empty = memory_of(pid, "VmRSS")

    @property
    def rows(self):
        return self.hosts * CONNECTIONS_OF_HOST

    def grow(self, count):
        """Tells it of `count` more hosts, and returns what came of it."""
        answer = self._tell(self.hosts, count)
        self.hosts += count
        return answer

    def grow_to(self, hosts):
        while self.hosts < hosts:
            self.grow(min(HOSTS_AT_ONCE, hosts - self.hosts))

    def bytes_per_row(self):
        return (memory_of(self.pid, "VmRSS") - self._empty) / self.rows

    def _tell(self, first, count):
        raise NotImplementedError


class Fleet:
    """The agents of hosts that report to a connregd."""

    def __init__(self, programs, connregd, hosts, *options):
        self._process = subprocess.Popen(
            noted([programs / "bench_load", "--server", connregd.address,
                   "--hosts", hosts, *options, "fleet"]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def add(self, first, count):
        return self._command(f"add {first} {count}")

    def remove(self, first, count):
        """Ends their sessions for good."""
        return self._command(f"remove {first} {count}")

    def stop(self):
        """Their streams are lost."""
        self._process.stdin.close()
        self._process.wait()

    def _command(self, line):
        self._process.stdin.write(line + "\n")
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"bench_load fleet has ended at: {line}")
        return json.loads(answer)


class OurStore(Store):
    """A connregd, and the agents of a fleet."""

    def __init__(self, programs, connregd, fleet_hosts, *options,
                 question_options=()):
        super().__init__(connregd.pid)
        self.connregd = connregd
        self._load = [programs / "bench_load", "--server", connregd.address,
                      *options]
        self._question_options = question_options
        self._fleet = Fleet(programs, connregd, fleet_hosts, *options)
        # Of each growth the hosts there were after it, the most memory that was
        # taken meanwhile, and how much it was in the end.
        self.growths = []

    def _tell(self, first, count):
        forget_peak(self.pid)
        answer = self._fleet.add(first, count)
        self.growths.append((first + count, memory_of(self.pid, "VmHWM"),
                             memory_of(self.pid, "VmRSS")))
        return answer

    def ask(self, kind, in_flight, seconds):
        """Calls about the hosts that are there."""
        return run_json(
            *self._load, "--hosts", self.hosts, "calls", "--kind", kind,
            "--in-flight", in_flight, "--seconds", seconds, "--server-pid",
            self.pid, *self._question_options)

    def stop(self):
        self._fleet.stop()
        self.connregd.stop()


class RedisStore(Store):

    def __init__(self, programs, redis, fleet_hosts):
        super().__init__(redis.pid)
        self._fleet_hosts = fleet_hosts
        self._command = [programs / "redis_load", "--port", redis.port]
        self._hosts_with_values = 0

    def _tell(self, first, count, what="fill"):
        return run_json(*self._command, "--hosts", self._fleet_hosts, what,
                        "--first", first, "--count", count)

    def add_values(self):
        """A string beside each hash, for MGET."""
        while self._hosts_with_values < self.hosts:
            count = min(HOSTS_AT_ONCE, self.hosts - self._hosts_with_values)
            self._tell(self._hosts_with_values, count, "values")
            self._hosts_with_values += count

    def ask(self, kind, seconds):
        return run_json(*self._command, "--hosts", self.hosts, "ask", "--kind",
                        kind, "--seconds", seconds)


class PostgresStore(Store):

    def __init__(self, programs, postgres, fleet_hosts):
        super().__init__(postgres.pid)
        self._fleet_hosts = fleet_hosts
        self._command = [programs / "postgres_load", "--database",
                         postgres.database]
        self._analyzed = False
        subprocess.run(list(map(str, self._command + ["create"])), check=True)

    def _tell(self, first, count):
        self._analyzed = False
        return run_json(*self._command, "--hosts", self._fleet_hosts, "fill",
                        "--first", first, "--count", count)

    def list(self, seconds):
        if not self._analyzed:
            subprocess.run(list(map(str, self._command + ["analyze"])),
                           check=True)
            self._analyzed = True
        return run_json(*self._command, "--hosts", self.hosts, "list",
                        "--seconds", seconds)


class Workbench(contextlib.ExitStack):
    """Starts what is asked for when it is asked for, and ends it all."""

    def __init__(self, programs, hosts, question_options=()):
        super().__init__()
        self._question_options = question_options
        self.programs = programs
        # As many as are told of at most.
        self.hosts = hosts
        self._folder = pathlib.Path(
            self.enter_context(tempfile.TemporaryDirectory()))
        self._stores = {}

    def new_ours(self, hosts, *options):
        """One more connregd, with a fleet of its own."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self._folder))
        options_of_server = ("--max-rows", "100M", "--sync-time", "0s",
                             "--reconnect-window", "0s", "--grace",
                             f"{GRACE_SECONDS}s")
        noted(["connregd", *options_of_server])
        connregd = Connregd(self.programs / "connregd", folder,
                            *options_of_server, tcp=True)
        store = OurStore(self.programs, connregd, hosts, *options,
                         question_options=self._question_options)
        self.callback(store.stop)
        return store

    @property
    def ours(self):
        return self._store("ours", lambda: self.new_ours(self.hosts))

    @property
    def redis(self):
        def start():
            server = peers.Redis(self._folder)
            noted(server.command)
            self.callback(server.stop)
            return RedisStore(self.programs, server, self.hosts)
        return self._store("redis", start)

    @property
    def postgres(self):
        def start():
            server = peers.Postgres()
            noted(server.command)
            self.callback(server.stop)
            return PostgresStore(self.programs, server, self.hosts)
        return self._store("postgres", start)

    def echo(self, response_bytes):
        """The address of a server that answers any Lookup so."""
        process = subprocess.Popen(
            noted([self.programs / "bench_echo", "--response-bytes",
                   round(response_bytes)]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.callback(process.communicate)
        return f"127.0.0.1:{process.stdout.readline().strip()}"

    def _store(self, name, start):
        if name not in self._stores:
            self._stores[name] = start()
        return self._stores[name]
