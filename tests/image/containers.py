"""Runs containers of the images for a test, and ends them with it."""

import pathlib
import time
import unittest

import engine
import images
import network
import runtime

PATIENCE_SECONDS = 30

# What docker/README.md tells operators to run everything with.
RESTRICTIONS = ("--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL",
                "--security-opt=no-new-privileges")

# What an agent needs beyond them, to see other users' processes.
SEEING = ("--cap-add=SYS_PTRACE", "--cap-add=DAC_READ_SEARCH")

# And to enter the network namespaces of other containers.
ENTERING = ("--cap-add=SYS_ADMIN",)


def sharing_processes(of):
    """The options of a container that shares a process namespace.

    `of` is the namespace's path, or "host": that of the tests.
    """
    return (f"--annotation={runtime.ANNOTATION}={of}",)


_engine = None


def set_up(with_engine):
    """Before the first test."""
    global _engine
    _engine = with_engine
    network.set_up()
    # Those of an earlier run that was killed.
    for container in _engine.podman("ps", "--all", "--quiet").split():
        _engine.podman("rm", "--force", "--depend", "--ignore", "--time=0",
                       container)


def wait_until(condition, what):
    """Returns what `condition` returns, as soon as that is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {PATIENCE_SECONDS} s")
        time.sleep(0.05)


class Container:
    """One that runs in the background."""

    def __init__(self, name, address):
        self.name = name
        # On the tests' network; None if it shares another's.
        self.address = address
        self.pid = _engine.inspect("container", name)["State"]["Pid"]

    def processes(self):
        """Its process namespace, as a path."""
        return f"/proc/{self.pid}/ns/pid"

    def inspect(self):
        return _engine.inspect("container", self.name)

    def log(self):
        result = _engine.try_podman("logs", self.name)
        return result.out + result.err

    def status(self):
        """Its first process's, as in proc(5): {"VmRSS": "20480 kB", ...}."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return dict(line.split(":\t", 1) for line in text.splitlines())

    def catches(self, number):
        """Whether it has a handler for a signal."""
        return int(self.status()["SigCgt"], 16) >> (number - 1) & 1

    def resident_kilobytes(self):
        return int(self.status()["VmRSS"].split()[0])

    def do(self, *command):
        """Runs `command` in it."""
        return _engine.try_podman("exec", self.name, *command)

    def check_health(self):
        """Whether its health check succeeds."""
        return _engine.try_podman("healthcheck", "run", self.name).code == 0

    def stop(self):
        _engine.podman("stop", "--time=20", self.name)
        return self.inspect()["State"]["ExitCode"]


class TestCase(unittest.TestCase):
    """A test whose containers end with it."""

    def engine(self):
        return _engine

    def namespace(self):
        namespace = network.Namespace()
        self.addCleanup(namespace.remove)
        return namespace

    def start(self, target, *arguments, options=(), name=None, namespace=None):
        """Starts a container in a network namespace of its own.

        With "--network" among `options` it is in that one instead.
        """
        name = name or f"{target}-{time.monotonic_ns()}"
        if not any(option.startswith("--network") for option in options):
            namespace = namespace or self.namespace()
            options = (f"--network=ns:{namespace.path}", *options)
        self.addCleanup(_engine.podman, "rm", "--force", "--time=0",
                        "--ignore", name)
        _engine.podman("run", "--detach", f"--name={name}", *options,
                       images.name_of(target), *arguments)
        return Container(name, namespace.address if namespace else None)

    def serve(self, *arguments, options=(), **others):
        """A connregd as operators run it, once it serves."""
        server = self.start("server", *arguments, **others,
                            options=(*RESTRICTIONS, *options))
        wait_until(lambda: '"serving"' in server.log()
                   or "msg=serving" in server.log(), "connregd serves")
        return server

    def try_image(self, target, *arguments, options=()):
        """What the image's program says to `arguments`, to its end."""
        if not any(option.startswith("--network") for option in options):
            namespace = network.Namespace()
            try:
                return self.try_image(
                    target, *arguments,
                    options=(f"--network=ns:{namespace.path}", *options))
            finally:
                namespace.remove()
        # podman has systemd run health checks, and complains where it is not.
        return _engine.try_podman("run", "--rm", "--no-healthcheck",
                                  *RESTRICTIONS, *options,
                                  images.name_of(target), *arguments)

    def ask(self, server, *arguments):
        """What `connreg` of the image cli answers about `server`."""
        return self.try_image("cli", f"--server={server.address}:7878",
                              *arguments)

    def rows(self, server, *arguments):
        """What `connreg list ...` lists, or [] as long as it does not."""
        result = self.ask(server, "list", *arguments, "--output=ndjson")
        return result.ndjson() if result.code in (0, 4) else []

    def assert_is_one_error_line(self, result, code, *parts):
        """It ended with `code`, and one line on stderr that holds `parts`."""
        self.assertEqual((result.code, result.out), (code, ""), result)
        self.assertRegex(result.err, r"\A[^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, result.err)
