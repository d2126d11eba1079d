#ifndef CONNREG_SERVICE_CORE_ANSWER_ROOM_H_
#define CONNREG_SERVICE_CORE_ANSWER_ROOM_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "service/model/connection.h"
#include "service/model/query.h"

namespace connreg {

// About how many bytes an answer's parts take up on the wire: with owners that
// share a socket by the hundred far more than without.
size_t WireSize(const Connection& connection);
size_t WireSize(const ListenerAnswer& answer);
size_t WireSize(const EndpointSummary& summary);

// AnswerRoom is what is left of an answer: so many rows, and so many bytes that
// clients with gRPC's usual limit of 4 MiB can read it.
//
// Not thread-safe.
class AnswerRoom {
 public:
  explicit AnswerRoom(size_t rows) : rows_(rows) {}

  // Takes the room that `answers` need. False if there is not as much; then
  // none is left.
  template <typename Answer>
  bool Take(absl::Span<const Answer> answers) {
    size_t bytes = 0;
    for (const Answer& answer : answers) bytes += WireSize(answer);
    const bool fits = answers.size() <= rows_ && bytes <= bytes_;
    rows_ = fits ? rows_ - answers.size() : 0;
    bytes_ = fits ? bytes_ - bytes : 0;
    return fits;
  }

  // Cuts `answers` to what there is room for, and says whether that took any
  // away. The first stays however large it is.
  template <typename Answer>
  bool Cut(std::vector<Answer>* answers) {
    for (size_t i = 0; i < answers->size(); ++i) {
      if (Take(absl::MakeConstSpan(*answers).subspan(i, 1)) || i == 0) continue;
      answers->erase(answers->begin() + static_cast<ptrdiff_t>(i),
                     answers->end());
      return true;
    }
    return false;
  }

 private:
  static constexpr size_t kMaxBytes = 3 << 20;

  size_t rows_;
  size_t bytes_ = kMaxBytes;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_ANSWER_ROOM_H_
