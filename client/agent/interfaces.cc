#include "client/agent/interfaces.h"

#include <array>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace connreg {
namespace {

bool IsZone(const std::string& name) {
  constexpr std::array<uint8_t, 16> kLinkLocal = {0xfe, 0x80};
  return !name.empty() && IpAddress::V6(kLinkLocal).WithZone(name).ok();
}

}  // namespace

std::string InterfaceText(uint32_t index, InterfaceNames names) {
  std::string name = names(index);
  return IsZone(name) ? name : absl::StrCat(index);
}

IpAddress InZone(const IpAddress& address, uint32_t index,
                 InterfaceNames names) {
  if (index == 0 || !address.is_link_local()) return address;
  return address.WithZone(InterfaceText(index, names)).value_or(address);
}

}  // namespace connreg
