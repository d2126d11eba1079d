#ifndef CONNREG_CLIENT_CLI_LISTING_H_
#define CONNREG_CLIENT_CLI_LISTING_H_

#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/coverage.h"
#include "client/cli/csv.h"
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
  Table (*as_table)(const Rows&, const Style&);
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

// The rows of a page as lines, in CSV behind the header if it is the first.
template <typename Response, typename Row>
absl::Status WriteLines(const Listing<Response, Row>& listing,
                        const Response& page, bool is_first,
                        const Output& output) {
  const auto& rows = (page.*listing.rows)();
  if (output.format == OutputFormat::kNdjson)
    return WriteEachAsJson(rows, output);
  const Table table = listing.as_table(rows, output.style());
  output.out << (is_first ? CsvHeader(table) : "") << CsvRows(table);
  return absl::OkStatus();
}

template <typename Response, typename Row>
absl::StatusOr<ExitCode> PrintLines(const Listing<Response, Row>& listing,
                                    Pages<Response> pages,
                                    const Output& output) {
  bool is_empty = true;
  bool is_first = true;
  v1::Coverage coverage;
  const auto print = [&](const Response& page) {
    is_empty = is_empty && (page.*listing.rows)().empty();
    coverage = CoverageOfAll(coverage, page.coverage());
    return WriteLines(listing, page, std::exchange(is_first, false), output);
  };
  RETURN_IF_ERROR(pages(print));
  TellCoverage(coverage, "", output);
  return ExitCodeOfListing(is_empty, coverage);
}

// Prints a listing: as kNdjson and kCsv page by page as they come, else once
// they are all there, as one. kPartial if the coverage of a page is; else
// kAbsent if the listing is empty.
template <typename Response, typename Row>
absl::StatusOr<ExitCode> PrintListing(const Listing<Response, Row>& listing,
                                      Pages<Response> pages,
                                      const Output& output) {
  const bool is_lines = output.format == OutputFormat::kNdjson ||
                        output.format == OutputFormat::kCsv;
  if (is_lines) return PrintLines<Response, Row>(listing, pages, output);
  ASSIGN_OR_RETURN(const Response all, Merged<Response>(pages));
  const auto& rows = (all.*listing.rows)();
  if (output.format == OutputFormat::kJson) {
    RETURN_IF_ERROR(WriteJson(all, output));
  } else if (rows.empty()) {
    output.err << "no " << listing.noun << '\n';
  } else {
    WriteTable(listing.as_table(rows, output.style()), output);
  }
  TellCoverage(all.coverage(), "", output);
  return ExitCodeOfListing(rows.empty(), all.coverage());
}

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LISTING_H_
