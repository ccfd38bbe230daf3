#!/bin/sh
# Renders each given XR or claim with Crossplane's own engine and this function, then validates the XR and all that it composes
# at first against the schemas of XRD and providers. Ends with 1 when a file is refused or something is invalid, and says which.
#
#   sh render-and-validate.sh databases/*.yaml
#
# CHECKOUT           folder of this repository at the version in use (default: the one of this script)
# FUNCTION           "docker": the published image, or "checkout" (default): the checkout's own, by npm
# CROSSPLANE         the Crossplane CLI, 2.3 or newer (default: crossplane)
# CROSSPLANE_BINARY  the binary of Crossplane core, 2.3 or newer; without it the CLI runs core's image by Docker
set -eu

CHECKOUT=${CHECKOUT:-$(cd "$(dirname "$0")/../.." && pwd)}
FUNCTION=${FUNCTION:-checkout}
CROSSPLANE=${CROSSPLANE:-crossplane}
[ $# -gt 0 ] || { echo "usage: $0 FILE..." >&2; exit 2; }

work=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$work"' EXIT

case $FUNCTION in
  docker) functions=$CHECKOUT/examples/ci/functions.yaml ;;
  checkout)
    functions=$CHECKOUT/examples/ci/functions-development.yaml
    # In the background node itself, not npm, which would leave it behind.
    (cd "$CHECKOUT" && exec node --import tsx src/main.ts --insecure --address 127.0.0.1:9443 --no-http) 2>"$work/function.log" &
    server=$!
    until grep -q '"message":"serving"' "$work/function.log"; do
      kill -0 "$server" 2>/dev/null || { cat "$work/function.log" >&2; exit 1; }
      sleep 0.1
    done
    ;;
  *) echo "FUNCTION: \"$FUNCTION\" is neither docker nor checkout" >&2; exit 2 ;;
esac

failed=0
for file in "$@"; do
  xr=$file
  if grep -q '^kind: PostgreSQLDatabase$' "$file"; then
    xr=$work/xr.yaml
    # Without the Secret of the claim, which Crossplane does not hand on to the XR either.
    "$CROSSPLANE" xr generate "$file" | sed '/^  writeConnectionSecretToRef:$/,/^    name:/d' >"$xr"
  fi
  if grep -q '^apiVersion: claims\.database\.platform\.io/' "$xr"; then
    api=claims composition=cluster
  else
    api=xpostgresqldatabases composition=namespaced
  fi
  definition=$CHECKOUT/apis/$api/definition.yaml
  # --include-full-xr: the XR itself is validated, too.
  if "$CROSSPLANE" composition render "$xr" "$CHECKOUT/compositions/$composition.yaml" "$functions" \
    --xrd="$definition" --include-full-xr ${CROSSPLANE_BINARY:+--crossplane-binary="$CROSSPLANE_BINARY"} >"$work/rendered.yaml" &&
    "$CROSSPLANE" resource validate "$definition,$CHECKOUT/test/crds" "$work/rendered.yaml" \
      --crossplane-image= --error-on-missing-schemas --skip-success-results; then
    echo "$file: ok"
  else
    echo "$file: FAILED" >&2
    failed=1
  fi
done
exit "$failed"
