"""That bash completes connreg's command lines by the script that it prints."""

import harness

# Prints what is proposed, one a line, when COMP_WORDS are the arguments and the
# last of them is where the cursor stands.
ASK = r"""
source <("$CONNREG" completion bash) || exit
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_connreg
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
"""


class Completion(harness.TestCase):

    def proposed(self, *words, script=ASK):
        """What bash proposes for the last of `words`."""
        result = harness.run(
            "bash", "--norc", "-euo", "pipefail", "-c", script, "bash",
            "connreg", *words, cwd=self.folder,
            env=harness.environment(CONNREG=harness.PROGRAMS["connreg"]))
        return self.assert_is_done(result).out.splitlines()

    def test_proposes_commands(self):
        self.assertEqual(
            self.proposed(""),
            ["lookup", "list", "register", "deregister", "status", "health",
             "version", "completion"])
        self.assertEqual(self.proposed("l"), ["lookup", "list"])
        self.assertEqual(self.proposed("completion", ""), ["bash"])
        self.assertEqual(self.proposed("health", ""),
                         ["registry", "reporting"])

    def test_proposes_sub_commands(self):
        self.assertEqual(
            self.proposed("list", ""),
            ["connections", "listeners", "endpoints", "hosts"])
        self.assertEqual(self.proposed("deregister", "a"), ["all"])

    def test_proposes_the_options_of_a_sub_command(self):
        shown = self.proposed("list", "hosts", "--")
        for option in ("--state", "--page-size", "--help", "--output",
                       "--wait"):
            self.assertIn(option, shown)
        self.assertNotIn("--side", shown)
        self.assertEqual(self.proposed("list", "connections", "--show"),
                         ["--show-closed"])
        self.assertEqual(self.proposed("register", "connection", "--si"),
                         ["--side"])

    def test_proposes_the_values_of_an_option(self):
        self.assertEqual(self.proposed("status", "--output", ""),
                         ["table", "wide", "csv", "json", "ndjson"])
        self.assertEqual(self.proposed("list", "hosts", "--state", "st"),
                         ["stale"])
        self.assertEqual(
            self.proposed("list", "listeners", "--transport", ""),
            ["tcp", "udp"])
        self.assertEqual(
            self.proposed("register", "connection", "--side", ""),
            ["client", "server"])
        self.assertEqual(
            self.proposed("register", "connection", "--state", "CLO"),
            ["CLOSE-WAIT", "CLOSING"])

    def test_proposes_values_behind_an_equals_sign(self):
        # As bash parts the words, and as it does where "=" parts none.
        self.assertEqual(self.proposed("status", "--output", "=", "w"),
                         ["wide"])
        self.assertEqual(self.proposed("status", "--output", "="),
                         ["table", "wide", "csv", "json", "ndjson"])
        self.assertEqual(self.proposed("status", "--output=w"),
                         ["--output=wide"])

    def test_knows_options_before_the_command(self):
        self.assertEqual(self.proposed("--output", "w"), ["wide"])
        for before in (["--output", "csv"], ["--output", "=", "csv"],
                       ["--output=csv"], ["--server", "127.0.0.1", ":", "7878"],
                       ["--server", "unix", ":", "/run/connregd.sock"]):
            self.assertEqual(self.proposed(*before, "list", "h"), ["hosts"])

    def test_does_not_take_a_value_for_a_command(self):
        self.assertEqual(self.proposed("--server", "list", "h"), ["health"])
        self.assertEqual(self.proposed("list", "hosts", "--network", "list",
                                       "--state", "l"), ["live"])

    def test_proposes_nothing_where_nothing_is_known(self):
        self.assertEqual(self.proposed("lookup", ""), [])
        self.assertEqual(self.proposed("status", "--server", ""), [])
        self.assertEqual(self.proposed("no-such-command", "--no-such", "x"), [])

    def test_runs_nothing_of_what_is_typed(self):
        for word in ("$(touch ran)", "`touch ran`", "a]b", "'", "*"):
            self.proposed(word, "")
            self.proposed("status", word)
            self.proposed("status", "--output", word)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_is_registered_for_the_program(self):
        self.assertEqual(
            self.proposed(script='source <("$CONNREG" completion bash); '
                                 'complete -p connreg'),
            ["complete -F _connreg connreg"])

    def test_of_another_shell_says_what_there_is(self):
        for shell in (["zsh"], []):
            self.assert_is_one_error_line(
                harness.run("connreg", "completion", *shell), 2, "SHELL",
                "write bash")


if __name__ == "__main__":
    harness.main()
