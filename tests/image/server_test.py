"""That the images are small, and the server restricted, healthy, obedient."""

import pathlib
import re
import socket
import tempfile
import time
import urllib.request

import containers
import engine
import images

MEGABYTE = 1_000_000

# connregd gives calls in flight five seconds; the rest is podman's.
DRAIN_SECONDS = 5 + 3

NOT_ROOT = "65532"


def version():
    listing = (engine.ROOT / "CMakeLists.txt").read_text()
    return re.search(r"project\(connreg VERSION ([0-9.]+) ", listing)[1]


class TheImages(containers.TestCase):

    def inspect(self, target):
        return self.engine().inspect("image", images.name_of(target))

    def test_are_small(self):
        for target in images.TARGETS:
            size = self.inspect(target)["Size"]
            print(f"{target}: {size / MEGABYTE:.1f} MB", flush=True)
            if target != "example":
                self.assertLessEqual(size, 40 * MEGABYTE, target)

    def test_say_what_they_are(self):
        for target in ("server", "agent", "cli"):
            labels = self.inspect(target)["Labels"]
            prefix = "org.opencontainers.image."
            self.assertEqual(labels[prefix + "version"], version())
            self.assertEqual(labels[prefix + "licenses"], "Apache-2.0")
            self.assertTrue(labels[prefix + "title"])

    def test_hold_programs_and_what_they_load(self):
        for target in ("server", "agent", "cli"):
            mounted = self.engine().podman(
                "image", "mount", images.name_of(target))
            self.addCleanup(self.engine().podman, "image", "unmount",
                            images.name_of(target))
            files = engine.do("find", mounted, "-type", "f", "-printf",
                              "/%P\n").splitlines()
            allowed = re.compile(
                r"/usr/bin/connreg(d|-agent)?|/usr/share/doc/[a-z-]+/LICENSE"
                r"|/(usr/)?lib(64)?/(\S+/)?(lib|ld-)\S+\.so(\.[0-9.]+)?")
            self.assertEqual(
                [file for file in files if not allowed.fullmatch(file)], [])


class Server(containers.TestCase):

    def test_runs_without_any_privilege(self):
        status = self.serve().status()
        self.assertEqual(set(status["Uid"].split()), {NOT_ROOT})
        self.assertEqual(set(status["Gid"].split()), {NOT_ROOT})
        for kind in ("CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual(status["NoNewPrivs"], "1")

    def test_cannot_write_its_files(self):
        server = self.serve()
        mounts = pathlib.Path(f"/proc/{server.pid}/mountinfo").read_text()
        root = next(fields for fields in map(str.split, mounts.splitlines())
                    if fields[4] == "/")
        self.assertIn("ro", root[5].split(","))

    def test_is_reached_from_outside(self):
        server = self.serve()
        socket.create_connection((server.address, 7878), timeout=10).close()

    def test_tells_its_metrics_outside(self):
        address = f"http://{self.serve().address}:7879/metrics"
        # No proxy leads to it.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=10) as answer:
            self.assertIn("# TYPE connreg", answer.read().decode())

    def test_answers_the_command_line_of_the_other_image(self):
        result = self.ask(self.serve(), "status")
        self.assertIn(result.code, (0, 4), result)
        self.assertRegex(result.out, rf"(?m)^version +{re.escape(version())}$")

    def test_answers_its_own_command_line(self):
        result = self.serve().do("connreg", "status")
        self.assertIn(result.code, (0, 4), result)
        self.assertIn("version", result.out)

    def test_stops_in_time_while_a_client_is_connected(self):
        server = self.serve()
        with socket.create_connection((server.address, 7878), timeout=10):
            started = time.monotonic()
            self.assertEqual(server.stop(), 0, server.log())
            self.assertLess(time.monotonic() - started, DRAIN_SECONDS)
        self.assertRegex(server.log(), r"draining(.|\n)*stopped")


class Health(containers.TestCase):

    def test_is_checked_as_the_image_says(self):
        check = self.serve().inspect()["Config"]["Healthcheck"]
        self.assertEqual(check["Test"], ["CMD", "/usr/bin/connreg", "health"])

    def test_is_good_once_it_serves(self):
        server = self.serve()
        self.assertTrue(server.check_health())
        state = server.inspect()["State"]
        # podman's inspect has called it by both names.
        health = state.get("Health") or state.get("Healthcheck")
        self.assertEqual(health["Status"], "healthy")

    def test_is_bad_where_nobody_answers(self):
        server = self.serve("--listen=0.0.0.0:7900")
        self.assertFalse(server.check_health())

    def test_is_good_at_another_port_if_told(self):
        server = self.serve("--listen=0.0.0.0:7900",
                            options=("--env=CONNREG_SERVER=127.0.0.1:7900",))
        self.assertTrue(server.check_health())


class WrongConfiguration(containers.TestCase):

    def test_by_an_unknown_flag_is_one_line(self):
        self.assert_is_one_error_line(
            self.try_image("server", "--no-such-flag=1"), 2, "--no-such-flag")

    def test_by_a_size_without_sense_is_one_line(self):
        self.assert_is_one_error_line(
            self.try_image("server",
                           options=("--env=CONNREG_MAX_REQUEST_SIZE=lots",)),
            2, "lots")

    def test_by_a_flag_file_that_is_not_there_is_one_line(self):
        self.assert_is_one_error_line(
            self.try_image("server", "--flagfile=/etc/connreg.flags"), 2,
            "/etc/connreg.flags")

    def test_by_a_flag_file_of_another_user_is_one_line(self):
        with tempfile.NamedTemporaryFile(dir="/run") as file:
            self.assert_is_one_error_line(
                self.try_image("server", "--flagfile=/flags",
                               options=(f"--volume={file.name}:/flags:ro",)),
                2, "/flags", "ermission")

    def test_by_a_port_in_use_is_one_line(self):
        server = self.serve()
        result = self.try_image(
            "server", options=(f"--network=container:{server.name}",))
        self.assert_is_one_error_line(result, 3, "0.0.0.0:7878")
