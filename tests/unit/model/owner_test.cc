#include "service/model/owner.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/hash/hash_testing.h"
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

TEST(OwnersTest, DifferByWhatIsKnownOfAProcess) {
  const Process process = Named(7, "redis");
  std::vector<Process> others(7, process);
  others[0].uid = 999;
  others[1].user = "redis";
  others[2].executable = "/usr/bin/redis-server";
  others[3].cgroup = "/system.slice/redis.service";
  others[4].arguments = {"redis-server"};
  others[5].arguments_cut = true;
  others[6].uid = 0;
  for (const Process& other : others)
    EXPECT_NE(Owners::Known({process}), Owners::Known({other}));
  EXPECT_NE(Owners::Known({others[0]}), Owners::Known({others[6]}));
}

TEST(OwnersTest, CopiesShareTheirProcesses) {
  const Owners owners = Owners::Known({Named(7, "redis")});
  const Owners copy = owners;

  EXPECT_EQ(copy.identity(), owners.identity());
  EXPECT_EQ(&copy.processes().front(), &owners.processes().front());
  EXPECT_EQ(copy, owners);
}

TEST(OwnersTest, AreEqualByTheirProcessesSharedOrNot) {
  EXPECT_EQ(Owners::Known({Named(7, "redis")}),
            Owners::Known({Named(7, "redis")}));
}

TEST(OwnersTest, SetsMayShareSomeProcesses) {
  const SharedProcess redis = Share(Named(7, "redis"));
  const Owners alone = Owners::KnownShared({redis});
  const Owners with_another =
      Owners::KnownShared({Share(Named(9, "other")), redis});

  EXPECT_EQ(&with_another.processes()[0], &alone.processes()[0]);
  EXPECT_EQ(&with_another.processes()[0], &redis->process);
  EXPECT_EQ(with_another,
            Owners::Known({Named(7, "redis"), Named(9, "other")}));
  EXPECT_NE(with_another, alone);
}

TEST(OwnersTest, ASharedProcessThatIsRepeatedCountsOnce) {
  const SharedProcess redis = Share(Named(7, "redis"));

  EXPECT_EQ(Owners::KnownShared({redis, redis}),
            Owners::Known({Named(7, "redis")}));
}

TEST(OwnersTest, AreHashedByTheirProcessesSharedOrNot) {
  const SharedProcess redis = Share(Named(7, "redis"));
  const SharedProcess other = Share(Named(9, "other"));

  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly({
      Owners(),
      Owners::Unknown(OwnerUnknownReason::kNoHolder),
      Owners::KnownShared({redis}),
      Owners::Known({Named(7, "redis")}),
      Owners::KnownShared({other, redis}),
      Owners::Known({Named(7, "redis"), Named(9, "other")}),
  }));
}

TEST(OwnersTest, CopiesHaveTheirDigestMadeOnce) {
  int made = 0;
  const auto make = [&]() -> uint64_t { return ++made; };
  const Owners one = Owners::Known({Named(7, "redis")});
  const Owners copy = one;
  const Owners many = Owners::Known({Named(7, "redis"), Named(9, "other")});

  EXPECT_EQ(one.Digest(make), 1u);
  EXPECT_EQ(copy.Digest(make), 1u);
  EXPECT_EQ(many.Digest(make), 2u);
  EXPECT_EQ(many.Digest(make), 2u);
}

TEST(OwnersTest, UnknownOnesKeepNoDigest) {
  const Owners owners;

  EXPECT_EQ(owners.Digest([] { return uint64_t{1}; }), 1u);
  EXPECT_EQ(owners.Digest([] { return uint64_t{2}; }), 2u);
}

TEST(OwnersTest, MovedFromAreUnknown) {
  Owners owners = Owners::Known({Named(7, "redis")});
  const Owners taken = std::move(owners);

  EXPECT_TRUE(taken.known());
  EXPECT_FALSE(owners.known());
  EXPECT_THAT(owners.processes(), IsEmpty());
}

TEST(OwnersTest, TextOfAProcessCountsEveryPart) {
  EXPECT_EQ(TextSize(Process{.name = "12",
                             .user = "123",
                             .executable = "1234",
                             .cgroup = "12345",
                             .arguments = {"", "1"}}),
            2u + 3 + 4 + 5 + 1 + 2);
}

}  // namespace
}  // namespace connreg
