#include "client/agent/user_names.h"

#include <pwd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"

namespace connreg {
namespace {

// What a report may have of a user's name.
constexpr size_t kMaxNameLength = 255;

// The longest line that is read; the file ends there for us.
constexpr size_t kMaxLineLength = 1 << 20;

struct CloseFile {
  void operator()(FILE* file) const { fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

auto IdentityOf(const struct stat& file) {
  return std::make_tuple(file.st_dev, file.st_ino, file.st_size,
                         file.st_mtim.tv_sec, file.st_mtim.tv_nsec,
                         file.st_ctim.tv_sec, file.st_ctim.tv_nsec);
}

// Whether it is a user, and not a line that asks for others' (nis(5)).
bool NamesAUser(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameLength && name[0] != '+' &&
         name[0] != '-';
}

UserNames::Table Read(FILE* file) {
  UserNames::Table names;
  std::vector<char> line(1024);
  passwd entry;
  passwd* found = nullptr;
  while (true) {
    const int error =
        fgetpwent_r(file, &entry, line.data(), line.size(), &found);
    if (error == ERANGE && line.size() < kMaxLineLength) {
      line.resize(2 * line.size());
      continue;
    }
    if (error != 0) return names;
    if (NamesAUser(entry.pw_name)) names.emplace(entry.pw_uid, entry.pw_name);
  }
}

}  // namespace

std::shared_ptr<const UserNames::Table> UserNames::Now() const {
  const MutexLock lock(mutex_);
  struct stat there = {};
  const bool exists = stat(path_.c_str(), &there) == 0;
  if (table_ && IdentityOf(there) == IdentityOf(version_)) return table_;
  const File file(exists ? fopen(path_.c_str(), "re") : nullptr);
  if (!file || fstat(fileno(file.get()), &version_) != 0) version_ = {};
  table_ = std::make_shared<const Table>(file ? Read(file.get()) : Table());
  return table_;
}

}  // namespace connreg
