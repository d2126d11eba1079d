"""That each error which an rpc may answer has a test that shows it."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

COMPONENT = "tests/component/"

# Of each rpc and code that its "Errors:" name, the tests that show it.
TESTS = {
    ("Register", "INVALID_ARGUMENT"): [
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.RegisterRefusesABadReporterAndAppliesNothing",
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.RegisterRefusesABadTtlAndAppliesNothing",
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.RegisterRefusesBadAddressesAndAppliesNothing",
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.RegisterRefusesTooManyRowsAndAppliesNothing",
    ],
    # Nobody can make a service stall at the right moment from outside.
    ("Register", "ABORTED"): [
        "tests/unit/core/registry_test.cc: "
        "RegistryLeaseTest.ALeaseThatEndsWhileRowsAreAddedLeavesNone",
    ],
    ("Register", "FAILED_PRECONDITION"): [
        COMPONENT + "report_test.cc: "
        "ReportTest.RegisterAndDeregisterOfItsReporterAreRefused",
    ],
    ("Register", "RESOURCE_EXHAUSTED"): [
        COMPONENT + "limits_test.cc: "
        "ReportersLimitTest.RefusesANewOneWholly",
    ],
    ("Report", "INVALID_ARGUMENT"): [
        COMPONENT + "report_test.cc: ReportTest.FirstMessageIsOpen",
        COMPONENT + "report_test.cc: ReportTest.NoOtherMessageIsOpen",
        COMPONENT + "report_test.cc: "
        "ReportTest.MalformedMessageEndsTheSessionAndWhatCameBeforeStays",
        COMPONENT + "report_test.cc: ReportTest.SeqIsTheNextOne",
        COMPONENT + "report_test.cc: ReportTest.SnapshotThatGoesOnHasBegun",
        COMPONENT + "report_test.cc: ReportTest.NothingIsClaimedAmidASnapshot",
        COMPONENT + "report_test.cc: "
        "ReportTest.MalformedNameOfWhatIsGoneEndsTheSession",
        COMPONENT + "report_test.cc: ReportTest.StreamThatIsHalfClosedIsLost",
    ],
    ("Report", "ABORTED"): [
        COMPONENT + "report_test.cc: ReportTest.NextSessionEndsTheOneBefore",
        COMPONENT + "report_test.cc: ReportTest.LeaseThatLapsesEndsTheSession",
        COMPONENT + "report_test.cc: ReportTest.DeregisteringAllEndsTheSession",
    ],
    ("Report", "FAILED_PRECONDITION"): [
        COMPONENT + "report_test.cc: "
        "ReportTest.OlderRunIsRefusedWhileTheNewerReports",
        COMPONENT + "report_test.cc: ReportTest.OtherMachineOfTheNameIsRefused",
    ],
    ("Report", "RESOURCE_EXHAUSTED"): [
        COMPONENT + "report_test.cc: "
        "OneReporterReportTest.NewOneIsRefusedWholly",
        COMPONENT + "report_test.cc: "
        "ReportTest.MessageThatIsTooLargeEndsTheStream",
    ],
    ("Report", "DEADLINE_EXCEEDED"): [
        COMPONENT + "report_test.cc: ReportTest.StreamThatSaysNothingIsEnded",
    ],
    ("Report", "UNAVAILABLE"): [
        COMPONENT + "report_test.cc: ReportTest.StoppingServiceEndsTheStreams",
    ],
    ("Deregister", "FAILED_PRECONDITION"): [
        COMPONENT + "report_test.cc: "
        "ReportTest.RegisterAndDeregisterOfItsReporterAreRefused",
    ],
    ("Deregister", "INVALID_ARGUMENT"): [
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.DeregisterRefusesAndTakesNothingAway",
    ],
    ("Lookup", "INVALID_ARGUMENT"): [
        COMPONENT + "errors_test.cc: ErrorsTest.LookupRefusesNoQuestion",
        COMPONENT + "errors_test.cc: ErrorsTest.LookupRefusesABadQuestion",
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.LookupRefusesWhatIsNoCommunityId",
        COMPONENT + "errors_test.cc: ErrorsTest.LookupRefusesABadScope",
    ],
    ("ListConnections", "INVALID_ARGUMENT"): [
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.ListingsRefuseMalformedFields",
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.ListConnectionsRefusesAWildcard",
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.TokenOfAnotherRequestIsRefused",
        COMPONENT + "errors_test.cc: ErrorsTest.TokenOfAnotherRunIsRefused",
    ],
    ("ListListeners", "INVALID_ARGUMENT"): [
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.ListingsRefuseMalformedFields",
        COMPONENT + "errors_test.cc: "
        "ErrorsTest.TokenOfAnotherRequestIsRefused",
    ],
    ("BatchLookup", "INVALID_ARGUMENT"): [
        COMPONENT + "batch_lookup_test.cc: "
        "BatchLookupTest.NoQuestionIsRefused",
        COMPONENT + "batch_lookup_test.cc: "
        "BatchLookupTest.BadQuestionIsNamedByItsColumnAndItsPlace",
        COMPONENT + "batch_lookup_test.cc: "
        "BatchLookupTest.AThousandQuestionsAreAnsweredAndNoMore",
        COMPONENT + "batch_lookup_test.cc: "
        "BatchLookupTest.ColumnsOfAnotherLengthAreRefused",
    ],
    ("ListEndpoints", "INVALID_ARGUMENT"): [
        COMPONENT + "list_endpoints_test.cc: "
        "ListEndpointsTest.MalformedPrefixIsRefused",
        COMPONENT + "list_endpoints_test.cc: "
        "ListEndpointsTest.NeitherPrefixNorHostIsRefused",
        COMPONENT + "list_endpoints_test.cc: "
        "ServerAndClientTest.LoopbackIsListedWhereAHostIsNamed",
        COMPONENT + "list_endpoints_test.cc: "
        "ListEndpointsTest.TokenOfAnotherRequestIsRefused",
    ],
    ("ListHosts", "INVALID_ARGUMENT"): [
        COMPONENT + "list_hosts_test.cc: "
        "ListHostsTest.MalformedFieldsAreRefused",
        COMPONENT + "list_hosts_test.cc: "
        "ListHostsTest.TokenOfAnotherRequestIsRefused",
    ],
}


def errors_of(text):
    """The (rpc, code) that a .proto file's comments name, in their order."""
    found = []
    codes = None
    for line in text.splitlines():
        comment = re.match(r"\s*//(.*)", line)
        rpc = re.match(r"\s*rpc (\w+)", line)
        if rpc:
            found += [(rpc[1], code) for code in codes or []]
        if not comment:
            codes = None
        elif comment[1].strip() == "Errors:":
            codes = []
        elif codes is not None:
            code = re.match(r"   ([A-Z_]+): ", comment[1])
            codes += [code[1]] if code else []
    return found


def has_test(text, name):
    """Whether `text`, a test's source, has the test Suite.Name."""
    suite, _, test = name.partition(".")
    return re.search(rf"\bTEST(_F|_P)?\(\s*{suite},\s*{test}\)", text) is not None


class EveryErrorOfTheProtos(unittest.TestCase):

    def test_has_a_test(self):
        named = [error for file in sorted((ROOT / "proto/connreg").rglob(
            "*.proto")) for error in errors_of(file.read_text())]
        self.assertNotEqual(named, [])
        self.assertEqual(sorted(named), sorted(TESTS))

    def test_has_a_test_that_is_there(self):
        for error, tests in TESTS.items():
            self.assertNotEqual(tests, [], error)
            for test in tests:
                file, name = test.split(": ")
                self.assertTrue(has_test((ROOT / file).read_text(), name),
                                f"{error}: no {name} in {file}")


class AProto(unittest.TestCase):

    def test_names_the_codes_of_each_rpc(self):
        self.assertEqual(errors_of("""\
service Asking {
  // Asks.
  //
  // Errors:
  //   INVALID_ARGUMENT: it is malformed, or
  //     NOT_FOUND: is no code here.
  //   ABORTED: it was too late.
  rpc Ask(Asked) returns (Answer);

  // Errors: none.
  rpc Wait(Asked) returns (Answer);

  // Errors:
  //   UNAVAILABLE: it is gone.

  rpc Parted(Asked) returns (Answer);
}
"""), [("Ask", "INVALID_ARGUMENT"), ("Ask", "ABORTED")])


class ASource(unittest.TestCase):

    def test_has_the_tests_that_it_defines(self):
        text = "TEST_F(OneTest,\n       IsThere) {}\nTEST(Other, IsToo) {}\n"
        self.assertTrue(has_test(text, "OneTest.IsThere"))
        self.assertTrue(has_test(text, "Other.IsToo"))
        for name in ("OneTest.Is", "OneTest.IsToo", "Test.IsThere"):
            self.assertFalse(has_test(text, name), name)


if __name__ == "__main__":
    unittest.main()
