#ifndef CONNREG_TESTS_UNIT_MODEL_NETWORK_LAB_H_
#define CONNREG_TESTS_UNIT_MODEL_NETWORK_LAB_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace connreg {

// A file descriptor that is closed when it goes out of scope.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int get() const { return number_; }

 private:
  int number_ = -1;
};

// NetworkLab is two network namespaces of its own, joined by a cable where the
// kernel has one:
//
//   near: lo     127.0.0.1/8 ::1 10.9.1.1
//         near0  10.9.0.1/24 2001:db8::1/64 fe80::1/64
//   far:  far0   10.9.0.2/24 2001:db8::2/64 fe80::2/64, a route to 10.9.1.1
//
// It moves the thread that makes it into the near one for good.
class NetworkLab {
 public:
  static constexpr char kNearDevice[] = "near0";

  // UNAVAILABLE: this process may not make network namespaces, or they have no
  //   IPv6.
  static absl::StatusOr<std::unique_ptr<NetworkLab>> Create();

  // OK, or why there is no cable.
  const absl::Status& cable() const { return cable_; }
  // The number of far0.
  unsigned far_interface() const { return far_interface_; }

  // A socket of the far namespace.
  // REQUIRES: cable() is OK
  absl::StatusOr<Descriptor> FarSocket(int family, int type) const;

 private:
  NetworkLab(Descriptor near, Descriptor far)
      : near_(std::move(near)), far_(std::move(far)) {}

  absl::Status LayCable();
  absl::Status EnterNear() const;
  absl::Status EnterFar() const;

  const Descriptor near_;
  const Descriptor far_;
  absl::Status cable_;
  unsigned far_interface_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_MODEL_NETWORK_LAB_H_
