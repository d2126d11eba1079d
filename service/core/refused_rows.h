#ifndef CONNREG_SERVICE_CORE_REFUSED_ROWS_H_
#define CONNREG_SERVICE_CORE_REFUSED_ROWS_H_

#include <cstddef>

namespace connreg {

// RefusedRows knows whether an agent has rows that there was no room for, and
// when it is worth their being offered again: when there is more room than
// there was.
//
// Not thread-safe.
class RefusedRows {
 public:
  // Rows were refused, with room for so many others left.
  void Note(size_t room) {
    waiting_ = ever_ = true;
    room_ = room;
  }
  // The agent says everything again.
  void Reset() { *this = {}; }
  // A session follows in which not everything is said again: the agent may not
  // have learned that there is room.
  void Carry() {
    waiting_ = ever_;
    room_ = 0;
  }
  // Whether they are to be offered again now that there is so much room; they
  // no longer wait then.
  bool TakeRoom(size_t room) {
    if (!waiting_ || room <= room_) return false;
    waiting_ = false;
    return true;
  }

  bool waiting() const { return waiting_; }

 private:
  bool waiting_ = false;
  // Since everything was said.
  bool ever_ = false;
  size_t room_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_REFUSED_ROWS_H_
