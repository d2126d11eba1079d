#ifndef CONNREG_TESTS_UNIT_AGENT_FAKE_REGISTRY_H_
#define CONNREG_TESTS_UNIT_AGENT_FAKE_REGISTRY_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/agent/registry_stream.h"
#include "service/model/row_digest.h"

namespace connreg {

// A registry that keeps what one agent says, by the rules of the contract, and
// answers at once.
class FakeRegistry : public RegistryStream {
 public:
  int descriptor() const override { return -1; }
  bool is_open() const override { return is_open_; }
  bool can_send() const override { return is_open_ && !is_finished_; }

  void Open() override {
    ++opened;
    is_open_ = true;
    is_finished_ = false;
    if (!failure.ok()) events_.push_back(failure);
  }

  void Send(const AgentMessage& message) override {
    sent.push_back(message);
    if (!failure.ok() || is_silent) return;
    std::visit([this](const auto& what) { Take(what); }, message);
  }

  std::optional<Event> Take() override {
    if (events_.empty()) return std::nullopt;
    Event event = std::move(events_.front());
    events_.pop_front();
    if (std::holds_alternative<absl::Status>(event)) is_open_ = false;
    return event;
  }

  void Finish() override {
    is_finished_ = true;
    if (!is_silent) events_.push_back(absl::OkStatus());
  }
  void Cancel() override { events_.push_back(absl::CancelledError("")); }

  void Say(const RegistryMessage& message) {
    events_.push_back(Answer{message, {}});
  }
  // Ends the stream.
  void Lose(const absl::Status& status) { events_.push_back(status); }

  // The messages of one kind that were sent, in order.
  template <typename Message>
  std::vector<Message> Sent() const {
    std::vector<Message> messages;
    for (const AgentMessage& message : sent)
      if (const auto* one = std::get_if<Message>(&message))
        messages.push_back(*one);
    return messages;
  }

  // How streams end as soon as they are opened, if not OK.
  absl::Status failure;
  // Answers nothing.
  bool is_silent = false;
  // The next Ack.
  Ack next;
  std::vector<std::string> next_refusals;

  int opened = 0;
  std::vector<AgentMessage> sent;
  // "10.0.0.5:22 cookie 1", "10.0.0.5:22 > 10.0.0.9:51000 cookie 2".
  std::set<std::string> rows() const {
    std::set<std::string> names;
    for (const auto& [name, digest] : rows_) names.insert(name);
    return names;
  }
  std::vector<ConnectionFacts> ended;
  std::map<std::string, NetworkNamespace> namespaces;
  std::vector<CoverageGap> gaps;

 private:
  template <typename Row>
  static std::string NameOf(const Row& row) {
    std::string place;
    if constexpr (requires { row.local; })
      place = row.local.ToString();
    else
      place = row.tuple.ToString();
    return absl::StrCat(place, " cookie ", row.socket.cookie);
  }

  void Take(const SessionOpening& opening) {
    namespaces.clear();
    for (const NetworkNamespace& one : opening.namespaces)
      namespaces[one.netns] = one;
    gaps = opening.gaps;
    RowDigest digest;
    for (const auto& [name, row] : rows_) digest.Add(row);
    events_.push_back(
        Answer{SessionWelcome{.epoch = Epoch{1},
                              .run_id = "run",
                              .ttl = opening.ttl,
                              .reconnect_window = absl::Seconds(10),
                              .snapshot_wanted = digest != opening.digest,
                              .max_rows = 1000,
                              .max_bytes = 4 << 20},
               {}});
  }

  void Take(const RowBatch& batch) {
    if (batch.first) said_.clear();
    for (const auto& name : batch.gone_listeners) rows_.erase(NameOf(name));
    for (const auto& name : batch.gone_connections) rows_.erase(NameOf(name));
    for (const std::string& name : batch.gone_namespaces)
      namespaces.erase(name);
    for (const NetworkNamespace& one : batch.namespaces)
      namespaces[one.netns] = one;
    if (batch.gaps) gaps = *batch.gaps;
    for (const auto& row : batch.listeners) Put(NameOf(row), DigestOf(row));
    for (const auto& row : batch.connections) Put(NameOf(row), DigestOf(row));
    ended.insert(ended.end(), batch.ended.begin(), batch.ended.end());
    if (batch.last)
      std::erase_if(
          rows_, [&](const auto& row) { return !said_.contains(row.first); });
    next.seq = batch.seq;
    Acknowledge();
  }
  void Take(const KeepAlive&) { Acknowledge(); }
  void Take(const Goodbye& goodbye) {
    if (goodbye.remove) rows_.clear();
  }

  void Put(const std::string& name, uint64_t digest) {
    rows_[name] = digest;
    said_.insert(name);
  }
  void Acknowledge() {
    events_.push_back(
        Answer{std::exchange(next, Ack{.seq = next.seq}),
               std::exchange(next_refusals, std::vector<std::string>())});
  }

  bool is_open_ = false;
  bool is_finished_ = false;
  std::deque<Event> events_;
  // The digest of each.
  std::map<std::string, uint64_t> rows_;
  // Since the snapshot began.
  std::set<std::string> said_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_FAKE_REGISTRY_H_
