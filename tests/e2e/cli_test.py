"""That connreg answers what people type, and tells them what is wrong."""

import concurrent.futures
import csv
import io
import re
import resource
import shlex
import socket

import harness

LISTENER = "192.168.1.1:80"
CLIENT = "192.168.1.10:40001"
OTHER_CLIENT = "192.168.1.11:40002"
UNKNOWN_CLIENT = "192.168.1.99:50000"
# Of CLIENT and LISTENER in TCP.
COMMUNITY_ID = "1:hJrMOnYX5dHYUOGWWYYAI1Kjwvw="


class CliTest(harness.TestCase):

    def setUp(self):
        super().setUp()
        self.serve()

    def do(self, *arguments):
        return self.assert_is_done(self.connreg(*arguments))

    def revision(self):
        return self.do("status", "--output", "json").json()["coverage"].get(
            "revision", "0")


class AFewConnections(CliTest):
    """One listener, and two clients of it."""

    def setUp(self):
        super().setUp()
        self.do("register", "listener", LISTENER)
        self.do("register", "connection", CLIENT, LISTENER)
        self.do("register", "connection", OTHER_CLIENT, LISTENER,
                "--pid", "4242", "--process", "curl")

    def lookup(self, *arguments):
        return self.do("lookup", *arguments, "--output", "json").json()

    def clients_of(self, answer):
        return [harness.endpoint_text(row["derived"]["client"])
                for row in answer["connections"]["connections"]]

    def test_are_found_by_their_four_tuple_in_either_order(self):
        asked = self.lookup(CLIENT, LISTENER)
        reversed_ = self.lookup(LISTENER, CLIENT)
        self.assertEqual(self.clients_of(asked), [CLIENT])
        self.assertEqual(asked["connections"]["connections"],
                         reversed_["connections"]["connections"])
        self.assertEqual(asked["connections"]["order"],
                         "TUPLE_ORDER_AS_ASKED")
        self.assertEqual(reversed_["connections"]["order"],
                         "TUPLE_ORDER_REVERSED")

    def test_are_found_by_an_endpoint_of_theirs(self):
        self.assertEqual(sorted(self.clients_of(self.lookup(LISTENER))),
                         [CLIENT, OTHER_CLIENT])
        self.assertEqual(self.clients_of(self.lookup(OTHER_CLIENT)),
                         [OTHER_CLIENT])

    def test_are_found_by_an_ipv4_mapped_address(self):
        self.assertEqual(
            self.clients_of(self.lookup("[::ffff:192.168.1.10]:40001")),
            [CLIENT])

    def test_are_found_by_their_community_id(self):
        connection, = self.lookup(CLIENT, LISTENER)["connections"]["connections"]
        name = connection["derived"]["communityId"]
        self.assertEqual(name, COMMUNITY_ID)
        found = self.lookup(name)["connections"]
        self.assertEqual(found["connections"], [connection])
        self.assertNotIn("order", found)
        row, = self.csv("lookup", name)
        self.assertEqual(row["community_id"], name)
        self.assertIn(name, self.do("lookup", name, "--output", "wide").out)

    def test_are_absent_by_a_community_id_that_none_has(self):
        answer = self.connreg("lookup", "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
        self.assertEqual((answer.code, answer.err), (1, ""))
        self.assertRegex(answer.out,
                         r"\Aabsent: 1:LQU9.*: no connection since .* has this "
                         r"Community ID\n\Z")

    def test_are_shown_in_full_one_at_a_time(self):
        shown = self.do("lookup", OTHER_CLIENT, LISTENER).out
        self.assertRegex(shown, r"\Atcp connection, ESTAB\nclient +"
                         rf"{OTHER_CLIENT} on ")
        for fact in ("curl,4242", "client: declared by its reporter",
                     f"server        {LISTENER}\n  missing     not "):
            self.assertIn(fact, shown)
        # The same facts, for programs.
        connection, = self.lookup(OTHER_CLIENT,
                                  LISTENER)["connections"]["connections"]
        side, = connection["observations"]
        self.assertIn(f" on {side['provenance']['reporter']['host']}\n", shown)
        self.assertIn(connection["derived"]["communityId"], shown)
        self.assertEqual(side["roleEvidence"], "ROLE_EVIDENCE_DECLARED")
        self.assertRegex(connection["derived"]["oneSidedReason"],
                         "ONE_SIDED_REASON_(NOT_REPORTED|AMBIGUOUS|UNMANAGED)")

    def test_of_an_endpoint_are_a_table(self):
        self.assertTrue(self.do("lookup", LISTENER).out.startswith("PROTO"))

    def test_leave_another_client_to_the_listener(self):
        for question in ([UNKNOWN_CLIENT, LISTENER],
                         [LISTENER, UNKNOWN_CLIENT]):
            answer = self.lookup(*question)["listeners"]
            self.assertEqual(harness.endpoint_text(answer["endpoint"]),
                             LISTENER)
            self.assertEqual(len(answer["listeners"]), 1)
        shown = self.do("lookup", UNKNOWN_CLIENT, LISTENER).out
        self.assertIn("no connection", shown)
        self.assertIn(LISTENER, shown)

    def test_leave_another_endpoint_absent_with_the_reason(self):
        for question in (["192.168.1.2:81"],
                         ["192.168.1.2:81", UNKNOWN_CLIENT]):
            answer = self.connreg("lookup", *question)
            self.assertEqual((answer.code, answer.err), (1, ""))
            self.assertIn("192.168.1.2:81", answer.out)
            self.assertIn("no connection since", answer.out)
            answer = self.connreg("lookup", *question, "--output", "json")
            self.assertEqual(answer.code, 1)
            self.assertEqual(answer.json()["absent"]["reason"],
                             "ABSENT_REASON_NOT_SEEN_SINCE")

    def test_are_absent_of_a_host_that_nobody_reports_for(self):
        answer = self.connreg("lookup", CLIENT, "--host", "no-such-host")
        self.assertEqual(answer.code, 1)
        self.assertIn("no-such-host", answer.out)

    def test_are_a_table_of_columns_on_a_pipe(self):
        for rows, columns, count in (
                ("connections", ["PROTO", "STATE", "CLIENT", "SERVER", "HOST",
                                 "PROCESS"], 2),
                ("listeners", ["PROTO", "STATE", "ENDPOINT", "HOST",
                               "PROCESS"], 1)):
            shown = self.do("list", rows).out
            self.assertNotIn("\x1b", shown)
            self.assertTrue(shown.isascii())
            header, *lines = shown.splitlines()
            self.assertEqual(header.split(), columns)
            self.assertEqual(len(lines), count)
            for line in lines:
                # Every column starts below its name.
                for column in columns:
                    at = header.index(column)
                    self.assertRegex(line[at - 2:at + 1] if at else line[:1],
                                     r"\A(  )?\S\Z")
        self.assertIn(f"{CLIENT}  >  {LISTENER}", re.sub(
            " {2,}", "  ", self.do("list", "connections").out))
        self.assertIn("curl,4242", self.do("list", "connections").out)

    def test_are_one_json_document_or_one_a_line(self):
        for rows, count in (("connections", 2), ("listeners", 1)):
            whole = self.do("list", rows, "--output", "json").json()
            self.assertEqual(len(whole[rows]), count)
            self.assertIn("runId", whole["coverage"])
            lines = self.do("list", rows, "--output", "ndjson")
            self.assertEqual(lines.ndjson(), whole[rows])

    def test_are_rows_of_csv_under_one_header(self):
        for rows, count in (("connections", 2), ("listeners", 1),
                            ("hosts", 1)):
            listed = self.csv("list", rows, "--page-size", "1")
            self.assertEqual(len(listed), count)
        clients = {(row["client_address"], row["client_port"])
                   for row in self.csv("lookup", LISTENER)}
        self.assertEqual(clients, {tuple(CLIENT.split(":")),
                                   tuple(OTHER_CLIENT.split(":"))})
        endpoint, = self.csv("list", "endpoints", "192.168.1.1")
        self.assertEqual(endpoint["established"], "2")
        status = self.csv("status")
        self.assertIn({"name": "observation_count", "value": "2"}, status)

    def csv(self, *arguments):
        """The rows that a command prints as CSV, as the library reads them."""
        result = self.do(*arguments, "--output", "csv")
        return list(csv.DictReader(io.StringIO(result.out, newline="")))

    def test_tell_all_that_is_known_when_it_is_wide(self):
        shown = self.do("list", "connections", "--output", "wide").out
        header = shown.splitlines()[0]
        for name in ("NETWORK", "NETNS", "UID", "COOKIE", "FIRST SEEN"):
            self.assertIn(name, header)
        self.assertRegex(shown, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z")

    def test_leave_when_they_are_deregistered(self):
        self.do("deregister", "connection", CLIENT, LISTENER)
        self.assertIn("listeners", self.lookup(CLIENT, LISTENER))
        self.assertEqual(self.clients_of(self.lookup(LISTENER)),
                         [OTHER_CLIENT])
        again = self.connreg("deregister", "connection", CLIENT, LISTENER)
        self.assert_is_one_error_line(again, 1, "nothing to deregister")

        self.do("deregister", "listener", LISTENER)
        self.assertEqual(self.list("listeners"), [])
        self.do("deregister", "all")
        self.assertEqual(self.list("connections"), [])
        self.assertEqual(self.connreg("deregister", "all").code, 1)

    def test_are_shown_with_their_end_when_they_have_ended(self):
        self.do("deregister", "connection", CLIENT, LISTENER)
        self.assertEqual(len(self.list("connections")), 1)
        shown = self.do("list", "connections", "--show-closed").out
        self.assertRegex(
            shown, rf"CLOSED +{CLIENT} .*\[closed (now|\d+s ago): reported gone\]")
        self.assertIn("ESTAB", shown)

        self.do("deregister", "listener", LISTENER)
        answer = self.connreg("lookup", CLIENT, LISTENER)
        self.assertEqual((answer.code, answer.err), (1, ""))
        self.assertRegex(answer.out,
                         r"\Ano connection now; closed .* \(reported gone\):\n"
                         r"tcp connection, CLOSED\n")

    def test_are_counted_at_their_endpoints(self):
        shown = self.do("list", "endpoints", "192.168.1.0/24").out
        header, *lines = shown.splitlines()
        self.assertEqual(header.split(), ["PROTO", "ENDPOINT", "HOST", "LISTENER",
                                          "CONNECTIONS", "STATES"])
        self.assertEqual([line.split()[1] for line in lines],
                         [LISTENER, CLIENT, OTHER_CLIENT])
        self.assertRegex(lines[0], r" 2 +ESTAB 2\Z")
        self.assertRegex(lines[1], r" - +1 +ESTAB 1\Z")
        self.assertEqual(len(self.list("endpoints", "192.168.1.10",
                                       "--page-size", "1")), 1)
        self.assertEqual(self.list("endpoints", "192.168.2.0/24"), [])

    def test_are_of_a_host_without_an_agent(self):
        host, = self.list("hosts")
        self.assertEqual(host["state"], "HOST_STATE_NO_AGENT")
        self.assertEqual(host["connectionCount"], "2")
        self.assertIn("NO-AGENT", self.do("list", "hosts", host["name"]).out)
        self.assertEqual(self.list("hosts", "--state", "live"), [])

    def test_stay_when_another_reporter_takes_its_own_away(self):
        self.assertEqual(
            self.connreg("deregister", "all", "--reporter", "another").code, 1)
        self.assertEqual(len(self.list("connections")), 2)

    def test_are_the_same_when_they_are_registered_again(self):
        before = self.revision()
        self.do("register", "connection", CLIENT, LISTENER)
        self.assertEqual(self.revision(), before)
        self.assertEqual(len(self.list("connections")), 2)


class Connections(CliTest):

    def test_registered_from_both_ends_are_one(self):
        for host, address, side in (("web", "10.0.0.9", "client"),
                                    ("db", "10.0.0.5", "server")):
            self.do("register", "connection", "10.0.0.9:51000", "10.0.0.5:5432",
                    "--host", host, "--address", address, "--side", side)
        connection, = self.list("connections")
        self.assertEqual(
            [side["provenance"]["reporter"]["host"]
             for side in connection["observations"]], ["web", "db"])

    def test_of_tcp_and_udp_are_apart(self):
        self.do("register", "connection", CLIENT, LISTENER)
        self.do("register", "connection", CLIENT, LISTENER, "--udp")
        self.assertEqual(len(self.list("connections")), 2)
        udp, = self.list("connections", "--transport", "udp")
        self.assertEqual(udp["transport"], "TRANSPORT_UDP")

    def test_end_with_their_lease(self):
        self.do("register", "connection", CLIENT, LISTENER, "--ttl", "1s")
        harness.wait_until(lambda: not self.list("connections"),
                           "no connection is listed")

    def test_of_many_pages_are_listed_once_each(self):
        # More than the service puts into one page.
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        listening = socket.create_server(("127.0.0.1", 0), backlog=1100)
        self.addCleanup(listening.close)
        for _ in range(1050):
            client = socket.create_connection(listening.getsockname())
            self.addCleanup(client.close)
        self.assert_is_done(self.agent())
        address = harness.text_of(*listening.getsockname())
        rows = self.list("connections", "--endpoint", address)
        clients = {harness.endpoint_text(row["derived"]["client"])
                   for row in rows}
        self.assertEqual((len(rows), len(clients)), (1050, 1050))

        paged = self.list("connections", "--endpoint", address,
                          "--page-size", "7")
        self.assertEqual(
            {harness.endpoint_text(row["derived"]["client"]) for row in paged},
            clients)
        self.assertEqual(len(paged), 1050)

        lookup = self.connreg("lookup", address)
        self.assertEqual(lookup.code, 4)
        self.assertIn("there are more", lookup.err)


class WrongInput(CliTest):

    WRONG = (
        (["register", "listener"], "ENDPOINT"),
        (["register", "listener", "192.168.1.1"], "no port"),
        (["register", "listener", "192.168.1.1:0"], "port 0"),
        (["register", "listener", "192.168.1.1:65536"], "65536"),
        (["register", "listener", "192.168.1:80"], "192.168.1"),
        (["register", "listener", "example.com:80"], "example.com"),
        (["register", "listener", "2001:db8::1:80"], "2001:db8::1:80"),
        (["register", "listener", LISTENER, "--ttl", "0s"], "--ttl"),
        (["register", "listener", LISTENER, "--ttl", "25h"], "ttl"),
        (["register", "listener", LISTENER, "--ttl", "soon"], "--ttl"),
        (["register", "listener", LISTENER, "--pid", "0"], "--pid"),
        (["register", "listener", LISTENER, "--host", ""], "host"),
        (["register", "listener", LISTENER, "--reporter", ""], "name"),
        # A byte that is not UTF-8.
        (["register", "listener", LISTENER, "--host", "\udcff"], "--host"),
        (["list", "connections", "--network", "\udcff"], "--network"),
        (["register", "connection", CLIENT], "SERVER"),
        (["register", "connection", CLIENT, "192.168.1.1"], "SERVER"),
        (["register", "connection", CLIENT, "0.0.0.0:80"], "0.0.0.0"),
        (["register", "connection", "*:40001", LISTENER], "wildcard"),
        (["register", "connection", CLIENT, "[2001:db8::1]:80"], "2001:db8::1"),
        (["register", "connection", CLIENT, LISTENER, "--state", "LISTEN"],
         "LISTEN"),
        (["register", "connection", CLIENT, LISTENER, "--side", "both"],
         "--side"),
        (["register", "connection", CLIENT, LISTENER, LISTENER], LISTENER),
        (["deregister", "connection", CLIENT, "192.168.1.1:0"], "port 0"),
        (["deregister", "listener", "192.168.1"], "192.168.1"),
        (["lookup"], "ENDPOINT"),
        (["lookup", "192.168.1.1"], "no port"),
        (["lookup", "1:LQU9qZlK"], "1:LQU9qZlK"),
        (["lookup", "2:LQU9qZlK+B5F3KDmev6m5PMibrg="], "version 2"),
        (["lookup", COMMUNITY_ID, LISTENER], "SERVER"),
        (["lookup", CLIENT, "0.0.0.0:80"], "0.0.0.0"),
        (["lookup", CLIENT, LISTENER, "--transport", "sctp"], "--transport"),
        (["list"], "list"),
        (["list", "sockets"], "sockets"),
        (["list", "connections", "--endpoint", "192.168.1.1"], "--endpoint"),
        (["list", "connections", "--output", "xml"], "--output"),
        (["list", "listeners", "--page-size", "0"], "--page-size"),
        (["list", "endpoints"], "PREFIX"),
        (["list", "endpoints", "192.168.1.0/33"], "PREFIX"),
        (["list", "endpoints", LISTENER], "PREFIX"),
        (["list", "endpoints", "127.0.0.1"], "host"),
        (["list", "hosts", "--state", "asleep"], "--state"),
        (["status", "--timeout", "-1s"], "--timeout"),
        (["status", "--timeout", "0s"], "--timeout"),
        (["status", "--wait", "-1s"], "--wait"),
        (["status", "--wait", "soon"], "--wait"),
        (["status", "--server", "192.168.1.1"], "192.168.1.1"),
        (["no-such-command"], "no-such-command"),
        ([], "connreg --help"),
    )

    def test_is_told_in_one_line_and_changes_nothing(self):
        before = self.revision()
        for arguments, part in self.WRONG:
            with self.subTest(" ".join(arguments)):
                result = self.connreg(*arguments)
                self.assert_is_one_error_line(result, 2, part)
                self.assertTrue(result.err.startswith("connreg"), result)
        self.assertEqual(self.revision(), before)
        self.assertEqual(self.connreg("list", "listeners").code, 1)
        self.assertEqual(self.connreg("list", "connections").code, 1)


class Help(CliTest):

    def commands(self, *command):
        """`command` and all below it, each with what its help says."""
        shown = self.do(*command, "--help").out
        yield command, shown
        _, _, below = shown.partition("\nCommands:\n")
        for line in below.partition("\n\n")[0].splitlines():
            # What is longer than its column stands on lines of its own.
            if name := re.match(r"  (\w+)", line):
                yield from self.commands(*command, name[1])

    def test_of_every_command_has_examples_that_work(self):
        seen = 0
        for command, shown in self.commands():
            section = re.search(r"^Examples:\n((?:  .+\n)+)", shown, re.M)
            with self.subTest(" ".join(command)):
                self.assertTrue(section, shown)
            for line in section[1].splitlines():
                program, *words = shlex.split(line, comments=True)
                with self.subTest(line):
                    self.assertEqual(program, "connreg")
                    self.assertEqual(tuple(words[:len(command)]), command)
                    result = self.connreg(*words)
                    self.assertIn(result.code, (0, 1, 4), result)
                    seen += 1
        self.assertGreater(seen, 30)


class TheService(CliTest):

    def test_tells_its_status(self):
        self.do("register", "connection", CLIENT, LISTENER)
        status = self.do("status").out
        for name in ("version", "started", "run", "revision", "coverage",
                     "live hosts", "syncing hosts", "stale hosts", "sessions",
                     "divergences", "reporters", "observations", "listeners",
                     "closed", "forgotten"):
            self.assertRegex(status, rf"(?m)^{name} ")
        self.assertEqual(
            self.do("status", "--output", "json").json()["observationCount"],
            "1")

    def test_tells_its_version(self):
        self.assertRegex(self.do("version").out,
                         r"\Aconnreg \d+\.\d+\.\d+\nconnregd \d+\.\d+\.\d+\n\Z")
        self.assertRegex(self.do("--version").out,
                         r"\Aconnreg \d+\.\d+\.\d+\n\Z")
        self.assertEqual(
            self.do("version", "--output", "json").json().keys(),
            {"client", "server"})

    def test_is_the_one_that_the_command_line_names(self):
        other = self.server
        self.serve()
        self.do("register", "listener", LISTENER)
        self.assertEqual(
            self.connreg("list", "listeners", "--server", other).code, 1)
        self.assertEqual(self.connreg("list", "listeners").code, 0)

    def test_is_not_looked_for_behind_a_web_proxy(self):
        connregd = self.start_connregd("--listen", "127.0.0.1:0")
        address, = connregd.addresses(1)
        self.assert_is_done(harness.run(
            "connreg", "status", "--server", address,
            env=harness.environment(http_proxy="http://127.0.0.1:9",
                                    HTTP_PROXY="http://127.0.0.1:9")))


class WithoutAService(harness.TestCase):

    def test_a_closed_port_is_told_in_one_line(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            address = harness.text_of(*unused.getsockname())
        for arguments in (["status"], ["list", "connections"],
                          ["lookup", LISTENER],
                          ["register", "listener", LISTENER],
                          ["deregister", "all"]):
            with self.subTest(" ".join(arguments)):
                self.assert_is_one_error_line(
                    self.connreg(*arguments, "--server", address, "--wait",
                                 "0s"), 3, address)

    def test_a_service_that_starts_is_waited_for(self):
        path = f"unix:{self.folder}/late.sock"
        with concurrent.futures.ThreadPoolExecutor() as others:
            asked = others.submit(self.connreg, "status", "--server", path,
                                  "--wait", "60s")
            self.start_connregd("--listen", path).addresses(1)
            self.assert_is_done(asked.result())

    def test_a_socket_that_is_not_there_is_told_in_one_line(self):
        path = f"unix:{self.folder}/no-such.sock"
        self.assert_is_one_error_line(
            self.connreg("status", "--server", path, "--wait", "300ms"), 3,
            path, "(tried for 300ms); start it, or name another")

    def test_a_mute_port_is_given_up_after_the_timeout(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:
            address = harness.text_of(*mute.getsockname())
            self.assert_is_one_error_line(
                self.connreg("status", "--server", address,
                             "--timeout", "200ms"), 3, address)

    def test_the_version_is_told_all_the_same(self):
        version = self.connreg("version", "--server",
                               f"unix:{self.folder}/no-such.sock")
        self.assertRegex(self.assert_is_done(version).out,
                         r"\Aconnreg \d+\.\d+\.\d+\n\Z")

    def test_help_is_told_all_the_same(self):
        for command in ([], ["lookup"], ["list"], ["list", "connections"],
                        ["register", "listener"], ["deregister", "all"]):
            with self.subTest(" ".join(command)):
                shown = self.assert_is_done(self.connreg(*command, "--help"))
                self.assertIn("Exit codes", shown.out)


if __name__ == "__main__":
    harness.main()
