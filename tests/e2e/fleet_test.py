"""That several hosts are one picture: network namespaces play the hosts."""

import socket
import subprocess

import harness
import netns
from harness import endpoint_text, local_of


class Host:
    """A network namespace on a link with the other, at `address`/24."""

    def __init__(self, test, name, address):
        self.name = name
        self.address = address
        self._test = test
        # The namespace lives as long as this process, and that until its
        # standard input ends.
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo; exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=harness.ENVIRONMENT)
        test.addCleanup(self._end)
        self._holder.stdout.readline()

    def _end(self):
        self._holder.stdin.close()
        self._holder.wait(harness.PATIENCE_SECONDS)
        self._holder.stdout.close()

    @property
    def pid(self):
        return self._holder.pid

    def run(self, *command):
        result = harness.run(
            "nsenter", f"--net=/proc/{self.pid}/ns/net",
            *(harness.PROGRAMS.get(word, word) for word in command))
        return self._test.assert_is_done(result)

    def report(self, host=None):
        self.run("connreg-agent", "--once", "--host", host or self.name,
                 "--server", self._test.server)

    def socket(self):
        """A TCP socket of this host, wherever it is used."""
        with netns.entered(f"/proc/{self.pid}/ns/net"):
            return self._test.enterContext(socket.socket())

    def listener(self, address, port=0):
        listener = self.socket()
        listener.bind((address, port))
        listener.listen()
        return listener


class TwoHosts(harness.TestCase):

    def setUp(self):
        super().setUp()
        if not harness.in_private_netns():
            self.skipTest("no link is made but with --private-netns")
        self.serve()
        self.web = Host(self, "web", "10.0.0.1")
        self.db = Host(self, "db", "10.0.0.2")
        self.web.run("ip", "link", "add", "link0", "type", "veth", "peer",
                     "name", "link0", "netns", self.db.pid)
        for host in (self.web, self.db):
            for command in (f"address add {host.address}/24 dev link0",
                            "link set link0 up", "link set lo up"):
                host.run("ip", *command.split())

    def connect(self, port=0):
        """From web to db; the client's endpoint, and the server's."""
        listener = self.db.listener("0.0.0.0", port)
        client = self.web.socket()
        client.connect((self.db.address, listener.getsockname()[1]))
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
        for host in (self.web, self.db):
            found, = self.lookup(f"{host.address}:{port}")
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
