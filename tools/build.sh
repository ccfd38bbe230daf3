#!/usr/bin/env bash
# Builds the Go tools that the tests on a real control plane need into tools/bin (ignored by git).
# Versions are pinned in tools/<module>/go.mod. Does nothing for a tool that is there and whose pin is unchanged.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

out=$PWD/bin
stamps=$out/.stamps
mkdir -p "$stamps"
# Static binaries, and no C compiler needed.
export CGO_ENABLED=0
# A workspace around this tree would otherwise decide the versions.
export GOWORK=off

require_go() {
  local needs='tools/build.sh: needs Go >= 1.26 (https://go.dev/dl/)' version major minor
  command -v go >/dev/null || { echo "$needs; no go command found" >&2; exit 1; }
  # Asked for inside a module, so that a go command which fetches newer toolchains by itself answers with the one it will use.
  version=$(cd crossplane-cli && go env GOVERSION) || { echo "$needs" >&2; exit 1; }
  IFS=. read -r major minor _ <<<"${version#go}"
  minor=${minor%%[!0-9]*}
  if ! [[ $major =~ ^[0-9]+$ && $minor =~ ^[0-9]+$ ]] || ((major < 1 || (major == 1 && minor < 26))); then
    echo "$needs; found $version" >&2
    exit 1
  fi
}

# pinned MODULE_DIR MODULE: the version of MODULE that MODULE_DIR/go.mod requires.
pinned() {
  awk -v module="$2" '{ sub(/^require[ \t]+/, "") } $1 == module && $2 ~ /^v/ { print $2; exit }' "$1/go.mod"
}

# up_to_date NAME WANTED: whether NAME was built from exactly WANTED.
up_to_date() {
  [[ -e $out/$1 && -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]
}

# build NAME MODULE_DIR MODULE PACKAGE [LINK_FLAGS]: one binary; @VERSION@ in LINK_FLAGS stands for MODULE's pinned version.
build() {
  local name=$1 dir=$2 module=$3 package=$4 flags=${5:-} version wanted
  version=$(pinned "$dir" "$module")
  [[ -n $version ]] || { echo "tools/build.sh: tools/$dir/go.mod does not require $module" >&2; exit 1; }
  flags="-s -w ${flags//@VERSION@/$version}"
  wanted="$package $flags"$'\n'$(<"$dir/go.mod")
  if up_to_date "$name" "$wanted"; then
    echo "$name $version: up to date"
    return
  fi
  require_go
  SECONDS=0
  # Built beside and renamed: an interrupted or concurrent run never leaves half a binary under the final name.
  (cd "$dir" && go build -trimpath -ldflags "$flags" -o "$out/.$name.$$" "$package")
  mv "$out/.$name.$$" "$out/$name"
  printf '%s' "$wanted" >"$stamps/$name"
  echo "$name $version: built in ${SECONDS}s"
}

# core_files: Crossplane's own CRDs and webhook configurations, which `core init` and the tests read.
core_files() {
  local name=crossplane-cluster module=github.com/crossplane/crossplane/v2 version wanted dir folder
  version=$(pinned crossplane-core "$module")
  wanted=$(<crossplane-core/go.mod)
  if up_to_date "$name" "$wanted"; then
    echo "$name $version: up to date"
    return
  fi
  require_go
  dir=$(cd crossplane-core && go mod download "$module" && go list -m -f '{{.Dir}}' "$module")
  rm -rf "${out:?}/.$name.$$" "${out:?}/$name"
  mkdir "$out/.$name.$$"
  for folder in crds webhookconfigurations; do
    cp -R "$dir/cluster/$folder" "$out/.$name.$$/$folder"
  done
  # The module cache is read-only; a copy that keeps those modes could not be replaced by the next run.
  chmod -R u+w "$out/.$name.$$"
  mv "$out/.$name.$$" "$out/$name"
  printf '%s' "$wanted" >"$stamps/$name"
  echo "$name $version: copied"
}

kubernetes_version='-X k8s.io/component-base/version.gitVersion=@VERSION@'
kubernetes=$(pinned kubernetes k8s.io/kubernetes)
IFS=. read -r major minor _ <<<"${kubernetes#v}"
kubernetes_version+=" -X k8s.io/component-base/version.gitMajor=$major -X k8s.io/component-base/version.gitMinor=$minor"

build crane crane github.com/google/go-containerregistry github.com/google/go-containerregistry/cmd/crane \
  '-X github.com/google/go-containerregistry/cmd/crane/cmd.Version=@VERSION@'
build etcd etcd go.etcd.io/etcd/server/v3 go.etcd.io/etcd/server/v3
# Both Crossplane binaries are called `crossplane` upstream. Core without a linked version refuses every package that has
# a spec.crossplane.version (crossplane-runtime pkg/version).
crossplane_version='-X github.com/crossplane/crossplane-runtime/v2/pkg/version.version=@VERSION@'
build crossplane-core crossplane-core github.com/crossplane/crossplane/v2 github.com/crossplane/crossplane/v2/cmd/crossplane \
  "$crossplane_version"
core_files
build crossplane crossplane-cli github.com/crossplane/cli/v2 github.com/crossplane/cli/v2/cmd/crossplane \
  "$crossplane_version"
for name in kube-apiserver kube-controller-manager kubectl; do
  build "$name" kubernetes k8s.io/kubernetes "k8s.io/kubernetes/cmd/$name" "$kubernetes_version"
done
