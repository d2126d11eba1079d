#include "service/model/row_digest.h"

#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/base/sip_hash.h"
#include "service/net/endpoint.h"

namespace connreg {
namespace {

// Bytes gathers the canonical bytes of a row.
class Bytes {
 public:
  // Most rows are shorter.
  Bytes() { bytes_.reserve(256); }

  template <typename Number>
  void AddNumber(Number number) {
    const auto value = static_cast<uint64_t>(number);
    std::array<char, sizeof(Number)> bytes;
    for (size_t i = 0; i < sizeof(Number); ++i)
      bytes[i] = static_cast<char>(value >> (8 * i));
    bytes_.append(bytes.data(), bytes.size());
  }

  void AddText(absl::string_view text) {
    AddNumber(static_cast<uint32_t>(text.size()));
    bytes_.append(text.data(), text.size());
  }

  void AddUid(const std::optional<uint32_t>& uid) {
    AddNumber(uid ? uint64_t{*uid} + 1 : uint64_t{0});
  }

  void AddEndpoint(const Endpoint& endpoint) {
    const auto& address = endpoint.address().bytes();
    bytes_.append(reinterpret_cast<const char*>(address.data()),
                  address.size());
    AddNumber(static_cast<uint16_t>(endpoint.port()));
    AddText(endpoint.address().zone());
  }

  uint64_t Digest() const { return SipHash({}, bytes_); }

 private:
  std::string bytes_;
};

uint64_t MakeDigest(const Owners& owners) {
  Bytes bytes;
  bytes.AddNumber(owners.known()
                      ? uint8_t{0}
                      : static_cast<uint8_t>(owners.unknown_reason()));
  for (const Process& process : owners.processes()) {
    bytes.AddNumber(process.pid);
    bytes.AddNumber(process.start_time == absl::Time()
                        ? int64_t{0}
                        : absl::ToUnixNanos(process.start_time));
    bytes.AddUid(process.uid);
    for (const std::string* text :
         {&process.name, &process.user, &process.executable, &process.cgroup})
      bytes.AddText(*text);
    bytes.AddNumber(static_cast<uint32_t>(process.arguments.size()));
    for (const std::string& argument : process.arguments)
      bytes.AddText(argument);
    bytes.AddNumber(static_cast<uint8_t>(process.arguments_cut));
  }
  return bytes.Digest();
}

// Many rows may have the same owners, who may be many.
uint64_t DigestOf(const Owners& owners) {
  return owners.Digest([&] { return MakeDigest(owners); });
}

// What listeners and connections have alike.
void AddSocket(const Socket& socket, absl::string_view device,
               const Endpoint& local, Bytes* bytes) {
  bytes->AddText(socket.netns);
  bytes->AddNumber(static_cast<uint8_t>(socket.transport));
  bytes->AddNumber(static_cast<uint8_t>(socket.family));
  bytes->AddNumber(socket.cookie);
  bytes->AddNumber(socket.inode);
  bytes->AddUid(socket.uid);
  bytes->AddNumber(DigestOf(socket.owners));
  bytes->AddText(device);
  bytes->AddEndpoint(local);
}

}  // namespace

uint64_t DigestOf(const ListenerFacts& facts) {
  Bytes bytes;
  bytes.AddNumber(uint8_t{1});
  AddSocket(facts.socket, facts.device, facts.local, &bytes);
  bytes.AddNumber(static_cast<uint8_t>(facts.state));
  bytes.AddNumber(static_cast<uint8_t>(facts.v6_only));
  return bytes.Digest();
}

uint64_t DigestOf(const ConnectionFacts& facts) {
  Bytes bytes;
  bytes.AddNumber(uint8_t{2});
  AddSocket(facts.socket, facts.device, facts.tuple.local(), &bytes);
  bytes.AddEndpoint(facts.tuple.remote());
  bytes.AddNumber(static_cast<uint8_t>(facts.state));
  bytes.AddNumber(static_cast<uint8_t>(facts.role));
  bytes.AddNumber(static_cast<uint8_t>(facts.evidence));
  bytes.AddNumber(facts.listener_cookie);
  return bytes.Digest();
}

}  // namespace connreg
