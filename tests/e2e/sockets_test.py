"""That sockets which a test opens are what connreg answers, while they live."""

import base64
import os
import pathlib
import pwd
import re
import socket
import unittest

import harness
import real_sockets
from harness import local_of, remote_of, pids_of, endpoint_text
from real_sockets import Sockets

needs_ipv6 = unittest.skipUnless(real_sockets.has_ipv6(), "no IPv6 here")

ME = {os.getpid()}


class SocketTest(harness.TestCase):

    def setUp(self):
        super().setUp()
        self.sockets = Sockets(self)
        self.serve()

    def report(self, *arguments):
        return self.assert_is_done(self.agent(*arguments))

    def connections(self, endpoint):
        return self.list("connections", "--endpoint", endpoint)

    def connection(self, sock):
        """The one connection that `sock` is an end of, once reported."""
        connection, = (
            found for found in self.connections(local_of(sock))
            if any((endpoint_text(side["local"]), endpoint_text(side["remote"]))
                   == (local_of(sock), remote_of(sock))
                   for side in found["observations"]))
        return connection

    def side(self, connection, sock):
        """What is reported of `sock` itself."""
        side, = (side for side in connection["observations"]
                 if endpoint_text(side["local"]) == local_of(sock))
        return side

    def listeners(self, sock):
        """The listeners at the very endpoint of `sock`."""
        return [row for row in self.list("listeners")
                if endpoint_text(row["local"]) == local_of(sock)]

    def assert_roles(self, connection, client, server, evidence):
        derived = connection["derived"]
        self.assertEqual(
            (endpoint_text(derived["client"]), endpoint_text(derived["server"]),
             derived["roleEvidence"]), (client, server, evidence))

    def assert_no_roles(self, connection):
        self.assertLessEqual({"client", "server", "roleEvidence"}
                             & connection["derived"].keys(), set())


class TcpConnections(SocketTest):

    def assert_is_reported_whole(self, listener, client, server):
        self.report()
        connection = self.connection(client)
        self.assertEqual(connection, self.connection(server))
        self.assertEqual(len(connection["observations"]), 2)
        self.assert_roles(connection, local_of(client), local_of(server),
                          "ROLE_EVIDENCE_LISTENER")
        self.assertNotIn("oneSidedReason", connection["derived"])
        self.assertNotIn("conflicts", connection["derived"])

        of_client = self.side(connection, client)
        of_server = self.side(connection, server)
        self.assertEqual(connection["observations"], [of_client, of_server])
        for side in (of_client, of_server):
            self.assertEqual(side["state"], "CONNECTION_STATE_ESTABLISHED")
            self.assertEqual(pids_of(side), ME)
            self.assertEqual(side["socket"]["uid"], os.getuid())
        self.assertEqual(of_client["socket"]["inode"],
                         str(os.fstat(client.fileno()).st_ino))

        found, = self.listeners(listener)
        self.assertEqual(of_server["role"], "ROLE_SERVER")
        self.assertEqual(of_server["listenerCookie"],
                         found["socket"]["cookie"])
        self.assertNotIn("role", of_client)
        return of_client["socket"]["family"], of_server["socket"]["family"]

    def test_of_ipv4_are_one_with_both_ends(self):
        self.assertEqual(
            self.assert_is_reported_whole(*self.sockets.pair("127.0.0.1")),
            ("SOCKET_FAMILY_IPV4", "SOCKET_FAMILY_IPV4"))

    @needs_ipv6
    def test_of_ipv6_are_one_with_both_ends(self):
        self.assertEqual(
            self.assert_is_reported_whole(*self.sockets.pair("::1")),
            ("SOCKET_FAMILY_IPV6", "SOCKET_FAMILY_IPV6"))

    @needs_ipv6
    def test_from_ipv4_to_a_dual_stack_listener_are_ipv4_at_both_ends(self):
        listener = self.sockets.listener("::")
        client = self.sockets.client(listener, "127.0.0.1")
        server = self.sockets.accepted(listener)
        self.assertEqual(
            self.assert_is_reported_whole(listener, client, server),
            ("SOCKET_FAMILY_IPV4", "SOCKET_FAMILY_IPV6"))
        self.assertTrue(local_of(server).startswith("127.0.0.1:"))

    @needs_ipv6
    def test_over_link_local_addresses_carry_their_zone(self):
        address = self.sockets.link_local_address()
        _, client, server = self.sockets.pair(address)
        self.report()
        zoned = [f"[{address}]:{sock.getsockname()[1]}"
                 for sock in (client, server)]
        connection, = self.connections(zoned[0])
        self.assertEqual(len(connection["observations"]), 2)
        self.assert_roles(connection, *zoned, "ROLE_EVIDENCE_LISTENER")

    def test_of_one_client_endpoint_to_two_servers_are_two(self):
        clients = []
        for _ in range(2):
            port = clients[0].getsockname()[1] if clients else 0
            client = self.sockets.bound(
                "127.0.0.1", port=port, options=real_sockets.REUSE_ADDRESS)
            client.connect(self.sockets.listener().getsockname())
            clients.append(client)
        self.report()
        self.assertEqual(
            {endpoint_text(found["derived"]["server"])
             for found in self.connections(local_of(clients[0]))},
            {remote_of(client) for client in clients})

    def test_that_lead_to_themselves_are_one_with_one_end(self):
        sock = self.sockets.connected_to_itself()
        self.report()
        connection, = self.connections(local_of(sock))
        side, = connection["observations"]
        self.assertEqual(side["role"], "ROLE_BOTH")
        self.assertEqual(pids_of(side), ME)
        self.assert_roles(connection, local_of(sock), local_of(sock),
                          "ROLE_EVIDENCE_SELF")
        self.assertNotIn("oneSidedReason", connection["derived"])

    def test_not_accepted_yet_have_no_owner_but_a_listener(self):
        listener = self.sockets.listener()
        client = self.sockets.client(listener)
        self.report()
        connection = self.connection(client)
        of_server, = (side for side in connection["observations"]
                      if endpoint_text(side["local"]) == local_of(listener))
        self.assertEqual(of_server["state"], "CONNECTION_STATE_ESTABLISHED")
        self.assertEqual(of_server["socket"]["owners"],
                         {"unknownReason": "OWNER_UNKNOWN_REASON_NOT_ACCEPTED"})
        found, = self.listeners(listener)
        self.assertEqual(of_server["listenerCookie"],
                         found["socket"]["cookie"])
        self.assertEqual(pids_of(self.side(connection, client)), ME)

    def test_that_nobody_answers_are_clients_in_syn_sent(self):
        listener, client = self.sockets.waiting_for_an_answer()
        self.report()
        connection, = (found for found in self.connections(local_of(client)))
        side, = connection["observations"]
        self.assertEqual(side["state"], "CONNECTION_STATE_SYN_SENT")
        self.assertEqual(side["role"], "ROLE_CLIENT")
        self.assert_roles(connection, local_of(client), local_of(listener),
                          "ROLE_EVIDENCE_INITIATED")

    def test_closed_in_one_direction_say_so(self):
        _, client, server = self.sockets.pair()
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(server.recv(1), b"")
        self.report()
        connection = self.connection(server)
        self.assertEqual(
            [self.side(connection, sock)["state"] for sock in (client, server)],
            ["CONNECTION_STATE_FIN_WAIT_2", "CONNECTION_STATE_CLOSE_WAIT"])
        self.assertEqual(connection["derived"]["conflicts"],
                         ["CONNECTION_CONFLICT_HALF_CLOSED"])

    def test_closed_by_their_process_are_the_kernels(self):
        _, client, server = self.sockets.pair()
        local = local_of(client)
        client.close()
        self.assertEqual(server.recv(1), b"")
        self.report()
        connection = self.connection(server)
        of_client, = (side for side in connection["observations"]
                      if endpoint_text(side["local"]) == local)
        self.assertEqual(of_client["state"], "CONNECTION_STATE_FIN_WAIT_2")
        self.assertEqual(
            of_client["socket"]["owners"],
            {"unknownReason": "OWNER_UNKNOWN_REASON_KERNEL_ORPHAN"})

    def test_in_time_wait_are_none(self):
        _, client, server = self.sockets.pair()
        local = local_of(client)
        client.close()
        self.assertEqual(server.recv(1), b"")
        server.close()
        harness.wait_until(
            lambda: local in harness.run("ss", "-Htan", "state",
                                         "time-wait").out,
            "the client's end is in TIME-WAIT")
        self.report()
        self.assertEqual(self.connections(local), [])


class UdpConnections(SocketTest):

    def test_of_two_connected_sockets_are_one_without_roles(self):
        one, two = self.sockets.udp_pair()
        self.report()
        connection = self.connection(one)
        self.assertEqual(connection, self.connection(two))
        self.assertEqual(connection["transport"], "TRANSPORT_UDP")
        self.assertEqual(len(connection["observations"]), 2)
        for sock in (one, two):
            side = self.side(connection, sock)
            self.assertEqual(side["state"], "CONNECTION_STATE_ESTABLISHED")
            self.assertEqual(pids_of(side), ME)
        self.assert_no_roles(connection)

    def test_to_a_bound_socket_lack_the_other_end(self):
        server = self.sockets.bound("127.0.0.1", socket.SOCK_DGRAM)
        client = self.sockets.open(kind=socket.SOCK_DGRAM)
        client.connect(server.getsockname())
        self.report()
        connection, = self.connections(local_of(server))
        self.assertEqual(connection, self.connection(client))
        self.assertEqual(connection["derived"]["oneSidedReason"],
                         "ONE_SIDED_REASON_NOT_REPORTED")
        self.assert_no_roles(connection)

    def test_exist_beside_tcp_ones_of_the_same_four_tuple(self):
        _, client, server = self.sockets.pair()
        udp = [self.sockets.bound("127.0.0.1", socket.SOCK_DGRAM,
                                  port=sock.getsockname()[1])
               for sock in (client, server)]
        udp[0].connect(udp[1].getsockname())
        udp[1].connect(udp[0].getsockname())
        self.report()
        found = self.connreg("lookup", local_of(client), local_of(server),
                             "--output", "ndjson")
        self.assertEqual({row["transport"] for row in found.ndjson()},
                         {"TRANSPORT_TCP", "TRANSPORT_UDP"})


class Listeners(SocketTest):

    def who_takes(self, endpoint):
        """The sockets that a lookup of `endpoint` names, by their inodes."""
        return {row["socket"]["inode"]
                for row in self.list("listeners", "--endpoint", endpoint)}

    def inodes(self, *socks):
        return {str(os.fstat(sock.fileno()).st_ino) for sock in socks}

    def test_are_held_by_every_worker_of_a_prefork_server(self):
        listener = self.sockets.listener()
        workers = self.sockets.prefork()
        self.report()
        found, = self.listeners(listener)
        self.assertEqual(pids_of(found), {os.getpid(), *workers})

    def test_are_held_by_a_process_that_was_passed_the_socket(self):
        listener = self.sockets.listener()
        other = self.sockets.share(listener)
        listener.close()
        self.report()
        found, = self.list("listeners", "--transport", "tcp")
        self.assertEqual(pids_of(found), {other})

    def test_name_their_processes_so_that_no_terminal_is_harmed(self):
        comm = pathlib.Path("/proc/self/comm")
        name = b"\xff\x1b[2J\n)x"
        self.addCleanup(comm.write_bytes, comm.read_bytes().rstrip())
        comm.write_bytes(name)
        listener = self.sockets.listener()
        self.report()
        found, = self.listeners(listener)
        process, = found["socket"]["owners"]["processes"]
        self.assertEqual(base64.b64decode(process["name"]), name)
        self.assertEqual(process["displayName"], r"\377\033[2J\n)x")
        table = self.assert_is_done(self.connreg("list", "listeners"))
        self.assertIn(process["displayName"], table.out)
        self.assertTrue(table.out.isascii() and "\x1b" not in table.out)

    def test_that_share_a_port_are_one_each(self):
        first = self.sockets.listener(options=real_sockets.REUSE_PORT)
        second = self.sockets.listener(port=first.getsockname()[1],
                                       options=real_sockets.REUSE_PORT)
        client = self.sockets.client(first)
        self.report()
        self.assertEqual(self.who_takes(local_of(first)),
                         self.inodes(first, second))
        # Which of them the connection came from is not known.
        of_server, = (side for side in self.connection(client)["observations"]
                      if endpoint_text(side["local"]) == local_of(first))
        self.assertEqual(of_server["role"], "ROLE_SERVER")
        self.assertNotIn("listenerCookie", of_server)

    def test_on_a_wildcard_take_every_local_address(self):
        listener = self.sockets.listener("0.0.0.0")
        port = listener.getsockname()[1]
        self.report()
        for address in ("127.0.0.1", "127.9.9.9"):
            self.assertEqual(self.who_takes(f"{address}:{port}"),
                             self.inodes(listener))
        self.assertEqual(self.who_takes(f"192.0.2.1:{port}"), set())

    def test_on_an_address_come_before_the_wildcard(self):
        wildcard = self.sockets.listener("0.0.0.0",
                                         options=real_sockets.REUSE_PORT)
        port = wildcard.getsockname()[1]
        exact = self.sockets.listener("127.0.0.2", port=port,
                                      options=real_sockets.REUSE_PORT)
        self.report()
        self.assertEqual(self.who_takes(f"127.0.0.2:{port}"),
                         self.inodes(exact))
        self.assertEqual(self.who_takes(f"127.0.0.1:{port}"),
                         self.inodes(wildcard))

    @needs_ipv6
    def test_of_ipv6_take_ipv4_unless_they_are_for_ipv6_only(self):
        both = self.sockets.listener("::")
        only = self.sockets.listener("::", options=real_sockets.V6_ONLY)
        self.report()
        for listener, taken in ((both, {"127.0.0.1", "[::1]"}),
                                (only, {"[::1]"})):
            port = listener.getsockname()[1]
            for address in ("127.0.0.1", "[::1]"):
                self.assertEqual(
                    self.who_takes(f"{address}:{port}"),
                    self.inodes(listener) if address in taken else set())
        self.assertNotIn("v6Only", self.listeners(both)[0])
        self.assertTrue(self.listeners(only)[0]["v6Only"])

    def test_bound_to_an_interface_name_it(self):
        listener = self.sockets.listener("0.0.0.0",
                                         options=real_sockets.ON_LO)
        self.report()
        found, = self.listeners(listener)
        self.assertEqual(found["device"], "lo")

    def test_of_udp_are_bound_and_do_not_listen(self):
        sock = self.sockets.bound("127.0.0.1", socket.SOCK_DGRAM)
        self.sockets.open(kind=socket.SOCK_DGRAM).sendto(
            b"a datagram connects nothing", sock.getsockname())
        self.report()
        found, = self.listeners(sock)
        self.assertEqual(found["socket"]["transport"], "TRANSPORT_UDP")
        self.assertEqual(found["state"], "LISTENER_STATE_BOUND")
        self.assertEqual(self.connections(local_of(sock)), [])

    def test_are_not_what_is_bound_and_does_not_listen(self):
        sock = self.sockets.bound("127.0.0.1")
        self.report()
        self.assertEqual(self.listeners(sock), [])


class Processes(SocketTest):

    SECRET = "hunter2"

    def process_of(self, sock):
        found, = self.listeners(sock)
        process, = found["socket"]["owners"]["processes"]
        return process

    def test_say_whose_they_are_and_what_they_run(self):
        listener = self.sockets.listener()
        self.report()
        process = self.process_of(listener)
        user = pwd.getpwuid(os.geteuid()).pw_name
        executable = os.readlink("/proc/self/exe")
        self.assertEqual(process["uid"], os.geteuid())
        self.assertEqual(base64.b64decode(process["user"]).decode(), user)
        self.assertEqual(base64.b64decode(process["executable"]).decode(),
                         executable)
        self.assertIn(base64.b64decode(process["cgroup"]).decode(),
                      pathlib.Path("/proc/self/cgroup").read_text())
        shown = self.connreg("list", "listeners", "--output", "wide").out
        self.assertRegex(shown, rf" {user} +{re.escape(executable)} ")

    def share_with_a_secret(self):
        """A listener of a process whose arguments hold a secret."""
        listener = self.sockets.listener()
        self.sockets.share(
            listener, ["sh", "-c", "read line", f"--password={self.SECRET}"])
        local = local_of(listener)
        listener.close()
        return local

    def process_at(self, local):
        found, = (row for row in self.list("listeners")
                  if endpoint_text(row["local"]) == local)
        process, = found["socket"]["owners"]["processes"]
        return process

    def test_keep_their_arguments_to_themselves(self):
        local = self.share_with_a_secret()
        self.report()
        self.assertNotIn("arguments", self.process_at(local))
        for form in ("json", "csv", "wide"):
            shown = self.assert_is_done(
                self.connreg("list", "listeners", "--output", form)).out
            self.assertNotIn(self.SECRET, shown)

    def test_tell_their_arguments_where_the_agent_is_told_to(self):
        local = self.share_with_a_secret()
        self.report("--report-arguments")
        arguments = [base64.b64decode(argument).decode()
                     for argument in self.process_at(local)["arguments"]]
        self.assertEqual(arguments, ["sh", "-c", "read line",
                                     f"--password={self.SECRET}"])
        shown = self.connreg("list", "listeners", "--output", "csv").out
        self.assertIn(rf"sh -c read\040line --password={self.SECRET}", shown)


class Leases(SocketTest):

    def test_end_and_take_what_was_reported_with_them(self):
        self.serve("--grace", "0s")
        _, client, _ = self.sockets.pair()
        self.report("--ttl", "1s")
        # Not silent any more either, as the host is before it expires.
        for rows in ("connections", "listeners"):
            harness.wait_until(
                lambda rows=rows: self.connreg("list", rows).code == 1,
                f"no {rows} are listed")
        answer = self.connreg("lookup", local_of(client), remote_of(client))
        self.assertEqual(answer.code, 1)
        self.assertIn("no connection since", answer.out)


if __name__ == "__main__":
    harness.main()
