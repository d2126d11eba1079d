#include "client/cli/register.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/cli/arguments.h"
#include "client/cli/csv.h"
#include "client/cli/examples.h"
#include "client/cli/facts.h"
#include "client/lib/limit_text.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "service/base/status_macros.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg::cli {
namespace {

absl::StatusOr<v1::RegisterRequest> CommonRequest(
    const RegisterOptions& options) {
  v1::RegisterRequest request;
  *request.mutable_reporter() = ReporterOf(options.reporter);
  ASSIGN_OR_RETURN(const absl::Duration ttl,
                   ParseDuration("--ttl", options.ttl));
  ToProto(ttl, request.mutable_ttl());
  if (options.addresses.empty()) return request;
  v1::NetworkNamespace* const netns = request.add_namespaces();
  netns->set_netns(options.socket.netns);
  for (const std::string& text : options.addresses) {
    ASSIGN_OR_RETURN(*netns->add_prefixes(), ParseOwned("--address", text));
  }
  return request;
}

v1::Socket HeldSocket(const RegisterOptions& options) {
  v1::Socket socket = SocketOf(options.socket);
  if (options.pid == 0) return socket;
  v1::Process* const process = socket.mutable_owners()->add_processes();
  process->set_pid(options.pid);
  process->set_name(options.process);
  return socket;
}

void AddCommonOptions(CLI::App* app, RegisterOptions* options) {
  AddSocketOptions(app, &options->socket);
  CLI::Option* const pid =
      app->add_option("--pid", options->pid, "The process that holds it")
          ->type_name("PID")
          ->check(CLI::Range(1, std::numeric_limits<int32_t>::max()));
  app->add_option("--process", options->process, "The name of that process")
      ->type_name("NAME")
      ->needs(pid);
  app->add_option("--ttl", options->ttl,
                  "How long to believe it, from 1s to 24h")
      ->type_name("DURATION")
      ->capture_default_str();
  app->add_option(
         "--address", options->addresses,
         "An address or prefix that the host owns, so that the other "
         "ends of its connections are found, and the interface that "
         "has it if listeners are bound to interfaces; may be repeated")
      ->type_name("PREFIX[@DEVICE]")
      ->allow_extra_args(false);
  AddReporterOptions(app, &options->reporter);
}

template <typename Options>
void SetAction(CLI::App* app, const std::shared_ptr<Options>& options,
               Action* action) {
  app->callback([options, action] {
    action->perform = [options](
                          Client& client,
                          const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const v1::RegisterRequest request, RequestOf(*options));
      ASSIGN_OR_RETURN(const v1::RegisterResponse response,
                       client.Register(request));
      return Print(response, output);
    };
  });
}

void AddConnection(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "connection", "One end of a connection: the client's, or --side server");
  const auto options = std::make_shared<RegisterConnectionOptions>();
  AddSideOptions(app, &options->side);
  app->add_option("--state", options->state,
                  "As ss prints it (default: ESTABLISHED)")
      ->type_name(absl::StrCat("STATE:", StateNames()));
  AddCommonOptions(app, &options->common);
  AddExamples(app, {{"connreg register connection 10.0.0.9:51000 10.0.0.5:5432",
                     "the client's end, on this host"},
                    {"connreg register connection 10.0.0.9:51000 10.0.0.5:5432 "
                     "--side server --host db1",
                     "the server's"},
                    {"connreg register connection 10.0.0.9:51000 10.0.0.5:5432 "
                     "--pid 812 --process nginx --ttl 10m",
                     "with its process"}});
  SetAction(app, options, action);
}

void AddListener(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "listener", "A socket that waits, at an address or a wildcard");
  const auto options = std::make_shared<RegisterListenerOptions>();
  app->add_option("ENDPOINT", options->endpoint,
                  "Where it waits: 10.0.0.5:80, 0.0.0.0:80, [::]:80 or *:80")
      ->required()
      ->type_name("");
  app->add_flag("--v6-only", options->v6_only,
                "A wildcard that takes no IPv4 (IPV6_V6ONLY)");
  app->add_option("--device", options->device,
                  "The interface that it is bound to (SO_BINDTODEVICE)")
      ->type_name("NAME")
      ->check(NameError);
  AddCommonOptions(app, &options->common);
  AddExamples(
      app,
      {{"connreg register listener 10.0.0.5:5432", "on this host, for an hour"},
       {"connreg register listener '*:443' --host web1 --address 10.0.0.9",
        "of both families, with an address that it answers at"},
       {"connreg register listener 0.0.0.0:53 --udp --ttl 10m",
        "a UDP socket"}});
  SetAction(app, options, action);
}

bool IsRowKeptOut(
    const google::protobuf::RepeatedPtrField<v1::LimitReached>& limits) {
  return std::any_of(limits.begin(), limits.end(),
                     [](const v1::LimitReached& reached) {
                       return KeepsOutRows(reached.limit());
                     });
}

// Nothing where the row was not taken.
absl::Status TellLease(const v1::RegisterResponse& response,
                       const Output& output) {
  const bool taken =
      response.refusals().empty() && !IsRowKeptOut(response.limits());
  if (!taken) return absl::OkStatus();
  ASSIGN_OR_RETURN(const absl::Duration ttl, DurationFromProto(response.ttl()));
  output.out << "registered; the lease lasts " << absl::FormatDuration(ttl)
             << '\n';
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::RegisterRequest> RequestOf(
    const RegisterConnectionOptions& options) {
  ASSIGN_OR_RETURN(v1::Observation row, SideOf(options.side));
  ASSIGN_OR_RETURN(const v1::ConnectionState state,
                   ParseState("--state", options.state));
  ASSIGN_OR_RETURN(v1::RegisterRequest request, CommonRequest(options.common));
  *row.mutable_socket() = HeldSocket(options.common);
  row.set_state(state);
  row.set_role(options.side.is_server() ? v1::ROLE_SERVER : v1::ROLE_CLIENT);
  row.set_role_evidence(v1::ROLE_EVIDENCE_DECLARED);
  *request.add_connections() = std::move(row);
  return request;
}

absl::StatusOr<v1::RegisterRequest> RequestOf(
    const RegisterListenerOptions& options) {
  ASSIGN_OR_RETURN(const v1::Endpoint endpoint,
                   ParseEndpoint("ENDPOINT", options.endpoint));
  ASSIGN_OR_RETURN(v1::RegisterRequest request, CommonRequest(options.common));
  v1::Listener* const row = request.add_listeners();
  *row->mutable_socket() = HeldSocket(options.common);
  *row->mutable_local() = endpoint;
  row->set_v6_only(options.v6_only);
  row->set_device(options.device);
  return request;
}

absl::StatusOr<ExitCode> Print(const v1::RegisterResponse& response,
                               const Output& output) {
  if (IsForPeople(output.format)) {
    RETURN_IF_ERROR(TellLease(response, output));
  } else if (output.format == OutputFormat::kCsv) {
    output.out << CsvOfValues(
        {{"ttl_seconds", SecondsFact(response.ttl())},
         {"accepted_count", absl::StrCat(response.accepted_count())},
         {"malformed_count", absl::StrCat(response.malformed_count())}});
  } else {
    RETURN_IF_ERROR(WriteJson(response, output));
  }
  for (const v1::RowRefusal& refusal : response.refusals()) {
    output.err << "connreg: refused: " << OneLine(refusal.field()) << ": "
               << OneLine(refusal.description()) << '\n';
  }
  for (const v1::LimitReached& reached : response.limits()) {
    output.err << "connreg: "
               << (KeepsOutRows(reached.limit()) ? "not registered: "
                                                 : "addresses not registered: ")
               << LimitText(reached) << '\n';
  }
  if (!response.refusals().empty()) return ExitCode::kUsage;
  return response.limits().empty() ? ExitCode::kDone : ExitCode::kNoAnswer;
}

void AddRegister(CLI::App* app, Action* action) {
  CLI::App* const group = app->add_subcommand(
      "register", "Tell the registry of a socket, for as long as a lease");
  group->require_subcommand(1);
  AddConnection(group, action);
  AddListener(group, action);
  AddExamples(
      group,
      {{"connreg register listener 10.0.0.5:5432", "something waits there"},
       {"connreg register connection 10.0.0.9:51000 10.0.0.5:5432",
        "someone is connected to it"}});
}

}  // namespace connreg::cli
