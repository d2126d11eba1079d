"""That the core of the service links Abseil, and nothing of gRPC or protobuf."""

import argparse
import re
import subprocess
import unittest

# Abseil, the language, the system, and what a sanitizer's runtime asks for.
ALLOWED = re.compile(
    r"libabsl_\w+|libstdc\+\+|libgcc_s|libc|libm|libdl|libpthread|libresolv"
    r"|librt|ld-linux-\S+|linux-vdso")

REFUSED = re.compile(r"\bgrpc(_\w+|::\S*)|\bgoogle::protobuf::\S+")


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True,
                          text=True).stdout


def libraries_of(program):
    """What is loaded along with it, also on behalf of another library."""
    return [line.split()[0].rpartition("/")[2].partition(".so")[0]
            for line in output_of("ldd", program).splitlines()]


def refused_symbols_of(archive):
    symbols = output_of(ARGUMENTS.nm, "--undefined-only", "--demangle", archive)
    return [line for line in symbols.splitlines() if REFUSED.search(line)]


class TheCore(unittest.TestCase):

    def test_loads_abseil_and_no_more(self):
        names = libraries_of(ARGUMENTS.program)
        self.assertTrue(any(name.startswith("libabsl_") for name in names))
        self.assertEqual(
            [name for name in names if not ALLOWED.fullmatch(name)], [])

    def test_asks_for_no_symbol_of_grpc_or_protobuf(self):
        for archive in ARGUMENTS.archives:
            self.assertEqual(refused_symbols_of(archive), [], archive)


class TheClient(unittest.TestCase):

    def test_asks_for_both(self):
        # So the test above would see them.
        symbols = "\n".join(refused_symbols_of(ARGUMENTS.client))
        self.assertIn("grpc::", symbols)
        self.assertIn("google::protobuf::", symbols)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--nm", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--archives", required=True, nargs="+")
    parser.add_argument("--client", required=True)
    ARGUMENTS = parser.parse_args()
    unittest.main(argv=["links_test"])
