#!/bin/bash
# Sweeps as array jobs, on a Slurm of our own: controller, node and munge on loopback, in a temporary folder. Ends with 77
# where it cannot be started. usage: slurm.sh LOAS_VP
set -u
source "$(dirname "$0")/checks.sh"
vp=$1
cd "$work" || exit 1
export PATH=$PATH:/usr/sbin:/sbin
daemons=()

stop_slurm()
{
    kill -9 "${waiting:-}" 2> /dev/null # ours, which waits for a job
    scancel --state=running --state=pending --me 2> /dev/null
    for ((i = ${#daemons[@]} - 1; i >= 0; --i)); do # the last one started first
        kill "${daemons[i]}" 2> /dev/null
        for _ in $(seq 50); do
            kill -0 "${daemons[i]}" 2> /dev/null || break
            sleep 0.1
        done
        kill -9 "${daemons[i]}" 2> /dev/null
        wait "${daemons[i]}" 2> /dev/null
    done
}
trap 'stop_slurm; rm -rf "$work"' EXIT

skip()
{
    echo "Slurm is not tested: $*"
    exit 77
}

for program in munged slurmctld slurmd sbatch squeue scancel scontrol sinfo; do
    command -v $program > /dev/null || skip "no $program here (Debian: slurm-wlm and munge)"
done

# They end with us, whatever ends us. Sixteen processors are pretended, so that tasks, which are short, wait for each other less.
start_slurm()
{
    local state=$work/slurm port=$1
    rm -rf "$state" && mkdir -m 700 "$state" "$state/munge" "$state/spool" "$state/controller" || return 1
    chmod 755 "$work" "$state" # munge wants its socket to be reachable
    (umask 077 && head -c 128 /dev/urandom > "$state/munge/key")
    cat > "$state/slurm.conf" << CONF
ClusterName=loas
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
StateSaveLocation=$state/controller
SlurmdSpoolDir=$state/spool
AuthInfo=socket=$state/munge/socket
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
KillWait=5
SlurmdParameters=config_overrides
SchedulerParameters=sched_min_interval=100000,batch_sched_delay=0,sched_interval=1,bf_interval=1
NodeName=localhost NodeAddr=127.0.0.1 CPUs=16 CoresPerSocket=16
PartitionName=all Nodes=localhost Default=YES MaxTime=10 State=UP
CONF
    export SLURM_CONF=$state/slurm.conf
    setpriv --pdeathsig TERM munged --foreground --force --key-file="$state/munge/key" --socket="$state/munge/socket" \
        --pid-file="$state/munge/pid" --log-file="$state/munge/log" --seed-file="$state/munge/seed" > "$state/munged.txt" 2>&1 &
    daemons+=($!)
    for _ in $(seq 50); do
        [ -S "$state/munge/socket" ] && break
        sleep 0.1
    done
    setpriv --pdeathsig TERM slurmctld -D -i -f "$SLURM_CONF" > "$state/slurmctld.txt" 2>&1 &
    daemons+=($!)
    setpriv --pdeathsig TERM slurmd -D -N localhost -f "$SLURM_CONF" > "$state/slurmd.txt" 2>&1 &
    daemons+=($!)
    for _ in $(seq 100); do
        [ "$(timeout 5 sinfo --noheader --format=%T 2> /dev/null)" = idle ] && return 0
        kill -0 "${daemons[-1]}" 2> /dev/null && kill -0 "${daemons[-2]}" 2> /dev/null || return 1
        sleep 0.2
    done
    return 1
}

for attempt in 1 2 3; do
    start_slurm $((20000 + (RANDOM % 10000) * 2)) && break
    [ $attempt -lt 3 ] || skip "it does not start: $(grep -h error "$work"/slurm/*.txt | head -n 3)"
    stop_slurm
    daemons=()
done

cat > base.toml << 'END'
[workload]
kind = "layer"
[layer]
channels = 64
out_channels = 64
[memory]
ram_mib = 16
END
cat > sweep.toml << 'END'
base = "base.toml"
seeds = 20
[axes]
tppe.count = [4, 16]
END
expect 0 "40 ok" "$vp" sweep sweep.toml --out local

# An array of forty tasks, a point each, into a folder whose name is no plain word.
array="it's 100 % full"
expect 0 "40 of 40 points: 40 ok." "$vp" sweep sweep.toml --slurm --partition all --time 5 --sbatch=--nice=1 --out "$array"
grep -q "^Job [0-9]* of Slurm: 40 tasks" err.txt || fail "the job is not named: $(cat err.txt)"
for file in points.jsonl sweep.toml; do
    cmp local/$file "$array/$file" || fail "$file of the array differs from that of the local run"
done
[ "$(cd "$array" && echo *)" = "inputs points.jsonl sweep.toml" ] || fail "the job's files stay: $(ls "$array")"

# Interrupted while it waits, the job goes on; a task that is cancelled leaves its points out; both are resumed. The job is
# held meanwhile, so that it does not end before.
# Without job control a shell starts what it does not wait for deaf to SIGINT; hence set -m.
set -m
"$vp" sweep sweep.toml --slurm --tasks 4 --jobs 2 --sbatch=--hold --out cut > out.txt 2> err.txt &
waiting=$!
set +m
for _ in $(seq 100); do
    [ -s cut/slurm/job ] && break
    sleep 0.1
done
job=$(cat cut/slurm/job)
kill -INT $waiting
wait $waiting
[ $? -eq 130 ] || fail "exit code of an interrupted wait"
waiting=
grep -q "job $job goes on. The same command with --resume collects it" out.txt || fail "nothing said: $(cat out.txt)"
squeue --noheader --jobs="$job" | grep -q . || fail "the job does not go on"
expect 2 "holds a sweep already" "$vp" sweep sweep.toml --slurm --out cut
scancel "${job}_2" && scontrol release "$job" || fail "the job cannot be released"
expect 1 "Missing: 10 points: 1, 5, 9" "$vp" sweep sweep.toml --slurm --resume --out cut
grep -q "Job $job of Slurm is under way; nothing is submitted" err.txt || fail "not the same job: $(cat err.txt)"
grep -q "with --resume submits them again" out.txt || fail "what now? $(cat out.txt)"
expect 0 "40 ok" "$vp" sweep sweep.toml --slurm --resume --tasks 3 --out cut
grep -q "of Slurm: 3 tasks" err.txt || fail "not submitted again: $(cat err.txt)"
cmp local/points.jsonl cut/points.jsonl || fail "after an interruption and a cancelled task the points differ"
[ -e cut/slurm ] && fail "the job's files stay"

# The tasks sweep what was submitted; where that was changed until they start, they refuse, and it is said why.
"$vp" sweep sweep.toml --slurm --tasks 2 --sbatch=--hold --out changed > out.txt 2> err.txt &
waiting=$!
for _ in $(seq 100); do
    [ -s changed/slurm/job ] && break
    sleep 0.1
done
echo "memory.latency_ns = 90" >> changed/inputs/base/base.toml
scontrol release "$(cat changed/slurm/job)"
wait $waiting
[ $? -eq 1 ] || fail "exit code of a job whose tasks refuse"
waiting=
grep -q "changed/slurm/task-1.log ends with: .*its base scenario, or a file that is named there, is another" out.txt ||
    fail "nothing of the tasks' reason: $(cat out.txt err.txt)"

# What a local sweep has computed is not computed again: a point that says something else stays.
mkdir kept && cp local/sweep.toml kept && sed -n '5s/"ok"/"stuck"/p' local/points.jsonl > kept/points.jsonl
expect 1 "39 ok, 1 stuck" "$vp" sweep sweep.toml --slurm --resume --tasks 3 --out kept

# Mistakes.
expect 2 "sbatch: error" "$vp" sweep sweep.toml --slurm --partition none --out other
expect 2 "sbatch: " "$vp" sweep sweep.toml --slurm --sbatch=--no-such-thing --out other
expect 2 "--tasks is for --slurm" "$vp" sweep sweep.toml --tasks 3 --out other
expect 2 "--shard" "$vp" sweep sweep.toml --slurm --shard 1/2 --out other
expect 2 "--tasks" "$vp" sweep sweep.toml --slurm --tasks 0 --out other
PATH=/nowhere "$vp" sweep sweep.toml --slurm --out other 2> err.txt
[ $? -eq 2 ] || fail "exit code without sbatch"
/bin/grep -q "sbatch: cannot be started" err.txt || fail "nothing said without sbatch: $(cat err.txt)"
[ -e other ] && fail "a mistake leaves $(find other)"

[ "$failures" -eq 0 ] && echo "sweeps on Slurm hold"
exit $((failures > 0))
