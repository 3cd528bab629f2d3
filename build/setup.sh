# What the launcher, ./test and .ci/run share: the machine's .NET, its package source, the tools.
# Sourced by bash with $root set to the clone's folder.

export NO_COLOR=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export MSBUILDDISABLENODEREUSE=${CI:+1}

# say TEXT...: progress goes to stderr, so that stdout stays the program's.
say() { printf '%s\n' "$*" >&2; }

# fail WHERE WHAT FIX: one block, exit 6.
fail() {
  printf '\nkneeseg: %s\n  where: %s\n  do:    %s\n' "$2" "$1" "$3" >&2
  exit 6
}

# .NET keeps packages and tools in the user's home, and does not start without one.
require_dotnet() {
  export HOME=${HOME:-~}
  [ -w "${DOTNET_CLI_HOME:-$HOME}" ] ||
    fail "HOME=$HOME" 'is no folder that can be written, and .NET keeps packages and tools there' 'Set HOME to a folder of your own'
  command -v dotnet >/dev/null ||
    fail 'dotnet' 'the .NET 10 SDK is not installed' 'Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and try again'
  dotnet --list-sdks | grep -q '^1[0-9]\.' ||
    fail 'dotnet --list-sdks' 'no .NET SDK of version 10 or newer is installed' 'Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and try again'
}

# Paket resolves from the first source that this machine's NuGet is configured with.
use_package_source() {
  if [ -z "${NUGET_SOURCE:-}" ]; then
    NUGET_SOURCE=$(dotnet nuget list source --format short | sed -n 's/^E[A-Z]* //p' | head -n 1)
    export NUGET_SOURCE
  fi
  [ -n "$NUGET_SOURCE" ] ||
    fail 'dotnet nuget list source' 'no package source is enabled' 'Enable one with: dotnet nuget enable source NAME'
}

# logged LOG WHAT COMMAND...: runs quietly; shows the log's end if it fails.
logged() {
  guarded "$@" && return
  grep -E 'error|warning' "$1" | sort -u | head -n 20 >&2 || tail -n 20 "$1" >&2
  fail "$1" "$2 failed" 'Read the lines above; if they name the network or a package, check the package source, then try again'
}

# guarded LOG WHAT COMMAND...: runs quietly; a signal ends the command, with all that it started, and then this script.
guarded() {
  local log=$1 what=$2 job status=0
  shift 2
  mkdir -p "$(dirname "$log")"
  # A process group of its own, to be ended as a whole. Its shell keeps the build's lock, also where this one is killed;
  # the command itself does not, since the compile servers that it starts outlive it.
  set -m
  ("$@" 9>&-; exit $?) >"$log" 2>&1 </dev/null &
  set +m
  job=$!
  trap 'interrupt "$job" "$what" 129' HUP
  trap 'interrupt "$job" "$what" 130' INT
  trap 'interrupt "$job" "$what" 143' TERM
  wait "$job" || status=$?
  trap - HUP INT TERM
  return "$status"
}

# interrupt JOB WHAT CODE: ends a process group, with time to leave its files whole, and then the script.
interrupt() {
  trap '' HUP INT TERM
  kill -s INT -- "-$1"
  for _ in {1..50}; do
    kill -0 -- "-$1" 2>/dev/null || break
    sleep 0.1
  done
  kill -s KILL -- "-$1" 2>/dev/null || true
  say "kneeseg: $2 was interrupted; rerun the same command"
  exit "$3"
}

# The .NET SDK remembers where each tool lies, and believes that also when the package folder is gone: it then says that
# all is restored, and the tool does not start. Such entries are taken out, and nothing else.
forget_gone_tools() {
  local cache=${DOTNET_CLI_HOME:-${HOME:-}}/.dotnet/toolResolverCache/1 tool entries entry path kept
  for tool in $(sed -n 's/^ *"\([^"]*\)": { "version".*/\1/p' "$root/dotnet-tools.json"); do
    [ -w "$cache/$tool" ] || continue
    entries=$(grep -o '{[^}]*}' "$cache/$tool") || continue
    kept=
    while read -r entry; do
      path=$(sed -n 's/.*"PathToExecutable":"\([^"]*\)".*/\1/p' <<<"$entry")
      if [ -z "$path" ] || [ -e "$(LC_ALL=C.UTF-8 && printf '%b' "$path")" ]; then kept=$kept,$entry; fi
    done <<<"$entries"
    [ "[${kept#,}]" = "$(<"$cache/$tool")" ] || printf '[%s]' "${kept#,}" >"$cache/$tool"
  done
}

restore_tools() {
  forget_gone_tools
  logged "$root/artifacts/tools.log" 'restoring the tools' dotnet tool restore --tool-manifest "$root/dotnet-tools.json"
}
