"""That two hosts with an agent each are told of rightly: real servers on one,
their clients on the other, each connection once with both its processes."""

import pathlib
import re

import harness
import real_programs
from harness import endpoint_text, pids_of, text_of
from hosts import Host, link
from port_sharing import family_of
from real_programs import Nginx, Redis

ADDRESSES = {"h1": ("10.0.0.1", "2001:db8::1"),
             "h2": ("10.0.0.2", "2001:db8::2")}
CLIENTS_PER_ADDRESS = 2


class TwoHosts:
    """What is asked of any server. Its class has PROGRAMS and SERVER_HOST."""

    def setUp(self):
        super().setUp()
        if not harness.in_private_netns():
            self.skipTest("no link is made but with --private-netns")
        self.serve()
        hosts = {name: Host(self, name) for name in ADDRESSES}
        link(*hosts.values(), "link0",
             *([f"{address}/{64 if ':' in address else 24}"
                for address in pair] for pair in zip(*ADDRESSES.values())))
        self.of_server = hosts.pop(self.SERVER_HOST)
        self.of_clients, = hosts.values()
        for host in (self.of_server, self.of_clients):
            host.start_agent()
        self.programs = self.PROGRAMS(self)
        self.program = self.programs.start_server(self.of_server)
        for address in ADDRESSES[self.SERVER_HOST]:
            harness.wait_until(lambda: self.is_open(address),
                               f"{address} takes connections")
        self.clients = [
            self.programs.start_client(self.of_clients, address)
            for address in ADDRESSES[self.SERVER_HOST]
            for _ in range(CLIENTS_PER_ADDRESS)]

    def is_open(self, address):
        with self.of_clients.new_socket(family_of(address)) as probe:
            probe.settimeout(harness.PATIENCE_SECONDS)
            return probe.connect_ex((address, self.programs.PORT)) == 0

    def connections_of_ss(self):
        """Of each connection, the ends as ss has them at the client's host."""
        with self.of_clients.entered():
            lines = self.assert_is_done(harness.run(
                "ss", "-Htnp", "state", "established")).out.splitlines()
        return {(local, remote, int(re.search(r"pid=(\d+)", users)[1]))
                for _, _, local, remote, users
                in (line.split() for line in lines)}

    def connection_of(self, row):
        """The same of a row of `connreg list`, which is to have both ends."""
        derived = row["derived"]
        self.assertNotIn("oneSidedReason", derived)
        self.assertNotIn("conflicts", derived)
        client, server = row["observations"]
        self.assertEqual(
            [(side["provenance"]["reporter"]["host"], side["state"],
              names_of(side)) for side in (client, server)],
            [(self.of_clients.name, "CONNECTION_STATE_ESTABLISHED",
              {self.programs.CLIENT}),
             (self.of_server.name, "CONNECTION_STATE_ESTABLISHED",
              {self.programs.SERVER})])
        self.assertTrue(pids_of(server) <= with_children(self.program.pid))
        ends = [endpoint_text(derived[end]) for end in ("client", "server")]
        self.assertEqual(ends, [endpoint_text(client[end])
                                for end in ("local", "remote")])
        self.assertEqual(ends, [endpoint_text(server[end])
                                for end in ("remote", "local")])
        pid, = pids_of(client)
        return (*ends, pid)

    def wait_for_both_ends(self):
        """The connections, once all that there are now are known."""

        def known():
            rows = self.list("connections")
            return rows if len(rows) == len(self.clients) and all(
                len(row["observations"]) == 2 and
                row["derived"].get("client") and
                all(map(pids_of, row["observations"])) for row in rows
            ) else None

        return harness.wait_until(known, "both ends are reported")

    def test_list_each_connection_once_with_both_its_processes(self):
        rows = self.wait_for_both_ends()
        listed = [self.connection_of(row) for row in rows]
        self.assertEqual(len(listed), len(set(listed)))
        self.assertEqual(set(listed), self.connections_of_ss())
        self.assertEqual({pid for _, _, pid in listed},
                         {client.pid for client in self.clients})

    def test_list_the_server_as_one_listener_of_each_family(self):
        self.wait_for_both_ends()
        rows = self.list("listeners")
        self.assertEqual({endpoint_text(row["local"]) for row in rows},
                         {text_of(address, self.programs.PORT)
                          for address in ("0.0.0.0", "::")})
        self.assertEqual(len(rows), 2)
        for row in rows:
            self.assertIn(self.program.pid, pids_of(row))
            self.assertEqual(names_of(row), {self.programs.SERVER})
        for address in ADDRESSES[self.SERVER_HOST]:
            row, = self.list("listeners", "--endpoint",
                             text_of(address, self.programs.PORT))
            self.assertEqual(row["provenance"]["reporter"]["host"],
                             self.SERVER_HOST)

    def lookup(self, *endpoints):
        return self.assert_is_done(
            self.connreg("lookup", *endpoints, "--output", "json")).json()

    def test_answer_a_lookup_in_either_order_alike(self):
        for row in self.wait_for_both_ends():
            client, server, _ = self.connection_of(row)
            for ends, order in (([client, server], "TUPLE_ORDER_AS_ASKED"),
                                ([server, client], "TUPLE_ORDER_REVERSED")):
                found = self.lookup(*ends)["connections"]
                self.assertEqual(found["order"], order)
                connection, = found["connections"]
                self.assertEqual(self.connection_of(connection),
                                 self.connection_of(row))

    def test_tell_of_a_connection_that_has_closed(self):
        rows = {pid: (client, server) for client, server, pid
                in map(self.connection_of, self.wait_for_both_ends())}
        gone = self.clients.pop()
        gone.hang_up()
        # The others stay.
        left = set(map(self.connection_of, self.wait_for_both_ends()))
        self.assertEqual({pid for _, _, pid in left}, rows.keys() - {gone.pid})

        closed, = self.lookup(*rows[gone.pid])["listeners"]["closed"]
        self.assertEqual(
            [endpoint_text(closed["derived"][end])
             for end in ("client", "server")], [*rows[gone.pid]])
        for side, host, name in zip(
                closed["observations"], (self.of_clients, self.of_server),
                (self.programs.CLIENT, self.programs.SERVER)):
            self.assertEqual(side["provenance"]["reporter"]["host"], host.name)
            self.assertEqual(side["closure"]["reason"],
                             "CLOSE_REASON_DEREGISTERED")
            self.assertEqual(names_of(side), {name})


def with_children(pid):
    """The process and those that it started."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {pid, *map(int, children.split())}


def names_of(row):
    return {process["displayName"]
            for process in row["socket"]["owners"].get("processes", [])}


class RedisOnTheFirst(TwoHosts, harness.TestCase):
    PROGRAMS = Redis
    SERVER_HOST = "h1"


class RedisOnTheSecond(TwoHosts, harness.TestCase):
    PROGRAMS = Redis
    SERVER_HOST = "h2"


class NginxOnTheFirst(TwoHosts, harness.TestCase):
    PROGRAMS = Nginx
    SERVER_HOST = "h1"


class NginxOnTheSecond(TwoHosts, harness.TestCase):
    PROGRAMS = Nginx
    SERVER_HOST = "h2"


if __name__ == "__main__":
    harness.main(prepare=real_programs.unpack)
