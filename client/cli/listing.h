#ifndef CONNREG_CLIENT_CLI_LISTING_H_
#define CONNREG_CLIENT_CLI_LISTING_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/coverage.h"
#include "client/cli/exit_code.h"
#include "client/cli/output.h"
#include "client/cli/table.h"
#include "connreg/v1/registry_service.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "service/base/status_macros.h"

namespace connreg::cli {

// Hands page after page to what it is given, and returns its first error, or
// its own.
template <typename Response>
using Pages = absl::FunctionRef<absl::Status(
    absl::FunctionRef<absl::Status(const Response&)>)>;

// What a listing is of.
template <typename Response, typename Row>
struct Listing {
  using Rows = google::protobuf::RepeatedPtrField<Row>;

  // "connections".
  absl::string_view noun;
  const Rows& (Response::*rows)() const;
  Table (*as_table)(const Rows&, absl::Time now);
};

// All pages as one response.
template <typename Response>
absl::StatusOr<Response> Merged(Pages<Response> pages) {
  Response all;
  const auto merge = [&](const Response& page) {
    const v1::Coverage coverage =
        CoverageOfAll(all.coverage(), page.coverage());
    all.MergeFrom(page);
    *all.mutable_coverage() = coverage;
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pages(merge));
  all.clear_next_page_token();
  return all;
}

inline ExitCode ExitCodeOfListing(bool is_empty, const v1::Coverage& coverage) {
  if (IsPartial(coverage)) return ExitCode::kPartial;
  return is_empty ? ExitCode::kAbsent : ExitCode::kDone;
}

template <typename Response, typename Row>
absl::StatusOr<ExitCode> PrintLines(const Listing<Response, Row>& listing,
                                    Pages<Response> pages,
                                    const Output& output) {
  bool is_empty = true;
  v1::Coverage coverage;
  const auto print = [&](const Response& page) {
    is_empty = is_empty && (page.*listing.rows)().empty();
    coverage = CoverageOfAll(coverage, page.coverage());
    return WriteEachAsJson((page.*listing.rows)(), output);
  };
  RETURN_IF_ERROR(pages(print));
  TellCoverage(coverage, "", output);
  return ExitCodeOfListing(is_empty, coverage);
}

// Prints a listing: as kNdjson page by page as they come, else once they are
// all there, as one. kPartial if the coverage of a page is; else kAbsent if the
// listing is empty.
template <typename Response, typename Row>
absl::StatusOr<ExitCode> PrintListing(const Listing<Response, Row>& listing,
                                      Pages<Response> pages,
                                      const Output& output) {
  if (output.format == OutputFormat::kNdjson)
    return PrintLines<Response, Row>(listing, pages, output);
  ASSIGN_OR_RETURN(const Response all, Merged<Response>(pages));
  const auto& rows = (all.*listing.rows)();
  if (output.format == OutputFormat::kJson) {
    RETURN_IF_ERROR(WriteJson(all, output));
  } else if (rows.empty()) {
    output.err << "no " << listing.noun << '\n';
  } else {
    output.out << FormatTable(listing.as_table(rows, output.clock.Now()),
                              output.width);
  }
  TellCoverage(all.coverage(), "", output);
  return ExitCodeOfListing(rows.empty(), all.coverage());
}

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LISTING_H_
