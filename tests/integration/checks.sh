# Shared by the scripts beside it, which source it: a folder to work in that goes away, and what counts failures.
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
failures=0

fail()
{
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

# expect CODE TEXT COMMAND...: the exit code, and a text in what the command says
expect()
{
    local code=$1 text=$2
    shift 2
    "$@" > out.txt 2> err.txt
    local got=$?
    [ $got -eq "$code" ] || fail "exit code $got instead of $code: $* ($(head -c 300 err.txt))"
    # which breaks lines where it likes
    grep -qF -- "$text" out.txt err.txt || tr -s '\n ' ' ' < err.txt | grep -qF -- "$text" || fail "no '$text' from: $* ($(head -c 300 out.txt err.txt))"
}
