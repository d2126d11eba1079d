"""That connregd starts, serves and stops as those who run it expect."""

import concurrent.futures
import contextlib
import os
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time

import harness

# What the registry is told.
DURATIONS = ("--grace", "--sync-time", "--closed-age")
LIMITS = ("--max-rows", "--max-rows-per-reporter", "--max-reporters")
COUNTS = ("--expect-hosts", "--closed-rows", *LIMITS)
# What all programs that keep a log have.
LOG = ("--log-format", "--log-level")


class Start(harness.TestCase):

    def connregd(self, *arguments, env=harness.ENVIRONMENT):
        """Of one that is not to start."""
        return harness.run("connregd", *arguments, env=env)

    def test_is_told_for_each_address_in_logfmt(self):
        path = f"unix:{self.folder}/a.sock"
        connregd = self.start_connregd(
            "--listen", path, "--listen", "127.0.0.1:0,127.0.0.2:0")
        addresses = connregd.addresses(3)
        self.assertEqual(addresses[0], path)
        for address, host in zip(addresses[1:], ("127.0.0.1", "127.0.0.2")):
            self.assertRegex(address, rf"\A{host}:[1-9]\d*\Z")
        for address in addresses:
            self.assert_is_done(
                harness.run("connreg", "status", "--server", address))
        for line in map(harness.logfmt_fields, connregd.lines()):
            self.assertLessEqual({"time", "level", "msg"}, line.keys())
            self.assertRegex(line["time"],
                             r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")

    def test_takes_addresses_from_the_environment(self):
        path = f"unix:{self.folder}/a.sock"
        connregd = self.start_connregd(
            env=harness.environment(CONNREG_LISTEN=f"{path},127.0.0.1:0"))
        self.assertEqual(connregd.addresses(2)[0], path)

    def test_takes_the_command_line_before_the_environment(self):
        connregd = self.start_connregd(
            "--listen", "127.0.0.2:0",
            env=harness.environment(CONNREG_LISTEN="127.0.0.1:0"))
        self.assertRegex(connregd.addresses(1)[0], r"\A127\.0\.0\.2:")

    def test_takes_a_flag_file_after_the_environment(self):
        path = f"unix:{self.folder}/a.sock"
        flags = self.folder / "connregd.flags"
        flags.write_text(
            f"# Where\n--listen={path}\n--sync-time=1h\n--reflection\n")
        connregd = self.start_connregd(
            "--flagfile", str(flags), "--sync-time", "0s",
            env=harness.environment(CONNREG_LISTEN="127.0.0.1:0"))
        self.assertRegex(connregd.addresses(1)[0], r"\A127\.0\.0\.1:")
        connregd = self.start_connregd(
            "--flagfile", str(flags), "--sync-time", "0s")
        self.assertEqual(connregd.addresses(1), [path])

    def test_is_refused_with_a_flag_file_that_is_wrong(self):
        flags = self.folder / "connregd.flags"
        self.assert_is_one_error_line(
            self.connregd("--flagfile", flags), 2, str(flags), "No such file")
        for line in ("--grace=soon", "--grce=5m", "grace=5m", "--once"):
            with self.subTest(line):
                flags.write_text(f"\n# Ours\n{line}\n")
                self.assert_is_one_error_line(
                    self.connregd("--flagfile", flags), 2,
                    f"connregd: {flags}:3: ", line.partition("=")[0])

    def test_is_refused_where_another_connregd_listens(self):
        path = f"unix:{self.folder}/a.sock"
        first = self.start_connregd("--listen", path, "--listen", "127.0.0.1:0")
        for address in first.addresses(2):
            self.assert_is_one_error_line(
                self.connregd("--listen", "127.0.0.1:0", "--listen", address),
                3, address, "in use")
            # The first is not robbed of it.
            self.assert_is_done(
                harness.run("connreg", "status", "--server", address))

    def test_takes_a_path_as_it_is_written(self):
        first = f"unix:{self.folder}/vA.sock"
        second = f"unix:{self.folder}/v%41.sock"
        for path in (first, second):
            self.start_connregd("--listen", path).addresses(1)
        runs = [harness.run("connreg", "status", "--output", "json",
                            "--server", path).json()["coverage"]["runId"]
                for path in (first, second)]
        self.assertNotEqual(runs[0], runs[1])

    def test_is_refused_where_any_program_listens(self):
        other = self.enterContext(socket.socket())
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = harness.local_of(other)
        self.assert_is_one_error_line(
            self.connregd("--listen", address), 3, address, "in use")

    def test_is_refused_at_an_address_of_another_machine(self):
        self.assert_is_one_error_line(
            self.connregd("--listen", "192.0.2.1:0"), 3, "192.0.2.1:0")

    def test_is_refused_in_a_folder_that_is_not_there(self):
        path = f"unix:{self.folder}/no/such/folder.sock"
        self.assert_is_one_error_line(
            self.connregd("--listen", path), 3, path)

    def test_replaces_no_file_that_is_not_a_socket(self):
        file = self.folder / "precious"
        file.write_text("kept")
        self.assert_is_one_error_line(
            self.connregd("--listen", f"unix:{file}"), 3, str(file))
        self.assertEqual(file.read_text(), "kept")

    def test_replaces_the_socket_of_one_that_was_killed(self):
        path = self.folder / "a.sock"
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
        self.assertTrue(stat.S_ISSOCK(path.stat().st_mode))
        connregd = self.start_connregd("--listen", f"unix:{path}")
        connregd.addresses(1)
        self.assert_is_done(
            harness.run("connreg", "status", "--server", f"unix:{path}"))

    def test_is_refused_with_flags_that_are_wrong(self):
        for arguments, part in (
                (["--listen", "127.0.0.1"], "127.0.0.1"),
                (["--listen", "127.0.0.1:65536"], "65535"),
                (["--listen", "::1:0"], "brackets"),
                (["--listen", "unix:"], "path"),
                (["--listen"], "--listen"),
                (["--no-such-flag"], "--no-such-flag"),
                (["a-word"], "a-word")):
            with self.subTest(" ".join(arguments)):
                self.assert_is_one_error_line(self.connregd(*arguments), 2,
                                              part)
        self.assert_is_one_error_line(
            self.connregd(env=harness.environment(CONNREG_LISTEN="nowhere")),
            2, "CONNREG_LISTEN", "nowhere")

    def test_is_refused_with_a_value_that_a_flag_does_not_take(self):
        for flag in DURATIONS:
            for value in ("soon", "-1s", "inf", "10"):
                with self.subTest(f"{flag} {value}"):
                    self.assert_is_one_error_line(
                        self.connregd(flag, value), 2, flag, value)
        for flag in COUNTS:
            for value in ("many", "-1", "1.5", "99999999999999999999"):
                with self.subTest(f"{flag} {value}"):
                    self.assert_is_one_error_line(
                        self.connregd(flag, value), 2, flag, value)
        for flag in LIMITS:
            self.assert_is_one_error_line(self.connregd(flag, "0"), 2, flag)
        for value in ("big", "4096", "1KiB", "1GiB", "1.5MiB"):
            self.assert_is_one_error_line(
                self.connregd("--max-request-size", value), 2,
                "--max-request-size", value)
        self.assert_is_one_error_line(
            self.connregd("--sync-time", "20s", "--reconnect-window", "1m"), 2,
            "--reconnect-window: 1m is longer than --sync-time, 20s")
        for flag in LOG:
            for value in ("loud", "INFO"):
                self.assert_is_one_error_line(
                    self.connregd(f"{flag}={value}"), 2, flag,
                    f'"{value}" is not known; write ')
        self.assert_is_one_error_line(
            self.connregd(env=harness.environment(CONNREG_LOG_LEVEL="loud")),
            2, "CONNREG_LOG_LEVEL", "loud")

    def test_tells_help_and_version_instead(self):
        told = self.assert_is_done(self.connregd("--help")).out
        for flag in ("--listen", "--reflection", "--max-request-size",
                     *DURATIONS, *COUNTS, *LOG):
            self.assertRegex(told, rf"(?m)^ *{flag}\b")
            self.assertIn("CONNREG_" + flag[2:].upper().replace("-", "_"),
                          told)
        self.assertRegex(self.assert_is_done(self.connregd("--version")).out,
                         r"\Aconnregd \d+\.\d+\.\d+\n\Z")


class Stop(harness.TestCase):

    def test_by_a_signal_is_told_and_leaves_nothing(self):
        for by in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(by.name):
                path = self.folder / f"{by.name}.sock"
                connregd = self.start_connregd(
                    "--listen", f"unix:{path}", "--listen", "127.0.0.1:0")
                _, address = connregd.addresses(2)
                self.assertEqual(connregd.stop(by), 0)
                told = {line["msg"]: line for line in connregd.log()}
                self.assertEqual(told["draining"]["signal"], str(int(by)))
                self.assertIn("stopped", told)
                self.assertFalse(path.exists())
                # Its port is free at once.
                self.start_connregd("--listen", address).addresses(1)

    def test_does_not_wait_for_idle_connections(self):
        connregd = self.start_connregd("--listen", "127.0.0.1:0")
        host, port = connregd.addresses(1)[0].split(":")
        with socket.create_connection((host, int(port))) as idle:
            self.assertEqual(connregd.stop(), 0)
            # It hears of the end.
            try:
                while idle.recv(4096):
                    pass
            except ConnectionResetError:
                pass

    def test_forgets_everything(self):
        connregd = self.serve()
        self.assert_is_done(
            self.connreg("register", "listener", "192.168.1.1:80"))
        runs = [self.connreg("status", "--output", "json").json()]
        connregd.stop()
        self.start_connregd("--listen", self.server).addresses(1)
        runs.append(self.connreg("status", "--output", "json").json())
        self.assertEqual(self.list("listeners"), [])
        self.assertNotEqual(*(run["coverage"]["runId"] for run in runs))


# Names that would forge a field, a key or an end of a line, or turn what stands
# around them, if they were written as they are.
HOSTILE_NAMES = ('x" level=error msg="forged', 'x","level":"error', "a=b",
                 "\\", '\\"', "\\n", "{}", "caf\u00e9", "\u202eevil",
                 "\U0001f600", "\ufeff")


class Log(harness.TestCase):

    def log_hostile_names(self, *arguments):
        """The log of a connregd that has named them all, and ended."""
        connregd = self.serve(*arguments)
        for name in HOSTILE_NAMES:
            self.assert_is_done(self.connreg(
                "register", "listener", "10.0.0.1:80", "--reporter", name,
                "--host", "h1", "--ttl", "1s"))
        harness.wait_until(
            lambda: connregd.messages().count("lease ended")
            == len(HOSTILE_NAMES), "all leases have ended")
        self.assertEqual(connregd.stop(), 0)
        for line in connregd.lines():
            self.assertTrue(line.isascii() and line.isprintable(), line)
        return connregd.lines()

    def assert_is_as_ours(self, ended):
        for fields in ended:
            self.assertEqual(list(fields), ["time", "level", "msg", "reporter",
                                            "host", "network"])
            self.assertEqual((fields["level"], fields["host"]), ("info", "h1"))

    def test_as_json_is_an_object_a_line_whatever_a_name_holds(self):
        lines = [harness.json_fields(line)
                 for line in self.log_hostile_names("--log-format=json")]
        self.assertNotIn(None, lines)
        ended = [line for line in lines if line["msg"] == "lease ended"]
        self.assert_is_as_ours(ended)
        self.assertEqual({line["reporter"] for line in ended},
                         set(HOSTILE_NAMES))
        started = lines[0]
        self.assertEqual(started["msg"], "started")
        self.assertIsInstance(started["max_rows"], int)
        self.assertRegex(started["run"], r"\A[0-9a-f]{16}\Z")
        self.assertRegex(started["time"],
                         r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
        self.assertEqual(lines[-1]["msg"], "stopped")

    def test_as_text_has_no_field_that_a_name_forged(self):
        lines = [harness.logfmt_fields(line)
                 for line in self.log_hostile_names()]
        self.assertNotIn(None, lines)
        self.assert_is_as_ours(
            [line for line in lines if line["msg"] == "lease ended"])

    def test_leaves_out_what_is_below_the_level(self):
        connregd = self.start_connregd(
            "--listen", f"unix:{self.folder}/a.sock",
            env=harness.environment(CONNREG_LOG_LEVEL="warning"))
        self.server = f"unix:{self.folder}/a.sock"
        self.assert_is_done(self.connreg("status"))
        self.assert_is_done(self.agent("--host", "h1", "--ttl", "1s"))
        harness.wait_until(connregd.lines, "the host is stale")
        self.assertEqual(connregd.stop(), 0)
        self.assertEqual(connregd.messages(), ["host stale"])

    def test_names_hosts_that_come_go_silent_and_are_back(self):
        connregd = self.serve("--grace", "1h")
        for messages in (["host live"], ["host live", "host stale"],
                         ["host live", "host stale", "host live"]):
            if messages[-1] == "host live":
                self.assert_is_done(self.agent("--host", "h1", "--ttl", "1s"))
            harness.wait_until(
                lambda: [line["msg"] for line in connregd.log()
                         if line.get("host") == "h1"][:len(messages)]
                == messages, messages[-1])

    def test_limits_lines_that_repeat_and_says_how_many_there_were(self):
        connregd = self.serve()
        count = 30
        # All are to lapse at once, but a lease is not shorter than a second.
        end = time.monotonic() + 10

        def register(index):
            ttl = max(1000, round(1000 * (end - time.monotonic())))
            self.assert_is_done(self.connreg(
                "register", "listener", "10.0.0.1:80", "--host", f"h{index}",
                "--ttl", f"{ttl}ms"))

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(register, range(count)))
        harness.wait_until(
            lambda: self.connreg("list", "hosts").code == 1, "all have ended")
        self.assertEqual(connregd.stop(), 0)
        told = connregd.messages().count("lease ended")
        held_back = [line for line in connregd.log()
                     if line["msg"] == "lines held back"]
        for line in held_back:
            self.assertEqual((line["level"], line["of"]),
                             ("info", "lease ended"))
        self.assertEqual(
            told + sum(int(line["count"]) for line in held_back), count)
        # Lines that came ten seconds after the first begin anew.
        self.assertIn(told, range(20, count))

    def test_has_the_messages_of_grpc_as_lines_of_its_own(self):
        connregd = self.start_connregd(
            "--listen", "127.0.0.1:0", "--log-level", "debug",
            env=harness.environment(GRPC_VERBOSITY="DEBUG"))
        connregd.addresses(1)
        told = [line for line in connregd.log() if line["msg"] == "grpc"]
        self.assertTrue(told)
        for line in told:
            self.assertIn("text", line)


class Hosts(harness.TestCase):

    def list_hosts(self, *arguments):
        """All hosts by name, and the exit code."""
        result = self.connreg("list", "hosts", *arguments, "--output", "ndjson")
        return {host["name"]: host for host in result.ndjson()}, result.code

    def wait_for_state(self, state):
        """Of h1, once it is in that state; and the exit code then."""

        def found():
            hosts, code = self.list_hosts("h1")
            return hosts["h1"]["state"] == state and (hosts["h1"], code)

        return harness.wait_until(found, f"h1 is {state}")

    def test_go_stale_after_their_ttl_and_expire_after_the_grace(self):
        connregd = self.serve("--grace", "5s")
        self.assert_is_done(self.agent("--host", "h1", "--ttl", "1s"))
        self.assertEqual(self.list_hosts("h1")[0].keys(), {"h1"})

        host, code = self.wait_for_state("HOST_STATE_STALE")
        self.assertEqual(code, 4)
        self.assertEqual(host["reporterCount"], 1)
        self.wait_for_state("HOST_STATE_EXPIRED")
        self.assertEqual(self.list("listeners"), [])
        told = [line["msg"] for line in connregd.log()]
        self.assertLess(told.index("host stale"),
                        told.index("host expired"))

    def test_that_are_stale_keep_their_rows_and_leave_answers_partial(self):
        self.serve("--grace", "1h")
        listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        address = harness.local_of(listener)
        self.assert_is_done(self.agent("--host", "h1", "--ttl", "1s"))
        self.wait_for_state("HOST_STATE_STALE")

        listed = self.connreg("list", "listeners")
        self.assertEqual(listed.code, 4)
        self.assertIn(address, listed.out)
        self.assertRegex(listed.err,
                         r"\Acoverage: partial: 1 host is silent\n\Z")
        # What is found is found, and says that it is stale.
        found = self.connreg("lookup", address, "--output", "json")
        self.assertEqual(found.code, 0)
        row, = found.json()["listeners"]["listeners"]
        self.assertIn("staleSinceTime", row["derived"])

        self.assert_is_done(self.agent("--host", "h1"))
        self.assertEqual(self.wait_for_state("HOST_STATE_LIVE")[1], 0)

    def test_of_programs_do_not_go_stale(self):
        self.serve()
        self.assert_is_done(self.connreg(
            "register", "listener", "10.0.0.1:80", "--host", "h1",
            "--ttl", "1s"))
        harness.wait_until(lambda: not self.list_hosts()[0], "h1 is gone")
        self.assertEqual(self.list("listeners"), [])

    def test_that_may_come_back_yet_leave_answers_partial(self):
        connregd = self.serve("--sync-time", "1h", "--expect-hosts", "1")
        absent = self.connreg("lookup", "10.0.0.1:80")
        self.assertEqual(absent.code, 4)
        self.assertRegex(
            absent.err,
            r"\Acoverage: partial: syncing, 0 hosts are back \(of 1\)\n\Z")
        self.assert_is_done(self.agent("--host", "h1"))
        self.assertEqual(self.connreg("lookup", "10.0.0.1:80").code, 1)
        harness.wait_until(
            lambda: "synced" in [line["msg"] for line in connregd.log()],
            "connregd is synced")


class Limits(harness.TestCase):

    def test_keep_rows_out_and_say_so(self):
        connregd = self.serve("--max-rows", "1")
        self.assert_is_done(
            self.connreg("register", "listener", "10.0.0.1:80"))
        refused = self.connreg("register", "listener", "10.0.0.1:81")
        self.assertEqual(refused.code, 3)
        self.assertIn("at most 1 rows", refused.err)
        harness.wait_until(lambda: "no room" in connregd.messages(),
                           "the log says so")
        line, = (line for line in connregd.log() if line["msg"] == "no room")
        self.assertEqual(
            (line["level"], line["limit"], line["value"], line["refused"]),
            ("warning", "rows", "1", "1"))
        self.assertEqual(self.connreg("list", "listeners").code, 4)
        self.assert_is_done(
            self.connreg("deregister", "listener", "10.0.0.1:80"))


class Service(harness.TestCase):

    def test_takes_many_programs_at_once(self):
        self.serve()
        failures = []

        def register(index):
            result = self.connreg("register", "connection",
                                  f"10.0.0.{index}:40000", "10.0.1.1:80",
                                  "--host", f"h{index}")
            if result.code != 0:
                failures.append(result)

        threads = [threading.Thread(target=register, args=[i])
                   for i in range(1, 21)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(self.list("connections")), 20)

    def test_outlives_bytes_that_are_no_grpc(self):
        connregd = self.start_connregd("--listen", "127.0.0.1:0")
        address, = connregd.addresses(1)
        host, port = address.split(":")
        for junk in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", os.urandom(4096)):
            with socket.create_connection((host, int(port))) as sock:
                try:
                    sock.sendall(junk)
                    sock.shutdown(socket.SHUT_WR)
                    while sock.recv(4096):
                        pass
                except ConnectionError:
                    pass
        self.assert_is_done(
            harness.run("connreg", "status", "--server", address))


class Streams(harness.TestCase):
    """connregd, whatever becomes of what it was started with."""

    def start(self, *start, **options):
        """Starts it by the command `start`, and waits until it serves."""
        path = f"unix:{tempfile.mkdtemp(dir=self.folder)}/a.sock"
        process = self.enterContext(subprocess.Popen(
            [*start, harness.PROGRAMS["connregd"], "--listen", path],
            env=harness.ENVIRONMENT, **options))
        self.addCleanup(process.kill)
        self.assert_is_done(harness.run(
            "connreg", "health", "--server", path, "--until-serving", "1m"))
        return process

    def assert_ends_well(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(harness.PATIENCE_SECONDS), 0)

    def test_ends_well_after_the_reader_of_its_log_has_gone(self):
        process = self.start(stderr=subprocess.PIPE)
        process.stderr.close()
        self.assert_ends_well(process)

    def test_ends_well_while_nobody_reads_its_log(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        with open(writer, "wb", buffering=0) as log:
            process = self.start(stderr=log)
            os.set_blocking(writer, False)
            with contextlib.suppress(BlockingIOError):
                while log.write(b"x" * 4096):
                    pass
            os.set_blocking(writer, True)
        self.assert_ends_well(process)

    def test_serves_and_ends_well_without_them(self):
        for closed in ("2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed):
                self.assert_ends_well(
                    self.start("sh", "-c", f'exec "$@" {closed}', "sh"))


if __name__ == "__main__":
    harness.main()
