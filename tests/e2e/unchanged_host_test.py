"""That a host on which nothing has changed comes back in one round trip."""

import resource

import harness
from message_counter import MessageCounter
from real_sockets import Sockets

# Of both ends of each, a row.
PAIRS = 5_000
# Beside those that the test has anyway.
DESCRIPTORS = 2 * PAIRS + 200

MOST_BYTES = 1024


def allow_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (DESCRIPTORS, max(hard, DESCRIPTORS)))


class UnchangedHost(harness.TestCase):

    def setUp(self):
        super().setUp()
        if not harness.in_private_netns():
            self.skipTest("other sockets change but with --private-netns")
        allow_descriptors()
        self.serve()
        # Over a Unix socket, the way to the service is none of the rows.
        path = str(self.folder / "proxy.sock")
        self.proxy = MessageCounter(self, path,
                                    self.server.removeprefix("unix:"))
        self.open_pairs()
        self.start_agent("--server", f"unix:{path}", "--interval", "1h",
                                 "--max-backoff", "1s")
        harness.wait_until(lambda: self.rows() == 2 * PAIRS + 1,
                           "all rows are there")

    def open_pairs(self):
        sockets = Sockets(self)
        listener = sockets.listener(backlog=PAIRS)
        for _ in range(PAIRS):
            sockets.client(listener)
            sockets.accepted(listener)

    def status(self):
        return self.connreg("status", "--output", "json").json()

    def rows(self):
        status = self.status()
        is_live = (status["coverage"].get("liveHostCount") == 1
                   and not status["coverage"].get("syncing"))
        return is_live and (int(status.get("observationCount", 0))
                            + int(status.get("listenerCount", 0)))

    def test_says_nothing_but_who_it_is(self):
        before = self.status()
        self.proxy.cut()
        harness.wait_until(
            lambda: len(self.proxy.connections) == 2
            and len(self.proxy.connections[1].messages) >= 2 and self.rows(),
            "the agent is back")

        after = self.status()
        for value in ("observationCount", "listenerCount"):
            self.assertEqual(after[value], before[value])
        self.assertEqual(after["coverage"]["revision"],
                         before["coverage"]["revision"])
        self.assertNotIn("divergenceCount", after)
        connection = self.proxy.connections[1]
        first, second, *later = connection.messages
        self.assertEqual([first.kind, second.kind], ["open", "answer"])
        self.assertNotIn("rows", [message.kind for message in later])
        said, answered = first.bytes, second.bytes
        print(f"{self.rows()} rows; open: {said} bytes, welcome: {answered} "
              f"bytes; with HTTP/2: {connection.bytes} bytes")
        self.assertLess(said + answered, MOST_BYTES)


if __name__ == "__main__":
    harness.main()
