#include "service/base/error.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::Optional;

TEST(ErrorDetailTest, SurvivesTheWayThroughAStatus) {
  const ErrorDetail detail{"PORT_ZERO", "connections[3].remote.port", 17};

  const absl::Status status = WithDetail(absl::NotFoundError("gone"), detail);

  EXPECT_THAT(DetailOf(status), Optional(detail));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "gone");
}

TEST(ErrorDetailTest, KeepsAnAbsentPositionApartFromZero) {
  EXPECT_THAT(DetailOf(InvalidArgument("A", "a")),
              Optional(ErrorDetail{"A", "", std::nullopt}));
  EXPECT_THAT(DetailOf(InvalidArgument("A", "a", 0)),
              Optional(ErrorDetail{"A", "", 0}));
}

TEST(ErrorDetailTest, IsAbsentFromStatusesMadeElsewhere) {
  EXPECT_EQ(DetailOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(DetailOf(absl::NotFoundError("gone")), std::nullopt);
}

TEST(ErrorDetailTest, IsReplacedAsAWhole) {
  const absl::Status status =
      WithDetail(InvalidArgument("A", "a", 4), {"B", "f", std::nullopt});

  EXPECT_THAT(DetailOf(status), Optional(ErrorDetail{"B", "f", std::nullopt}));
}

TEST(InvalidArgumentTest, HasItsCodeMessageReasonAndPosition) {
  const absl::Status status = InvalidArgument("PORT_ZERO", "port 0", 9);

  EXPECT_THAT(status, IsInvalidAt("PORT_ZERO", 9));
  EXPECT_EQ(status.message(), "port 0");
}

TEST(InFieldTest, NestsPathsFromTheInside) {
  absl::Status status = InvalidArgument("PORT_ZERO", "port 0", 2);
  for (const char* const field : {"port", "remote", "connections[3]"})
    status = InField(field, status);

  EXPECT_THAT(
      DetailOf(status),
      Optional(ErrorDetail{"PORT_ZERO", "connections[3].remote.port", 2}));
}

TEST(InFieldTest, GivesAFieldToAStatusWithoutDetail) {
  const absl::Status status = InField("port", absl::NotFoundError("gone"));

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(DetailOf(status), Optional(ErrorDetail{"", "port", {}}));
}

TEST(InFieldTest, LeavesOkAlone) {
  EXPECT_EQ(InField("port", absl::OkStatus()), absl::OkStatus());
}

TEST(MovedByTest, MovesThePositionAndNothingElse) {
  const absl::Status status =
      MovedBy(10, InField("text", InvalidArgument("A", "a", 3)));

  EXPECT_THAT(DetailOf(status), Optional(ErrorDetail{"A", "text", 13}));
  EXPECT_EQ(status.message(), "a");
}

TEST(MovedByTest, AddsUpOverNestedParsers) {
  EXPECT_THAT(MovedBy(5, MovedBy(10, InvalidArgument("A", "a", 3))),
              IsInvalidAt("A", 18));
}

TEST(MovedByTest, LeavesAStatusWithoutPositionAlone) {
  const absl::Status without = InvalidArgument("A", "a");

  EXPECT_EQ(MovedBy(10, without), without);
  EXPECT_EQ(MovedBy(10, absl::NotFoundError("gone")),
            absl::NotFoundError("gone"));
  EXPECT_EQ(MovedBy(10, absl::OkStatus()), absl::OkStatus());
}

}  // namespace
}  // namespace connreg
