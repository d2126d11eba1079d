#include "service/model/owner.h"

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const absl::Time kBoot = absl::FromUnixSeconds(1'700'000'000);

Process Named(int32_t pid, absl::string_view name, absl::Time start = kBoot) {
  return {.pid = pid, .start_time = start, .name = std::string(name)};
}

TEST(OwnersTest, AreUnknownForLackOfAReportByDefault) {
  const Owners owners;

  EXPECT_FALSE(owners.known());
  EXPECT_THAT(owners.processes(), IsEmpty());
  EXPECT_EQ(owners.unknown_reason(), OwnerUnknownReason::kNotReported);
}

TEST(OwnersTest, KeepTheReasonWhyTheyAreUnknown) {
  for (const OwnerUnknownReason reason :
       {OwnerUnknownReason::kNotReported, OwnerUnknownReason::kNotPermitted,
        OwnerUnknownReason::kNotAccepted, OwnerUnknownReason::kKernelOrphan,
        OwnerUnknownReason::kNoHolder, OwnerUnknownReason::kEndedBeforeScan}) {
    const Owners owners = Owners::Unknown(reason);

    EXPECT_FALSE(owners.known());
    EXPECT_EQ(owners.unknown_reason(), reason);
  }
}

TEST(OwnersTest, DifferByTheirReason) {
  EXPECT_NE(Owners::Unknown(OwnerUnknownReason::kNoHolder),
            Owners::Unknown(OwnerUnknownReason::kNotAccepted));
  EXPECT_NE(Owners::Unknown(OwnerUnknownReason::kNotReported),
            Owners::Known({Named(7, "sshd")}));
}

TEST(OwnersTest, KeepEveryProcessOfAPreforkServer) {
  const Owners owners = Owners::Known(
      {Named(102, "worker"), Named(100, "master"), Named(101, "worker")});

  EXPECT_TRUE(owners.known());
  EXPECT_THAT(owners.processes(),
              ElementsAre(Named(100, "master"), Named(101, "worker"),
                          Named(102, "worker")));
}

TEST(OwnersTest, PutPid1LastSinceASocketActivatedServiceIsTheOwner) {
  EXPECT_THAT(
      Owners::Known({Named(1, "systemd"), Named(4242, "cupsd")}).processes(),
      ElementsAre(Named(4242, "cupsd"), Named(1, "systemd")));
}

TEST(OwnersTest, KeepPid1WhereItIsAlone) {
  EXPECT_THAT(Owners::Known({Named(1, "systemd")}).processes(),
              ElementsAre(Named(1, "systemd")));
}

TEST(OwnersTest, CountARepeatedProcessOnce) {
  EXPECT_THAT(
      Owners::Known({Named(7, "a"), Named(9, "b"), Named(7, "a")}).processes(),
      ElementsAre(Named(7, "a"), Named(9, "b")));
}

TEST(OwnersTest, TellApartTwoProcessesThatHadOnePid) {
  const absl::Time later = kBoot + absl::Hours(1);

  EXPECT_THAT(
      Owners::Known({Named(7, "new", later), Named(7, "old")}).processes(),
      ElementsAre(Named(7, "old"), Named(7, "new", later)));
}

TEST(OwnersTest, DoNotDependOnTheOrderOfTheReport) {
  const auto by_name = [](const Process& a, const Process& b) {
    return a.name < b.name;
  };
  std::vector<Process> processes = {Named(9, "a"), Named(7, "b"),
                                    Named(7, "renamed"), Named(1, "systemd")};
  const Owners owners = Owners::Known(processes);

  while (std::next_permutation(processes.begin(), processes.end(), by_name)) {
    EXPECT_EQ(Owners::Known(processes), owners);
  }
}

}  // namespace
}  // namespace connreg
