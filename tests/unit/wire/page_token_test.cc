#include "service/wire/page_token.h"

#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "connreg/v1/registry_service.pb.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::Eq;
using testing::HasSubstr;
using testing::Optional;

const PageTokenScope kScope = {"run-1", "request"};

std::string Decoded(const std::string& token) {
  std::string bytes;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(token, &bytes));
  return bytes;
}

TEST(PageTokenTest, GivesBackThePositionItWasMadeFor) {
  for (const absl::string_view position :
       {absl::string_view(""), absl::string_view("17"),
        absl::string_view("a\0\xFF", 3)}) {
    EXPECT_THAT(ReadPageToken(kScope, MakePageToken(kScope, position)),
                IsOkAndHolds(Optional(Eq(position))));
  }
}

TEST(PageTokenTest, EmptyOneAsksForTheFirstPage) {
  EXPECT_THAT(ReadPageToken(kScope, ""), IsOkAndHolds(Eq(std::nullopt)));
}

TEST(PageTokenTest, IsNeverEmptySoThatItCannotMeanTheLastPage) {
  EXPECT_NE(MakePageToken(kScope, ""), "");
}

TEST(PageTokenTest, OfAnotherRequestIsRefused) {
  EXPECT_THAT(
      ReadPageToken({"run-1", "other request"}, MakePageToken(kScope, "17")),
      IsInvalid("PAGE_TOKEN_INVALID"));
}

TEST(PageTokenTest, OfAnotherRunIsRefused) {
  EXPECT_THAT(ReadPageToken({"run-2", "request"}, MakePageToken(kScope, "17")),
              IsInvalid("PAGE_TOKEN_INVALID"));
}

TEST(PageTokenTest, IsNotConfusedByWhereItsPartsMeet) {
  const std::string token = MakePageToken({"run", "request"}, "17");
  EXPECT_THAT(ReadPageToken({"runr", "equest"}, token),
              IsInvalid("PAGE_TOKEN_INVALID"));
  EXPECT_THAT(ReadPageToken({"ru", "nrequest"}, token),
              IsInvalid("PAGE_TOKEN_INVALID"));
}

TEST(PageTokenTest, WithAnyBitFlippedIsRefused) {
  const std::string bytes = Decoded(MakePageToken(kScope, "1234567890"));
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string flipped = bytes;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << i % 8));
    EXPECT_THAT(ReadPageToken(kScope, absl::WebSafeBase64Escape(flipped)),
                IsInvalid("PAGE_TOKEN_INVALID"))
        << "bit " << i;
  }
}

TEST(PageTokenTest, CutAnywhereIsRefused) {
  const std::string token = MakePageToken(kScope, "1234567890");
  for (size_t length = 1; length < token.size(); ++length) {
    EXPECT_THAT(ReadPageToken(kScope, token.substr(0, length)),
                IsInvalid("PAGE_TOKEN_INVALID"))
        << length;
  }
}

TEST(PageTokenTest, ThatIsNoTokenIsRefused) {
  for (const absl::string_view text : {"x", "17", "not base64!", "====", "\n"})
    EXPECT_THAT(ReadPageToken(kScope, text), IsInvalid("PAGE_TOKEN_INVALID"));
}

TEST(PageTokenTest, RefusalNamesTheFieldAndTheRemedy) {
  const absl::Status status = ReadPageToken(kScope, "x").status();
  EXPECT_THAT(
      DetailOf(status),
      Optional(ErrorDetail{"PAGE_TOKEN_INVALID", "page_token", std::nullopt}));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("start from the first page"));
}

TEST(PageTokenScopeTest, LeavesThePageFieldsOut) {
  v1::ListConnectionsRequest request;
  request.set_host("web-1");
  const PageTokenScope first = PageTokenScopeOf("run", request);
  request.set_page_size(7);
  request.set_page_token("token");
  EXPECT_EQ(PageTokenScopeOf("run", request).request, first.request);

  request.set_host("web-2");
  EXPECT_NE(PageTokenScopeOf("run", request).request, first.request);
}

TEST(PageTokenScopeTest, TellsRequestsOfTwoTypesApart) {
  EXPECT_NE(PageTokenScopeOf("run", v1::ListConnectionsRequest()).request,
            PageTokenScopeOf("run", v1::ListHostsRequest()).request);
}

}  // namespace
}  // namespace connreg
