#include "client/cli/lookup.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

v1::LookupRequest Asked(const std::string& endpoint,
                        const std::string& server = "") {
  return *RequestOf(LookupOptions{endpoint, server, {}});
}

v1::LookupResponse Connections(const std::vector<v1::Connection>& rows) {
  v1::LookupResponse response;
  *response.mutable_connections()->mutable_connections() = Rows(rows);
  return response;
}

v1::LookupResponse ListenersFor(const std::string& endpoint) {
  v1::LookupResponse response;
  *response.mutable_listeners()->mutable_endpoint() = At(endpoint);
  *response.mutable_listeners()->add_listeners() = ListenerAt("0.0.0.0:5432");
  return response;
}

v1::LookupResponse AbsentSince2023() {
  return FromText<v1::LookupResponse>(R"(
    absent {
      reason: ABSENT_REASON_NOT_SEEN_SINCE
      not_seen_since_time { seconds: 1700000000 }
    })");
}

TEST(LookupTest, OneWordAsksForAnEndpoint) {
  LookupOptions options;
  options.endpoint = "[::1]:80";
  options.scope = {.network = "site-b", .host = "web1", .transport = "udp"};

  EXPECT_THAT(RequestOf(options), IsOkAndHolds(EqualsText(R"(
    endpoint { address: "::1" port: 80 }
    network: "site-b"
    host: "web1"
    transport: TRANSPORT_UDP)")));
}

TEST(LookupTest, TwoWordsAskForAFourTuple) {
  EXPECT_THAT(Asked("10.0.0.9:51000", "10.0.0.5:5432"), EqualsText(R"(
    four_tuple {
      client { address: "10.0.0.9" port: 51000 }
      server { address: "10.0.0.5" port: 5432 }
    })"));
}

TEST(LookupTest, AMalformedWordNamesItsArgument) {
  const auto field = [](const LookupOptions& options) {
    return DetailOf(RequestOf(options).status())->field;
  };
  EXPECT_EQ(field({"10.0.0.9", "", {}}), "ENDPOINT");
  EXPECT_EQ(field({"10.0.0.9", "10.0.0.5:5432", {}}), "CLIENT");
  EXPECT_EQ(field({"10.0.0.9:51000", "10.0.0.5", {}}), "SERVER");
}

TEST(LookupTest, AWordWithAVersionAsksForACommunityId) {
  const auto request = [](const std::string& word) {
    return RequestOf(LookupOptions{word, "", {.host = "web1"}});
  };
  EXPECT_THAT(request("1:SmAASlefIp2O8Kam70CCnxMgk+c="),
              IsOkAndHolds(EqualsText(R"(
    community_id: "1:SmAASlefIp2O8Kam70CCnxMgk+c="
    host: "web1")")));
  const absl::Status status = request("1:SmAASlefIp2O8Kam70").status();
  EXPECT_EQ(DetailOf(status)->reason, "COMMUNITY_ID_MALFORMED");
  EXPECT_EQ(DetailOf(status)->field, "ENDPOINT");
  EXPECT_EQ(
      DetailOf(request("2:SmAASlefIp2O8Kam70CCnxMgk+c=").status())->reason,
      "COMMUNITY_ID_VERSION_UNKNOWN");
}

TEST(LookupTest, ACommunityIdNamesBothEnds) {
  const absl::Status status =
      RequestOf(
          LookupOptions{"1:SmAASlefIp2O8Kam70CCnxMgk+c=", "10.0.0.5:5432", {}})
          .status();
  EXPECT_EQ(DetailOf(status)->field, "SERVER");
}

TEST(LookupTest, OneConnectionIsShownInFull) {
  for (const v1::LookupRequest& request :
       {Asked("10.0.0.5:5432"), Asked("10.0.0.9:51000", "10.0.0.5:5432"),
        Asked("1:SmAASlefIp2O8Kam70CCnxMgk+c=")}) {
    Captured captured;
    EXPECT_THAT(Print(request, Connections({Joined()}), captured.AsTable()),
                IsOkAndHolds(ExitCode::kDone));
    EXPECT_THAT(captured.out.str(), StartsWith("tcp connection, ESTAB\n"
                                               "client        10.0.0.9:51000"));
  }
}

TEST(LookupTest, ItsListenerIsLookedForAmongThoseFound) {
  Captured captured;
  v1::Connection connection = Joined();
  v1::Observation* const server = connection.mutable_observations(1);
  server->set_role(v1::ROLE_SERVER);
  server->set_role_evidence(v1::ROLE_EVIDENCE_LISTENER);
  server->set_listener_cookie(77);
  v1::LookupResponse response = Connections({connection});
  v1::Listener* const listener =
      response.mutable_connections()->add_listeners();
  *listener = ListenerAt("0.0.0.0:5432");
  listener->mutable_socket()->set_cookie(77);

  ASSERT_THAT(Print(Asked("10.0.0.5:5432"), response, captured.AsTable()),
              IsOk());
  EXPECT_THAT(captured.out.str(), HasSubstr("accepted from the listener "
                                            "0.0.0.0:5432, which still"));
}

TEST(LookupTest, TheFewOfAFourTupleAreShownInFull) {
  Captured captured;
  ASSERT_THAT(
      Print(Asked("10.0.0.9:51000", "10.0.0.5:5432"),
            Connections({Joined(), Joined(), Joined()}), captured.AsTable()),
      IsOk());
  EXPECT_THAT(captured.out.str(),
              testing::ContainsRegex("\n\ntcp connection.*(.|\n)*\n\ntcp"));

  Captured more;
  ASSERT_THAT(Print(Asked("10.0.0.9:51000", "10.0.0.5:5432"),
                    Connections({Joined(), Joined(), Joined(), Joined()}),
                    more.AsTable()),
              IsOk());
  EXPECT_THAT(more.out.str(), StartsWith("PROTO"));
}

TEST(LookupTest, WideIsATableHoweverFewThereAre) {
  Captured captured;
  ASSERT_THAT(Print(Asked("10.0.0.5:5432"), Connections({Joined()}),
                    captured.As(OutputFormat::kWide)),
              IsOk());
  EXPECT_THAT(captured.out.str(), StartsWith("PROTO"));
}

TEST(LookupTest, TheConnectionsOfAnEndpointAreATable) {
  Captured captured;

  EXPECT_THAT(Print(Asked("10.0.0.5:5432"), Connections({Joined(), Joined()}),
                    captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_THAT(captured.out.str(), StartsWith("PROTO  STATE  CLIENT"));
  EXPECT_THAT(captured.out.str(), HasSubstr("nginx,812 > postgres,990\n"));
}

TEST(LookupTest, TheOtherOrderIsTold) {
  Captured captured;
  v1::LookupResponse response = Connections({Joined()});
  response.mutable_connections()->set_order(v1::TUPLE_ORDER_REVERSED);

  ASSERT_THAT(Print(Asked("10.0.0.5:5432", "10.0.0.9:51000"), response,
                    captured.AsTable()),
              IsOk());
  EXPECT_THAT(captured.out.str(),
              StartsWith("the ends are the other way round: 10.0.0.5:5432 is "
                         "the server\ntcp connection"));
}

TEST(LookupTest, MoreThanAnAnswerHoldsIsToldBesideIt) {
  Captured captured;
  v1::LookupResponse response = Connections({Joined()});
  response.mutable_coverage()->set_truncated(true);

  EXPECT_THAT(Print(Asked("10.0.0.5:5432"), response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kPartial));
  EXPECT_EQ(captured.err.str(),
            "coverage: partial: there are more: connreg list connections "
            "--endpoint 10.0.0.5:5432\n");
}

TEST(LookupTest, MoreListenersAreListedByTheEndpointThatTheyWouldTake) {
  Captured captured;
  v1::LookupResponse response = ListenersFor("10.0.0.5:5432");
  response.mutable_coverage()->set_truncated(true);

  EXPECT_THAT(Print(Asked("10.0.0.5:5432", "10.0.0.9:51000"), response,
                    captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kPartial));
  EXPECT_EQ(captured.err.str(),
            "coverage: partial: there are more: connreg list listeners "
            "--endpoint 10.0.0.5:5432\n");
}

TEST(LookupTest, WhatWasFoundIsFoundWhateverElseIsSilent) {
  Captured captured;
  v1::LookupResponse response = Connections({Joined()});
  response.mutable_coverage()->set_stale_host_count(1);

  EXPECT_THAT(Print(Asked("10.0.0.5:5432"), response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.err.str(), "coverage: partial: 1 host is silent\n");
}

TEST(LookupTest, NothingFoundInPartIsNotAbsent) {
  for (const OutputFormat format :
       {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}) {
    Captured captured;
    v1::LookupResponse response = AbsentSince2023();
    response.mutable_coverage()->set_stale_host_count(1);

    EXPECT_THAT(Print(Asked("10.0.0.5:5432"), response, captured.As(format)),
                IsOkAndHolds(ExitCode::kPartial));
    EXPECT_EQ(captured.err.str(), format == OutputFormat::kJson
                                      ? ""
                                      : "coverage: partial: 1 host is "
                                        "silent\n");
  }
}

TEST(LookupTest, ListenersFollowASentence) {
  Captured captured;

  EXPECT_THAT(Print(Asked("10.0.0.5:5432"), ListenersFor("10.0.0.5:5432"),
                    captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(),
            "no connection; 10.0.0.5:5432 would be taken by:\n"
            "PROTO  STATE   ENDPOINT      HOST  PROCESS\n"
            "tcp    LISTEN  0.0.0.0:5432  db1   postgres,990\n");
}

TEST(LookupTest, WhatStandsInBracketsAtListenersIsSaidInWords) {
  const auto printed = [](const auto& change) {
    Captured captured;
    v1::LookupResponse response = ListenersFor("10.0.0.5:5432");
    change(*response.mutable_listeners());
    EXPECT_THAT(Print(Asked("10.0.0.5:5432"), response, captured.AsTable()),
                IsOk());
    return captured.out.str();
  };
  const auto derived = [](v1::FoundListeners& found) {
    return found.mutable_listeners(0)->mutable_derived();
  };
  EXPECT_THAT(printed([&](auto& found) {
                derived(found)->set_address_unverified(true);
              }),
              HasSubstr("postgres,990\nunverified: the host did not tell its "
                        "addresses, and may or may not own 10.0.0.5\n"));
  EXPECT_THAT(printed([&](auto& found) {
                derived(found)->set_device_unverified(true);
              }),
              HasSubstr("[unverified]  postgres,990\nunverified: it takes only "
                        "what arrives by its interface, and a packet for "
                        "10.0.0.5 may come by another\n"));
  EXPECT_THAT(
      printed([&](auto& found) { derived(found)->set_multi_host(true); }),
      HasSubstr("postgres,990\nmulti-host: several hosts own 10.0.0.5: "));
  EXPECT_THAT(printed([&](auto& found) { MakeStale(derived(found)); }),
              HasSubstr("postgres,990\nstale: the host has gone silent; "));
  EXPECT_THAT(printed([&](auto& found) {
                *found.add_listeners() = found.listeners(0);
              }),
              HasSubstr("postgres,990\nseveral on one host: its kernel picks"));
}

TEST(LookupTest, NothingIsAbsentSinceWhatMemoryCovers) {
  Captured captured;
  captured.clock.Advance(absl::Minutes(2));

  EXPECT_THAT(
      Print(Asked("10.0.0.5:5432"), AbsentSince2023(), captured.AsTable()),
      IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(
      captured.out.str(),
      "absent: 10.0.0.5:5432: no connection since 2m ago, and no listener "
      "now\n");
}

TEST(LookupTest, AnAbsentCommunityIdIsOfAConnectionAlone) {
  Captured captured;
  captured.clock.Advance(absl::Minutes(2));

  ASSERT_THAT(Print(Asked("1:SmAASlefIp2O8Kam70CCnxMgk+c="), AbsentSince2023(),
                    captured.AsTable()),
              IsOk());
  EXPECT_EQ(captured.out.str(),
            "absent: 1:SmAASlefIp2O8Kam70CCnxMgk+c=: no connection since 2m "
            "ago has this Community ID\n");
}

TEST(LookupTest, AnAbsentFourTupleIsNamedInFull) {
  Captured captured;

  ASSERT_THAT(Print(Asked("10.0.0.9:51000", "10.0.0.5:5432"), AbsentSince2023(),
                    captured.AsTable()),
              IsOk());
  EXPECT_EQ(captured.out.str(),
            "absent: 10.0.0.9:51000 > 10.0.0.5:5432: no connection since now, "
            "and no listener now at either end\n");
}

TEST(LookupTest, AHostThatNobodyReportsForIsNamed) {
  Captured captured;
  v1::LookupRequest request = Asked("10.0.0.5:5432");
  request.set_host("web9");
  v1::LookupResponse response;
  response.mutable_absent()->set_reason(v1::ABSENT_REASON_NO_SUCH_HOST);

  EXPECT_THAT(Print(request, response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(
      captured.out.str(),
      "absent: nobody reports for host \"web9\"; connreg list hosts names "
      "those that do report\n");
}

std::string AbsentText(const v1::LookupResponse& response) {
  Captured captured;
  captured.clock.Advance(absl::Minutes(2));
  EXPECT_THAT(Print(Asked("10.0.0.5:5432"), response, captured.AsTable()),
              IsOkAndHolds(ExitCode::kAbsent));
  return captured.out.str();
}

v1::LookupResponse Closed(const std::vector<v1::Connection>& rows) {
  v1::LookupResponse response;
  response.mutable_absent()->set_reason(v1::ABSENT_REASON_CLOSED);
  *response.mutable_absent()->mutable_closed() = Rows(rows);
  return response;
}

TEST(LookupTest, AConnectionThatEndedIsShownWithItsEnd) {
  EXPECT_THAT(AbsentText(Closed({Ended()})),
              StartsWith("no connection now; closed 1m59s ago (lease ended):\n"
                         "tcp connection, CLOSED\n"
                         "client        10.0.0.9:51000 on web1\n"));
}

TEST(LookupTest, OfSeveralThatEndedTheLastIsNamed) {
  EXPECT_THAT(AbsentText(Closed({Ended(), Ended()})),
              StartsWith("no connection now; the last closed 1m59s ago "
                         "(lease ended):\nPROTO"));
}

TEST(LookupTest, SilentHostsAreNamedWithTheirTimes) {
  EXPECT_EQ(AbsentText(FromText<v1::LookupResponse>(R"(
              absent {
                reason: ABSENT_REASON_HOST_STALE
                stale_hosts {
                  host: "db1" stale_since_time { seconds: 1700000000 }
                }
                stale_hosts {
                  host: "db2" stale_since_time { seconds: 1700000060 }
                }
              })")),
            "not known: 10.0.0.5:5432: no host shows it, and those that would "
            "know have gone silent: db1 (since 2m ago), db2 (since 1m ago)\n");
}

TEST(LookupTest, AServiceThatStartedLatelySaysSo) {
  v1::LookupResponse response;
  response.mutable_absent()->set_reason(v1::ABSENT_REASON_SYNCING);

  EXPECT_EQ(
      AbsentText(response),
      "not known yet: 10.0.0.5:5432: the service or a host that would know "
      "has come back lately, and not all is reported again; connreg "
      "status says what is awaited\n");
}

TEST(LookupTest, AReasonOfANewerServiceIsAQuestionMark) {
  v1::LookupResponse response;
  response.mutable_absent()->set_reason(static_cast<v1::AbsentReason>(99));

  EXPECT_EQ(AbsentText(response), "absent: 10.0.0.5:5432: ?\n");
}

TEST(LookupTest, JsonIsTheWholeAnswer) {
  Captured captured;
  v1::LookupResponse response = AbsentSince2023();
  response.mutable_coverage()->set_revision(7);

  EXPECT_THAT(
      Print(Asked("10.0.0.5:5432"), response, captured.As(OutputFormat::kJson)),
      IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(),
            "{\n"
            " \"absent\": {\n"
            "  \"reason\": \"ABSENT_REASON_NOT_SEEN_SINCE\",\n"
            "  \"notSeenSinceTime\": \"2023-11-14T22:13:20Z\"\n"
            " },\n"
            " \"coverage\": {\n"
            "  \"revision\": \"7\"\n"
            " }\n"
            "}\n");
}

TEST(LookupTest, NdjsonIsALineForEachRow) {
  Captured captured;

  EXPECT_THAT(Print(Asked("10.0.0.5:5432"), Connections({Joined(), Joined()}),
                    captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kDone));
  const std::string text = captured.out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, StartsWith("{\"network\":\"default\",\"transport\":"));
}

std::string CsvOf(const v1::LookupResponse& response) {
  Captured captured;
  EXPECT_THAT(
      Print(Asked("10.0.0.5:5432"), response, captured.As(OutputFormat::kCsv)),
      IsOk());
  return captured.out.str();
}

TEST(LookupTest, CsvIsTheRowsOfWhatWasFound) {
  EXPECT_THAT(CsvOf(Connections({Joined()})),
              HasSubstr("\r\ntcp,default,10.0.0.9,51000,"));
  EXPECT_THAT(CsvOf(ListenersFor("10.0.0.5:5432")),
              HasSubstr("\r\ntcp,listen,0.0.0.0,5432,"));
  EXPECT_THAT(CsvOf(Closed({Ended()})), HasSubstr(",lease_ended,\r\n"));
}

TEST(LookupTest, CsvOfNothingIsTheReason) {
  EXPECT_EQ(CsvOf(AbsentSince2023()),
            "absent_reason,not_seen_since_time,stale_hosts\r\n"
            "not_seen_since,2023-11-14T22:13:20Z,\r\n");
}

TEST(LookupTest, WideHasExactTimesInItsSentences) {
  Captured captured;

  ASSERT_THAT(Print(Asked("10.0.0.5:5432"), AbsentSince2023(),
                    captured.As(OutputFormat::kWide)),
              IsOk());
  EXPECT_THAT(captured.out.str(),
              HasSubstr("no connection since 2023-11-14T22:13:20Z, and"));
}

TEST(LookupTest, NdjsonOfNothingIsOneLine) {
  Captured captured;

  EXPECT_THAT(Print(Asked("10.0.0.5:5432"), AbsentSince2023(),
                    captured.As(OutputFormat::kNdjson)),
              IsOkAndHolds(ExitCode::kAbsent));
  EXPECT_EQ(captured.out.str(),
            "{\"reason\":\"ABSENT_REASON_NOT_SEEN_SINCE\","
            "\"notSeenSinceTime\":\"2023-11-14T22:13:20Z\"}\n");
}

}  // namespace
}  // namespace connreg::cli
