#include "client/agent/user_names.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class UserNamesTest : public testing::Test {
 protected:
  UserNamesTest() {
    std::string name = absl::StrCat(testing::TempDir(), "/connreg-pwd-XXXXXX");
    folder_ = mkdtemp(name.data());
    path_ = folder_ / "passwd";
  }
  ~UserNamesTest() override { std::filesystem::remove_all(folder_); }

  // As passwd(1) does: another file in place of the one that is there.
  void Write(const std::string& text) {
    std::ofstream(folder_ / "passwd-", std::ios::binary) << text;
    std::filesystem::rename(folder_ / "passwd-", path_);
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(UserNamesTest, AreThoseOfTheFile) {
  Write(
      "root:x:0:0:root:/root:/bin/bash\n"
      "www-data:x:33:33:www:/var/www:/usr/sbin/nologin\n");
  EXPECT_THAT(*UserNames(path_).Now(),
              UnorderedElementsAre(Pair(0, "root"), Pair(33, "www-data")));
}

TEST_F(UserNamesTest, AreTheFirstOfAUserWithSeveral) {
  Write("root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n");
  EXPECT_THAT(*UserNames(path_).Now(), UnorderedElementsAre(Pair(0, "root")));
}

TEST_F(UserNamesTest, FollowTheFile) {
  Write("www:x:33:33::/:/bin/sh\n");
  const UserNames names(path_);
  EXPECT_THAT(*names.Now(), UnorderedElementsAre(Pair(33, "www")));
  Write("web:x:33:33::/:/bin/sh\n");
  EXPECT_THAT(*names.Now(), UnorderedElementsAre(Pair(33, "web")));
  std::filesystem::remove(path_);
  EXPECT_THAT(*names.Now(), IsEmpty());
}

TEST_F(UserNamesTest, AreReadAgainOnlyIfTheFileChanged) {
  Write("www:x:33:33::/:/bin/sh\n");
  const UserNames names(path_);
  EXPECT_EQ(names.Now(), names.Now());
}

TEST_F(UserNamesTest, AreNoneWithoutAFile) {
  EXPECT_THAT(*UserNames(path_).Now(), IsEmpty());
}

TEST_F(UserNamesTest, AreNotThoseOfLinesThatNameNoUser) {
  Write(
      "+::0:0:::\n-x:x:1:1::/:/bin/sh\n# a note\nmalformed\n"
      "www:x:33:33::/:/bin/sh\n");
  EXPECT_THAT(*UserNames(path_).Now(), UnorderedElementsAre(Pair(33, "www")));
}

TEST_F(UserNamesTest, DoNotEndAtALongLine) {
  Write(absl::StrCat("a:x:1:1:", std::string(5000, 'x'), ":/:/bin/sh\n",
                     std::string(256, 'n'), ":x:2:2::/:/bin/sh\n",
                     "b:x:3:3::/:/bin/sh\n"));
  EXPECT_THAT(*UserNames(path_).Now(),
              UnorderedElementsAre(Pair(1, "a"), Pair(3, "b")));
}

}  // namespace
}  // namespace connreg
