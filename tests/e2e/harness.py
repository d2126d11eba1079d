"""Runs the binaries as their users do: as processes, against real sockets.

A test file ends in harness.main(), which takes the paths of the three binaries:

    tests/e2e/cli_test.py --bin build/dev/bin [unittest's arguments]

With --private-netns the file runs in a network namespace of its own, in which
there is only what it opens itself. With --private-host it has that, and process
and mount namespaces of its own too: no process and no network namespace is to
be seen but its own. Either takes root, or user namespaces.
"""

import argparse
import ipaddress
import json
import os
import pathlib
import random
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import unittest

# As long as a slow machine with sanitizers may need for one step.
PATIENCE_SECONDS = 60


PRIVATE_NETNS_MARK = "CONNREG_E2E_PRIVATE_NETNS"
PRIVATE_HOST_MARK = "CONNREG_E2E_PRIVATE_HOST"
SEED = "CONNREG_TEST_SEED"

PROGRAMS = {}

# Nothing that this process was started with may lead a test elsewhere.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith("CONNREG_")}
# Tests run side by side, and the port of metrics is one.
ENVIRONMENT["CONNREG_METRICS_LISTEN"] = "none"
# The network namespaces of other tests are none of a test's.
ENVIRONMENT["CONNREG_NETNS"] = "own"
# Tests wait for agents, however much a look costs with sanitizers.
ENVIRONMENT["CONNREG_MAX_CPU"] = "100"
# And are not to wait long for agents that come back.
ENVIRONMENT["CONNREG_MAX_BACKOFF"] = "500ms"
ENVIRONMENT["CONNREG_RECONNECT_WINDOW"] = "500ms"
ENVIRONMENT["PATH"] += os.pathsep + "/usr/sbin" + os.pathsep + "/sbin"


class Result:
    """What a program that has ended said."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = err

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.out}\nstderr: {self.err}"

    def json(self):
        return json.loads(self.out)

    def ndjson(self):
        return [json.loads(line) for line in self.out.splitlines()]


def environment(**changes):
    """ENVIRONMENT with `changes`."""
    return {**ENVIRONMENT, **changes}


def run(program, *arguments, env=ENVIRONMENT, **options):
    """Runs one of PROGRAMS, or any other program, to its end."""
    done = subprocess.run(
        [PROGRAMS.get(program, program), *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
        errors="backslashreplace", env=env, timeout=PATIENCE_SECONDS,
        check=False, **options)
    return Result(done.returncode, done.stdout, done.stderr)


def wait_until(condition, what):
    """Returns what `condition` returns, as soon as that is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {PATIENCE_SECONDS} s")
        time.sleep(0.01)


def log_fields(line):
    """The fields of a line of a log, or None if it is none."""
    return json_fields(line) if line.startswith("{") else logfmt_fields(line)


def json_fields(line):
    """The fields of a line that is a JSON object, with each key once."""
    try:
        fields = json.loads(line, object_pairs_hook=list)
    except ValueError:
        return None
    return dict(fields) if len(dict(fields)) == len(fields) else None


def logfmt_fields(line):
    field = r'[a-z_]+=(?:[^\s"=\\]+|"(?:[^"\\]|\\.)*")'
    if not re.fullmatch(rf"{field}(?: {field})*", line):
        return None
    return dict(part.split("=", 1) for part in shlex.split(line))


class Service:
    """A program that runs until it is told to stop, and its log."""

    def __init__(self, program, directory, *arguments, env=ENVIRONMENT,
                 **options):
        """`directory` is for its log, and has no other's in it."""
        self._log = pathlib.Path(directory, f"{program}.log")
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [PROGRAMS[program], *arguments], env=env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        self.pid = self._process.pid

    def lines(self):
        """Its log up to now."""
        return self._log.read_text().splitlines()

    def log(self):
        """The same, each line as its fields."""
        return [log_fields(line) or {"malformed": line}
                for line in self.lines()]

    def messages(self):
        return [line.get("msg") for line in self.log()]

    def has_ended(self):
        return self._process.poll() is not None

    def stop(self, by=signal.SIGTERM):
        """Stops it if it runs still, and returns its exit code."""
        if not self.has_ended():
            self._process.send_signal(by)
        try:
            return self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise


class Connregd(Service):
    """A running connregd."""

    def __init__(self, directory, *arguments, env=ENVIRONMENT):
        super().__init__("connregd", directory, *arguments, env=env)

    def addresses(self, count):
        """Where it serves, once it serves at `count` addresses."""

        def served():
            if self.has_ended():
                raise AssertionError(f"connregd ended: {self.log()}")
            addresses = [line["address"] for line in self.log()
                         if line.get("msg") == "serving"]
            return addresses if len(addresses) == count else None

        return wait_until(served, "connregd serves")


class TestCase(unittest.TestCase):
    """A test with a folder of its own, and connregd on request."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="connreg-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = None

    def start_connregd(self, *arguments, env=ENVIRONMENT):
        """A connregd that is to end well when the test does.

        It does not wait for hosts to come back, unless `arguments` say so.
        """
        folder = tempfile.mkdtemp(dir=self.folder)
        if "--sync-time" not in arguments:
            arguments = ("--sync-time", "0s", *arguments)
        connregd = Connregd(folder, *arguments, env=env)

        def stop():
            self.assertEqual(connregd.stop(), 0, connregd.log())

        self.addCleanup(stop)
        return connregd

    def serve(self, *arguments):
        """Starts connregd on a Unix socket, and makes it the one asked."""
        path = f"unix:{tempfile.mkdtemp(dir=self.folder)}/connregd.sock"
        connregd = self.start_connregd("--listen", path, *arguments)
        connregd.addresses(1)
        self.server = path
        return connregd

    def _env(self):
        return environment(CONNREG_SERVER=self.server) if self.server \
            else ENVIRONMENT

    def connreg(self, *arguments):
        return run("connreg", *arguments, env=self._env())

    def agent(self, *arguments, **options):
        return run("connreg-agent", "--once", *arguments, env=self._env(),
                   **options)

    def start_agent(self, *arguments, **options):
        """An agent that reports on and on, and ends when the test does."""
        folder = tempfile.mkdtemp(dir=self.folder)
        agent = Service("connreg-agent", folder, *arguments, env=self._env(),
                        **options)
        self.addCleanup(agent.stop)
        return agent

    def list(self, rows, *arguments):
        """What `connreg list ROWS` lists, as JSON."""
        result = self.connreg("list", rows, *arguments, "--output", "ndjson")
        self.assertIn(result.code, (0, 1), result)
        self.assertEqual(result.err, "")
        listed = result.ndjson()
        self.assertEqual(result.code, 0 if listed else 1, result)
        return listed

    def assert_is_one_error_line(self, result, code, *parts):
        """It ended with `code`, and one line on stderr that holds `parts`."""
        self.assertEqual((result.code, result.out), (code, ""), result)
        self.assertRegex(result.err, r"\A[^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, result.err)

    def assert_is_done(self, result):
        self.assertEqual((result.code, result.err), (0, ""), result)
        return result


def endpoint_text(proto):
    """An endpoint of an answer as connreg takes it: 10.0.0.1:80, [::1]:80."""
    address = proto["address"]
    return (f"[{address}]" if ":" in address else address) + f":{proto['port']}"


def text_of(address, port):
    """The same of an address as Python's sockets have it."""
    ip = ipaddress.ip_address(address)
    if ip.version == 6 and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return f"[{ip}]:{port}" if ip.version == 6 else f"{ip}:{port}"


def local_of(sock):
    return text_of(*sock.getsockname()[:2])


def remote_of(sock):
    return text_of(*sock.getpeername()[:2])


def pids_of(row):
    """The processes that hold the socket of an observation or a listener."""
    return {process["pid"]
            for process in row["socket"]["owners"].get("processes", [])}


def seed():
    """What a test on random values starts from, and shows when it fails."""
    return int(os.environ.get(SEED) or random.SystemRandom().getrandbits(32))


def in_private_netns():
    return PRIVATE_NETNS_MARK in os.environ


def in_private_host():
    return PRIVATE_HOST_MARK in os.environ


def _enter_private_netns():
    """Starts over in a network namespace of its own, where lo is up."""
    _start_over(["--net"], "ip link set lo up", PRIVATE_NETNS_MARK)


def _enter_private_host():
    """The same as a host of its own: `ip netns` keeps its names in /run."""
    _start_over(["--net", "--pid", "--fork", "--kill-child", "--mount-proc"],
                "ip link set lo up && mount -t tmpfs tmpfs /run",
                PRIVATE_NETNS_MARK, PRIVATE_HOST_MARK)


def _start_over(namespaces, preparation, *marks):
    """Starts this program over in namespaces that unshare(1) makes."""
    kept = {SEED: os.environ[SEED]} if SEED in os.environ else {}
    for options in (namespaces, [*namespaces, "--map-root-user"]):
        unshare = ["unshare", *options]
        if run(*unshare, "true").code == 0:
            os.execvpe("unshare",
                       [*unshare, "sh", "-c", preparation + ' && exec "$@"',
                        "sh", sys.executable, *sys.orig_argv[1:]],
                       environment(**dict.fromkeys(marks, "1"), **kept))
    sys.exit(f"this process may not unshare {' '.join(namespaces)}: that takes "
             "CAP_SYS_ADMIN or user namespaces")


def main(prepare=lambda: None):
    """Runs the tests; `prepare` first, where this machine's network is."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--private-netns", action="store_true")
    parser.add_argument("--private-host", action="store_true")
    arguments, rest = parser.parse_known_args()
    for program in ("connregd", "connreg", "connreg-agent"):
        PROGRAMS[program] = str(arguments.bin.absolute() / program)
    if not in_private_netns():
        prepare()
    if arguments.private_netns and not in_private_netns():
        _enter_private_netns()
    if arguments.private_host and not in_private_host():
        _enter_private_host()
    unittest.main(argv=[sys.argv[0], *rest])
