"""Opens sockets of every kind, and closes them when the test ends."""

import errno
import os
import socket
import subprocess

import harness

LINK = "crtest0"


class Sockets:
    """Opens sockets for `test`, all held by this process."""

    def __init__(self, test):
        self._test = test

    def open(self, family=socket.AF_INET, kind=socket.SOCK_STREAM):
        return self._test.enterContext(socket.socket(family, kind))

    def bound(self, address, kind=socket.SOCK_STREAM, *, port=0, options=()):
        """A socket bound to `address`, which may carry a zone."""
        host, port, *scope = socket.getaddrinfo(
            address, port, type=kind, flags=socket.AI_NUMERICHOST)[0][4]
        sock = self.open(socket.AF_INET6 if scope else socket.AF_INET, kind)
        if scope:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        for level, name, value in options:
            sock.setsockopt(level, name, value)
        sock.bind((host, port, *scope))
        return sock

    def listener(self, address="127.0.0.1", *, backlog=64, **how):
        """Listens; "::" takes IPv4 too unless `options` say otherwise."""
        listener = self.bound(address, **how)
        listener.listen(backlog)
        return listener

    def client(self, listener, address=None):
        """Connected to `listener`, at `address` if that is a wildcard."""
        host, port, *scope = listener.getsockname()
        if address:
            host, scope = address, [0, 0] if ":" in address else []
        client = self.open(socket.AF_INET6 if scope else socket.AF_INET)
        client.connect((host, port, *scope))
        return client

    def pair(self, address="127.0.0.1"):
        """A listener, a client of it, and the socket that it accepted."""
        listener = self.listener(address)
        client = self.client(listener)
        return listener, client, self.accepted(listener)

    def accepted(self, listener):
        return self._test.enterContext(listener.accept()[0])

    def udp_pair(self, address="127.0.0.1"):
        """Two UDP sockets that are connected to each other."""
        one, two = (self.bound(address, socket.SOCK_DGRAM) for _ in range(2))
        one.connect(two.getsockname())
        two.connect(one.getsockname())
        return one, two

    def connected_to_itself(self):
        sock = self.bound("127.0.0.1")
        sock.connect(sock.getsockname())
        return sock

    def waiting_for_an_answer(self):
        """A client in SYN-SENT: the queue of its listener is full."""
        listener = self.listener(backlog=0)
        self.client(listener)
        client = self.open()
        client.setblocking(False)
        if client.connect_ex(listener.getsockname()) != errno.EINPROGRESS:
            raise AssertionError("connect() did not wait")
        return listener, client

    def share(self, sock, command=("cat",), **options):
        """Another process that holds `sock`; its pid.

        `command` is to end when its standard input does.
        """
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            pass_fds=[sock.fileno()], env=harness.ENVIRONMENT, **options)

        def end():
            process.stdin.close()
            process.wait(harness.PATIENCE_SECONDS)

        self._test.addCleanup(end)
        return process.pid

    def receiver(self):
        """Another process that waits for a socket; its pid, and how to give it.

        What is given is passed over a Unix socket (SCM_RIGHTS).
        """
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                ours.close()
                socket.recv_fds(theirs, 1, 1)
                theirs.send(b".")
                theirs.recv(1)
            finally:
                os._exit(0)
        theirs.close()

        def give(sock):
            socket.send_fds(ours, [b"."], [sock.fileno()])
            if ours.recv(1) != b".":
                raise AssertionError("the socket was not received")

        def end():
            ours.close()
            os.waitpid(pid, 0)

        self._test.addCleanup(end)
        return pid, give

    def prefork(self):
        """Forks two workers that hold what this process holds; their pids."""
        reading, writing = os.pipe()
        pids = []
        for _ in range(2):
            pid = os.fork()
            if pid == 0:
                os.close(writing)
                os.read(reading, 1)
                os._exit(0)
            pids.append(pid)
        os.close(reading)

        def end():
            os.close(writing)
            for pid in pids:
                os.waitpid(pid, 0)

        self._test.addCleanup(end)
        return pids

    def link_local_address(self):
        """Of a new interface. Skips the test where there can be none."""
        if not harness.in_private_netns():
            self._test.skipTest("no interface is made but with --private-netns")

        def ip(*arguments):
            result = harness.run("ip", *arguments)
            if result.code != 0:
                self._test.skipTest(f"ip {' '.join(arguments)}: {result.err}")

        ip("link", "add", LINK, "type", "veth", "peer", "name", LINK + "p")
        self._test.addCleanup(harness.run, "ip", "link", "delete", LINK)
        ip("address", "add", "fe80::1/64", "dev", LINK, "nodad")
        ip("link", "set", LINK, "up")
        ip("link", "set", LINK + "p", "up")
        return f"fe80::1%{LINK}"


def option(level, name, value):
    return [(level, name, value)]


V6_ONLY = option(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
REUSE_PORT = option(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
REUSE_ADDRESS = option(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
ON_LO = option(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")


def has_ipv6():
    """Whether there is an IPv6 loopback address."""
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False
