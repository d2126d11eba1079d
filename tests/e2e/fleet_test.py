"""That several hosts are one picture: network namespaces play the hosts."""

import harness
from harness import endpoint_text, local_of
from hosts import Host, link


class TwoHosts(harness.TestCase):

    def setUp(self):
        super().setUp()
        if not harness.in_private_netns():
            self.skipTest("no link is made but with --private-netns")
        self.serve()
        self.web = Host(self, "web")
        self.db = Host(self, "db")
        self.addresses = {self.web: "10.0.0.1", self.db: "10.0.0.2"}
        link(self.web, self.db, "link0",
             [f"{address}/24" for address in self.addresses.values()])

    def connect(self, port=0):
        """From web to db; the client's endpoint, and the server's."""
        listener = self.db.listener("0.0.0.0", port)
        client = self.web.socket()
        client.connect((self.addresses[self.db], listener.getsockname()[1]))
        self.enterContext(listener.accept()[0])
        return local_of(client), harness.remote_of(client)

    def lookup(self, *endpoints):
        return self.assert_is_done(
            self.connreg("lookup", *endpoints, "--output", "ndjson")).ndjson()

    def hosts_of(self, connection):
        return [side["provenance"]["reporter"]["host"]
                for side in connection["observations"]]

    def test_tell_one_connection_from_both_ends(self):
        client, server = self.connect()
        self.web.report()
        connection, = self.lookup(client, server)
        self.assertEqual(self.hosts_of(connection), ["web"])
        self.assertEqual(connection["derived"]["oneSidedReason"],
                         "ONE_SIDED_REASON_UNMANAGED")

        self.db.report()
        for question in ([client, server], [server, client]):
            connection, = self.lookup(*question)
            self.assertEqual(self.hosts_of(connection), ["web", "db"])
            derived = connection["derived"]
            self.assertEqual(endpoint_text(derived["client"]), client)
            self.assertEqual(endpoint_text(derived["server"]), server)
            self.assertNotIn("oneSidedReason", derived)

    def test_are_joined_whoever_reports_first(self):
        client, server = self.connect()
        self.db.report()
        self.web.report()
        connection, = self.lookup(client, server)
        self.assertEqual(self.hosts_of(connection), ["web", "db"])

    def test_take_packets_each_at_its_own_address(self):
        port = self.web.listener("0.0.0.0").getsockname()[1]
        self.db.listener("0.0.0.0", port)
        self.web.report()
        self.db.report()
        for host, address in self.addresses.items():
            found, = self.lookup(f"{address}:{port}")
            self.assertEqual(found["provenance"]["reporter"]["host"],
                             host.name)
        self.assertEqual(len(self.lookup(f"127.0.0.1:{port}")), 2)

    def test_have_each_their_own_loopback_addresses(self):
        ports = [0, 0]
        for host in (self.web, self.db):
            listener = host.listener("127.0.0.1", ports[0])
            client = host.socket()
            client.bind(("127.0.0.1", ports[1]))
            client.connect(listener.getsockname())
            self.enterContext(listener.accept()[0])
            ports = [sock.getsockname()[1] for sock in (listener, client)]
            host.report()
        found = self.lookup(local_of(listener), local_of(client))
        self.assertEqual(sorted(self.hosts_of(row) for row in found),
                         [["db", "db"], ["web", "web"]])

    def test_may_be_two_namespaces_of_one(self):
        client, server = self.connect()
        self.web.report("both")
        self.db.report("both")
        connection, = self.lookup(client, server)
        self.assertEqual(self.hosts_of(connection), ["both", "both"])
        self.assertEqual(
            len({side["socket"]["netns"]
                 for side in connection["observations"]}), 2)


if __name__ == "__main__":
    harness.main()
