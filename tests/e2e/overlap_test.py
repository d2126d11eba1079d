"""That one address plan used several times does not run together: in network
namespaces of one host, and on hosts that each have a bridge of their own."""

import harness
from harness import endpoint_text, local_of, remote_of
from hosts import Machine, link
from port_sharing import SO_NETNS_COOKIE, cookie_of

# What Docker gives a host, its first two containers, and their clients' port.
BRIDGE, FIRST, SECOND = "172.17.0.1", "172.17.0.2", "172.17.0.3"
PORT, CLIENT_PORT = 8080, 50000


def place(machine, namespace):
    """What a side of a connection is to say of where it is."""
    with machine[namespace].new_socket() as sock:
        return machine.name, str(cookie_of(sock, SO_NETNS_COOKIE))


def with_bridge(test, name):
    """A machine as Docker makes it: containers on a bridge of the host."""
    machine = Machine(test, name, "host", "first", "second")
    host = machine["host"]
    host.ip("link add docker0 type bridge")
    host.ip(f"address add {BRIDGE}/16 dev docker0")
    host.ip("link set docker0 up")
    for container, address in (("first", FIRST), ("second", SECOND)):
        host.ip(f"link add {container} type veth peer name eth0 "
                f"netns {machine[container].pid}")
        host.ip(f"link set {container} master docker0 up")
        machine[container].ip(f"address add {address}/16 dev eth0")
        machine[container].ip("link set eth0 up")
        machine[container].ip(f"route add default via {BRIDGE}")
    return machine


class Overlap(harness.TestCase):

    def setUp(self):
        super().setUp()
        if not harness.in_private_netns():
            self.skipTest("no link is made but with --private-netns")
        self.serve()

    def connect(self, client, server, address, port=PORT, source=""):
        """From one namespace to another; the endpoints of both ends."""
        listener = server.listener("0.0.0.0", port)
        sock = client.socket()
        sock.bind((source, CLIENT_PORT))
        sock.settimeout(harness.PATIENCE_SECONDS)
        sock.connect((address, port))
        self.enterContext(listener.accept()[0])
        return local_of(sock), remote_of(sock)

    def lookup(self, *endpoints):
        return self.assert_is_done(
            self.connreg("lookup", *endpoints, "--output", "ndjson")).ndjson()

    def places(self, rows):
        """Where the sides of each connection are, client first."""
        return sorted([(side["provenance"]["reporter"]["host"],
                        side["socket"]["netns"])
                       for side in row["observations"]] for row in rows)

    def assert_finds(self, ends, expected):
        """Asked in either order, or for all, these and nothing else."""
        for rows in (self.lookup(*ends), self.lookup(*reversed(ends)),
                     self.list("connections")):
            self.assertEqual(self.places(rows), sorted(expected))
        for row in rows:
            self.assertEqual((endpoint_text(row["derived"]["client"]),
                              endpoint_text(row["derived"]["server"])), ends)
            self.assertNotIn("oneSidedReason", row["derived"])
            self.assertNotIn("conflicts", row["derived"])

    def test_of_one_four_tuple_within_two_namespaces_is_two_connections(self):
        machine = Machine(self, "big", "one", "two")
        ends = set()
        for namespace in ("one", "two"):
            for address in ("10.5.0.1", "10.5.0.2"):
                machine[namespace].ip(f"address add {address}/32 dev lo")
            ends.add(self.connect(machine[namespace], machine[namespace],
                                  "10.5.0.2", source="10.5.0.1"))
        machine.report()
        ends, = ends
        self.assert_finds(ends, [[place(machine, namespace)] * 2
                                 for namespace in ("one", "two")])

    def test_of_one_plan_on_two_cables_of_a_host_is_never_guessed(self):
        machine = Machine(self, "big", "a", "b", "c", "d")
        ends = set()
        for client, server in ("ab", "cd"):
            link(machine[client], machine[server], "link0",
                 (f"{FIRST}/16", f"{SECOND}/16"))
            ends.add(self.connect(machine[client], machine[server], SECOND))
        machine.report()
        ends, = ends
        rows = self.lookup(*ends)
        self.assertEqual(self.places(rows),
                         sorted([place(machine, namespace)]
                                for namespace in "abcd"))
        self.assertEqual({row["derived"]["oneSidedReason"] for row in rows},
                         {"ONE_SIDED_REASON_AMBIGUOUS"})

    def test_of_containers_on_two_hosts_is_joined_within_each(self):
        machines = [with_bridge(self, name) for name in ("h1", "h2")]
        ends = {self.connect(machine["first"], machine["second"], SECOND)
                for machine in machines}
        for machine in machines:
            machine.report()
        ends, = ends
        self.assert_finds(
            ends, [[place(machine, "first"), place(machine, "second")]
                   for machine in machines])

    def test_of_bridges_on_two_hosts_is_joined_within_each(self):
        machines = [with_bridge(self, name) for name in ("h1", "h2")]
        ends = {self.connect(machine["host"], machine["second"], SECOND)
                for machine in machines}
        for machine in machines:
            machine.report()
        ends, = ends
        self.assertEqual(ends[0], f"{BRIDGE}:{CLIENT_PORT}")
        self.assert_finds(
            ends, [[place(machine, "host"), place(machine, "second")]
                   for machine in machines])

    def test_leaves_what_connects_the_hosts_themselves_joined(self):
        machines = [with_bridge(self, name) for name in ("h1", "h2")]
        one, two = (machine["host"] for machine in machines)
        link(one, two, "eth0", ("10.0.0.1/24", "10.0.0.2/24"))
        for machine in machines:
            self.connect(machine["first"], machine["second"], SECOND)
        ends = self.connect(one, two, "10.0.0.2")
        for machine in machines:
            machine.report()
        self.assertEqual(self.places(self.lookup(*ends)),
                         [[place(machine, "host") for machine in machines]])

    def test_of_listeners_is_told_apart_by_host_and_namespace(self):
        machines = [with_bridge(self, name) for name in ("h1", "h2")]
        for machine in machines:
            machine["second"].listener("0.0.0.0", PORT)
            machine.report()
        rows = self.lookup(f"{SECOND}:{PORT}")
        self.assertEqual(
            sorted((row["provenance"]["reporter"]["host"],
                    row["socket"]["netns"]) for row in rows),
            sorted(place(machine, "second") for machine in machines))
        self.assertTrue(all(row["derived"]["multiHost"] for row in rows))
        for machine in machines:
            row, = self.lookup(f"{SECOND}:{PORT}", "--host", machine.name)
            self.assertEqual((machine.name, row["socket"]["netns"]),
                             place(machine, "second"))
        # The bridge's own address is the host's, where nobody listens.
        nobody = self.connreg("lookup", f"{BRIDGE}:{PORT}")
        self.assertEqual(nobody.code, 1, nobody)


if __name__ == "__main__":
    harness.main()
