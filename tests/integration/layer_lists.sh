#!/bin/bash
# Layers of a list side by side: the same bytes however many run at a time, a layer alone takes what it takes in the
# list, and one that fails is named. usage: layer_lists.sh LOAS_VP SOURCE_DIR
set -u
source "$(dirname "$0")/checks.sh"
vp=$1
alexnet=$2/scenarios/published/alexnet.toml # five layers: more than two at a time, fewer than seven
cd "$work" || exit 1

# Built with sanitizers all of it takes minutes: then the same work runs once, side by side.
if grep -qa __asan_init "$vp"; then numbers_of_jobs="2"; else numbers_of_jobs="1 2 7"; fi
first=${numbers_of_jobs%% *}
for jobs in $numbers_of_jobs; do
    expect 0 "Golden model: equal" "$vp" run "$alexnet" --quiet -j $jobs --out run$jobs
    "$vp" compare "$alexnet" --json -j $jobs --accelerators loas,gamma-snn > compare$jobs || fail "compare -j $jobs"
    "$vp" explain run$first --json -j $jobs > explain$jobs || fail "explain -j $jobs"
done
if [ "$first" = 1 ]; then
    for jobs in 1 7; do # five layers and a seed; what two seeds give, the test of the scoreboard knows
        "$vp" published alexnet --seeds 1 --json -j $jobs > published$jobs || fail "published -j $jobs"
    done
    cmp published1 published7 || fail "published: -j 7 differs from -j 1"
fi
for jobs in ${numbers_of_jobs#$first}; do
    cmp run1/results.json run$jobs/results.json || fail "run: -j $jobs differs from -j 1"
    for what in compare explain; do
        cmp ${what}1 $what$jobs || fail "$what: -j $jobs differs from -j 1"
    done
done

# A layer starts from the reset, so it is the same alone as behind others.
expect 0 "Golden model: equal" "$vp" run "$alexnet" --quiet --set workload.only=A-L4 --out alone
python3 - run$first alone << 'END' || fail "A-L4 is not alone what it is in the list"
import json, sys
listed, alone = (json.load(open(folder + '/results.json'))['layers'] for folder in sys.argv[1:])
sys.exit([layer for layer in listed if layer['name'] == 'A-L4'] != alone)
END

# What goes wrong in a layer.
expect 4 "(layer A-L2)" "$vp" run "$alexnet" --quiet --set dram.lose_response=40 -j 2 --out stuck
expect 4 "(gamma-snn, layer A-L2)" "$vp" compare "$alexnet" --quiet --set dram.lose_response=40 -j 2 \
    --accelerators gamma-snn
expect 2 "no layer 'A-L9'" "$vp" run "$alexnet" --set workload.only=A-L9 --out none
expect 2 "jobs" "$vp" run "$alexnet" -j -1 --out none
expect 2 "--trace: a trace is of one simulation" "$vp" run "$alexnet" --quiet --trace dram=layers.csv --out none
expect 2 "--log: a log is of one simulation" "$vp" run "$alexnet" --quiet --log=log.txt --out none
[ -e layers.csv ] && fail "a trace of no simulation"

# Ended from outside: by a Ctrl-C of the terminal, which all its processes get; by a signal to the program alone; and by
# one to a layer, as a computer short of memory does. Nothing goes on, nothing half done is left behind.
python3 - "$vp" "$2/scenarios/published/vgg16.toml" << 'END' || fail "a list of layers that was ended"
import os, signal, subprocess, sys, time

def processes_of(session):
    """All that run in a session, whoever started them; the dead do not count."""
    found = []
    for process in os.listdir("/proc"):
        try:
            with open(f"/proc/{process}/stat") as file:
                state, _, _, of, *_ = file.read().rsplit(")", 1)[1].split()
            if int(of) == session and state not in "ZX":
                found.append(int(process))
        except (OSError, ValueError):
            pass
    return found

def ended_by(end, scenario=sys.argv[2], children=True):
    run = subprocess.Popen([sys.argv[1], "run", scenario, "--quiet", "-j", "2", "--out", "ended"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    until = time.time() + 60
    layers = []
    while not layers and children and run.poll() is None and time.time() < until:
        time.sleep(0.01)
        layers = [each for each in processes_of(run.pid) if each != run.pid]
    assert layers or not children, "no layer runs"
    end(run.pid, layers)
    said = run.communicate(timeout=60)[1].decode()
    until = time.time() + 5
    while processes_of(run.pid) and time.time() < until:
        time.sleep(0.01)
    assert not processes_of(run.pid), "a layer goes on"
    assert not os.path.exists("ended"), f"left behind: {os.listdir('ended')}"
    return run.returncode, said

code, said = ended_by(lambda run, children: os.killpg(run, signal.SIGINT))
assert code == -signal.SIGINT, f"Ctrl-C: {code}, {said}"
code, said = ended_by(lambda run, children: os.kill(run, signal.SIGTERM))
assert code == -signal.SIGTERM, f"SIGTERM: {code}, {said}"
code, said = ended_by(lambda run, none: (time.sleep(0.1), os.kill(run, signal.SIGINT)), # of more than a second
                      sys.argv[2].replace("vgg16", "t_hff"), children=False)
assert code == -signal.SIGINT, f"Ctrl-C of one layer, which is no child: {code}, {said}"
code, said = ended_by(lambda run, children: os.kill(children[0], signal.SIGKILL))
assert code == 2 and "was killed from outside" in said and "(layer V-L" in said, f"killed: {code}, {said}"
END

[ "$failures" -eq 0 ] && echo "layers of a list run side by side"
exit $((failures > 0))
