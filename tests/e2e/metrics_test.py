"""That Prometheus can be pointed at connregd: promtool finds no fault with its
metrics, and a real Prometheus scrapes them."""

import http.client
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import urllib.parse

import harness
import unpacked


def prometheus_program(name):
    """The path of one of the programs of Debian's package of Prometheus."""
    cache = pathlib.Path(harness.PROGRAMS["connregd"]).parents[1] / "unpacked"
    return str(unpacked.unpacked("prometheus", cache) / "usr/bin" / name)


def get(address, path, **headers):
    """The answer of a server at `address`, and its body as text."""
    connection = http.client.HTTPConnection(
        address, timeout=harness.PATIENCE_SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


def samples(text):
    """The values of metrics in Prometheus' text format, by name and labels."""
    values = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            values[name] = float(value)
    return values


class Measured(harness.TestCase):

    def serve_metrics(self, *arguments, listen="127.0.0.1:0"):
        """Starts connregd, and returns where its metrics are."""
        connregd = self.serve("--metrics-listen", listen, *arguments)
        return harness.wait_until(
            lambda: next((line["address"] for line in connregd.log()
                          if line.get("msg") == "serving metrics"), None),
            "connregd serves metrics")


class Metrics(Measured):

    def test_are_clean_for_promtool(self):
        address = self.serve_metrics()
        self.connreg("lookup", "10.0.0.5:80")
        _, text = get(address, "/metrics")
        checked = subprocess.run(
            [prometheus_program("promtool"), "check", "metrics"], input=text,
            capture_output=True, text=True, timeout=harness.PATIENCE_SECONDS,
            check=False)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr),
                         (0, "", ""))

    def test_count_what_is_registered_and_asked(self):
        address = self.serve_metrics()
        self.assert_is_done(self.connreg(
            "register", "listener", "10.0.0.5:80", "--host", "web1"))
        self.assert_is_done(self.connreg(
            "register", "connection", "10.0.0.9:5000", "10.0.0.5:80",
            "--host", "web2"))
        self.connreg("lookup", "10.0.0.5:80")
        response, text = get(address, "/metrics")
        self.assertEqual(response.status, 200)
        self.assertRegex(response.headers["Content-Type"],
                         r"\Atext/plain; version=0\.0\.4")
        found = samples(text)
        self.assertEqual(found["connreg_listeners"], 1)
        self.assertEqual(found["connreg_observations"], 1)
        self.assertEqual(found['connreg_hosts{state="no_agent"}'], 2)
        self.assertGreater(found["process_resident_memory_bytes"], 1e6)
        calls = {re.search(r'grpc_method="(\w+)"', name)[1]: value
                 for name, value in found.items()
                 if name.startswith("grpc_server_handled_total")}
        self.assertEqual((calls["Register"], calls["Lookup"]), (2, 1))

    def test_are_all_in_the_operators_guide(self):
        _, text = get(self.serve_metrics(), "/metrics")
        guide = (pathlib.Path(__file__).resolve().parents[2]
                 / "docker/README.md").read_text()
        names = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
        told = set(re.findall(r"\b(?:connreg|grpc_server|process)_\w+", guide))
        self.assertEqual(names, told)

    def test_are_served_over_ipv6_too(self):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
        except OSError as error:
            self.skipTest(f"this machine has no ::1: {error}")
        address = self.serve_metrics(listen="[::1]:0")
        self.assertEqual(get(address, "/metrics")[0].status, 200)

    def test_are_all_that_is_served_there(self):
        address = self.serve_metrics()
        for path in ("/", "/metrics/", "/../etc/passwd", "/" + "x" * 10_000):
            self.assertIn(get(address, path)[0].status, (400, 404, 414), path)

    def test_outlive_who_asks_and_does_not_go_on(self):
        address = self.serve_metrics()
        host, port = address.split(":")
        for _ in range(6):
            idle = self.enterContext(socket.create_connection((host, port)))
            idle.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
        self.assertEqual(get(address, "/metrics")[0].status, 200)

    def test_are_nowhere_if_told_so(self):
        connregd = self.serve("--metrics-listen", "none")
        self.assertNotIn("serving metrics", connregd.messages())

    def test_need_a_port_of_their_own(self):
        address = self.serve_metrics()
        self.assert_is_one_error_line(
            harness.run("connregd", "--listen", "127.0.0.1:0",
                        "--metrics-listen", address),
            3, address, "in use", "--metrics-listen")
        self.assertEqual(get(address, "/metrics")[0].status, 200)

    def test_need_an_address_that_is_one(self):
        for wrong in ("unix:/run/x.sock", "somewhere", "127.0.0.1:65536", "::1"):
            with self.subTest(wrong):
                self.assert_is_one_error_line(
                    harness.run("connregd", "--metrics-listen", wrong),
                    2, "--metrics-listen", wrong)


class Prometheus(Measured):

    def start_prometheus(self, target):
        """Starts one that scrapes `target`, and returns its address."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = harness.local_of(probe)
        config = {"scrape_configs": [{
            "job_name": "connreg", "scrape_interval": "1s",
            "static_configs": [{"targets": [target]}]}]}
        (folder / "prometheus.yml").write_text(json.dumps(config))
        with open(folder / "prometheus.log", "wb") as log:
            process = subprocess.Popen(
                [prometheus_program("prometheus"),
                 f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address={address}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

        def stop():
            process.terminate()
            try:
                process.wait(harness.PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        self.addCleanup(stop)
        return address

    def ask(self, address, query):
        """The value of `query` now, or None."""
        try:
            response, text = get(address, "/api/v1/query?" +
                                 urllib.parse.urlencode({"query": query}))
        except OSError:
            return None
        if response.status != 200:
            return None
        result = json.loads(text)["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    def test_scrapes_a_running_service(self):
        target = self.serve_metrics()
        prometheus = self.start_prometheus(target)
        harness.wait_until(lambda: self.ask(prometheus, "up") == 1,
                           "Prometheus has scraped connregd")
        self.assert_is_done(self.connreg(
            "register", "listener", "10.0.0.5:80", "--host", "web1"))
        harness.wait_until(
            lambda: self.ask(prometheus, "connreg_listeners") == 1,
            "Prometheus sees the listener")
        self.assertEqual(self.ask(
            prometheus,
            'grpc_server_handled_total{grpc_method="Register",grpc_code="OK"}'),
            1)


if __name__ == "__main__":
    harness.main()
