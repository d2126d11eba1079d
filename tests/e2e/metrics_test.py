"""That Prometheus can be pointed at connregd: promtool finds no fault with its
metrics, and a real Prometheus scrapes them."""

import http.client
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.parse

import harness
import unpacked


DOCKER = pathlib.Path(__file__).resolve().parents[2] / "docker"
ALERTS = (DOCKER / "alerts.yaml").read_text()


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
        self.connregd = self.serve("--metrics-listen", listen, *arguments)
        return harness.wait_until(
            lambda: next((line["address"] for line in self.connregd.log()
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
                 if name.startswith("grpc_server_handled_total")
                 and 'grpc_code="OK"' in name}
        self.assertEqual((calls["Register"], calls["Lookup"]), (2, 1))

    def test_are_all_in_the_operators_guide(self):
        _, text = get(self.serve_metrics(), "/metrics")
        guide = (DOCKER / "README.md").read_text()
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
        for path in ("/", "/metrics/", "/../etc/passwd", "/" + "x" * 100_000):
            self.assertIn(get(address, path)[0].status, (404, 414, 431), path)

    def idle(self, address, count):
        """Connections that have begun a request and say no more."""
        host, port = address.split(":")
        for _ in range(count):
            client = self.enterContext(socket.create_connection((host, port)))
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")

    def test_outlive_who_asks_and_does_not_go_on(self):
        address = self.serve_metrics()
        self.idle(address, 8)
        self.assertEqual(get(address, "/metrics")[0].status, 200)

    def test_hold_nobody_back_who_stops_the_service(self):
        address = self.serve_metrics()
        self.idle(address, 8)
        started = time.monotonic()
        self.assertEqual(self.connregd.stop(), 0)
        self.assertLess(time.monotonic() - started,
                        harness.PATIENCE_SECONDS / 2)

    def test_leave_descriptors_to_the_service(self):
        address = self.serve_metrics()
        descriptors = pathlib.Path(f"/proc/{self.connregd.pid}/fd")
        before = len(list(descriptors.iterdir()))
        self.idle(address, 200)
        self.assertLessEqual(len(list(descriptors.iterdir())), before + 32)
        self.assert_is_done(self.connreg("status"))

    def test_take_no_request_without_an_end(self):
        address = self.serve_metrics()
        host, port = address.split(":")
        with socket.create_connection((host, port)) as client:
            try:
                for _ in range(1024):
                    client.sendall(b"x" * 2**10)
                answer = client.recv(2**10)
            except ConnectionError:
                answer = b""
        self.assertNotIn(b" 200 ", answer)
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

    def test_need_a_port_that_is_not_the_services(self):
        for address in ("127.0.0.1", "0.0.0.0"):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            self.assert_is_one_error_line(
                harness.run("connregd", "--listen", f"127.0.0.1:{port}",
                            "--metrics-listen", f"{address}:{port}"),
                3, f"127.0.0.1:{port}", "in use")

    def test_need_an_address_that_is_one(self):
        for wrong in ("unix:/run/x.sock", "somewhere", "127.0.0.1:65536", "::1",
                      ":99", "none,none"):
            with self.subTest(wrong):
                self.assert_is_one_error_line(
                    harness.run("connregd", "--metrics-listen", wrong),
                    2, "--metrics-listen", wrong,
                    "write HOST:PORT, [IPV6]:PORT or none")


def series(name, values, **labels):
    """One series of `promtool test rules`, of one connregd."""
    labels = {"job": "connreg", "instance": "a", **labels}
    written = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return {"series": f"{name}{{{written}}}", "values": values}


WELL = {
    "up": series("up", "1x30"),
    "live": series("connreg_hosts", "3x30", state="live"),
    "stale": series("connreg_hosts", "0x30", state="stale"),
    "expected": series("connreg_expected_hosts", "3x30"),
    "syncing": series("connreg_syncing", "0x30"),
    "refused": series("connreg_refused_total", "0x30", limit="rows"),
    "divergences": series("connreg_divergences_total", "0x30"),
    "taken": series("connreg_sessions_refused_total", "0x30",
                    reason="HOST_NAME_TAKEN"),
    "held": series("connreg_expiry_held", "0x30"),
    "observations": series("connreg_observations", "10x30"),
    "listeners": series("connreg_listeners", "10x30"),
    "limit": series("connreg_limit", "100x30", limit="rows"),
    "other limit": series("connreg_limit", "1x30", limit="reporters"),
    "open": series("process_open_fds", "10x30"),
    "most": series("process_max_fds", "100x30"),
    "calls": series("grpc_server_handled_total", "0+6000x30",
                    grpc_method="Lookup", grpc_code="OK"),
    "errors": series("grpc_server_handled_total", "0x30",
                     grpc_method="Lookup", grpc_code="InvalidArgument"),
}

# What sets each alert off, in the place of that.
ILL = {
    "ConnregDown": {"up": series("up", "0x30")},
    "ConnregHostsSilent": {
        "stale": series("connreg_hosts", "1x30", state="stale")},
    "ConnregHostsMissing": {
        "live": series("connreg_hosts", "2x30", state="live")},
    "ConnregRowsDiverge": {
        "divergences": series("connreg_divergences_total", "0x10 1x20")},
    "ConnregHostNameTaken": {
        "taken": series("connreg_sessions_refused_total", "0+1x30",
                        reason="HOST_NAME_TAKEN")},
    "ConnregExpiryHeld": {"held": series("connreg_expiry_held", "1x30")},
    "ConnregRefusesRows": {
        "refused": series("connreg_refused_total", "0+5x30", limit="rows")},
    "ConnregAlmostFull": {
        "observations": series("connreg_observations", "75x30")},
    "ConnregDescriptorsLow": {"open": series("process_open_fds", "81x30")},
    "ConnregCallsFail": {
        "errors": series("grpc_server_handled_total", "0+600x30",
                         grpc_method="Lookup", grpc_code="InvalidArgument")},
}


class Alerts(harness.TestCase):

    def firing(self, seen):
        """The alerts that `seen` sets off after 25 minutes."""
        (self.folder / "alerts.yaml").write_text(ALERTS)
        fired = set()
        for name in ILL:
            test = {"rule_files": ["alerts.yaml"], "tests": [{
                "interval": "1m", "input_series": list(seen.values()),
                "promql_expr_test": [{
                    "expr": f"ALERTS{{alertname='{name}',alertstate='firing'}}",
                    "eval_time": "25m", "exp_samples": []}]}]}
            (self.folder / "test.yaml").write_text(json.dumps(test))
            done = subprocess.run(
                [prometheus_program("promtool"), "test", "rules", "test.yaml"],
                cwd=self.folder, capture_output=True, text=True, check=False,
                timeout=harness.PATIENCE_SECONDS)
            if done.returncode != 0:
                self.assertIn(name, done.stdout + done.stderr)
                fired.add(name)
        return fired

    def test_are_silent_while_all_is_well(self):
        self.assertEqual(self.firing(WELL), set())

    def test_fire_for_what_they_are_named_after(self):
        for name, ill in ILL.items():
            with self.subTest(name):
                self.assertEqual(self.firing({**WELL, **ill}), {name})

    def test_are_all_tested(self):
        self.assertEqual(set(re.findall(r"alert: (\w+)", ALERTS)), set(ILL))


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
