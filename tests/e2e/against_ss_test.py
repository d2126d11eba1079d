"""That connreg lists what ss(8) lists, sockets and processes alike."""

import collections
import socket

import harness
import real_sockets
from real_sockets import Sockets
from ss_rows import (device_of, endpoint_of, listened_at, owners_of, ss,
                     state_of, transport_of)

# Others may open and close sockets meanwhile; then all are asked again.
ATTEMPTS = 20


def connections_of_ss():
    """Of each connection, what ss shows at each of its ends."""
    folded = collections.defaultdict(set)
    for state, local, remote, owners in ss("--tcp", "state", "connected",
                                           "exclude", "time-wait"):
        # ss tells the zone of the local end only.
        ends = frozenset((local.text, remote.text))
        folded[ends].add((state, *local, owners))
    return {(ends, frozenset(sides)) for ends, sides in folded.items()}


def listeners_of_ss():
    """Each listener, and how many are like it."""
    listeners = collections.Counter()
    for transport in ("tcp", "udp"):
        for _, local, _, owners in ss("--" + transport, "--listening"):
            listeners[transport, *local, owners] += 1
    return set(listeners.items())


def connection_of(row):
    sides = row["observations"]
    ends = frozenset(endpoint_of(sides[0][end]).text
                     for end in ("local", "remote"))
    return ends, frozenset(
        (state_of(side), *endpoint_of(side["local"]), owners_of(side))
        for side in sides)


def listener_of(row):
    return transport_of(row), listened_at(row), device_of(row), owners_of(row)


class AgainstSs(harness.TestCase):

    def setUp(self):
        super().setUp()
        sockets = Sockets(self)
        self.open_connections(sockets)
        self.open_listeners(sockets)

    def open_connections(self, sockets):
        families = ["127.0.0.1"]
        if real_sockets.has_ipv6():
            families.append("::1")
        for address in families:
            for _ in range(5):
                sockets.pair(address)
            listener = sockets.listener(address)
            for _ in range(3):
                sockets.client(listener)
            sockets.udp_pair(address)
        for _ in range(2):
            _, client, server = sockets.pair()
            sockets.share(client)
            server.shutdown(socket.SHUT_WR)
        _, client, _ = sockets.pair()
        sockets.share(client)
        sockets.connected_to_itself()
        sockets.waiting_for_an_answer()

    def open_listeners(self, sockets):
        sockets.listener("0.0.0.0")
        sockets.listener("0.0.0.0", options=real_sockets.ON_LO)
        shared = sockets.listener(options=real_sockets.REUSE_PORT)
        sockets.listener(port=shared.getsockname()[1],
                         options=real_sockets.REUSE_PORT)
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            sockets.bound("127.0.0.1", kind)
            sockets.bound("0.0.0.0", kind)
        sockets.share(sockets.listener())
        if real_sockets.has_ipv6():
            dual_stack = sockets.listener("::")
            sockets.client(dual_stack, "127.0.0.1")
            sockets.client(dual_stack, "::1")
            sockets.listener("::", options=real_sockets.V6_ONLY)
            sockets.bound("::", socket.SOCK_DGRAM)

    def connections(self):
        rows = self.list("connections", "--transport", "tcp")
        connections = [connection_of(row) for row in rows]
        self.assertEqual(len(connections), len(set(connections)))
        return set(connections)

    def listeners(self):
        return set(collections.Counter(
            map(listener_of, self.list("listeners"))).items())

    def assert_lists_what_ss_lists(self, of_connreg, of_ss):
        for _ in range(ATTEMPTS):
            # A new one, since a report takes nothing away.
            self.serve()
            before = of_ss()
            self.assert_is_done(self.agent())
            after = of_ss()
            listed = of_connreg()
            if before & after <= listed <= before | after:
                break
        self.assertGreater(len(before & after), 10)
        self.assertEqual((before & after) - listed, set())
        self.assertEqual(listed - (before | after), set())

    def test_connections_and_their_processes(self):
        self.assert_lists_what_ss_lists(self.connections, connections_of_ss)

    def test_listeners_and_their_processes(self):
        self.assert_lists_what_ss_lists(self.listeners, listeners_of_ss)


class AgainstSsOnALink(AgainstSs):
    """With connections between link-local addresses as well."""

    def open_connections(self, sockets):
        super().open_connections(sockets)
        address = sockets.link_local_address()
        sockets.pair(address)
        sockets.bound(address, socket.SOCK_DGRAM)


if __name__ == "__main__":
    harness.main()
