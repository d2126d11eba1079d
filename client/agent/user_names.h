#ifndef CONNREG_CLIENT_AGENT_USER_NAMES_H_
#define CONNREG_CLIENT_AGENT_USER_NAMES_H_

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "service/base/mutex.h"

namespace connreg {

// UserNames tells what a file in the form of passwd(5) calls users.
//
// It reads that file and nothing else: the name service (nsswitch.conf(5)) may
// ask over a network, and wait for as long as that takes.
//
// Thread-safe.
class UserNames {
 public:
  using Table = absl::flat_hash_map<uint32_t, std::string>;

  explicit UserNames(std::string path) : path_(std::move(path)) {}

  // The names by user id, as the file has them now; it is read only if it has
  // changed since. Of several names of one user it is the first; empty if there
  // is no such file. Never null.
  std::shared_ptr<const Table> Now() const;

 private:
  const std::string path_;

  mutable Mutex mutex_;
  mutable std::shared_ptr<const Table> table_ ABSL_GUARDED_BY(mutex_);
  // Of the file that `table_` was read from.
  mutable struct stat version_ ABSL_GUARDED_BY(mutex_) = {};
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_USER_NAMES_H_
