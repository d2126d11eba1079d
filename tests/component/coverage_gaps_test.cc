#include <string>

#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr char kServer[] = "10.0.0.5:80";

class CoverageGapsTest : public ServiceTest {
 protected:
  static v1::RegisterRequest Seeing(const std::string& host) {
    return Report(Agent(host), {.listeners = {Listening(kServer)}},
                  /*ttl_seconds=*/30);
  }
  static v1::RegisterRequest SeeingAll(const std::string& host) {
    v1::RegisterRequest request = Seeing(host);
    request.mutable_coverage_gaps();
    return request;
  }
  static v1::RegisterRequest NotSeeing(const std::string& host,
                                       v1::GapKind kind) {
    v1::RegisterRequest request = SeeingAll(host);
    v1::CoverageGap* const gap = request.mutable_coverage_gaps()->add_gaps();
    gap->set_kind(kind);
    gap->set_description("the UDP sockets of IPv6: no permission");
    return request;
  }

  v1::Host Only() {
    const v1::ListHostsResponse listed = ListHosts({});
    EXPECT_THAT(listed.hosts(), SizeIs(1));
    return listed.hosts_size() == 1 ? listed.hosts(0) : v1::Host();
  }
  uint32_t GappedHosts() { return GetStatus().coverage().gapped_host_count(); }
};

TEST_F(CoverageGapsTest, AreToldOfTheHost) {
  Register(NotSeeing("web-1", v1::GAP_KIND_SOCKETS));
  const v1::Host host = Only();
  ASSERT_THAT(host.coverage_gaps(), SizeIs(1));
  EXPECT_EQ(host.coverage_gaps(0).kind(), v1::GAP_KIND_SOCKETS);
  EXPECT_EQ(host.coverage_gaps(0).description(),
            "the UDP sockets of IPv6: no permission");
}

TEST_F(CoverageGapsTest, MakeTheCoverageOfTheirHostPartial) {
  Register(NotSeeing("web-1", v1::GAP_KIND_ADDRESSES));
  Register(SeeingAll("web-2"));
  EXPECT_EQ(GappedHosts(), 1u);
  v1::LookupRequest question = Asking(kServer);
  EXPECT_EQ(Lookup(question).coverage().gapped_host_count(), 1u);
  question.set_host("web-1");
  EXPECT_EQ(Lookup(question).coverage().gapped_host_count(), 1u);
  question.set_host("web-2");
  EXPECT_EQ(Lookup(question).coverage().gapped_host_count(), 0u);
}

TEST_F(CoverageGapsTest, OfProcessesAreToldAndMakeNothingPartial) {
  Register(NotSeeing("web-1", v1::GAP_KIND_PROCESSES));
  EXPECT_EQ(Only().coverage_gaps(0).kind(), v1::GAP_KIND_PROCESSES);
  EXPECT_EQ(GappedHosts(), 0u);
  Register(NotSeeing("web-1", v1::GAP_KIND_SOCKETS));
  EXPECT_EQ(GappedHosts(), 1u);
  Register(NotSeeing("web-1", v1::GAP_KIND_PROCESSES));
  EXPECT_EQ(GappedHosts(), 0u);
}

TEST_F(CoverageGapsTest, StayUntilTheReporterSaysOthers) {
  Register(NotSeeing("web-1", v1::GAP_KIND_SOCKETS));
  Register(Seeing("web-1"));
  EXPECT_EQ(GappedHosts(), 1u);
  Register(NotSeeing("web-1", v1::GAP_KIND_SOCKET_DETAILS));
  EXPECT_EQ(Only().coverage_gaps(0).kind(), v1::GAP_KIND_SOCKET_DETAILS);
  Register(SeeingAll("web-1"));
  EXPECT_EQ(GappedHosts(), 0u);
  EXPECT_THAT(Only().coverage_gaps(), IsEmpty());
}

TEST_F(CoverageGapsTest, GoWithTheLease) {
  Register(NotSeeing("web-1", v1::GAP_KIND_SOCKETS));
  v1::DeregisterRequest all;
  *all.mutable_reporter() = Agent("web-1");
  all.set_all(true);
  Deregister(all);
  EXPECT_EQ(GappedHosts(), 0u);
}

}  // namespace
}  // namespace connreg
