// What a program does with connreg, from its .proto files alone:
//
//     npm ci
//     node tour.js ../../../proto localhost:7878
//
// It takes Node.js 18, which Debian 12 has, or a later one.

const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const SERVER = { address: '10.1.0.1', port: 80 };
const CLIENTS = [0, 1, 2].map((i) => ({ address: '10.1.0.9', port: 40000 + i }));
const REPORTER = { kind: 'REPORTER_KIND_PROGRAM', name: 'node-tour', host: 'web-1' };

const [protos, address] = process.argv.slice(2);
if (!address) {
  console.error('usage: tour.js PROTO_FOLDER HOST:PORT');
  process.exit(2);
}
const definition = loader.loadSync(
  ['reporting_service', 'registry_service'].map((name) => `connreg/v1/${name}.proto`)
    .concat('google/rpc/status.proto', 'google/rpc/error_details.proto'),
  { includeDirs: [protos], keepCase: true, enums: String, defaults: true, oneofs: true },
);
const { v1 } = grpc.loadPackageDefinition(definition).connreg;

function call(service, method, request) {
  const options = { deadline: Date.now() + 10_000 };
  return new Promise((resolve, reject) => {
    service[method](request, options, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

async function register(service) {
  const owners = { processes: [{ pid: 4242, name: Buffer.from('nginx') }] };
  const socket = { transport: 'TRANSPORT_TCP', owners };
  const answer = await call(service, 'Register', {
    reporter: REPORTER,
    ttl: { seconds: 60 },
    listeners: [{ socket, local: SERVER }],
    connections: CLIENTS.map((remote) => ({ socket, local: SERVER, remote, role: 'ROLE_SERVER' })),
  });
  for (const refusal of answer.refusals) { // A bad row does not stop the others.
    console.log(`refused ${refusal.field}: ${refusal.description}`);
  }
  console.log(`registered ${answer.accepted_count} rows for ${answer.ttl.seconds} s`);
}

async function lookup(service, question) {
  const answer = await call(service, 'Lookup', question);
  for (const { derived, observations } of answer.connections?.connections ?? []) {
    const ends = [derived.client, derived.server].map((end) => `${end.address}:${end.port}`);
    for (const holder of observations[0].socket.owners.processes) {
      console.log(`found ${ends.join(' > ')} of ${holder.display_name},${holder.pid}`);
    }
  }
  for (const { local, provenance } of answer.listeners?.listeners ?? []) {
    const { host } = provenance.reporter;
    console.log(`found no connection; ${host} listens on ${local.address}:${local.port}`);
  }
  if (answer.absent) console.log(`found ${answer.absent.reason}`); // Which is no error.
}

async function listConnections(service) {
  const request = { endpoint: SERVER, page_size: 2, page_token: '' };
  let [listed, pages, page] = [0, 0, null];
  while (pages === 0 || request.page_token) {
    page = await call(service, 'ListConnections', request);
    listed += page.connections.length; // May be 0 before the last page too.
    pages += 1;
    request.page_token = page.next_page_token;
  }
  console.log(`listed ${listed} connections on ${pages} pages`);
  return page.coverage;
}

function printCoverage(seen) {
  const hosts = seen.live_host_count + seen.syncing_host_count + seen.stale_host_count;
  const partial = seen.syncing || seen.truncated || seen.stale_host_count > 0
    || seen.syncing_host_count > 0 || seen.gapped_host_count > 0 || seen.limited_reporter_count > 0
    || seen.expected_host_count > hosts;
  console.log(`coverage is ${partial ? 'partial' : 'complete'}: `
    + `${seen.live_host_count} live hosts, ${seen.stale_host_count} stale`);
}

function describe(error) {
  if (!(error.code in grpc.status)) return error.stack; // Not of a call.
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!bytes) return `${grpc.status[error.code]} ${error.details}`;
  const found = {};
  for (const detail of definition['google.rpc.Status'].deserialize(bytes).details) {
    const name = detail.type_url.split('/').pop();
    found[name] = definition[name].deserialize(detail.value);
  }
  const fields = found['google.rpc.BadRequest'].field_violations.map(({ field }) => field);
  return `${grpc.status[error.code]} ${found['google.rpc.ErrorInfo'].reason} in ${fields.join(' ')}`;
}

async function main() {
  // A proxy for web traffic does not lead to connregd.
  const channel = [address, grpc.credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 }];
  const reports = new v1.ReportingService(...channel);
  const questions = new v1.RegistryService(...channel);
  await register(reports);
  const stranger = { address: '10.1.0.9', port: 50000 };
  for (const client of [CLIENTS[0], stranger]) {
    await lookup(questions, { four_tuple: { client, server: SERVER } });
    await lookup(questions, { endpoint: client });
  }
  printCoverage(await listConnections(questions));
  await lookup(questions, { endpoint: { address: '10.1.0.1', port: 0 } })
    .catch((error) => console.log(`refused: ${describe(error)}`));
  const gone = await call(reports, 'Deregister', { reporter: REPORTER, all: true });
  console.log(`deregistered ${gone.removed_count} rows`);
}

main().catch((error) => {
  console.error(`tour.js: ${address}: ${describe(error)}`);
  process.exitCode = 3;
});
