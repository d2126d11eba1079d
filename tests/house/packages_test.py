"""That docker/packages.txt is the one list of packages, and one script reads it."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = ROOT / "docker/packages.txt"
INSTALLER = ROOT / "docker/install-packages.sh"

INSTALLS = re.compile(r"\bapt(?:-get|itude)?\b[^\n]*\binstall\b")


def files_of_the_tree():
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders
                      if name not in (".git", "build", "node_modules")]
        yield from (pathlib.Path(folder, name) for name in files)


class Packages(unittest.TestCase):

    def test_each_line_is_a_purpose_and_a_package_named_once(self):
        lines = [line for line in LIST.read_text().splitlines()
                 if not line.startswith("#")]
        for line in lines:
            self.assertRegex(
                line, r"^(build|test|unpack|image|bench|example) +[a-z0-9][a-z0-9+.-]+"
                      r"( [a-z0-9-]+)?$")
        packages = [line.split()[1] for line in lines]
        self.assertEqual(sorted(packages), sorted(set(packages)))

    def test_are_installed_by_one_script(self):
        installers = [
            file for file in files_of_the_tree()
            if INSTALLS.search(file.read_text(errors="ignore")
                                .replace("\\\n", " "))]
        self.assertEqual(installers, [INSTALLER])

    def test_of_npm_are_locked_without_the_place_they_came_from(self):
        # That is the business of each machine's configuration.
        locks = [file for file in files_of_the_tree()
                 if file.name == "package-lock.json"]
        self.assertNotEqual(locks, [])
        for lock in locks:
            self.assertNotIn('"resolved"', lock.read_text(), lock)


class TheInstaller(unittest.TestCase):
    """Beside commands that only say what they were asked."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copy(INSTALLER, self.folder)
        self.commands = self.folder / "commands"
        self.commands.mkdir()
        for name in ("bash", "dirname", "env"):
            (self.commands / name).symlink_to(shutil.which(name))
        self.add_command("id", "echo 0")
        self.add_command("apt-get", 'echo "asked:" "$@"')
        self.add_command("dpkg-query", '[[ $* == *" there" ]] && echo installed')

    def add_command(self, name, script):
        file = self.commands / name
        file.write_text(f"#!{shutil.which('bash')}\n{script}\n")
        file.chmod(0o755)

    def install(self, packages, *purposes):
        """What the last of its lines is, with this list of packages."""
        (self.folder / "packages.txt").write_text(packages)
        done = subprocess.run(
            [shutil.which("bash"), self.folder / INSTALLER.name, *purposes],
            env={"PATH": str(self.commands)}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=True)
        return done.stdout.splitlines()[-1]

    def test_asks_for_what_is_missing_and_of_the_purposes(self):
        self.assertRegex(
            self.install("# x\nbuild there\nbuild a\ntest b\ntest c\n",
                         "build"),
            r"^asked: .* install --yes --no-install-recommends a$")

    def test_asks_for_nothing_if_all_is_there(self):
        self.assertEqual(self.install("build there\n", "build"),
                         "All packages are there (build).")

    def test_takes_a_command_for_its_package(self):
        packages = "test node-package node\ntest other\n"
        self.assertRegex(self.install(packages, "test"),
                         r" node-package other$")
        self.add_command("node", "")
        self.assertRegex(self.install(packages, "test"),
                         r"--no-install-recommends other$")

    def test_takes_no_command_for_a_package_that_names_none(self):
        self.add_command("node", "")
        self.assertRegex(self.install("test node\n", "test"), r" node$")


if __name__ == "__main__":
    unittest.main()
