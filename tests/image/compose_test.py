"""That docker/compose.yaml shows connections with the process at each end."""

import re

import compose_file
import containers
import engine
import images


class ComposeFile(containers.TestCase):

    def test_is_taken_by_docker_compose(self):
        result = engine.run("docker-compose", "--file", compose_file.FILE,
                            "config", "--quiet")
        self.assertEqual((result.code, result.out, result.err), (0, "", ""))

    def test_restricts_everything_that_is_run(self):
        for service in compose_file.services().values():
            for option in containers.RESTRICTIONS:
                self.assertIn(option, service.options(), service.name)

    def test_gives_capabilities_to_agents_only(self):
        for service in compose_file.services().values():
            given = [option for option in service.options()
                     if option.startswith("--cap-add")]
            self.assertEqual(
                given, list(containers.SEEING) if service.target == "agent"
                else [], service.name)


class OperatorsPage(containers.TestCase):

    def test_runs_every_container_with_the_restrictions(self):
        page = (engine.ROOT / "docker/README.md").read_text()
        commands = re.findall(r"^docker run --(?:.*\\\n)+.*$", page,
                              re.MULTILINE)
        self.assertEqual(len(commands), 3)
        for command in commands:
            for option in ("--read-only", "--cap-drop=ALL",
                           "--security-opt=no-new-privileges"):
                self.assertIn(option, command)
            self.assertEqual(
                "connreg/agent" in command,
                " ".join([*containers.SEEING, *containers.ENTERING]) in command)


class Composition(containers.TestCase):

    def setUp(self):
        self.services = compose_file.services()
        self.namespaces = {name: self.namespace()
                           for name, service in self.services.items()
                           if service.host is None}
        self.hosts = [f"--add-host={name}:{namespace.address}"
                      for name, namespace in self.namespaces.items()]
        self.running = {}
        for service in self.services.values():
            if not service.is_tool:
                self.run_service(service)

    def run_service(self, service):
        if service.host is None:
            options = self.hosts
        else:
            options = [f"--network=container:{service.host}",
                       *containers.sharing_processes(
                           self.running[service.host].processes())]
        self.running[service.name] = self.start(
            service.target, *service.command, name=service.name,
            options=(*service.options(), *options),
            namespace=self.namespaces.get(service.name))

    def tool(self, *arguments):
        """`docker compose run --rm cli ARGUMENTS`"""
        service = self.services["cli"]
        return self.engine().try_podman(
            "run", "--rm", f"--network=ns:{self.namespaces['cli'].path}",
            *self.hosts, *service.options(), images.name_of(service.target),
            *arguments)

    def test_shows_connections_with_the_process_at_each_end(self):
        between_hosts = (
            r"ESTAB .* db1 > web1 +keep-open.sh,\d+ > nginx,\d+\n",
            r"ESTAB .* web1 > db1 +redis-cli,\d+ > redis-server,\d+\n")

        def shown():
            table = self.tool("list", "connections")
            return table if all(re.search(line, table.out)
                                for line in between_hosts) else None

        table = containers.wait_until(shown, "both connections, both ends")
        print(table.out, flush=True)
        # Both hosts have reported, and nothing is hidden from either agent.
        self.assertEqual((table.code, table.err), (0, ""))
