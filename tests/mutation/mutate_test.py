#!/usr/bin/python3
"""The mutation runner's own parts: which faults, which tests, and a file that is as before whatever happens."""
import os
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
import mutate  # noqa: E402

TEXT = """\
#include <a> // a < b
int sum(const std::vector<int>& of, unsigned n)
{
    const char* words = "a + 1"; /* 3
    4 */
    for (unsigned i = 0; i < n; ++i)
        m_sum += of[i];
    if (n > 7 && of.empty())
        tell(of, 'x');
    auto longer = first(
        of);
    return m_big ? 0x1F : 16u;
    return words + "!" + (n + of.size());
}
"""


class Faults(unittest.TestCase):
    def told(self, line):
        begin = TEXT.split("\n")[line - 1]
        return sorted((each.operator, each.after.strip()) for each in mutate.faults_of("a.cpp", TEXT)
                      if each.line == line and each.before == begin)

    def test_of_a_line(self):
        self.assertEqual(self.told(7), [("arithmetic", "m_sum -= of[i];"), ("statement", ";")])
        self.assertEqual(self.told(9), [("statement", ";")])
        self.assertEqual(self.told(8), [
            ("condition", "if (!(n > 7 && of.empty()))"), ("constant", "if (n > 6 && of.empty())"),
            ("constant", "if (n > 8 && of.empty())"), ("logic", "if (n > 7 || of.empty())"),
            ("relation", "if (n >= 7 && of.empty())")])
        self.assertEqual(self.told(12), [
            ("constant", "return m_big ? 0x1F : 15u;"), ("constant", "return m_big ? 0x1F : 17u;"),
            ("constant", "return m_big ? 0x1e : 16u;"), ("constant", "return m_big ? 0x20 : 16u;")])

    def test_words_are_only_added(self):
        self.assertEqual(self.told(13), [("arithmetic", 'return words + "!" + (n - of.size());')])

    def test_none_in_words_templates_and_halves_of_statements(self):
        for line in (1, 2, 4, 5, 10, 11):
            self.assertEqual(self.told(line), [], TEXT.split("\n")[line - 1])

    def test_the_same_seed_gives_the_same_and_one_a_line(self):
        faults = mutate.faults_of("a.cpp", TEXT)
        chosen = mutate.choose(faults, 4, 1)
        self.assertEqual(chosen, mutate.choose(faults, 4, 1))
        self.assertEqual(len({each.line for each in chosen}), 4)
        self.assertEqual(len(mutate.choose(faults, 100, 1)), 6)
        self.assertGreater(len({tuple(mutate.choose(faults, 4, seed)) for seed in range(20)}), 1)


class Rooms(unittest.TestCase):
    uses, folders = mutate.uses_of("low models/low\nmiddle models/low/middle low\nhigh models/high middle\n",
                                   "harness tests high\nnear_test tests/program low\nfar_test tests/program harness\n")

    def test_of_a_file(self):
        self.assertEqual(mutate.room_of("models/low/a.cpp", self.folders), "low")
        self.assertEqual(mutate.room_of("models/low/middle/a.cpp", self.folders), "middle")
        self.assertIsNone(mutate.room_of("models/lower/a.cpp", self.folders))

    def test_tests_from_near_to_far(self):
        self.assertEqual(mutate.distances("low", self.uses),
                         {"low": 0, "middle": 1, "near_test": 1, "high": 2, "harness": 3, "far_test": 4})
        self.assertNotIn("near_test", mutate.distances("middle", self.uses))


class Tests:
    """A build folder whose tests answer as told."""
    def __init__(self, path, builds=True, passes=("a", "b")):
        self.path, self.builds, self.good, self.seen = path, builds, passes, []

    def build(self, test):
        with open(self.path, encoding="utf-8") as file:
            self.seen.append(file.read().split("\n")[6].strip())
        return self.builds

    def first_failure(self, test):
        if self.good is None:
            raise KeyboardInterrupt
        return "" if test in self.good else test + ".case"


class File(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path, self.safe = os.path.join(folder.name, "a.cpp"), os.path.join(folder.name, "safe.json")
        mutate.write(self.path, TEXT)
        faults = mutate.faults_of(self.path, TEXT)
        self.fault = [each for each in faults if (each.line, each.operator) == (7, "statement")][0]

    def is_as_before(self):
        with open(self.path, encoding="utf-8") as file:
            self.assertEqual(file.read(), TEXT)
        self.assertFalse(os.path.exists(self.safe))

    def verdict(self, **how):
        tests = Tests(self.path, **how)
        try:
            return mutate.verdict_of(tests, self.fault, ["a", "b"], self.safe)
        finally:
            self.assertEqual(set(tests.seen), {";"}, "the fault was not there")
            self.is_as_before()

    def test_is_as_before_after_each_verdict(self):
        self.assertEqual(self.verdict(), ("survived", ""))
        self.assertEqual(self.verdict(passes=("a",)), ("noticed", "b.case"))
        self.assertEqual(self.verdict(builds=False), ("does not compile", ""))

    def test_is_as_before_after_an_interrupt(self):
        with self.assertRaises(KeyboardInterrupt):
            self.verdict(passes=None)

    def test_is_put_back_by_the_next_call_after_a_power_cut(self):
        mutate.Planted(self.fault, self.safe).__enter__()
        mutate.put_back(self.safe)
        self.is_as_before()

    def test_two_calls_are_not_at_work_in_one_folder(self):
        build = os.path.dirname(self.safe)
        held = mutate.alone(build)
        self.assertIsNone(mutate.alone(build))
        held.close()
        mutate.alone(build).close()

    def test_another_line_is_not_touched(self):
        mutate.write(self.path, TEXT.replace("m_sum +=", "m_total +="))
        with self.assertRaises(ValueError):
            mutate.verdict_of(None, self.fault, [], self.safe)

    def test_a_child_that_takes_too_long_is_gone_with_its_children(self):
        self.assertEqual(mutate.limited(["sh", "-c", f"sleep 60 & echo $! > {self.safe}; wait"], 0.3, "/"), -1)
        with open(self.safe, encoding="utf-8") as file:
            child = file.read().strip()

        def lives():
            try:
                with open(f"/proc/{child}/stat", encoding="utf-8") as file:
                    return file.read().split()[2] != "Z"
            except FileNotFoundError:
                return False

        until = time.monotonic() + 10
        while lives() and time.monotonic() < until:
            time.sleep(0.01)
        self.assertFalse(lives())
        os.remove(self.safe)


if __name__ == "__main__":
    unittest.main(verbosity=1)
