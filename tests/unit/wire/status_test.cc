#include "service/wire/status.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::Optional;

google::rpc::Status Details(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

absl::Status Fault(const ErrorDetail& detail) {
  return WithDetail(absl::InvalidArgumentError("port 0"), detail);
}

grpc::Status WithDetails(const google::rpc::Status& details) {
  return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "port 0",
                      details.SerializeAsString());
}

// ---- To gRPC ----

TEST(ToGrpcStatusTest, OkIsOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
}

TEST(ToGrpcStatusTest, KeepsTheCodeAndTheMessage) {
  const grpc::Status status = ToGrpcStatus(absl::AbortedError("lease ended"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(status.error_message(), "lease ended");
  EXPECT_EQ(status.error_details(), "");
}

TEST(ToGrpcStatusTest, TellsTheReasonInAnErrorInfo) {
  const google::rpc::Status details =
      Details(ToGrpcStatus(Fault({"PORT_ZERO", "local.port", 3})));
  EXPECT_EQ(details.code(), 3);
  EXPECT_EQ(details.message(), "port 0");
  ASSERT_EQ(details.details_size(), 2);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "PORT_ZERO");
  EXPECT_EQ(info.domain(), "connreg");
  EXPECT_EQ(info.metadata().at("position"), "3");
}

TEST(ToGrpcStatusTest, TellsTheFieldInABadRequest) {
  const google::rpc::Status details =
      Details(ToGrpcStatus(Fault({"PORT_ZERO", "local.port", std::nullopt})));
  ASSERT_EQ(details.details_size(), 2);
  google::rpc::BadRequest request;
  ASSERT_TRUE(details.details(1).UnpackTo(&request));
  ASSERT_EQ(request.field_violations_size(), 1);
  EXPECT_EQ(request.field_violations(0).field(), "local.port");
  EXPECT_EQ(request.field_violations(0).description(), "port 0");
}

TEST(ToGrpcStatusTest, HasNoBadRequestWithoutAField) {
  EXPECT_EQ(Details(ToGrpcStatus(Fault({"LEASE_ENDED", "", std::nullopt})))
                .details_size(),
            1);
}

// ---- And back ----

TEST(GrpcStatusTest, ComesBackWithItsDetail) {
  for (const ErrorDetail& detail :
       {ErrorDetail{"PORT_ZERO", "connections[3].local.port", 7},
        ErrorDetail{"PORT_ZERO", "local.port", std::nullopt},
        ErrorDetail{"LEASE_ENDED", "", std::nullopt},
        ErrorDetail{"ADDRESS_EMPTY", "", 0}}) {
    EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(Fault(detail))), Fault(detail));
  }
}

TEST(GrpcStatusTest, ComesBackWithEachCode) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code),
                              code == 0 ? "" : "why");
    EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status)), status) << code;
    EXPECT_EQ(ToGrpcStatus(status).error_code(), code);
  }
}

TEST(FromGrpcStatusTest, LeavesDetailsOfAnotherDomainOut) {
  google::rpc::ErrorInfo info;
  info.set_domain("proxy.example");
  info.set_reason("QUOTA");
  google::rpc::BadRequest request;
  request.add_field_violations()->set_field("local.port");
  google::rpc::Status details;
  details.add_details()->PackFrom(info);
  details.add_details()->PackFrom(request);
  const absl::Status status = FromGrpcStatus(WithDetails(details));
  EXPECT_EQ(status, absl::InvalidArgumentError("port 0"));
}

TEST(FromGrpcStatusTest, FindsOursAmongForeignDetails) {
  google::rpc::ErrorInfo foreign;
  foreign.set_domain("proxy.example");
  foreign.set_reason("QUOTA");
  google::rpc::ErrorInfo ours;
  ours.set_domain("connreg");
  ours.set_reason("PORT_ZERO");
  google::rpc::Status unrelated;
  google::rpc::Status details;
  details.add_details()->PackFrom(ours);
  details.add_details()->PackFrom(foreign);
  details.add_details()->PackFrom(unrelated);
  EXPECT_THAT(DetailOf(FromGrpcStatus(WithDetails(details))),
              Optional(ErrorDetail{"PORT_ZERO", "", std::nullopt}));
}

TEST(FromGrpcStatusTest, LeavesAPositionThatIsNoNumberOut) {
  google::rpc::ErrorInfo info;
  info.set_domain("connreg");
  info.set_reason("PORT_ZERO");
  (*info.mutable_metadata())["position"] = "last";
  google::rpc::Status details;
  details.add_details()->PackFrom(info);
  EXPECT_THAT(DetailOf(FromGrpcStatus(WithDetails(details))),
              Optional(ErrorDetail{"PORT_ZERO", "", std::nullopt}));
}

TEST(FromGrpcStatusTest, LeavesBytesThatAreNoDetailsOut) {
  EXPECT_EQ(FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone",
                                        "\xFF\xFF\xFF")),
            absl::UnavailableError("gone"));
}

}  // namespace
}  // namespace connreg
