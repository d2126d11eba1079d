"""Network namespaces that play the hosts of a fleet."""

import pathlib
import socket
import subprocess

import harness
import netns


def last_child(pid):
    """The process that `pid` started, or the one that this did, and so on."""
    while True:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
        if not children:
            return pid
        pid, = map(int, children.split())


class Host:
    """A network namespace, whose interfaces are lo and what link() adds."""

    def __init__(self, test, name, make=("unshare", "--net")):
        """`make` is the command that starts a program in it."""
        self.name = name
        self._test = test
        # The namespace lives as long as this process, and that until its
        # standard input ends.
        self._holder = subprocess.Popen(
            [*make, "sh", "-c", "echo; exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=harness.ENVIRONMENT)
        test.addCleanup(self._end)
        self._holder.stdout.readline()
        self.pid = last_child(self._holder.pid)
        self.ip("link set lo up")

    def _end(self):
        self._holder.stdin.close()
        self._holder.wait(harness.PATIENCE_SECONDS)
        self._holder.stdout.close()

    def entered(self):
        """What is opened and started within is this host's."""
        return netns.entered(f"/proc/{self.pid}/ns/net")

    def run(self, program, *arguments):
        with self.entered():
            return self._test.assert_is_done(harness.run(program, *arguments))

    def ip(self, command):
        self.run("ip", *command.split())

    def report(self, host=None):
        """What is there now, as that of `host`, or else of this one."""
        self.run("connreg-agent", "--once", "--host", host or self.name,
                 "--server", self._test.server)

    def start_agent(self, *arguments):
        """An agent that reports on and on."""
        with self.entered():
            return self._test.start_agent("--host", self.name,
                                          "--interval", "100ms", *arguments)

    def new_socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM):
        """A socket of this host, wherever it is used."""
        with self.entered():
            return socket.socket(family, kind)

    def socket(self):
        """The same, closed when the test ends."""
        return self._test.enterContext(self.new_socket())

    def listener(self, address, port=0):
        listener = self.socket()
        listener.bind((address, port))
        listener.listen()
        return listener


class Machine:
    """A host of several network namespaces, the first of them its own.

    It has processes of its own, so that an agent there finds no namespaces but
    these.
    """

    def __init__(self, test, name, first, *others):
        self.name = name
        self._test = test
        self._first = Host(test, f"{name}-{first}", (
            "unshare", "--net", "--pid", "--mount-proc", "--fork",
            "--kill-child"))
        self._enter = ("nsenter", f"--target={self._first.pid}", "--pid",
                       "--mount")
        self._namespaces = {first: self._first} | {
            other: Host(test, f"{name}-{other}",
                        (*self._enter, "unshare", "--net"))
            for other in others}

    def __getitem__(self, namespace):
        return self._namespaces[namespace]

    def report(self):
        """What one agent finds now, in all the namespaces."""
        self._first.run(*self._enter, harness.PROGRAMS["connreg-agent"],
                        "--once", "--netns", "all", "--host", self.name,
                        "--server", self._test.server)


def link(one, other, device, *pairs):
    """Lays a cable: `device` on both hosts, with the addresses in `pairs`.

    Each pair is an address of `one` and one of `other`, with the length of the
    prefix that is reached by this cable.
    """
    one.ip(f"link add {device} type veth peer name {device} "
           f"netns {other.pid}")
    for host, addresses in zip((one, other), zip(*pairs)):
        for address in addresses:
            nodad = " nodad" if ":" in address else ""
            host.ip(f"address add {address} dev {device}{nodad}")
        host.ip(f"link set {device} up")
