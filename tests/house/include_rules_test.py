"""Who may include whom, in service/ and client/."""

import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What the files of each folder may include, besides their own folder, Abseil,
# and the headers of the language and the system.
#
#   proto        generated messages
#   grpc         gRPC and generated services
#   grpc status  grpc::Status alone
#   CLI11        the parser of command lines
#   utf8proc     what Unicode knows of characters: their width and boundaries
#   prometheus   prometheus-cpp: metrics, and their text
#   microhttpd   libmicrohttpd: an HTTP server
#   openssl      OpenSSL's libcrypto: digests
MAY_INCLUDE = {
    "service/base": [],
    # Puts gRPC's own messages into the log.
    "service/grpc": ["service/base", "grpc"],
    "service/flags": ["service/base", "CLI11"],
    "service/net": ["service/base"],
    "service/model": ["service/base", "service/net"],
    "service/core": ["service/base", "service/net", "service/model"],
    "service/wire": ["service/base", "service/net", "service/model", "proto",
                     "grpc status", "openssl"],
    "service/rpc": ["service/base", "service/net", "service/model",
                    "service/core", "service/wire", "proto", "grpc",
                    "grpc status"],
    "service/server": ["service/base", "service/grpc", "service/flags",
                       "service/net", "service/model", "service/core",
                       "service/wire", "service/rpc", "grpc", "grpc status",
                       "prometheus", "microhttpd"],
    "client/lib": ["service/base", "service/net", "service/model",
                   "service/wire", "proto", "grpc", "grpc status"],
    "client/cli": ["service/base", "service/flags", "service/net",
                   "service/model", "service/wire", "proto", "client/lib",
                   "CLI11", "utf8proc"],
    # The collectors read the kernel and know nothing of where that goes.
    "client/agent": ["service/base", "service/net", "service/model"],
    "client/agent, reporter": [
        "service/base", "service/grpc", "service/flags", "service/net",
        "service/model", "service/wire", "proto", "client/lib",
        "client/agent"],
}

# The files that stand apart from the rest of their folder.
APART = {
    f"client/agent/{name}": "client/agent, reporter"
    for name in ("flags.h", "flags.cc", "report_journal.h", "report_journal.cc",
                 "report_loop.h", "report_loop.cc", "reporter.h", "reporter.cc",
                 "run.h", "run.cc", "serve.h", "serve.cc", "service_calls.h",
                 "service_stream.h", "service_stream.cc", "main.cc")
}

# What an include is, by the first pattern that matches its whole path.
KINDS = [
    (r"(connreg/v1|google/rpc|grpc/health/v1)/\w+\.pb\.h|google/protobuf/.*",
     "proto"),
    (r"grpcpp/support/status\.h", "grpc status"),
    (r"(grpc|grpcpp)/.*|.*\.grpc\.pb\.h", "grpc"),
    (r"CLI/.*", "CLI11"),
    (r"utf8proc\.h", "utf8proc"),
    (r"prometheus/.*", "prometheus"),
    (r"microhttpd\.h", "microhttpd"),
    (r"openssl/\w+\.h", "openssl"),
    (r"absl/.*", None),
    (r"(arpa|linux|net|netinet|sys)/\w+\.h|\w+(\.h)?", None),
]


def zone_of(path):
    return APART.get(path, path.rpartition("/")[0])


def kind_of(include):
    """The zone or kind that `include` is of; None for what all may include."""
    if include.startswith(("service/", "client/")):
        return zone_of(include)
    for pattern, kind in KINDS:
        if re.fullmatch(pattern, include):
            return kind
    return "unknown"


def violations(root):
    """Every breach of the rules below `root`, as "file:line: what is wrong"."""
    found = []
    for folder in ("service", "client"):
        for file in sorted((root / folder).rglob("*.*")):
            if file.suffix in (".h", ".cc"):
                path = file.relative_to(root).as_posix()
                found += file_violations(path, file.read_text())
    return found


def file_violations(path, text):
    zone = zone_of(path)
    if zone not in MAY_INCLUDE:
        return [f"{path}:1: its folder has no rules in MAY_INCLUDE"]
    found = []
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if not match:
            continue
        kind = kind_of(match[1])
        if kind not in [None, zone, *MAY_INCLUDE[zone]]:
            found.append(f"{path}:{number}: {zone} may not include "
                         f"{match[1]}, which is {kind}")
    if path.endswith(".h"):
        guard = "CONNREG_" + re.sub(r"[/.]", "_", path).upper() + "_"
        opening = [f"#ifndef {guard}", f"#define {guard}"]
        if [line for line in lines if line.startswith("#")][:2] != opening:
            found.append(f"{path}:1: its include guard is not {guard}")
    return found


class TheTree(unittest.TestCase):

    def test_keeps_the_rules(self):
        self.assertEqual(violations(ROOT), [])

    def test_has_files_in_every_zone(self):
        # Else a rule above speaks of nothing, or the walk misses a folder.
        zones = {zone_of(file.relative_to(ROOT).as_posix())
                 for folder in ("service", "client")
                 for file in (ROOT / folder).rglob("*.cc")}
        self.assertEqual(zones, set(MAY_INCLUDE))


class ASmallTree(unittest.TestCase):

    def violations_of(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True)
            file.write_text(text)
            return violations(pathlib.Path(folder))

    def check_allowed(self, path, *includes):
        text = "".join(f'#include "{include}"\n' for include in includes)
        self.assertEqual(self.violations_of(path, text), [])

    def check_refused(self, path, include):
        for form in (f'#include "{include}"', f"#  include <{include}>  // x"):
            found = self.violations_of(path, "\n" + form + "\n")
            self.assertEqual(len(found), 1, include)
            self.assertIn(f"{path}:2: ", found[0])
            self.assertIn(include, found[0])

    def test_system_headers_and_abseil_are_for_all(self):
        self.check_allowed("service/base/x.cc", "string", "unistd.h",
                           "sys/socket.h", "absl/strings/str_cat.h")

    def test_what_is_not_known_is_refused(self):
        self.check_refused("service/base/x.cc", "boost/asio.hpp")
        self.check_refused("service/net/x.cc", "endpoint/endpoint.h")

    def test_lower_folders_do_not_include_higher_ones(self):
        self.check_refused("service/base/x.cc", "service/net/endpoint.h")
        self.check_refused("service/net/x.cc", "service/model/socket.h")
        self.check_refused("service/model/x.cc", "service/core/registry.h")
        self.check_refused("service/wire/x.cc", "service/core/registry.h")
        self.check_refused("service/core/x.cc", "service/wire/socket.h")

    def test_core_knows_neither_grpc_nor_protobuf(self):
        self.check_allowed("service/core/x.cc", "service/model/socket.h",
                           "service/net/endpoint.h", "service/core/y.h")
        self.check_refused("service/core/x.cc", "grpcpp/grpcpp.h")
        self.check_refused("service/core/x.cc", "grpc/grpc.h")
        self.check_refused("service/core/x.cc", "connreg/v1/socket.pb.h")
        self.check_refused("service/core/x.cc", "google/protobuf/message.h")

    def test_wire_knows_only_the_status_of_grpc(self):
        self.check_allowed("service/wire/x.cc", "grpcpp/support/status.h",
                           "google/rpc/status.pb.h")
        self.check_refused("service/wire/x.cc", "grpcpp/server.h")

    def test_only_programs_log_for_grpc(self):
        for path in ("service/server/main.cc", "client/agent/main.cc"):
            self.check_allowed(path, "service/grpc/log.h")
        for path in ("service/base/log.cc", "service/core/x.cc",
                     "client/agent/collector.cc"):
            self.check_refused(path, "service/grpc/log.h")
            self.check_refused(path, "grpc/support/log.h")

    def test_services_are_grpc_although_generated(self):
        self.check_allowed("service/rpc/x.cc", "connreg/v1/a.grpc.pb.h")
        self.check_refused("client/cli/x.cc", "connreg/v1/a.grpc.pb.h")
        self.check_refused("client/cli/x.cc", "grpc/health/v1/a.grpc.pb.h")

    def test_generated_messages_below_a_folder_of_grpc_are_messages(self):
        self.check_allowed("client/cli/x.cc", "grpc/health/v1/health.pb.h")
        self.check_refused("service/core/x.cc", "grpc/health/v1/health.pb.h")

    def test_cli_asks_through_the_client_library(self):
        self.check_allowed("client/cli/x.cc", "client/lib/client.h",
                           "CLI/CLI.hpp", "connreg/v1/socket.pb.h")
        self.check_refused("client/cli/x.cc", "grpcpp/channel.h")
        self.check_refused("client/cli/x.cc", "service/core/registry.h")

    def test_only_programs_have_flags(self):
        for path in ("service/server/x.cc", "client/cli/x.cc",
                     "client/agent/flags.cc"):
            self.check_allowed(path, "service/flags/program.h")
        for path in ("client/lib/x.cc", "service/rpc/x.cc",
                     "service/core/x.cc", "client/agent/collector.cc"):
            self.check_refused(path, "service/flags/program.h")

    def test_flags_know_nothing_of_what_they_are_for(self):
        self.check_allowed("service/flags/x.cc", "CLI/CLI.hpp",
                           "service/base/status_macros.h")
        self.check_refused("service/flags/x.cc", "service/net/endpoint.h")
        self.check_refused("service/server/x.cc", "CLI/CLI.hpp")
        self.check_refused("client/lib/x.cc", "CLI/CLI.hpp")

    def test_only_who_lays_out_text_measures_it(self):
        self.check_allowed("client/cli/x.cc", "utf8proc.h")
        for path in ("service/wire/x.cc", "client/lib/x.cc",
                     "client/agent/x.cc"):
            self.check_refused(path, "utf8proc.h")

    def test_only_the_server_has_metrics(self):
        self.check_allowed("service/server/x.cc", "prometheus/counter.h",
                           "microhttpd.h")
        for path in ("service/rpc/x.cc", "service/core/x.cc",
                     "client/agent/run.cc"):
            self.check_refused(path, "prometheus/counter.h")
            self.check_refused(path, "microhttpd.h")

    def test_of_the_agent_only_the_reporter_knows_the_wire(self):
        for path in ("client/agent/reporter.cc", "client/agent/run.cc",
                     "client/agent/main.cc"):
            self.check_allowed(path, "connreg/v1/socket.pb.h",
                               "client/lib/client.h", "service/wire/socket.h",
                               "client/agent/reporter.h",
                               "client/agent/collector.h")
        for include in ("connreg/v1/socket.pb.h", "client/lib/client.h",
                        "service/wire/socket.h", "client/agent/reporter.h"):
            self.check_refused("client/agent/collector.cc", include)

    def test_a_folder_without_rules_is_refused(self):
        for path in ("service/new/x.cc", "service/core/deep/x.h",
                     "client/x.cc"):
            self.assertEqual(self.violations_of(path, ""), [
                f"{path}:1: its folder has no rules in MAY_INCLUDE"])

    def test_an_include_guard_is_the_path(self):
        guard = "CONNREG_SERVICE_NET_ENDPOINT_H_"
        right = f"// What it is.\n\n#ifndef {guard}\n#define {guard}\n#endif\n"
        path = "service/net/endpoint.h"
        self.assertEqual(self.violations_of(path, right), [])
        for wrong in ("", "#pragma once\n", right.replace("NET", "MODEL"),
                      right.replace("#define CONNREG_", "#define ")):
            self.assertEqual(self.violations_of(path, wrong),
                             [f"{path}:1: its include guard is not {guard}"])


if __name__ == "__main__":
    unittest.main()
