#ifndef CONNREG_CLIENT_CLI_LISTENER_NOTES_H_
#define CONNREG_CLIENT_CLI_LISTENER_NOTES_H_

#include <string>

#include "connreg/v1/registry_service.pb.h"

namespace connreg::cli {

// What stands in brackets in the table of `found`, in words: a line for each
// thing; and which of several listeners on one host it is. Empty if there is
// nothing to say.
std::string ListenerNotes(const v1::FoundListeners& found);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LISTENER_NOTES_H_
