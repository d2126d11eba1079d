"""That connreg-agent keeps the service in step, whatever happens to either."""

import os
import signal
import socket

import harness
import real_sockets
import seccomp

INTERVAL = "100ms"

SIX = real_sockets.has_ipv6()


class AgentServiceTest(harness.TestCase):

    def setUp(self):
        super().setUp()
        self.sockets = real_sockets.Sockets(self)

    def listeners(self):
        """The endpoints of all listeners, if the service answers."""
        result = self.connreg("list", "listeners", "--output", "ndjson")
        return {harness.endpoint_text(row["local"])
                for row in result.ndjson()}

    def connections(self):
        result = self.connreg("list", "connections", "--output", "ndjson")
        return {(harness.endpoint_text(side["local"]),
                 harness.endpoint_text(side["remote"]))
                for row in result.ndjson() for side in row["observations"]}

    def await_listener(self, listener, is_there=True):
        local = harness.local_of(listener) if is_there else listener
        harness.wait_until(
            lambda: (local in self.listeners()) == is_there,
            f"{local} is {'' if is_there else 'not '}listed")

    def host(self):
        host, = self.list("hosts")
        return host


class InStep(AgentServiceTest):

    def setUp(self):
        super().setUp()
        self.serve()
        self.start_agent("--interval", INTERVAL)

    def test_what_opens_appears_and_what_closes_vanishes(self):
        listener, client, accepted = self.sockets.pair()
        self.await_listener(listener)
        ends = (harness.local_of(client), harness.remote_of(client))
        harness.wait_until(lambda: ends in self.connections(),
                           "the connection is listed")
        client.close()
        accepted.close()
        harness.wait_until(lambda: ends not in self.connections(),
                           "the connection is gone")
        closed = harness.local_of(listener)
        listener.close()
        self.await_listener(closed, is_there=False)

    def row(self, local):
        """The one listener at the endpoint `local`."""
        found, = (row for row in self.list("listeners")
                  if harness.endpoint_text(row["local"]) == local)
        return found

    def test_a_listener_that_was_passed_on_stays_the_same(self):
        pid, give = self.sockets.receiver()
        listener = self.sockets.listener()
        local = harness.local_of(listener)
        self.await_listener(listener)
        before = self.row(local)
        self.assertEqual(harness.pids_of(before), {os.getpid()})
        give(listener)
        listener.close()
        harness.wait_until(lambda: harness.pids_of(self.row(local)) == {pid},
                           "the other process is its owner")
        after = self.row(local)
        self.assertEqual(after["socket"]["cookie"], before["socket"]["cookie"])
        self.assertEqual(after["provenance"]["firstSeenTime"],
                         before["provenance"]["firstSeenTime"])

    def test_nothing_changes_while_nothing_does(self):
        listener = self.sockets.listener()
        self.await_listener(listener)

        def row():
            return self.row(harness.local_of(listener))["provenance"]

        def last_report():
            return self.host()["lastReportTime"]

        before, reported = row(), last_report()
        harness.wait_until(lambda: last_report() != reported, "another report")
        self.assertEqual(row(), before)

    def test_the_host_is_live_under_one_reporter(self):
        # Until then it is not there, or not with all that it has.
        harness.wait_until(lambda: self.connreg("list", "hosts").code == 0,
                           "the host is listed in full")
        self.assertEqual(self.host()["state"], "HOST_STATE_LIVE")
        self.assertEqual(self.host()["reporterCount"], 1)


class WithoutAService(AgentServiceTest):

    def test_it_goes_on_and_says_so_once(self):
        path = f"unix:{self.folder}/later.sock"
        self.server = path
        agent = self.start_agent("--interval", INTERVAL)
        harness.wait_until(lambda: len(agent.messages()) == 2, "it is missed")
        listener = self.sockets.listener()
        first = self.start_connregd("--listen", path)
        self.await_listener(listener)
        self.assertEqual(
            agent.messages(),
            ["started", "cannot report; trying again", "reporting"])
        self.assertEqual(first.stop(), 0)
        harness.wait_until(lambda: len(agent.messages()) == 4, "it is missed")
        second = self.start_connregd("--listen", path)
        second.addresses(1)
        self.await_listener(listener)
        self.assertEqual(agent.messages()[3:],
                         ["cannot report; trying again",
                          "the service answers again"])

    def test_a_service_that_started_anew_is_told_everything(self):
        path = f"unix:{self.folder}/again.sock"
        self.server = path
        listener = self.sockets.listener()
        first = self.start_connregd("--listen", path)
        self.start_agent("--interval", "1s")
        self.await_listener(listener)
        # Between two reports, so that the agent need not notice.
        self.assertEqual(first.stop(), 0)
        self.start_connregd("--listen", path).addresses(1)
        self.await_listener(listener)


class AfterAnOutage(AgentServiceTest):

    def test_each_report_tries_to_connect_anew(self):
        # Somebody who takes connections and says nothing of use.
        with socket.create_server(("127.0.0.1", 0)) as mute:
            mute.settimeout(harness.PATIENCE_SECONDS)
            self.start_agent("--interval", INTERVAL, "--server",
                             harness.local_of(mute))
            # By gRPC's own pauses that many would take hours.
            for _ in range(25):
                mute.accept()[0].close()


class Ending(AgentServiceTest):

    def setUp(self):
        super().setUp()
        self.serve("--grace", "1h")
        self.listener = self.sockets.listener()

    def start(self):
        agent = self.start_agent("--interval", INTERVAL, "--ttl", "1h")
        self.await_listener(self.listener)
        return agent

    def test_by_signal_is_clean_and_leaves_the_rows_to_the_grace(self):
        for by in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            agent = self.start()
            self.assertEqual(agent.stop(by), 0)
            self.assertEqual(agent.messages()[-1], "stopped")
        # Long before the lease would have lapsed.
        harness.wait_until(lambda: self.host()["state"] == "HOST_STATE_STALE",
                           "the host is stale")
        self.assertIn(harness.local_of(self.listener), self.listeners())

    def host(self):
        listed = self.connreg("list", "hosts", "--output", "json").json()
        return listed["hosts"][0]

    def test_a_later_run_takes_back_what_closed_meanwhile(self):
        self.start().stop(signal.SIGKILL)
        gone = harness.local_of(self.listener)
        self.listener.close()
        other = self.sockets.listener()
        self.start_agent("--interval", INTERVAL)
        self.await_listener(other)
        self.await_listener(gone, is_there=False)
        harness.wait_until(lambda: self.host()["reporterCount"] == 1,
                           "the earlier run is no reporter any more")


class WithoutNetlink(AgentServiceTest):

    def setUp(self):
        super().setUp()
        self.serve()

    def test_sockets_come_from_proc_and_the_coverage_says_so(self):
        listener, client, _ = self.sockets.pair("127.0.0.1")
        udp, _ = self.sockets.udp_pair()
        self.start_agent("--interval", INTERVAL,
                         preexec_fn=seccomp.refuse_netlink)
        self.await_listener(listener)
        ends = (harness.local_of(client), harness.remote_of(client))
        self.assertIn(ends, self.connections())
        self.assertIn((harness.local_of(udp), harness.remote_of(udp)),
                      self.connections())
        # Whose the other sockets of this machine are is another question.
        kinds = [gap["kind"] for gap in self.gapped_host()["coverageGaps"]
                 if gap["kind"] != "GAP_KIND_PROCESSES"]
        self.assertEqual(
            kinds, ["GAP_KIND_SOCKET_DETAILS"] * (5 if SIX else 3)
            + ["GAP_KIND_ADDRESSES"])
        self.assertTrue(any(
            gap["description"].startswith("ends of sockets are seen at looks")
            for gap in self.gapped_host()["coverageGaps"]))
        if SIX:
            self.await_listener(self.sockets.listener("::1"))

    def gapped_host(self):
        result = self.connreg("list", "hosts", "--output", "json")
        self.assertEqual(result.code, 4, result)
        listed = result.json()
        self.assertEqual(listed["coverage"]["gappedHostCount"], 1)
        return listed["hosts"][0]

    def test_once_says_what_it_lost(self):
        self.sockets.listener()
        result = self.agent(preexec_fn=seccomp.refuse_netlink)
        self.assertEqual(result.code, 1, result)
        self.assertIn("the TCP sockets of IPv4 come from /proc/net/tcp",
                      result.err)
        self.assertRegex(result.out, r"\Areported \d+ listener")

    def test_a_closed_connection_still_vanishes(self):
        listener, client, accepted = self.sockets.pair("127.0.0.1")
        ends = (harness.local_of(client), harness.remote_of(client))
        self.start_agent("--interval", INTERVAL,
                         preexec_fn=seccomp.refuse_netlink)
        harness.wait_until(lambda: ends in self.connections(), "it is listed")
        client.close()
        accepted.close()
        harness.wait_until(lambda: ends not in self.connections(),
                           "it is gone")


class Log(AgentServiceTest):

    def test_as_json_is_an_object_a_line(self):
        self.serve()
        agent = self.start_agent("--log-format", "json", "--interval", INTERVAL)
        harness.wait_until(lambda: "reporting" in agent.messages(), "a report")
        self.assertEqual(agent.stop(), 0)
        lines = [harness.json_fields(line) for line in agent.lines()]
        self.assertNotIn(None, lines)
        self.assertEqual(lines[0]["msg"], "started")
        self.assertIsInstance(lines[1]["listeners"], int)

    def test_leaves_out_what_is_below_the_level(self):
        self.server = f"unix:{self.folder}/nobody.sock"
        agent = self.start_agent("--log-level", "warning", "--interval",
                                 INTERVAL)
        harness.wait_until(agent.lines, "a line of the log")
        self.assertEqual(agent.stop(), 0)
        self.assertEqual(agent.messages(), ["cannot report; trying again"])

    def test_flags_that_are_wrong_are_an_error_of_one_line(self):
        for flag, choices in (("--log-format", "text or json"),
                              ("--log-level",
                               "debug or info or warning or error")):
            self.assert_is_one_error_line(
                harness.run("connreg-agent", flag, "loud"), 2,
                f'connreg-agent: {flag}: "loud" is not known; write {choices}')

    def test_has_the_messages_of_grpc_as_lines_of_its_own(self):
        self.serve()
        result = harness.run(
            "connreg-agent", "--once", "--log-level", "debug",
            env=harness.environment(CONNREG_SERVER=self.server,
                                    GRPC_VERBOSITY="DEBUG"))
        lines = [harness.logfmt_fields(line)
                 for line in result.err.splitlines()]
        self.assertNotIn(None, lines)
        self.assertEqual({line["msg"] for line in lines}, {"grpc"})


if __name__ == "__main__":
    harness.main()
