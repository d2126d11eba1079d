#include "client/cli/reporter_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>

#include "client/cli/arguments.h"

namespace connreg::cli {

void AddReporterOptions(CLI::App* app, ReporterOptions* options) {
  app->add_option("--reporter", options->name, "Who says so: your name for it")
      ->type_name("NAME")
      ->check(NameError)
      ->capture_default_str();
  options->host = ThisHost();
  app->add_option("--host", options->host, "The host whose sockets these are")
      ->type_name("NAME")
      ->check(NameError)
      ->capture_default_str();
  app->add_option("--network", options->network,
                  "The address space of the host (default: \"default\")")
      ->type_name("NAME")
      ->check(NameError);
}

void AddSocketOptions(CLI::App* app, SocketOptions* options) {
  app->add_flag("--udp", options->udp, "UDP; without it, TCP");
  app->add_option("--netns", options->netns,
                  "The network namespace on the host (default: not told)")
      ->type_name("NAME")
      ->check(NameError);
}

v1::Reporter ReporterOf(const ReporterOptions& options) {
  v1::Reporter reporter;
  reporter.set_kind(v1::REPORTER_KIND_PROGRAM);
  reporter.set_name(options.name);
  reporter.set_host(options.host);
  reporter.set_network(options.network);
  return reporter;
}

v1::Socket SocketOf(const SocketOptions& options) {
  v1::Socket socket;
  socket.set_netns(options.netns);
  socket.set_transport(options.udp ? v1::TRANSPORT_UDP : v1::TRANSPORT_TCP);
  return socket;
}

std::string ThisHost() {
  // HOST_NAME_MAX is 64 on Linux; POSIX allows 255.
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

}  // namespace connreg::cli
