#include "gmock/gmock.h"
#include "tests/component/relay.h"
#include "tests/component/report_client.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

ServerFlags Impatient() {
  ServerFlags flags = Serving({"127.0.0.1:0"});
  flags.keepalive_time = absl::Milliseconds(200);
  flags.keepalive_timeout = absl::Milliseconds(200);
  return flags;
}

class ReportKeepaliveTest : public ServiceTest {
 protected:
  ReportKeepaliveTest() : ServiceTest(Impatient()) {}

  v1::HostState State() {
    const v1::ListHostsResponse listed = ListHosts();
    return listed.hosts_size() == 1 ? listed.hosts(0).state()
                                    : v1::HOST_STATE_UNSPECIFIED;
  }
};

TEST_F(ReportKeepaliveTest, HostThatIsGoneWithoutAWordIsStale) {
  Relay relay(server_->addresses()[0]);
  const auto stub = v1::ReportingService::NewStub(NewChannel(relay.address()));
  ReportClient client(*stub);
  client.Open(Opening("web-1"));
  EXPECT_EQ(State(), v1::HOST_STATE_LIVE);
  relay.Swallow();
  EXPECT_TRUE(Eventually([&] { return State() == v1::HOST_STATE_STALE; }));
}

}  // namespace
}  // namespace connreg
