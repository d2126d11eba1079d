#include "client/cli/absent_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/wording.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

using StaleHosts = google::protobuf::RepeatedPtrField<v1::StaleHost>;

std::string NotSeenText(const v1::LookupRequest& request,
                        const std::string& since) {
  const std::string subject = SubjectText(request);
  if (request.has_community_id()) {
    return absl::StrCat("absent: ", subject, ": no connection since ", since,
                        " has this Community ID");
  }
  return absl::StrCat("absent: ", subject, ": no connection since ", since,
                      request.has_four_tuple()
                          ? ", and no listener now at either end"
                          : ", and no listener now");
}

// "db1 (since 4m12s ago), db2 (since 3m ago)".
std::string StaleHostsText(const StaleHosts& hosts, const Style& style) {
  return absl::StrJoin(
      hosts, ", ", [&](std::string* text, const v1::StaleHost& host) {
        absl::StrAppend(text, Displayable(host.host()), " (since ",
                        TimeText(host.stale_since_time(), style), ")");
      });
}

std::string Named(absl::string_view what, const std::string& name) {
  return name.empty() ? "" : absl::StrCat(what, "\"", Displayable(name), "\"");
}

}  // namespace

std::string SubjectText(const v1::LookupRequest& request) {
  if (request.has_endpoint()) return EndpointText(request.endpoint());
  if (request.has_community_id()) return Displayable(request.community_id());
  return absl::StrCat(EndpointText(request.four_tuple().client()), " > ",
                      EndpointText(request.four_tuple().server()));
}

std::string AbsentText(const v1::LookupRequest& request,
                       const v1::Absent& absent, const Style& style) {
  switch (absent.reason()) {
    case v1::ABSENT_REASON_NOT_SEEN_SINCE:
      return NotSeenText(request,
                         TimeText(absent.not_seen_since_time(), style));
    case v1::ABSENT_REASON_NO_SUCH_HOST:
      return absl::StrCat("absent: nobody reports",
                          Named(" for host ", request.host()),
                          Named(" in network ", request.network()),
                          "; connreg list hosts names those that do report");
    case v1::ABSENT_REASON_HOST_STALE:
      return absl::StrCat(
          "not known: ", SubjectText(request), ": no host shows it, and ",
          absent.stale_hosts_size() == 1 ? "the one that would know has"
                                         : "those that would know have",
          " gone silent: ", StaleHostsText(absent.stale_hosts(), style));
    case v1::ABSENT_REASON_SYNCING:
      return absl::StrCat(
          "not known yet: ", SubjectText(request),
          ": the service or a host that would know has come back lately, and "
          "not all is reported again; connreg status says what is awaited");
    default:
      return absl::StrCat("absent: ", SubjectText(request), ": ?");
  }
}

}  // namespace connreg::cli
