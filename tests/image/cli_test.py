"""That the image of the command line is one to work with."""

import signal
import time

import containers

# Long enough to be noticed where a signal does not end it.
WAIT_SECONDS = 60


class CommandLine(containers.TestCase):

    def test_ends_when_told_while_it_waits(self):
        # It is the first process of its container, which the kernel spares
        # signals that have no handler.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                waiting = self.start("cli", "--server=127.0.0.1:1",
                                     f"--wait={WAIT_SECONDS}s", "status")
                containers.wait_until(lambda: waiting.catches(number),
                                      "it has a handler")
                started = time.monotonic()
                self.engine().podman("kill", f"--signal={int(number)}",
                                     waiting.name)
                self.assertEqual(self.engine().podman("wait", waiting.name),
                                 str(128 + number))
                self.assertLess(time.monotonic() - started, WAIT_SECONDS / 2)
