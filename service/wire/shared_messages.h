#ifndef CONNREG_SERVICE_WIRE_SHARED_MESSAGES_H_
#define CONNREG_SERVICE_WIRE_SHARED_MESSAGES_H_

#include <array>
#include <cstddef>

#include "connreg/v1/socket.pb.h"
#include "service/model/owner.h"
#include "service/model/socket.h"

namespace connreg {

// SharedMessages tells of the rows of one answer who reports them and who owns
// them. Rows that lie close together have these in common more often than not,
// and then share the messages too, which are made once.
//
// Only messages in an arena can be shared; they are not to be changed any more.
// Others are made for each row.
//
// Not thread-safe.
class SharedMessages {
 public:
  // The values and the messages outlive this object, and do not change. All
  // messages are in one arena, or none is in any.
  void SetReporter(const Reporter& reporter, v1::Provenance* proto);
  void SetOwners(const Owners& owners, v1::Socket* proto);

 private:
  // The messages that were made last, each with where its value is.
  template <typename Message>
  class Latest {
   public:
    // Null if there is none.
    Message* Find(const void* value) const {
      for (const Entry& entry : entries_)
        if (entry.value == value) return entry.message;
      return nullptr;
    }
    void Add(const void* value, Message* message) {
      entries_[next_] = {value, message};
      next_ = (next_ + 1) % entries_.size();
    }

   private:
    struct Entry {
      const void* value = nullptr;
      Message* message = nullptr;
    };

    // Enough for the two ends of connections of a few servers.
    std::array<Entry, 4> entries_;
    size_t next_ = 0;
  };

  Latest<v1::Reporter> reporters_;
  Latest<v1::Owners> owners_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_SHARED_MESSAGES_H_
