#include "client/agent/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

absl::Status LastError(const std::string& path) {
  // The kernel's word for a process that has ended while its directory in /proc
  // was open.
  if (errno == ESRCH) return absl::NotFoundError(path);
  return absl::ErrnoToStatus(errno, path);
}

struct CloseDirectory {
  void operator()(DIR* stream) const { closedir(stream); }
};
using DirectoryStream = std::unique_ptr<DIR, CloseDirectory>;

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<Descriptor> OpenAt(int directory, const std::string& path,
                                  int flags) {
  const int fd = openat(directory, path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return LastError(path);
  return Descriptor(fd);
}

absl::StatusOr<std::string> ReadFileAt(int directory, const std::string& path,
                                       size_t limit) {
  ASSIGN_OR_RETURN(const Descriptor file, OpenAt(directory, path, O_RDONLY));
  std::string text;
  std::array<char, 4096> buffer;
  while (text.size() < limit) {
    const ssize_t size = read(file.get(), buffer.data(),
                              std::min(buffer.size(), limit - text.size()));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return LastError(path);
    if (size == 0) break;
    text.append(buffer.data(), static_cast<size_t>(size));
  }
  return text;
}

absl::StatusOr<std::string> ReadLinkAt(int directory, const std::string& path) {
  std::array<char, PATH_MAX> buffer;
  const ssize_t size =
      readlinkat(directory, path.c_str(), buffer.data(), buffer.size());
  if (size < 0) return LastError(path);
  return std::string(buffer.data(), static_cast<size_t>(size));
}

absl::StatusOr<struct stat> StatOf(const Descriptor& descriptor) {
  struct stat file;
  if (fstat(descriptor.get(), &file) != 0) return LastError("its status");
  return file;
}

absl::StatusOr<std::vector<std::string>> ListAt(int directory,
                                                const std::string& path) {
  const int fd =
      openat(directory, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return LastError(path);
  const DirectoryStream stream(fdopendir(fd));
  if (stream == nullptr) {
    const absl::Status status = LastError(path);
    close(fd);
    return status;
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(stream.get())) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return LastError(path);
  return names;
}

}  // namespace connreg
