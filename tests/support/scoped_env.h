#ifndef CONNREG_TESTS_SUPPORT_SCOPED_ENV_H_
#define CONNREG_TESTS_SUPPORT_SCOPED_ENV_H_

#include <cstdlib>

namespace connreg {

// An environment variable for the time of a test.
class ScopedEnv {
 public:
  ScopedEnv(const char* name, const char* value) : name_(name) {
    setenv(name, value, /*overwrite=*/1);
  }
  ScopedEnv(const ScopedEnv&) = delete;
  ScopedEnv& operator=(const ScopedEnv&) = delete;
  ~ScopedEnv() { unsetenv(name_); }

 private:
  const char* const name_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_SUPPORT_SCOPED_ENV_H_
