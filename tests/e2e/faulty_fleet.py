"""A service and the agents of two hosts, to which a test does harm."""

import os
import signal
import tempfile
import time

import harness
from churn import Churn
from harness import environment
from hosts import Host, link
from ss_rows import (device_of, endpoint_of, endpoint_of_ss, lines_of_ss,
                     listened_at, owners_of, owners_of_ss, state_of,
                     transport_of)

# By when after the end of a fault the registry has what the kernels have.
CONVERGENCE_SECONDS = 5

PORT = 7878
# The service has one for each host.
SERVICE = {"h1": "10.8.1.254", "h2": "10.8.2.254"}
TO_SERVICE = {"h1": "10.8.1.1", "h2": "10.8.2.1"}
TO_OTHER = {"h1": "10.9.0.1", "h2": "10.9.0.2"}

AGENT_FLAGS = ("--interval", "1s", "--ack-timeout", "2s", "--max-backoff", "1s",
               "--digest-interval", "1s", "--netns", "own")


def rows_of_ss(host):
    """{row: processes} of all sockets of a host but those in TIME-WAIT."""
    rows = {}
    with host.entered():
        lines = lines_of_ss("--tcp", "--udp", "--all")
    for transport, state, _, _, local, remote, *processes in lines:
        local, remote = endpoint_of_ss(local), endpoint_of_ss(remote)
        owners = owners_of_ss("".join(processes))
        if state in ("LISTEN", "UNCONN"):
            rows[transport, local] = owners
        elif state != "TIME-WAIT":
            rows[transport, local.text, remote.text, state] = owners
    return rows


def rows_listed(connections, listeners):
    """The same of each host by its name, of what connreg lists."""
    rows = {name: {} for name in SERVICE}
    for row in connections:
        for side in row["observations"]:
            rows[side["provenance"]["reporter"]["host"]][
                transport_of(side), endpoint_of(side["local"]).text,
                endpoint_of(side["remote"]).text,
                state_of(side)] = owners_of(side)
    for row in listeners:
        rows[row["provenance"]["reporter"]["host"]][
            transport_of(row), (listened_at(row), device_of(row))] = (
                owners_of(row))
    return rows


def differences(listed, of_ss):
    """What is not alike, in words.

    A connection that its process has left keeps its owner in the registry.
    """
    return ([f"only connreg: {row}" for row in listed.keys() - of_ss.keys()]
            + [f"only ss: {row}" for row in of_ss.keys() - listed.keys()]
            + [f"owners of {row}: {listed[row]}, not {of_ss[row]}"
               for row in listed.keys() & of_ss.keys()
               if of_ss[row] and of_ss[row] != listed[row]])


class Fleet:
    """connregd in a network namespace, and two hosts with an agent each.

    The hosts are cabled to it and to each other, and sockets open and close on
    them all the while.
    """

    def __init__(self, test, seed, agent_flags=AGENT_FLAGS):
        self._test = test
        self._agent_flags = agent_flags
        self.registry = Host(test, "registry")
        self.hosts = {name: Host(test, name) for name in SERVICE}
        for name, host in self.hosts.items():
            link(self.registry, host, f"to-{name}",
                 (f"{SERVICE[name]}/24", f"{TO_SERVICE[name]}/24"))
        link(*self.hosts.values(), "data",
             [f"{address}/24" for address in TO_OTHER.values()])
        self.address = f"unix:{tempfile.mkdtemp(dir=test.folder)}/s.sock"
        self.service = None
        self.services = []
        self.agents = {}
        test.addCleanup(self._end)
        self.start_service()
        for name in self.hosts:
            self.start_agent(name)
        harness.wait_until(lambda: not self.differences(), "they are in step")
        self.churn = Churn({self.hosts[name]: address
                            for name, address in TO_OTHER.items()}, seed)
        test.addCleanup(self.churn.end)

    def _folder(self):
        return tempfile.mkdtemp(dir=self._test.folder)

    def start_service(self):
        listen = [flag for address in (
            self.address, *(f"{ip}:{PORT}" for ip in SERVICE.values()))
                  for flag in ("--listen", address)]
        with self.registry.entered():
            self.service = harness.Connregd(self._folder(), *listen,
                                            "--sync-time", "0s")
        self.services.append(self.service)

    def start_agent(self, name):
        with self.hosts[name].entered():
            self.agents[name] = harness.Service(
                "connreg-agent", self._folder(), "--host", name, "--server",
                f"{SERVICE[name]}:{PORT}", *self._agent_flags)

    def start_what_ended(self):
        if self.service.has_ended():
            self.start_service()
        for name, agent in self.agents.items():
            if agent.has_ended():
                self.start_agent(name)

    def _end(self):
        """Stops everything, and sees that all went well."""
        for program in (*self.agents.values(), self.service):
            if not program.has_ended():
                os.kill(program.pid, signal.SIGCONT)
        for program in (*self.agents.values(), self.service):
            if not program.has_ended():
                self._test.assertEqual(program.stop(), 0, program.lines())
        for service in self.services:
            self._test.assertEqual(
                [line for line in service.log()
                 if line.get("level") == "error" or "malformed" in line], [])

    def connreg(self, *arguments):
        return harness.run("connreg", *arguments, "--output", "json",
                           env=environment(CONNREG_SERVER=self.address))

    def listed(self, rows):
        """The rows of a listing, and its coverage; none without an answer."""
        result = self.connreg("list", rows)
        if result.code == 3:
            return [], {}
        self._test.assertIn(result.code, (0, 1, 4), result)
        answer = result.json()
        return answer.get(rows, []), answer["coverage"]

    def sessions(self):
        """The epoch of each host's session."""
        hosts, _ = self.listed("hosts")
        return {host["name"]: int(host["session"]["epoch"]) for host in hosts}

    def divergences(self):
        status = self.connreg("status").json()
        return int(status.get("divergenceCount", 0))

    def differences(self):
        """In what the registry and the kernels differ now."""
        of_ss = {name: rows_of_ss(host) for name, host in self.hosts.items()}
        listeners, _ = self.listed("listeners")
        connections, coverage = self.listed("connections")
        if coverage.get("liveHostCount") != len(self.hosts) or (
                coverage.get("syncing")):
            return [f"coverage: {coverage}"]
        listed = rows_listed(connections, listeners)
        return [f"{name}: {difference}" for name in self.hosts
                for difference in differences(listed[name], of_ss[name])]

    def assert_converges(self, fault):
        """From now on it does, in time, while nothing opens or closes.

        Returns how many seconds that took.
        """
        start = time.monotonic()
        with self.churn.standing_still():
            while True:
                took = time.monotonic() - start
                found = self.differences()
                if not found:
                    break
                self._test.assertLess(
                    took, CONVERGENCE_SECONDS,
                    f"{fault}: not in step:\n" + "\n".join(found))
            self._test.assertEqual(self.divergences(), 0, fault)
        return took
