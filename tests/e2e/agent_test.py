"""That connreg-agent tells what it reported and what it could not see."""

import os
import pathlib
import shutil
import socket
import unittest

import harness
import real_sockets

NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


class AgentTest(harness.TestCase):

    def setUp(self):
        super().setUp()
        self.sockets = real_sockets.Sockets(self)

    def reported(self, listener):
        """What is reported of `listener`."""
        found, = (row for row in self.list("listeners")
                  if harness.endpoint_text(row["local"])
                  == harness.local_of(listener))
        return found


    def listeners(self):
        return {harness.endpoint_text(row["local"])
                for row in self.list("listeners")}


class Report(AgentTest):

    def setUp(self):
        super().setUp()
        self.serve()
        self.listener = self.sockets.listener()

    def test_is_told_with_how_long_it_lives(self):
        for arguments, ttl in (([], "30s"), (["--ttl", "5m"], "5m")):
            told = self.assert_is_done(
                self.agent(*arguments, "--host", "h1")).out.splitlines()[0]
            self.assertRegex(told, r"\d+ listeners?, \d+ connections?")
            self.assertIn("h1", told)
            self.assertRegex(told, rf"live for {ttl}\Z")

    def test_is_of_this_machine_unless_told_otherwise(self):
        self.assert_is_done(self.agent())
        reporter = self.reported(self.listener)["provenance"]["reporter"]
        self.assertEqual(reporter["host"], socket.gethostname())
        self.assertEqual(reporter["kind"], "REPORTER_KIND_AGENT")
        self.assertEqual(reporter["network"], "default")

    def test_takes_host_and_network_from_the_environment(self):
        result = harness.run(
            "connreg-agent", "--once", env=harness.environment(
                CONNREG_SERVER=self.server, CONNREG_HOST="h1",
                CONNREG_NETWORK="n1"))
        self.assert_is_done(result)
        reporter = self.reported(self.listener)["provenance"]["reporter"]
        self.assertEqual((reporter["host"], reporter["network"]), ("h1", "n1"))

    def test_repeated_shows_each_socket_once(self):
        self.assert_is_done(self.agent())
        self.assert_is_done(self.agent())
        self.assertTrue(self.reported(self.listener))

    def test_of_what_has_closed_is_not_prolonged_by_later_ones(self):
        closed = harness.local_of(self.listener)
        self.assert_is_done(self.agent("--ttl", "5s"))
        self.assertIn(closed, self.listeners())
        self.listener.close()

        def is_gone():
            self.assert_is_done(self.agent("--ttl", "5s"))
            return closed not in self.listeners()

        harness.wait_until(is_gone, "the closed listener is gone")

    def test_makes_a_host_live(self):
        self.assert_is_done(self.agent())
        status = self.connreg("status", "--output", "json").json()
        self.assertEqual(status["coverage"]["liveHostCount"], 1)


@unittest.skipUnless(os.geteuid() == 0, "only root can give up privileges")
class WithoutPrivileges(AgentTest):

    def setUp(self):
        super().setUp()
        self.serve()
        # Where nobody else may look, neither can the agent.
        self.folder.chmod(0o755)
        path = pathlib.Path(self.server.removeprefix("unix:"))
        path.parent.chmod(0o755)
        path.chmod(0o777)
        self.program = shutil.copy(harness.PROGRAMS["connreg-agent"],
                                   self.folder / "agent")

    def agent_of_nobody(self):
        return harness.run(
            self.program, "--once", cwd="/", **NOBODY,
            env=harness.environment(CONNREG_SERVER=self.server))

    def test_reports_every_socket_and_tells_what_it_could_not_see(self):
        listener = self.sockets.listener()
        told = self.assert_is_done(self.agent_of_nobody()).out
        self.assertRegex(told, r"owner unknown of \d+ sockets?: no permission")
        self.assertIn("that takes root", told)
        found = self.reported(listener)
        self.assertEqual(found["socket"]["owners"], {
            "unknownReason": "OWNER_UNKNOWN_REASON_NOT_PERMITTED"})
        self.assertEqual(found["socket"]["inode"],
                         str(os.fstat(listener.fileno()).st_ino))

    def test_sees_the_processes_of_its_own_user(self):
        listener = self.sockets.listener()
        holder = self.sockets.share(listener, **NOBODY)
        self.assert_is_done(self.agent_of_nobody())
        found = self.reported(listener)
        self.assertEqual(harness.pids_of(found), {holder})


class WrongUsage(AgentTest):

    WRONG = (
        (["--ttl", "soon"], "soon"),
        (["--ttl", "0s"], "0s"),
        (["--ttl", "500ms"], "500ms"),
        (["--ttl", "25h"], "25h"),
        (["--interval", "0s"], "0s"),
        (["--max-cpu", "0"], "0"),
        (["--ack-timeout", "0s"], "0s"),
        (["--ttl"], "--ttl"),
        (["--server", "nowhere"], "nowhere"),
        (["--host", ""], "--host"),
        (["--no-such-flag"], "--no-such-flag"),
        (["a-word"], "a-word"),
    )

    def test_is_told_in_one_line(self):
        self.serve()
        for arguments, part in self.WRONG:
            with self.subTest(" ".join(arguments)):
                result = self.agent(*arguments)
                self.assert_is_one_error_line(result, 2, part)
                self.assertTrue(result.err.startswith("connreg-agent: "),
                                result)
        self.assertEqual(self.list("listeners"), [])

    def test_is_not_to_ask_for_help_or_version(self):
        self.assertIn("--ttl", self.assert_is_done(
            harness.run("connreg-agent", "--help")).out)
        self.assertRegex(
            self.assert_is_done(harness.run("connreg-agent", "--version")).out,
            r"\Aconnreg-agent \d+\.\d+\.\d+\n\Z")


class WithoutAService(AgentTest):

    def test_is_told_in_one_line(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            address = harness.local_of(unused)
        for server in (address, f"unix:{self.folder}/no-such.sock"):
            self.assert_is_one_error_line(
                self.agent("--server", server), 3, server)


if __name__ == "__main__":
    harness.main()
