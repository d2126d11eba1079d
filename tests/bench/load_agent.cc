#include "tests/bench/load_agent.h"

#include <optional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace connreg {
namespace {

Session::Options OptionsOf(const std::string& host) {
  return {.reporter = {ReporterKind::kAgent, "connreg-agent", host, "default"},
          .boot_id = absl::StrCat("boot of ", host),
          .instance = absl::StrCat("agent of ", host),
          .version = "load",
          .ttl = absl::Seconds(30),
          .ack_timeout = absl::Seconds(10),
          .max_backoff = absl::Seconds(10),
          .digest_interval = absl::Minutes(1)};
}

}  // namespace

LoadAgent::LoadAgent(const std::string& host, Snapshot snapshot,
                     std::unique_ptr<ReportStream> stream, const Clock& clock,
                     Session::Random random)
    : session_(OptionsOf(host), ledger_, clock, std::move(random)),
      stream_(std::move(stream)),
      door_(*stream_) {
  session_.SetInterval(absl::Seconds(5));
  ledger_.Take(std::move(snapshot));
}

absl::Duration LoadAgent::Round() {
  TakeAnswers();
  bool goes_on = true;
  while (goes_on) {
    const Session::Step step = session_.Next(door_.can_send());
    goes_on = !std::holds_alternative<Session::Wait>(step);
    std::visit([this](const auto& what) { Do(what); }, step);
  }
  return wait_;
}

bool LoadAgent::in_step() const {
  return session_.welcomed() && session_.in_step();
}

void LoadAgent::TakeAnswers() {
  while (const std::optional<RegistryStream::Event> event = door_.Take()) {
    if (const auto* answer = std::get_if<RegistryStream::Answer>(&*event))
      session_.Take(answer->message);
    else
      session_.NoteLost(std::get<absl::Status>(*event));
  }
}

void LoadAgent::Do(const Session::OpenStream&) {
  door_.Open();
  session_.NoteOpened();
}

}  // namespace connreg
