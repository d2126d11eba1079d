"""That connreg health tells whether the service serves, and waits until it does."""

import concurrent.futures
import csv
import io
import os
import signal
import socket
import threading
import time

import harness

# Longer than any test takes.
LONG = "10m"


class HealthTest(harness.TestCase):

    def assert_serves(self, *arguments):
        result = self.connreg("health", *arguments)
        self.assert_is_done(result)
        self.assertEqual(result.out, "serving\n")

    def assert_serves_not(self, result, *parts):
        """It is not serving, and one line on stderr holds `parts`."""
        self.assertEqual((result.code, result.out), (1, "not serving\n"),
                         result)
        self.assertRegex(result.err, r"\A[^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, result.err)


class AServiceWithAllItsHosts(HealthTest):

    def test_serves_whoever_asks(self):
        self.serve()
        for service in ([], ["registry"], ["reporting"]):
            self.assert_serves(*service)
            self.assert_serves(*service, "--until-serving", LONG)
            self.assert_serves(*service, "--until-serving", "0s")

    def test_serves_with_reflection_too(self):
        self.serve("--reflection")
        self.assert_serves()

    def test_is_told_in_every_format(self):
        self.serve()
        for output in ("json", "ndjson"):
            self.assertEqual(
                self.assert_is_done(self.connreg(
                    "health", "--output", output)).json(),
                {"status": "SERVING"})
        shown = self.assert_is_done(self.connreg("health", "registry",
                                                 "--output", "csv")).out
        self.assertEqual(
            list(csv.reader(io.StringIO(shown, newline=""))),
            [["name", "value"], ["service", "connreg.v1.RegistryService"],
             ["status", "serving"]])
        self.assertEqual(self.connreg("health", "--output", "wide").out,
                         "serving\n")

    def test_is_asked_of_no_other_service(self):
        self.serve()
        self.assert_is_one_error_line(
            self.connreg("health", "agents"), 2, "SERVICE", '"agents"',
            "write registry or reporting")
        for duration in ("soon", "-1s", "25h", "10"):
            self.assert_is_one_error_line(
                self.connreg("health", "--until-serving", duration), 2,
                "--until-serving", duration)


class AServiceThatSyncs(HealthTest):

    def test_takes_reports_and_says_that_its_registry_is_not_whole(self):
        self.serve("--sync-time", "1h")
        self.assert_serves()
        self.assert_serves("reporting")
        self.assert_is_done(self.connreg("register", "listener", "10.0.0.5:1"))
        self.assert_serves_not(self.connreg("health", "registry"),
                               "hosts have not had the time",
                               "--until-serving 1m")
        answer = self.connreg("health", "registry", "--output", "json")
        self.assertEqual((answer.code, answer.err), (1, ""))
        self.assertEqual(answer.json(), {"status": "NOT_SERVING"})
        answer = self.connreg("health", "registry", "--output", "csv")
        self.assertEqual(answer.code, 1)
        self.assertIn("status,not_serving\n", answer.out)

    def test_is_waited_for(self):
        self.serve("--sync-time", "2s")
        self.assert_serves("registry", "--until-serving", LONG, "--timeout",
                           "1ms")
        self.assert_serves("registry")

    def test_is_whole_when_the_expected_hosts_are_back(self):
        self.serve("--sync-time", "1h", "--expect-hosts", "1")
        with concurrent.futures.ThreadPoolExecutor() as others:
            asked = others.submit(self.connreg, "health", "registry",
                                  "--until-serving", "55s")
            self.assert_is_done(self.agent())
            result = self.assert_is_done(asked.result())
        self.assertEqual(result.out, "serving\n")

    def test_is_waited_for_no_longer_than_was_said(self):
        self.serve("--sync-time", "1h")
        self.assert_serves_not(
            self.connreg("health", "registry", "--until-serving", "2s"),
            "still so after 2s", "hosts have not had the time")


class AServiceThatStops(HealthTest):

    def test_is_waited_for_until_the_next_one_serves(self):
        path = f"unix:{self.folder}/connregd.sock"
        first = self.start_connregd("--listen", path, "--sync-time", "1h")
        first.addresses(1)
        self.server = path
        with concurrent.futures.ThreadPoolExecutor() as others:
            asked = others.submit(self.connreg, "health", "registry",
                                  "--until-serving", "55s")
            first.stop(signal.SIGTERM)
            self.start_connregd("--listen", path).addresses(1)
            result = self.assert_is_done(asked.result())
        self.assertEqual(result.out, "serving\n")

    def test_is_no_answer_once_it_is_gone(self):
        self.server = f"unix:{self.folder}/connregd.sock"
        connregd = harness.Connregd(self.folder, "--listen", self.server,
                                    "--sync-time", "1h")
        connregd.addresses(1)
        with concurrent.futures.ThreadPoolExecutor() as others:
            asked = others.submit(self.connreg, "health", "registry",
                                  "--until-serving", "3s")
            connregd.stop(signal.SIGKILL)
            self.assert_is_one_error_line(
                asked.result(), 3, self.server, "(tried for 3s)")

    def test_is_no_answer_if_it_says_nothing(self):
        connregd = self.serve()
        os.kill(connregd.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, connregd.pid, signal.SIGCONT)
        self.assert_is_one_error_line(
            self.connreg("health", "--until-serving", "500ms"), 3,
            self.server, "(tried for 500ms)")
        self.assert_is_one_error_line(
            self.connreg("health", "--timeout", "500ms"), 3,
            self.server, "--timeout")


class NoService(HealthTest):

    def setUp(self):
        super().setUp()
        self.server = f"unix:{self.folder}/nobody.sock"

    def test_is_told_in_one_line_at_once(self):
        start = time.monotonic()
        self.assert_is_one_error_line(
            self.connreg("health", "--wait", "0s"), 3, self.server,
            "No such file", "start it")
        self.assertLess(time.monotonic() - start, 10)

    def test_is_tried_for_as_long_as_was_said(self):
        start = time.monotonic()
        self.assert_is_one_error_line(
            self.connreg("health", "registry", "--until-serving", "700ms",
                         "--wait", "0s"), 3, self.server, "No such file",
            "(tried for 700ms)")
        self.assertGreater(time.monotonic() - start, 0.7)

    def test_is_waited_for(self):
        with concurrent.futures.ThreadPoolExecutor() as others:
            asked = others.submit(self.connreg, "health", "--until-serving",
                                  "55s", "--wait", "0s")
            self.start_connregd("--listen", self.server).addresses(1)
            self.assert_is_done(asked.result())


class AnotherServer(HealthTest):

    def test_of_another_protocol_is_no_service(self):
        listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listening.close)

        def answer():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(listening.shutdown, socket.SHUT_RDWR)
        self.server = harness.text_of(*listening.getsockname())
        for arguments in (["--wait", "0s"], ["--until-serving", "500ms"]):
            self.assert_is_one_error_line(
                self.connreg("health", *arguments), 3, self.server)


if __name__ == "__main__":
    harness.main()
