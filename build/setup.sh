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

require_dotnet() {
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
  local log=$1 what=$2
  shift 2
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    grep -E 'error|warning' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
    fail "$log" "$what failed" 'Read the lines above; if they name the network or a package, check the package source, then try again'
  fi
}

restore_tools() {
  logged "$root/artifacts/tools.log" 'restoring the tools' dotnet tool restore --tool-manifest "$root/dotnet-tools.json"
}
