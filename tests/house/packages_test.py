"""That docker/packages.txt is the one list of packages, and one script reads it."""

import os
import pathlib
import re
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
            self.assertRegex(line, r"^(build|test) +[a-z0-9][a-z0-9+.-]+$")
        packages = [line.split()[1] for line in lines]
        self.assertEqual(sorted(packages), sorted(set(packages)))

    def test_are_installed_by_one_script(self):
        installers = [
            file for file in files_of_the_tree()
            if INSTALLS.search(file.read_text(errors="ignore")
                                .replace("\\\n", " "))]
        self.assertEqual(installers, [INSTALLER])


if __name__ == "__main__":
    unittest.main()
