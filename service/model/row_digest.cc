#include "service/model/row_digest.h"

#include <optional>
#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/base/sip_hash.h"
#include "service/net/endpoint.h"

namespace connreg {
namespace {

// Bytes takes the canonical bytes of a row.
class Bytes {
 public:
  template <typename Number>
  void AddNumber(Number number) {
    hasher_.AddNumber(static_cast<std::make_unsigned_t<Number>>(number));
  }

  void AddText(absl::string_view text) {
    AddNumber(static_cast<uint32_t>(text.size()));
    hasher_.AddBytes(text);
  }

  void AddUid(const std::optional<uint32_t>& uid) {
    AddNumber(uid ? uint64_t{*uid} + 1 : uint64_t{0});
  }

  void AddEndpoint(const Endpoint& endpoint) {
    const auto& address = endpoint.address().bytes();
    hasher_.AddBytes(
        {reinterpret_cast<const char*>(address.data()), address.size()});
    AddNumber(static_cast<uint16_t>(endpoint.port()));
    AddText(endpoint.address().zone());
  }

  uint64_t Digest() const { return hasher_.Finish(); }

 private:
  SipHasher hasher_{SipHashKey()};
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
