# Sourced by report.sh and report_page.sh after checks.sh, in the folder to work in, with program and source folder: runs
# of two designs, one with a name that would break a page, and a sweep with zipped axes, a text axis and a failed point.
vp=$1
digits=$2/scenarios/quickstart/digits.toml
few=(--quiet --set workload.max_images=3)

"$vp" run "$digits" "${few[@]}" --out digits > /dev/null || fail "a run"
"$vp" run "$digits" "${few[@]}" --set tppe.count=32 --set name='</script><b>32 & "tiles"' --out tiles32 > /dev/null ||
    fail "a run"
"$vp" run "$digits" "${few[@]}" --set accelerator=dense-snn --set name=dense --out dense > /dev/null || fail "a run"
cat > base.toml << 'END'
[workload]
kind = "layer"
[layer]
channels = 32
out_channels = 32
[memory]
ram_mib = 16
END
cat > sweep.toml << 'END'
base = "base.toml"
keys = ["totals.stall_cycles.laggy", "layers.base.busy_cycles"]
constraints = ["tppe.count * cache.size_kib < 2048"]
[axes]
tppe.count = [4, 8, 16]
cache.size_kib = [64, 128]
cache.policy = ["lru", "random"]
[[zip]]
tppe.laggy_adders = [16, 128]
tppe.fifo_depth = [8, 16]
[derived]
"energy x delay" = "totals.energy_pj.total * totals.cycles"
END
"$vp" sweep sweep.toml --quiet --out sweep > /dev/null || fail "a sweep"
sed -i '6{s|"status":"ok","reason":""|"status":"stuck","reason":"it <i>waits</i>"|; s|,"figures".*|}|}' sweep/points.jsonl
