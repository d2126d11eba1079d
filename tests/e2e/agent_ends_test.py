"""That an agent hears at once which sockets end, and how it ends itself.

    tests/e2e/agent_ends_test.py --bin build/dev/bin --private-netns
"""

import harness
import real_sockets
from harness import local_of, remote_of

# So that no look but the first tells of anything.
SELDOM = ("--interval", "1h")


class AgentEndsTest(harness.TestCase):

    def setUp(self):
        super().setUp()
        self.serve("--grace", "1h")
        self.sockets = real_sockets.Sockets(self)

    def start_seldom(self, *arguments):
        """An agent that has looked once, and whose look is reported."""
        agent = self.start_agent("--host", "h1", *SELDOM, *arguments)
        harness.wait_until(lambda: "reporting" in agent.messages(),
                           "it has reported")
        return agent

    def sides(self, *arguments):
        """What is reported of each end of a connection, by the ends."""
        listed = self.connreg("list", "connections", "--output", "ndjson",
                              *arguments)
        return {(harness.endpoint_text(side["local"]),
                 harness.endpoint_text(side["remote"])): side
                for row in listed.ndjson() for side in row["observations"]}

    def state(self, ends):
        return self.sides().get(ends, {}).get("state")

    def await_gone(self, ends):
        harness.wait_until(lambda: ends not in self.sides(),
                           f"{ends} is gone")


class Ends(AgentEndsTest):

    def pair(self):
        """Both ends of a connection, each with how it is listed."""
        _, client, server = self.sockets.pair()
        return [(end, (local_of(end), remote_of(end)))
                for end in (client, server)]

    def test_of_connections_are_told_without_a_look(self):
        pair = self.pair()
        self.start_seldom()
        for end, _ in pair:
            end.close()
        for _, ends in pair:
            self.await_gone(ends)

    def test_leave_half_a_connection_until_the_other_side_is_done(self):
        for closes_first in (0, 1):
            pair = self.pair()
            agent = self.start_seldom()
            first, first_ends = pair.pop(closes_first)
            (last, last_ends), = pair
            first.close()
            harness.wait_until(
                lambda ends=first_ends: self.state(ends)
                == "CONNECTION_STATE_FIN_WAIT_2", "one side is done")
            self.assertIn(last_ends, self.sides())
            last.close()
            self.await_gone(last_ends)
            self.await_gone(first_ends)
            agent.stop()

    def test_of_listeners_are_told_without_a_look(self):
        listener = self.sockets.listener()
        endpoint = local_of(listener)
        self.start_seldom()
        self.assertEqual(len(self.list("listeners", "--endpoint", endpoint)),
                         1)
        listener.close()
        harness.wait_until(
            lambda: self.connreg("list", "listeners", "--endpoint",
                                 endpoint).code == 1, "it is gone")

    def test_are_all_that_is_told_of_a_connection_between_two_looks(self):
        self.start_seldom()
        pair = self.pair()
        for end, _ in pair:
            end.close()
        for _, ends in pair:
            harness.wait_until(
                lambda ends=ends: ends in self.sides("--show-closed"),
                f"{ends} is remembered as closed")
            side = self.sides("--show-closed")[ends]
            self.assertEqual(side["socket"]["owners"], {
                "unknownReason": "OWNER_UNKNOWN_REASON_ENDED_BEFORE_SCAN"})
            self.assertNotIn(ends, self.sides())

    def test_leave_half_a_connection_that_no_look_has_shown(self):
        self.start_seldom()
        (first, first_ends), (last, last_ends) = self.pair()
        first.close()
        self.assertEqual(last.recv(1), b"")
        # Heard after it.
        other = [end for end, _ in self.pair()]
        ends = local_of(other[0]), remote_of(other[0])
        for end in other:
            end.close()
        harness.wait_until(lambda: ends in self.sides("--show-closed"),
                           "the other one is remembered as closed")
        self.assertNotIn(first_ends, self.sides("--show-closed"))
        last.close()
        for each in (first_ends, last_ends):
            harness.wait_until(
                lambda each=each: each in self.sides("--show-closed"),
                f"{each} is remembered as closed")

    def test_of_many_are_all_told(self):
        listener = self.sockets.listener(backlog=1024)
        clients = [self.sockets.client(listener) for _ in range(300)]
        servers = [self.sockets.accepted(listener) for _ in range(300)]
        self.start_seldom()
        self.assertEqual(len(self.list("connections")), 300)
        for end in clients + servers:
            end.close()
        harness.wait_until(lambda: self.sides() == {}, "all are gone")


class TheAgent(AgentEndsTest):

    def host(self):
        listed = self.connreg("list", "hosts", "--output", "json").json()
        return listed["hosts"][0]

    def test_keeps_its_name_and_its_rows_from_run_to_run(self):
        listener = self.sockets.listener()
        self.start_seldom().stop()
        before, = self.list_stale("--endpoint", local_of(listener))
        self.start_seldom()
        harness.wait_until(
            lambda: self.host()["state"] == "HOST_STATE_LIVE", "it is back")
        self.assertEqual(self.host()["reporterCount"], 1)
        after, = self.list("listeners", "--endpoint", local_of(listener))
        self.assertEqual(after["provenance"]["revision"],
                         before["provenance"]["revision"])

    def list_stale(self, *arguments):
        """The listeners of a host that may be silent."""
        return self.connreg("list", "listeners", *arguments, "--output",
                            "ndjson").ndjson()

    def test_takes_its_rows_along_where_told(self):
        self.sockets.listener()
        agent = self.start_seldom("--remove-on-exit")
        self.assertTrue(self.list("listeners"))
        agent.stop()
        self.assertEqual(self.list_stale(), [])

    def test_says_that_another_one_has_taken_its_place(self):
        first = self.start_seldom()
        self.start_seldom()
        lost = harness.wait_until(
            lambda: [line for line in first.log()
                     if "stop this agent" in line.get("error", "")],
            "it says so")
        self.assertEqual(lost[0]["level"], "error")
        self.assertEqual(self.host()["reporterCount"], 1)


if __name__ == "__main__":
    harness.main()
