#include "client/agent/netlink.h"

#include <linux/netlink.h>

#include <cerrno>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/netlink_bytes.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint16_t kRow = 20;

std::vector<uint8_t> RowBytes(uint8_t value, uint16_t flags = NLM_F_MULTI,
                              uint32_t sequence = 1) {
  return MessageBytes(kRow, BytesOf(value), flags, sequence);
}

// The first byte of each message's payload.
std::vector<int> RowsIn(Bytes bytes) {
  std::vector<int> rows;
  EXPECT_THAT(VisitMessages(bytes,
                            [&](const NetlinkMessage& message) {
                              rows.push_back(message.payload[0]);
                              return absl::OkStatus();
                            }),
              IsOk());
  return rows;
}

TEST(VisitMessagesTest, VisitsEachInOrderAcrossPadding) {
  EXPECT_THAT(RowsIn(Joined({RowBytes(1), RowBytes(2), RowBytes(3)})),
              ElementsAre(1, 2, 3));
}

TEST(VisitMessagesTest, NothingHasNoMessages) {
  EXPECT_THAT(RowsIn({}), IsEmpty());
}

TEST(VisitMessagesTest, CutAnywhereSaysWhere) {
  const std::vector<uint8_t> first = RowBytes(1);
  const std::vector<uint8_t> bytes = Joined({first, RowBytes(2)});
  const size_t second_end = first.size() + sizeof(nlmsghdr) + 1;
  for (size_t size = first.size() + 1; size < second_end; ++size) {
    int visited = 0;
    const absl::Status status = VisitMessages(Bytes(bytes).subspan(0, size),
                                              [&](const NetlinkMessage&) {
                                                ++visited;
                                                return absl::OkStatus();
                                              });
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss)) << size;
    EXPECT_THAT(std::string(status.message()), HasSubstr("at byte 20"));
    EXPECT_EQ(visited, 1);
  }
}

TEST(VisitMessagesTest, LengthShorterThanItsHeaderIsRefused) {
  nlmsghdr header{};
  header.nlmsg_len = sizeof header - 1;
  EXPECT_THAT(
      VisitMessages(BytesOf(header),
                    [](const NetlinkMessage&) { return absl::OkStatus(); }),
      StatusIs(absl::StatusCode::kDataLoss));
}

TEST(VisitAttributesTest, FlagsInTheTypeAreNoPartOfIt) {
  const uint32_t value = 7;
  std::vector<int> types;
  EXPECT_THAT(
      VisitAttributes(AttributeBytes(NLA_F_NESTED | 5, BytesOf(value)),
                      [&](uint16_t type, Bytes) { types.push_back(type); }),
      IsOk());
  EXPECT_THAT(types, ElementsAre(5));
}

TEST(VisitAttributesTest, CutAnywhereIsRefused) {
  const uint32_t value = 7;
  const std::vector<uint8_t> bytes = AttributeBytes(5, BytesOf(value));
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_THAT(
        VisitAttributes(Bytes(bytes).subspan(0, size), [](uint16_t, Bytes) {}),
        StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
}

TEST(DumpReaderTest, PutsDatagramsTogetherUntilDone) {
  DumpReader reader(1);
  ASSERT_THAT(reader.Take(Joined({RowBytes(1), RowBytes(2)})), IsOk());
  EXPECT_FALSE(reader.done());
  ASSERT_THAT(reader.Take(Joined({RowBytes(3), ErrnoBytes(NLMSG_DONE, 0)})),
              IsOk());
  EXPECT_TRUE(reader.done());
  EXPECT_FALSE(reader.interrupted());
  EXPECT_THAT(RowsIn(std::move(reader).TakeMessages()), ElementsAre(1, 2, 3));
}

TEST(DumpReaderTest, MessagesOfOtherRequestsArePassedOver) {
  DumpReader reader(1);
  ASSERT_THAT(reader.Take(Joined({RowBytes(9, NLM_F_MULTI, 2),
                                  MessageBytes(NLMSG_NOOP, {}), RowBytes(1)})),
              IsOk());
  EXPECT_THAT(RowsIn(std::move(reader).TakeMessages()), ElementsAre(1));
}

TEST(DumpReaderTest, ErrorIsTheKernels) {
  EXPECT_THAT(DumpReader(1).Take(ErrnoBytes(NLMSG_ERROR, ENOENT)),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(DumpReader(1).Take(ErrnoBytes(NLMSG_ERROR, EPERM)),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

// The kernel tells in NLMSG_DONE of what went wrong after the dump began.
TEST(DumpReaderTest, ErrorInDoneIsAnError) {
  EXPECT_THAT(DumpReader(1).Take(ErrnoBytes(NLMSG_DONE, ENOENT)),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(DumpReaderTest, DroppedMessagesAreAnError) {
  EXPECT_THAT(DumpReader(1).Take(MessageBytes(NLMSG_OVERRUN, {})),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(DumpReaderTest, InterruptionIsTold) {
  DumpReader reader(1);
  ASSERT_THAT(reader.Take(RowBytes(1, NLM_F_MULTI | NLM_F_DUMP_INTR)), IsOk());
  EXPECT_TRUE(reader.interrupted());
}

}  // namespace
}  // namespace connreg
