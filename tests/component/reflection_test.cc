#include <memory>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "tests/component/raw_call.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Optional;

constexpr char kMethod[] =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
// A ServerReflectionRequest with `list_services: "*"`.
constexpr char kListServices[] = "\x3A\x01*";

class ReflectionTest : public testing::Test {
 protected:
  std::unique_ptr<Server> Start(bool reflection) {
    ServerFlags flags = Serving({"127.0.0.1:0"});
    flags.reflection = reflection;
    return Server::Start(flags, clock_).value();
  }

  FakeClock clock_;
};

TEST_F(ReflectionTest, NamesEveryServiceWhereItIsAskedFor) {
  const auto server = Start(/*reflection=*/true);
  RawCall call(NewChannel(server->addresses()[0]), kMethod, kListServices);
  // The names stand in the response as they are.
  EXPECT_THAT(call.Read(),
              Optional(AllOf(HasSubstr("connreg.v1.RegistryService"),
                             HasSubstr("connreg.v1.ReportingService"))));
}

TEST_F(ReflectionTest, IsNotServedWhereItIsNot) {
  const auto with = Start(/*reflection=*/true);
  const auto server = Start(/*reflection=*/false);
  RawCall call(NewChannel(server->addresses()[0]), kMethod, kListServices);
  EXPECT_EQ(call.Read(), std::nullopt);
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace connreg
