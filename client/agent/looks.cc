#include "client/agent/looks.h"

#include <sys/eventfd.h>

#include <string>
#include <utility>

namespace connreg {

LookThread::LookThread(const Collector& collector, EndsTable& ends)
    : collector_(collector),
      ends_(ends),
      done_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

LookThread::~LookThread() {
  if (thread_.joinable()) thread_.join();
}

void LookThread::Begin() {
  search_ = ends_.Begin();
  thread_ = std::thread([this] { Look(); });
}

void LookThread::Look() {
  snapshot_ =
      collector_.Collect([this](const std::string& netns,
                                const FoundNetns& found, const Kernel& kernel) {
        return search_.NoteNetns(netns, found, kernel);
      });
  eventfd_write(done_.get(), 1);
}

std::optional<Snapshot> LookThread::Take() {
  eventfd_t count = 0;
  if (eventfd_read(done_.get(), &count) != 0) return std::nullopt;
  thread_.join();
  ends_.Take(std::exchange(search_, EndsTable::Search()));
  return std::exchange(snapshot_, Snapshot());
}

}  // namespace connreg
