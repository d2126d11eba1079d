"""That everything in proto/connreg says what it is, and each rpc how it fails."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The rpcs that refuse no request.
NEVER_FAIL = {"GetStatus"}

# One declaration a line, as the files are laid out.
DECLARATION = re.compile(
    r"\s*(?:(?P<kind>message|enum|oneof|service|rpc)\s+(?P<name>\w+)"
    r"|(?:[\w.<>, ]+\s)?(?P<item>\w+)\s*=\s*(?P<number>\d+)\s*[;\[])")


def flaws(text):
    """What `text`, a .proto file, lacks, as "line: what is wrong"."""
    found = []
    comment = []
    enum = None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip().startswith("//"):
            comment.append(line.strip(" /"))
            continue
        match = DECLARATION.match(line)
        if match:
            name = match["name"] or match["item"]
            if not comment:
                found.append(f"{number}: {name} has no comment")
            elif (match["kind"] == "rpc" and "Errors:" not in comment and
                  name not in NEVER_FAIL):
                found.append(f"{number}: {name} does not say its Errors:")
            if match["kind"]:
                enum = name if match["kind"] == "enum" else None
            elif enum and match["number"] == "0":
                zero = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum).upper()
                if name != zero + "_UNSPECIFIED":
                    found.append(f"{number}: {name} is the zero of {enum}")
        comment = []
    return found


class TheProtos(unittest.TestCase):

    def test_are_documented(self):
        files = sorted((ROOT / "proto/connreg").rglob("*.proto"))
        self.assertNotEqual(files, [])
        self.assertEqual(
            [f"{file.name}:{flaw}" for file in files
             for flaw in flaws(file.read_text())], [])


class AProto(unittest.TestCase):

    GOOD = """\
syntax = "proto3";

// A.
message Asked {
  // B.
  optional string name = 1;

  // C.
  oneof question {
    // D.
    v1.Other other = 2;
  }

  // E.
  repeated int32 numbers = 3 [packed = true];

  // F.
  map<string, int32> counts = 4;
}

// G.
enum TupleOrder {
  // H.
  TUPLE_ORDER_UNSPECIFIED = 0;

  // I.
  TUPLE_ORDER_REVERSED = 1;
}

// J.
service Asking {
  // K.
  //
  // Errors:
  //   INVALID_ARGUMENT: it is malformed.
  rpc Ask(Asked) returns (Asked);

  // L.
  rpc GetStatus(Asked) returns (Asked);
}
"""

    def test_with_all_comments_has_no_flaw(self):
        self.assertEqual(flaws(self.GOOD), [])

    def test_without_any_one_comment_has_a_flaw(self):
        for letter in "ABCDEFGHIJL":
            with self.subTest(comment=letter):
                text = re.sub(rf" *// {letter}\.\n", "", self.GOOD)
                self.assertEqual(len(flaws(text)), 1)

    def test_with_an_empty_line_after_a_comment_has_a_flaw(self):
        self.assertEqual(flaws("// Asked.\n\nmessage Asked {\n"),
                         ["3: Asked has no comment"])

    def test_with_an_rpc_that_hides_its_errors_has_a_flaw(self):
        text = re.sub(r" *// *(Errors:|INVALID.*)\n", "", self.GOOD)
        self.assertEqual(len(flaws(text)), 1)
        self.assertIn("Ask does not say its Errors:", flaws(text)[0])

    def test_with_an_enum_whose_zero_means_something_has_a_flaw(self):
        for zero in ("TUPLE_ORDER_REVERSED", "UNSPECIFIED"):
            text = self.GOOD.replace("TUPLE_ORDER_UNSPECIFIED", zero)
            self.assertEqual(len(flaws(text)), 1)
            self.assertIn(f"{zero} is the zero of TupleOrder", flaws(text)[0])


if __name__ == "__main__":
    unittest.main()
