#include "service/model/container.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace connreg {
namespace {

constexpr char kId[] =
    "3f9d2c81a0b4e5d6c7b8a9f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a";
constexpr char kOther[] =
    "0000000000000000111111111111111122222222222222223333333333333333";

// The container of a process in the control group `path`.
std::string InGroup(absl::string_view path) {
  const std::string cgroup = absl::StrCat("0::", path, "\n");
  return std::string(ContainerIn(cgroup));
}

TEST(ContainerInTest, IsNamedByEachEngineInItsWay) {
  for (const char* form :
       {"/system.slice/docker-$.scope", "/docker/$", "/docker/$/init.scope",
        "/kubepods.slice/kubepods-pod7.slice/cri-containerd-$.scope",
        "/kubepods.slice/kubepods-pod7.slice/crio-$.scope",
        "/kubepods/besteffort/pod7/$", "/../crio-$/container",
        "/machine.slice/libpod-$.scope/container", "/libpod_parent/libpod-$",
        "/user.slice/user-1000.slice/user@1000.service/user.slice/"
        "libpod-$.scope",
        "/system.slice/containerd.service/kubepods-pod7.slice:"
        "cri-containerd:$"}) {
    const std::string path = form;
    const size_t place = path.find('$');
    EXPECT_EQ(InGroup(path.substr(0, place) + kId + path.substr(place + 1)),
              kId)
        << path;
  }
}

TEST(ContainerInTest, IsNoneOutsideOfContainers) {
  EXPECT_EQ(ContainerIn(""), "");
  EXPECT_EQ(InGroup("/"), "");
  EXPECT_EQ(InGroup("/system.slice/ssh.service"), "");
  EXPECT_EQ(InGroup("/user.slice/user-1000.slice/session-3.scope"), "");
}

TEST(ContainerInTest, IsNoneBesideTheContainer) {
  EXPECT_EQ(
      InGroup(absl::StrCat("/machine.slice/libpod-conmon-", kId, ".scope")),
      "");
  EXPECT_EQ(InGroup(absl::StrCat("/crio-conmon-", kId, ".scope")), "");
}

TEST(ContainerInTest, IsNotNamedByOtherNumbers) {
  EXPECT_EQ(InGroup(absl::StrCat("/docker/", kId, "0")), "");
  EXPECT_EQ(InGroup("/docker/3f9d2c81a0b4"), "");
  std::string letters(64, 'g');
  EXPECT_EQ(InGroup(absl::StrCat("/docker/", letters)), "");
}

TEST(ContainerInTest, IsTheInnermost) {
  EXPECT_EQ(InGroup(absl::StrCat("/docker/", kOther, "/docker/", kId)), kId);
}

TEST(ContainerInTest, IsFoundInAnyHierarchy) {
  const std::string cgroup = absl::StrCat(
      "12:pids:/user.slice\n4:cpu,cpuacct:/docker/", kId, "\n0::/\n");
  EXPECT_EQ(ContainerIn(cgroup), kId);
}

}  // namespace
}  // namespace connreg
