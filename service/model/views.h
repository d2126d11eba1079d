#ifndef CONNREG_SERVICE_MODEL_VIEWS_H_
#define CONNREG_SERVICE_MODEL_VIEWS_H_

#include <vector>

#include "service/model/socket.h"

namespace connreg {

// Several reporters may speak of one socket; their rows are views of it. These
// leave one view of each socket: an agent's before a program's, then the one
// that changed last. A row that leaves open which socket it is of, for lack of
// a network namespace or, for a listener, of cookie and inode, is a view of
// what the same host reports at that place, and goes last of its kind of
// reporter.
//
// The rows that are left keep their order.
std::vector<Observation> Representatives(std::vector<Observation> rows);
std::vector<Listener> Representatives(std::vector<Listener> rows);

// Whether two reports are of one life of one connection's socket, as far as
// they tell.
bool AreViews(const ConnectionFacts& a, const Reporter& a_reporter,
              const ConnectionFacts& b, const Reporter& b_reporter);

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_VIEWS_H_
