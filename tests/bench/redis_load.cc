// Tells a Redis server of the fleet that bench_load reports, or asks it about
// that, as fast as pipelining allows, and prints what came of it as one line of
// JSON.
//
//   redis_load --port 6379 --hosts 100 fill --first 0 --count 100
//   redis_load --port 6379 --hosts 100 ask --kind hgetall
//
// A connection is a hash of five fields, 64 bytes together, under its
// four-tuple; its key is in three sets: of its server endpoint, its client
// address and its host. `values` adds a string of 64 bytes for each.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "service/base/status_macros.h"
#include "tests/bench/accepting_fleet.h"
#include "tests/bench/redis_lister.h"
#include "tests/bench/redis_pipeline.h"

namespace connreg {
namespace {

struct Options {
  int port = 6379;
  size_t hosts = 1;
  size_t first = 0;
  size_t count = 1;
  std::string kind = "mget";
  double seconds = 1;
};

// How many keys are asked for together, and how many such questions, or parts
// of what is told, are on their way at a time.
constexpr size_t kBatch = 1'000;
constexpr size_t kInFlight = 4;
// How many different questions there are.
constexpr size_t kBatches = 2'000;

std::string KeyOf(const FourTuple& tuple) {
  return absl::StrCat("c:", tuple.local().ToString(), ">",
                      tuple.remote().ToString());
}

std::string ValueKeyOf(const FourTuple& tuple) {
  return absl::StrCat("v", KeyOf(tuple));
}

// Commands that are sent together, and how many there are.
struct Commands {
  std::string bytes;
  size_t count = 0;

  void Add(const std::vector<absl::string_view>& words) {
    AppendCommand(words, &bytes);
    ++count;
  }
};

void AddRow(const AcceptingFleet& fleet, uint64_t connection,
            Commands* commands) {
  const ConnectionFacts facts = fleet.FactsOf(connection);
  const Process& process = facts.socket.owners.processes()[0];
  const std::string key = KeyOf(facts.tuple);
  commands->Add({"HSET", key, "state", "ESTABLISHED", "cookie",
                 absl::StrCat(facts.socket.cookie), "inode",
                 absl::StrCat(facts.socket.inode), "pid",
                 absl::StrCat(process.pid), "process", process.name});
  commands->Add({"SADD", RedisSetOf(facts.tuple.local()), key});
  commands->Add({"SADD",
                 absl::StrCat("a:", facts.tuple.remote().address().ToString()),
                 key});
  const size_t host = AcceptingFleet::HostOf(connection);
  commands->Add(
      {"SADD", absl::StrCat("h:", AcceptingFleet::ReporterOf(host).host), key});
}

// Sends `all` in turn, again from the first after the last, until `ends` says
// so, with a few of them on their way at a time; then awaits what is.
absl::Status Pump(const std::vector<Commands>& all,
                  const std::function<bool(size_t sent)>& ends,
                  RedisPipeline* redis) {
  std::deque<size_t> replies;
  for (size_t sent = 0;; ++sent) {
    const bool over = ends(sent);
    while (!replies.empty() && (over || replies.size() == kInFlight)) {
      for (size_t i = 0; i < replies.front(); ++i)
        RETURN_IF_ERROR(redis->Take());
      replies.pop_front();
    }
    if (over) return absl::OkStatus();
    const Commands& next = all[sent % all.size()];
    RETURN_IF_ERROR(redis->Send(next.bytes));
    replies.push_back(next.count);
  }
}

void Print(uint64_t rows, absl::Duration elapsed) {
  std::cout << absl::StreamFormat("{\"rows\": %d, \"seconds\": %.6f}", rows,
                                  absl::ToDoubleSeconds(elapsed))
            << std::endl;
}

// Tells of the connections of some hosts, each as `add` says it.
absl::Status Tell(
    const Options& options,
    const std::function<void(uint64_t connection, Commands*)>& add,
    RedisPipeline* redis) {
  constexpr size_t kTogether = 250;
  const uint64_t rows = options.count * AcceptingFleet::kConnectionsOfHost;
  std::vector<Commands> all;
  for (uint64_t i = 0; i < rows; ++i) {
    if (i % kTogether == 0) all.emplace_back();
    add(AcceptingFleet::ToldAt(
            options.first + i / AcceptingFleet::kConnectionsOfHost,
            i % AcceptingFleet::kConnectionsOfHost),
        &all.back());
  }
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(Pump(
      all, [&](size_t sent) { return sent == all.size(); }, redis));
  Print(rows, absl::Now() - start);
  return absl::OkStatus();
}

absl::Status Fill(const Options& options, RedisPipeline* redis) {
  const AcceptingFleet fleet(options.hosts);
  const uint64_t rows = options.count * AcceptingFleet::kConnectionsOfHost;
  RETURN_IF_ERROR(Tell(
      options,
      [&](uint64_t connection, Commands* commands) {
        AddRow(fleet, connection, commands);
      },
      redis));
  // The five fields are new, and so is each place in a set.
  if (redis->tally().integers != 4 * rows)
    return absl::DataLossError("redis did not answer each command");
  return absl::OkStatus();
}

absl::Status AddValues(const Options& options, RedisPipeline* redis) {
  const AcceptingFleet fleet(options.hosts);
  const std::string value(64, 'v');
  return Tell(
      options,
      [&](uint64_t connection, Commands* commands) {
        commands->Add({"SET", ValueKeyOf(fleet.TupleOf(connection)), value});
      },
      redis);
}

Commands MgetOf(const AcceptingFleet& fleet, uint64_t number) {
  std::vector<std::string> keys;
  for (size_t i = 0; i < kBatch; ++i)
    keys.push_back(ValueKeyOf(fleet.TupleOf(fleet.Draw(number * kBatch + i))));
  std::vector<absl::string_view> words = {"MGET"};
  words.insert(words.end(), keys.begin(), keys.end());
  Commands commands;
  commands.Add(words);
  return commands;
}

Commands HgetallOf(const AcceptingFleet& fleet, uint64_t number) {
  Commands commands;
  for (size_t i = 0; i < kBatch; ++i)
    commands.Add(
        {"HGETALL", KeyOf(fleet.TupleOf(fleet.Draw(number * kBatch + i)))});
  return commands;
}

// Asks for the values of keys, or for their hashes.
absl::Status AskForKeys(const Options& options, RedisPipeline* redis) {
  const AcceptingFleet fleet(options.hosts);
  const bool mget = options.kind == "mget";
  std::vector<Commands> all;
  for (size_t i = 0; i < kBatches; ++i)
    all.push_back(mget ? MgetOf(fleet, i) : HgetallOf(fleet, i));
  const absl::Time start = absl::Now();
  const absl::Time end = start + absl::Seconds(options.seconds);
  size_t batches = 0;
  RETURN_IF_ERROR(Pump(
      all,
      [&](size_t sent) {
        batches = sent;
        return absl::Now() >= end;
      },
      redis));
  const absl::Duration elapsed = absl::Now() - start;
  const size_t strings_of_row = mget ? 1 : 10;
  if (redis->tally().strings != batches * kBatch * strings_of_row)
    return absl::DataLossError("redis did not find each key");
  Print(batches * kBatch, elapsed);
  return absl::OkStatus();
}

absl::Status List(const Options& options, RedisPipeline* redis) {
  const AcceptingFleet fleet(options.hosts);
  RedisLister lister(redis, fleet);
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const uint64_t rows,
                   lister.Run(start + absl::Seconds(options.seconds)));
  Print(rows, absl::Now() - start);
  return absl::OkStatus();
}

absl::Status Run(const std::string& command, const Options& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<RedisPipeline> redis,
                   RedisPipeline::Connect(options.port));
  if (command == "fill") return Fill(options, redis.get());
  if (command == "values") return AddValues(options, redis.get());
  if (options.kind == "list") return List(options, redis.get());
  return AskForKeys(options, redis.get());
}

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) {
  CLI::App app("Loads a Redis server, and prints what came of it");
  connreg::Options options;
  app.add_option("--port", options.port, "Of 127.0.0.1")->required();
  app.add_option("--hosts", options.hosts, "How many hosts the fleet has");
  app.fallthrough();
  app.require_subcommand(1);
  for (const char* name : {"fill", "values"}) {
    CLI::App* const tell = app.add_subcommand(name, "Tells of some hosts");
    tell->add_option("--first", options.first, "The first of them");
    tell->add_option("--count", options.count, "How many");
  }
  CLI::App* const ask = app.add_subcommand("ask", "Asks about the fleet");
  ask->add_option("--kind", options.kind, "mget, hgetall or list")
      ->check(CLI::IsMember({"mget", "hgetall", "list"}));
  ask->add_option("--seconds", options.seconds, "For how long");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status =
      connreg::Run(app.get_subcommands().front()->get_name(), options);
  if (!status.ok()) std::cerr << "redis_load: " << status.message() << '\n';
  return status.ok() ? 0 : 2;
}
