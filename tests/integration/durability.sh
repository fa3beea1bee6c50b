#!/bin/bash
# What is written survives kills, full disks and folders that become read-only; points that crash say why.
# usage: durability.sh LOAS_VP
set -u
# File systems of our own are mounted where nobody else sees them, and go away with us. Only root can.
if [ -z "${own_mounts-}" ]; then
    unshare --mount mount -t tmpfs none /mnt 2> /dev/null && exec env own_mounts=yes unshare --mount "$0" "$@"
    own_mounts=no
fi
source "$(dirname "$0")/checks.sh"
vp=$1
cd "$work" || exit 1

cat > base.toml << 'END'
[workload]
kind = "layer"
[layer]
height = 4
width = 4
channels = 16
out_channels = 16
[memory]
ram_mib = 1
END
cat > sweep.toml << 'END'
base = "base.toml"
seeds = 8
[axes]
tppe.count = [4, 16]
END
before=$(date +%s%N)
expect 0 "16 ok" "$vp" sweep sweep.toml -j 2 --out whole
duration_ms=$((($(date +%s%N) - before) / 1000000))

# kill -9 at twenty moments anywhere in a sweep; odd ones are resumed after a second kill, and a torn line. What a kill may
# leave beside in the instant in which a file is replaced is a whole file with the process's number, and goes with --resume.
RANDOM=1
moment_s()
{
    local ms=$((RANDOM % duration_ms + 1))
    echo "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}
for moment in $(seq 20); do
    rm -rf killed
    for _ in $(seq $((1 + moment % 2))); do
        "$vp" sweep sweep.toml -j 2 --out killed --resume > out.txt 2> err.txt &
        sleep "$(moment_s)"
        kill -9 $! 2> /dev/null
        wait $! 2> /dev/null
    done
    [ -e killed/points.jsonl ] && [ $((moment % 2)) -eq 1 ] && printf '{"index":15,"axes":{"tp' >> killed/points.jsonl
    for file in killed/*; do
        case $file in
        killed/points.jsonl | killed/sweep.toml | killed/inputs | "killed/*") ;;
        killed/sweep.toml.[0-9]*) cmp "$file" whole/sweep.toml || fail "$file is not whole" ;;
        killed/points.jsonl.[0-9]*) cmp "$file" whole/points.jsonl || fail "$file is not whole" ;;
        *) fail "$file is left behind" ;;
        esac
    done
    mkdir -p killed
    touch killed/points.jsonl.4194305 killed/points.jsonl.mine
    expect 0 "16 ok" "$vp" sweep sweep.toml -j 2 --out killed --resume
    [ "$(echo killed/*)" = "killed/inputs killed/points.jsonl killed/points.jsonl.mine killed/sweep.toml" ] ||
        fail "not cleaned up: $(echo killed/*)"
    cmp whole/points.jsonl killed/points.jsonl || fail "after the kill $moment the points differ"
done

# No more than 4 KiB a file: lines that are whole stay, and the rest can be resumed.
(trap '' XFSZ; ulimit -f 4; "$vp" sweep sweep.toml -j 2 --out small > out.txt 2> err.txt)
[ $? -eq 2 ] || fail "exit code at the limit of a file's size"
grep -q "small/points.jsonl: cannot write" err.txt || fail "no message at the limit of a file's size: $(cat err.txt)"
[ "$(tail -c 1 small/points.jsonl | od -An -c | tr -d ' ')" = '\n' ] || fail "a half line stays"
expect 0 "16 ok" "$vp" sweep sweep.toml --out small --resume
cmp whole/points.jsonl small/points.jsonl || fail "after a full disk the points differ"

# A disk of three pages: sweep.toml and a few points. A run's results do not fit and are not there in part.
mkdir disk
if [ $own_mounts = yes ] && mount -t tmpfs -o size=12k none disk; then
    expect 2 "disk/out/points.jsonl: cannot write: No space left on device" "$vp" sweep sweep.toml -j 2 --out disk/out
    [ "$(tail -c 1 disk/out/points.jsonl | od -An -c | tr -d ' ')" = '\n' ] || fail "a half line stays on a full disk"
    expect 2 "No space left on device" "$vp" run base.toml --quiet --out disk/run
    [ -n "$(ls -A disk/run 2> /dev/null)" ] && fail "a full disk has $(ls -A disk/run)"
    expect 2 "No space left on device" "$vp" merge whole --out disk/merged
    [ -e disk/merged/points.jsonl ] && fail "a full disk has merged points"
    cp disk/out/points.jsonl there.jsonl
    mount -o remount,ro disk
    for folder in disk/out disk/other; do
        expect 2 "$folder: cannot write to " "$vp" sweep sweep.toml --out $folder --resume
        expect 2 "$folder: cannot write to " "$vp" run base.toml --out $folder
        expect 2 "$folder: cannot write to " "$vp" merge whole --out $folder
    done
    mount -o remount,rw,size=1m disk
    cmp there.jsonl disk/out/points.jsonl || fail "a read-only folder was written to"
    expect 0 "16 ok" "$vp" sweep sweep.toml --out disk/out --resume
    cmp whole/points.jsonl disk/out/points.jsonl || fail "after a full disk the points differ"
    umount disk
else
    echo "no file system can be mounted here: the full disk and the read-only folder are not tested"
fi

# A point that crashes says why.
printf 'base = "base.toml"\n[axes]\nlayer.runs = [1, 100000]\n' > long.toml
"$vp" sweep long.toml -j 1 --out long > out.txt 2> err.txt &
sweep=$!
for _ in $(seq 200); do
    if [ -s long/points.jsonl ]; then # the second point is under way
        point=$(grep -ls "^PPid:[[:space:]]$sweep\$" /proc/[0-9]*/status | grep -o '[0-9]*')
        [ -n "$point" ] && break
    fi
    sleep 0.05
done
sleep 0.2 # until the point writes to where we look
echo "assertion of the test" > "/proc/$point/fd/2"
kill -KILL "$point"
wait $sweep
[ $? -eq 1 ] || fail "exit code after a crash"
grep -q '"index":1,.*"status":"crashed","reason":"ended by signal 9"' long/points.jsonl || fail "no crash: $(tail -n 1 long/points.jsonl)"
grep -q "^Point 1 crashed; it said: assertion of the test" err.txt || fail "the crash said nothing: $(cat err.txt)"

[ "$failures" -eq 0 ] && echo "what is written survives"
exit $((failures > 0))
