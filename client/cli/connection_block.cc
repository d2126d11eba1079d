#include "client/cli/connection_block.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/cli/connection_text.h"
#include "client/cli/ends.h"
#include "client/cli/fields.h"
#include "client/cli/origins.h"
#include "client/cli/screen_text.h"
#include "client/cli/side_text.h"
#include "client/cli/wording.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

// Lays out one connection.
class Block {
 public:
  Block(const v1::Connection& connection, const Listeners* waiting,
        const Style& style)
      : connection_(connection),
        waiting_(waiting),
        style_(style),
        ends_(connection),
        closure_(ClosureOf(connection)) {}

  std::vector<Field> Fields() && {
    if (ends_.only) {
      AddSide("both ends", *ends_.only);
    } else {
      AddEnd(ends_.directed ? "client" : "one end", ends_.first,
             ends_.first_side);
      AddEnd(ends_.directed ? "server" : "other end", ends_.second,
             ends_.second_side);
    }
    if (IsSimultaneous(connection_))
      AddNote("simultaneous open: each end initiated it, and none accepted");
    for (const int conflict : connection_.derived().conflicts())
      AddConflict(conflict);
    const std::string& id = connection_.derived().community_id();
    if (!id.empty())
      fields_.push_back({"community id", Displayable(id), false});
    return std::move(fields_);
  }

  // "tcp connection, FIN-WAIT-2/CLOSE-WAIT", "udp connection in network
  // vpc-a, ESTAB".
  std::string Headline() const {
    const std::string network = NetworkText(connection_.network());
    return Visible(absl::StrCat(
        TransportText(connection_.transport()), " connection",
        network == NetworkText("") ? "" : absl::StrCat(" in network ", network),
        ", ", StatesText(ends_, closure_), "\n"));
  }

 private:
  void AddEnd(absl::string_view name, const v1::Endpoint& endpoint,
              const v1::Observation* side) {
    if (side != nullptr) {
      AddSide(name, *side);
      return;
    }
    fields_.push_back({std::string(name), EndpointText(endpoint), false});
    fields_.push_back(
        {"  missing",
         MissingText(endpoint, connection_.derived().one_sided_reason(),
                     closure_ != nullptr)});
  }

  void AddSide(absl::string_view name, const v1::Observation& side) {
    fields_.push_back({std::string(name), PlaceText(side), false});
    AddState(side);
    std::string label = "  process";
    for (const std::string& text : HolderTexts(side.socket().owners())) {
      const bool is_known = !side.socket().owners().processes().empty();
      fields_.push_back({label, text, !is_known});
      label.clear();
    }
    fields_.push_back({"  role", RoleText(side, ends_.directed, waiting_)});
    fields_.push_back({"  first seen", SeenText(side, style_)});
    if (side.derived().has_stale_since_time()) {
      fields_.push_back(
          {"  stale",
           absl::StrCat("its host fell silent ",
                        TimeText(side.derived().stale_since_time(), style_),
                        "; this is what it said last")});
    }
  }

  // The headline has the states of ends that agree, and of none that closed.
  void AddState(const v1::Observation& side) {
    const std::string state = StateText(side.state());
    if (side.has_closure()) {
      if (side.state() != v1::CONNECTION_STATE_ESTABLISHED)
        fields_.push_back({"  state", absl::StrCat(state, " at the last")});
    } else if (state != StatesText(ends_, closure_)) {
      fields_.push_back({"  state", state});
    }
  }

  void AddConflict(int conflict) {
    switch (conflict) {
      case v1::CONNECTION_CONFLICT_HALF_CLOSED:
        // The states say how far it came.
        if (closure_ != nullptr) return;
        return AddNote(
            "half-closed: one direction is closed, and data may still flow in "
            "the other");
      case v1::CONNECTION_CONFLICT_ROLES_DISAGREE:
        return AddNote("the ends disagree which of them is the server");
      case v1::CONNECTION_CONFLICT_ONE_END_STALE:
        // The end that is says so.
        return;
      default:
        return AddNote(kNotKnown);
    }
  }

  void AddNote(absl::string_view text) {
    fields_.push_back({"note", std::string(text)});
  }

  const v1::Connection& connection_;
  const Listeners* const waiting_;
  const Style& style_;
  const Ends ends_;
  const v1::Closure* const closure_;
  std::vector<Field> fields_;
};

}  // namespace

std::string ConnectionBlock(const v1::Connection& connection,
                            const Listeners* waiting, const Style& style,
                            std::optional<size_t> width) {
  Block block(connection, waiting, style);
  const std::string headline = block.Headline();
  return absl::StrCat(headline, FormatFields(std::move(block).Fields(), width));
}

}  // namespace connreg::cli
