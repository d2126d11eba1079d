#ifndef CONNREG_CLIENT_AGENT_FILES_H_
#define CONNREG_CLIENT_AGENT_FILES_H_

#include <sys/stat.h>

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace connreg {

// A file descriptor that is closed with its owner. Movable, not copyable.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  int get() const { return fd_; }

 private:
  int fd_;
};

// All paths below are relative to `directory`, as in openat(2). Errors are
// absl::ErrnoToStatus()'s and name the path; what has vanished is NOT_FOUND,
// what may not be read PERMISSION_DENIED.

absl::StatusOr<Descriptor> OpenAt(int directory, const std::string& path,
                                  int flags);
// At most the first `limit` bytes.
absl::StatusOr<std::string> ReadFileAt(
    int directory, const std::string& path,
    size_t limit = std::numeric_limits<size_t>::max());
absl::StatusOr<std::string> ReadLinkAt(int directory, const std::string& path);
// Of what `descriptor` leads to.
absl::StatusOr<struct stat> StatOf(const Descriptor& descriptor);
// The names in `path`, less "." and "..", in no order.
absl::StatusOr<std::vector<std::string>> ListAt(int directory,
                                                const std::string& path);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_FILES_H_
