#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Le;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class ListTest : public ServiceTest {
 protected:
  // The texts of all connections, page by page. Calls `between` after each page
  // with its number.
  template <typename Between>
  std::vector<std::string> AllConnections(v1::ListConnectionsRequest request,
                                          Between between) {
    std::vector<std::string> all;
    for (int page = 0;; ++page) {
      const v1::ListConnectionsResponse response = ListConnections(request);
      EXPECT_LE(response.connections_size(), request.page_size());
      for (const std::string& text : Texts(response.connections()))
        all.push_back(text);
      if (response.next_page_token().empty()) return all;
      request.set_page_token(response.next_page_token());
      between(page);
    }
  }

  template <typename Between>
  std::vector<std::string> AllListeners(v1::ListListenersRequest request,
                                        Between between) {
    std::vector<std::string> all;
    for (int page = 0;; ++page) {
      const v1::ListListenersResponse response = ListListeners(request);
      EXPECT_LE(response.listeners_size(), request.page_size());
      for (const std::string& text : Texts(response.listeners()))
        all.push_back(text);
      if (response.next_page_token().empty()) return all;
      request.set_page_token(response.next_page_token());
      between(page);
    }
  }

  std::vector<std::string> Connections(
      const v1::ListConnectionsRequest& request) {
    return Texts(ListConnections(request).connections());
  }
  std::vector<std::string> Listeners(const v1::ListListenersRequest& request) {
    return Texts(ListListeners(request).listeners());
  }
};

std::string Client(int i) { return absl::StrCat("10.0.0.9:", 20'000 + i); }

// How often each of `texts` stands there.
std::map<std::string, int> Counted(const std::vector<std::string>& texts) {
  std::map<std::string, int> counts;
  for (const std::string& text : texts) ++counts[text];
  return counts;
}

// ---- Pages ----

TEST_F(ListTest, EveryConnectionIsListedOnceWhileOthersComeAndGo) {
  constexpr char kServer[] = "10.0.0.5:80";
  constexpr int kStaying = 40;
  const v1::Reporter web = Agent("web-1");
  v1::RegisterRequest staying = Report(web, {.addresses = {"10.0.0.5"}});
  for (int i = 0; i < kStaying; ++i)
    *staying.add_connections() = Accepted(kServer, Client(i));
  Register(staying);
  Register(Report(Agent("app-1"), {.addresses = {"10.0.0.9"}}));

  for (int page_size = 1; page_size <= 7; ++page_size) {
    v1::ListConnectionsRequest request;
    request.set_page_size(page_size);
    const auto listed = Counted(AllConnections(request, [&](int page) {
      // Others come and go.
      const int passing = kStaying + page;
      Register(Report(
          web, {.connections = {Accepted(kServer, Client(passing)),
                                Accepted(kServer, Client(passing + 1))}}));
      Deregister(Withdrawal(
          web, {.connections = {Accepted(kServer, Client(passing))}}));
      // And the other end of one that stays.
      const Rows other_end = {
          .connections = {Initiated(Client(page % kStaying), kServer)}};
      if (page % 2 == 0)
        Register(Report(Agent("app-1"), other_end));
      else
        Deregister(Withdrawal(Agent("app-1"), other_end));
    }));
    for (int i = 0; i < kStaying; ++i) {
      EXPECT_THAT(listed,
                  Contains(Pair(absl::StrCat(Client(i), " > ", kServer), 1)))
          << "pages of " << page_size;
    }
  }
}

TEST_F(ListTest, EveryListenerIsListedOnceWhileOthersComeAndGo) {
  constexpr int kStaying = 40;
  const v1::Reporter web = Agent("web-1");
  const auto place = [](int i) { return absl::StrCat("0.0.0.0:", 1000 + i); };
  v1::RegisterRequest staying = Report(web);
  for (int i = 0; i < kStaying; ++i)
    *staying.add_listeners() = Listening(place(2 * i));
  Register(staying);

  for (int page_size = 1; page_size <= 7; ++page_size) {
    v1::ListListenersRequest request;
    request.set_page_size(page_size);
    const auto listed = Counted(AllListeners(request, [&](int page) {
      const int passing = 2 * ((page * 7) % kStaying) + 1;
      const Rows row = {.listeners = {Listening(place(passing))}};
      if (page % 2 == 0)
        Register(Report(web, row));
      else
        Deregister(Withdrawal(web, row));
    }));
    for (int i = 0; i < kStaying; ++i) {
      EXPECT_THAT(listed,
                  Contains(Pair(absl::StrCat("web-1 ", place(2 * i)), 1)))
          << "pages of " << page_size;
    }
  }
}

TEST_F(ListTest, NothingIsListedTwice) {
  v1::RegisterRequest report = Report(Agent("web-1"));
  for (int i = 0; i < 100; ++i)
    *report.add_connections() = Accepted("10.0.0.5:80", Client(i));
  Register(report);
  v1::ListConnectionsRequest request;
  request.set_page_size(9);
  const std::vector<std::string> all = AllConnections(request, [](int) {});
  EXPECT_THAT(all, SizeIs(100));
  EXPECT_THAT(Counted(all), SizeIs(100));
}

TEST_F(ListTest, OrderIsTheSameEachTime) {
  v1::RegisterRequest report = Report(Agent("web-1"));
  for (int i = 0; i < 50; ++i) {
    *report.add_connections() = Accepted("10.0.0.5:80", Client(i));
    *report.add_listeners() = Listening(absl::StrCat("0.0.0.0:", 1000 + i));
  }
  Register(report);
  v1::ListConnectionsRequest connections;
  connections.set_page_size(7);
  EXPECT_EQ(AllConnections(connections, [](int) {}), Connections({}));
  v1::ListListenersRequest listeners;
  listeners.set_page_size(7);
  EXPECT_EQ(AllListeners(listeners, [](int) {}), Listeners({}));
}

TEST_F(ListTest, ListenersAreOrderedByHostTransportPortAndAddress) {
  Register(Report(Agent("b"), {.listeners = {Listening("10.0.0.2:80")}}));
  Register(Report(
      Agent("a"),
      {.listeners = {Bound("10.0.0.1:53"), Listening("10.0.0.2:80"),
                     Listening("10.0.0.1:80"), Listening("10.0.0.9:79")}}));
  EXPECT_THAT(Listeners({}),
              ElementsAre("a 10.0.0.9:79", "a 10.0.0.1:80", "a 10.0.0.2:80",
                          "a 10.0.0.1:53", "b 10.0.0.2:80"));
}

TEST_F(ListTest, SocketsOfOneEndpointAreNotParted) {
  Register(Report(
      Agent("web-1"),
      {.listeners = {Listening("10.0.0.5:80", 1), Listening("10.0.0.5:80", 2),
                     Listening("10.0.0.5:80", 3)}}));
  v1::ListListenersRequest request;
  request.set_page_size(1);
  const v1::ListListenersResponse page = ListListeners(request);
  EXPECT_THAT(page.listeners(), SizeIs(3));
  EXPECT_THAT(page.next_page_token(), IsEmpty());
}

TEST_F(ListTest, PageHoldsAHundredUnlessAskedAndAThousandAtMost) {
  v1::RegisterRequest report = Report(Agent("web-1"));
  for (int i = 0; i < 1001; ++i) {
    *report.add_connections() = Accepted("10.0.0.5:80", Client(i));
    *report.add_listeners() = Listening(absl::StrCat("0.0.0.0:", 1000 + i));
  }
  Register(report);
  EXPECT_THAT(ListConnections().connections(), SizeIs(100));
  EXPECT_THAT(ListListeners().listeners(), SizeIs(100));

  v1::ListConnectionsRequest connections;
  connections.set_page_size(1'000'000'000);
  EXPECT_THAT(ListConnections(connections).connections(), SizeIs(1000));
  v1::ListListenersRequest listeners;
  listeners.set_page_size(1'000'000'000);
  EXPECT_THAT(ListListeners(listeners).listeners(), SizeIs(1000));
}

TEST_F(ListTest, PageOfRowsWithLongTextsFitsIntoAMessage) {
  // Each a quarter of a mebibyte.
  for (int i = 0; i < 40; ++i) {
    v1::Listener row = Listening(absl::StrCat("0.0.0.0:", 1000 + i));
    for (int pid = 1; pid <= 64; ++pid) {
      v1::Process* const process =
          row.mutable_socket()->mutable_owners()->add_processes();
      process->set_pid(pid);
      process->set_executable(std::string(2000, 'e'));
      process->set_cgroup(std::string(1000, 'c'));
      process->add_arguments(std::string(1000, 'a'));
    }
    Register(Report(Agent("web-1"), {.listeners = {row}}));
  }
  v1::ListListenersRequest request;
  request.set_page_size(1000);
  int count = 0;
  do {
    const v1::ListListenersResponse page = ListListeners(request);
    EXPECT_LT(page.ByteSizeLong(), size_t{4} << 20);
    count += page.listeners_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(count, 40);
}

TEST_F(ListTest, NothingIsOnePage) {
  EXPECT_THAT(ListConnections().connections(), IsEmpty());
  EXPECT_THAT(ListConnections().next_page_token(), IsEmpty());
  EXPECT_THAT(ListListeners().listeners(), IsEmpty());
  EXPECT_THAT(ListListeners().next_page_token(), IsEmpty());
}

// ---- Filters ----

// Three clients of one server, of which one speaks UDP; and another network.
class FilterTest : public ListTest {
 protected:
  FilterTest() {
    v1::Observation udp = Accepted("10.0.0.5:5432", "10.0.0.9:51000");
    udp.mutable_socket()->set_transport(v1::TRANSPORT_UDP);
    Register(Report(
        Agent("db-1"),
        {.listeners = {Listening("0.0.0.0:5432"), Bound("10.0.0.5:5432")},
         .connections = {Accepted("10.0.0.5:5432", "10.0.0.9:51000"),
                         Accepted("10.0.0.5:5432", "10.0.0.9:51001"),
                         Accepted("10.0.0.5:5432", "10.0.0.8:51000"), udp},
         .addresses = {"10.0.0.5"}}));
    Register(Report(Agent("app-1"), {.connections = {Initiated(
                                         "10.0.0.9:51000", "10.0.0.5:5432")},
                                     .addresses = {"10.0.0.9"}}));
    Register(
        Report(Agent("db-2", "vpc-b"),
               {.listeners = {Listening("10.0.0.5:5432")},
                .connections = {Accepted("10.0.0.5:5432", "10.0.0.7:51000")}}));
  }
};

TEST_F(FilterTest, EndpointLeavesTheConnectionsThatHaveItAtEitherEnd) {
  v1::ListConnectionsRequest request;
  *request.mutable_endpoint() = At("10.0.0.9:51000");
  EXPECT_THAT(Connections(request),
              ElementsAre("10.0.0.9:51000 > 10.0.0.5:5432",
                          "10.0.0.9:51000 > 10.0.0.5:5432"));
  *request.mutable_endpoint() = At("10.0.0.5:5432");
  EXPECT_THAT(Connections(request), SizeIs(5));
  *request.mutable_endpoint() = At("10.0.0.5:5433");
  EXPECT_THAT(Connections(request), IsEmpty());
}

TEST_F(FilterTest, EndpointIsCanonical) {
  v1::ListConnectionsRequest request;
  *request.mutable_endpoint() = At("[::ffff:10.0.0.8]:51000");
  EXPECT_THAT(Connections(request),
              ElementsAre("10.0.0.8:51000 > 10.0.0.5:5432"));
}

TEST_F(FilterTest, HostLeavesTheConnectionsThatItReportsAnEndOf) {
  v1::ListConnectionsRequest request;
  request.set_host("app-1");
  const v1::ListConnectionsResponse response = ListConnections(request);
  ASSERT_THAT(response.connections(), SizeIs(1));
  // With both ends, though only one is of the host asked for.
  EXPECT_THAT(Hosts(response.connections(0)), ElementsAre("app-1", "db-1"));
  request.set_host("nobody");
  EXPECT_THAT(Connections(request), IsEmpty());
}

TEST_F(FilterTest, NetworkLeavesItsConnections) {
  v1::ListConnectionsRequest request;
  request.set_network("vpc-b");
  EXPECT_THAT(Connections(request),
              ElementsAre("10.0.0.7:51000 > 10.0.0.5:5432"));
  request.set_network("default");
  EXPECT_THAT(Connections(request), SizeIs(4));
}

TEST_F(FilterTest, TransportLeavesItsConnections) {
  v1::ListConnectionsRequest request;
  request.set_transport(v1::TRANSPORT_UDP);
  EXPECT_THAT(Connections(request),
              ElementsAre("10.0.0.9:51000 > 10.0.0.5:5432"));
  request.set_transport(v1::TRANSPORT_TCP);
  EXPECT_THAT(Connections(request), SizeIs(4));
}

TEST_F(FilterTest, EndpointLeavesTheListenersThatWouldTakeIt) {
  v1::ListListenersRequest request;
  *request.mutable_endpoint() = At("10.0.0.5:5432");
  request.set_network("default");
  const v1::ListListenersResponse response = ListListeners(request);
  EXPECT_THAT(Texts(response.listeners()),
              ElementsAre("db-1 0.0.0.0:5432", "db-1 10.0.0.5:5432"));
  for (const v1::Listener& listener : response.listeners())
    EXPECT_TRUE(listener.has_derived());
  *request.mutable_endpoint() = At("10.0.0.6:5432");
  EXPECT_THAT(Listeners(request), IsEmpty());
}

TEST_F(FilterTest, WildcardLeavesTheListenersBoundToIt) {
  v1::ListListenersRequest request;
  *request.mutable_endpoint() = At("0.0.0.0:5432");
  EXPECT_THAT(Listeners(request), ElementsAre("db-1 0.0.0.0:5432"));
}

TEST_F(FilterTest, HostNetworkAndTransportLeaveTheirListeners) {
  v1::ListListenersRequest request;
  request.set_host("db-1");
  EXPECT_THAT(Listeners(request), SizeIs(2));
  request.set_transport(v1::TRANSPORT_UDP);
  EXPECT_THAT(Listeners(request), ElementsAre("db-1 10.0.0.5:5432"));

  v1::ListListenersRequest of_network;
  of_network.set_network("vpc-b");
  EXPECT_THAT(Listeners(of_network), ElementsAre("db-2 10.0.0.5:5432"));
}

TEST_F(FilterTest, HoldsOnEveryPage) {
  v1::ListConnectionsRequest request;
  request.set_page_size(1);
  request.set_transport(v1::TRANSPORT_TCP);
  request.set_network("default");
  EXPECT_THAT(AllConnections(request, [](int) {}),
              UnorderedElementsAre("10.0.0.9:51000 > 10.0.0.5:5432",
                                   "10.0.0.9:51001 > 10.0.0.5:5432",
                                   "10.0.0.8:51000 > 10.0.0.5:5432"));
}

}  // namespace
}  // namespace connreg
