#ifndef CONNREG_TESTS_UNIT_AGENT_MODEL_REGISTRY_H_
#define CONNREG_TESTS_UNIT_AGENT_MODEL_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "service/model/report.h"
#include "service/model/row_digest.h"
#include "service/model/socket.h"

namespace connreg {

// A registry with one reporter, in as few words as report.proto says what it
// does. A message that breaks the rules fails the test.
//
// Rows of which the digest is divisible by 16 are refused as malformed, and new
// ones beyond `max_rows` for lack of room.
class ModelRegistry {
 public:
  SessionWelcome Open(const SessionOpening& opening);
  Ack Apply(const RowBatch& batch);
  Ack Apply(const KeepAlive& keep_alive);

  // Loses a row, as no registry should.
  void Tamper();

  RowDigest digest() const;
  size_t row_count() const { return listeners_.size() + connections_.size(); }

  template <typename Facts>
  struct Row {
    Facts facts;
    // The snapshot that said it last.
    uint64_t mark = 0;
  };
  const std::vector<Row<ListenerFacts>>& listeners() const {
    return listeners_;
  }
  const std::vector<Row<ConnectionFacts>>& connections() const {
    return connections_;
  }
  const std::vector<ConnectionFacts>& ended() const { return ended_; }
  const std::vector<NetworkNamespace>& namespaces() const {
    return namespaces_;
  }
  const std::vector<CoverageGap>& gaps() const { return gaps_; }
  size_t divergences() const { return divergences_; }

  size_t max_rows = 1000;

 private:
  template <typename Facts>
  void Put(const std::vector<Facts>& facts, std::vector<Row<Facts>>* rows,
           std::vector<uint32_t>* refused);
  void PutNamespace(const NetworkNamespace& netns);
  void Sweep();

  std::vector<Row<ListenerFacts>> listeners_;
  std::vector<Row<ConnectionFacts>> connections_;
  std::vector<ConnectionFacts> ended_;
  std::vector<NetworkNamespace> namespaces_;
  std::vector<CoverageGap> gaps_;
  size_t divergences_ = 0;

  uint64_t seq_ = 0;
  uint64_t mark_ = 0;
  bool wants_snapshot_ = false;
  bool amid_snapshot_ = false;
  bool refused_for_room_ = false;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_MODEL_REGISTRY_H_
