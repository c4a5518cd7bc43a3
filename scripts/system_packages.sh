#!/usr/bin/env bash
# Install what some tests need and pip cannot give: mosquitto (the second broker), Chromium, and
# Mesa's software OpenGL for the simulated cameras; the X libraries are what Blender's bpy links.
# Without root or apt it only says which tests will skip; CI makes a missing one a failure.
set -euo pipefail

missing() {
    command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || echo mosquitto
    command -v chromium >/dev/null || echo chromium
    local libraries=(libEGL.so.1:libegl1 libEGL_mesa.so.0:libegl-mesa0 libGL.so.1:libgl1
        libSM.so.6:libsm6 libXfixes.so.3:libxfixes3 libXi.so.6:libxi6
        libxkbcommon.so.0:libxkbcommon0 libXrender.so.1:libxrender1)
    local known library
    known=$(/sbin/ldconfig -p)
    for library in "${libraries[@]}"; do
        [[ $known == *"${library%%:*}"* ]] || echo "${library##*:}"
    done
    compgen -G '/usr/lib/*/dri/swrast_dri.so' >/dev/null || echo libgl1-mesa-dri
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -qq --yes --no-install-recommends "$@"
}

mapfile -t packages < <(missing)
[ "${#packages[@]}" -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "system packages: no ${packages[*]} here, and no root with apt to install it:" \
        "the tests that need it are skipped" >&2
    exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A mirror that is being updated refuses for a moment; three tries tell it from one that is gone.
for pause_s in 0 5 15; do
    sleep "$pause_s"
    if install_packages "${packages[@]}" >"$log" 2>&1; then
        # Where there is an init, the package starts a broker on port 1883; the tests bring their own.
        if [[ " ${packages[*]} " == *" mosquitto "* && -d /run/systemd/system ]]; then
            systemctl disable --now --quiet mosquitto || true
        fi
        echo "system packages: installed ${packages[*]}" >&2
        exit 0
    fi
done
tail -n 20 "$log" >&2
echo "system packages: could not install ${packages[*]}: the tests that need it are skipped" >&2
