#ifndef CONNREG_SERVICE_CORE_MACHINE_CLAIMS_H_
#define CONNREG_SERVICE_CORE_MACHINE_CLAIMS_H_

#include <deque>
#include <string>

namespace connreg {

// MachineClaims tells which machine a host's name is that of, where machines
// are told apart by the ids of their kernels' lives. A name goes on to another
// id when nobody reports under the one before: the machine was started anew.
// An id that was followed by another and comes back proves that there are two
// machines; it has to wait until nothing of the other is left.
//
// Not thread-safe.
class MachineClaims {
 public:
  enum class Verdict {
    // The machine that has the name, or nobody has it.
    kSame,
    // The one that had the name is no more.
    kNext,
    // Another machine has the name.
    kTaken,
  };
  // `is_attached`: an agent of the machine that has the name has a session;
  // `has_leases`: there are rows of its agents.
  Verdict Judge(const std::string& boot_id, bool is_attached,
                bool has_leases) const;
  // The name goes to the machine.
  void Accept(const std::string& boot_id);

 private:
  // Empty: none.
  std::string boot_id_;
  // Those before, a number of them.
  std::deque<std::string> displaced_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_MACHINE_CLAIMS_H_
