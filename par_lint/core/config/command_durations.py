"""How long commands may take, in seconds: the rows from which PRL201 proposes a limit.

A row is a program with its sub-command, and stands for all that begins with it; the longest row counts. The numbers are generous: a limit that
ends a healthy run does more harm than one that ends a hanging run late. What is in no row gets no number.

Sources: the guide for `git push` 30, `pytest` 60, `npm install` 120 and 10 for quick commands; the tools' own limits, below which ours would
cut them off (named at each row); for work whose length is that of its input (copies, builds, media) an hour, the time after which CI systems
warn of a job that may hang (GitLab ends jobs after 60 minutes).
"""

from __future__ import annotations

from collections.abc import Iterator

QUICK = 10  # the guide's "default"

_QUICK_PROGRAMS = """
    ls cat head wc echo printf pwd date whoami id groups uname hostname arch nproc free uptime env printenv which where whereis type file stat readlink
    realpath basename dirname touch mkdir rmdir mktemp ln chmod true false test grep egrep fgrep rg sed awk gawk cut tr sort uniq tee diff cmp comm paste
    tail xargs seq expr bc jq yq ps pgrep pkill pidof kill killall lsof netstat ss ip ifconfig iwconfig route arp getent hostnamectl localectl timedatectl
    sysctl lscpu lsblk lspci lsusb lsmod mount umount df blkid dmesg last w who nvidia-smi rocm-smi amd-smi sw_vers sysctl vm_stat defaults scutil
    networksetup system_profiler launchctl osascript open xdg-open pbcopy pbpaste xclip xsel notify-send tasklist taskkill reg sc icacls attrib ver
    systeminfo setx powercfg netsh gsettings dconf xrandr xdotool wmctrl amixer pactl setxkbmap stty tput locale localedef getconf ldd ldconfig nm objdump
    readelf otool strings xxd od hexdump md5sum sha1sum base64 rustc ffprobe exiftool identify mediainfo dot pkg-config llvm-config
    sdl2-config gpgconf ssh-keygen ssh-add iptables nft ufw firewall-cmd useradd userdel usermod groupadd groupdel chpasswd crontab at loginctl tmux screen
    gpg-connect-agent lsb_release qdbus restorecon cygpath zonename ipfw pfctl systemd-notify lsid manpath
    pkgfile chattr chflags setfacl getfacl readelf dir type ren rename md vol findstr systemd-detect-virt systemd-escape update-alternatives dpkg-query
    pip-config git hg bzr ghp-import say getprop
    adb fastboot nmcli rfkill bluetoothctl hciconfig v4l2-ctl
    raspi-config vcgencmd i2cdetect
    squeue sinfo scontrol sacct scancel qstat qdel bjobs bkill wsl cscript wscript reset sync logger
"""
"""Programs that look something up, change one thing, or filter text."""

_ROWS: dict[int, str] = {
    0: "cd, export, set, source, ., :, exit, unset, alias, shopt, umask, trap",  # the shell itself, beside the commands that count
    30: """
        brew --prefix, brew --cellar, brew --repository, brew --repo, brew --cache, net, git push, git log -1, git log -n1, git log -n 1, git log
        --max-count=1, wmic, nslookup, dig, host, whois, arping, docker, podman,
        docker-compose, docker compose, kubectl, minikube, oc, nomad, consul, vault,
        etcdctl, virsh, pip list, pip show, pip freeze, pip config, pip cache, pip check, npm list, npm ls, npm config, npm root, npm prefix, npm bin,
        npm version, npm pkg, yarn config, conda info, conda env list, conda list, conda config, brew list, brew info, cargo metadata, cargo locate-project,
        go env, go version, go list, hg status, svn info, svn status, poetry version, poetry config, poetry env, poetry show, uv version, uv python find,
        rpm -q, dpkg -l, dpkg -s, dpkg, openssl, systemctl is-active, systemctl status, systemctl show, systemctl list-units, systemctl is-enabled,
        systemctl daemon-reload, du, tree, code, psql, mysql, sqlite3, redis-cli, mongo, mongosh, ldapsearch, snmpget, snmpwalk, ipmitool, smartctl, fdisk,
        parted, mkfs, virtualenvwrapper
    """,  # `git push`: the guide. Else one question to a daemon or a server; "docker" gives up on its daemon after 60 s, which has its own row where it works
    60: """
        pytest, ansible-doc, salt-key, hg identify, hg id, git add, git commit, git checkout, git switch, git reset, git stash, git rm, git mv, git
        merge, git rebase, git
        cherry-pick, git revert,
        git apply, git am, git clean, git restore, git worktree, git describe, git ls-remote, hg commit, hg update, docker stop, docker rm, docker kill,
        docker restart, docker start, podman stop, podman rm, docker rmi, docker image, docker volume, docker network, docker inspect, docker logs,
        docker cp, docker login, docker system, podman rmi, kubectl get, kubectl describe, kubectl logs, gh, glab, hub, heroku, vercel, netlify, aws, az,
        gcloud, doctl, s3cmd, flyctl, fly, firebase, supabase, http, traceroute, tracert, mtr, ping, ruff, black, isort, flake8, pyflakes, autopep8, yapf,
        clang-format, gofmt, rustfmt, prettier, shellcheck, markdownlint, yamllint, twine check, terraform fmt, terraform output, terraform show,
        terraform version, terraform workspace, python -c, node -e, ruby -e, perl -e, pandoc, protoc, patch, ssh, rpm, playerctl, scrot, import,
        screencapture, espeak, fc-cache, plantuml, mmdc, rsvg-convert, inkscape, convert, magick, mogrify, montage, composite, pngquant, optipng, jpegoptim,
        gifsicle, pdftotext, pdftoppm, pdfinfo, qpdf, pdfunite, gs, wkhtmltopdf, wkhtmltoimage, tesseract, gcc, g++, cc, c++, clang, clang++, javac, nasm,
        as, ld, ar, tsc, esbuild, sass, lessc, nvcc, ghc, ocamlc, dmypy
    """,  # `pytest`: the guide. Else commits with hooks, large work trees, one file that is compiled or converted; `docker stop` grants 10 s to each container
    120: """
        npm install, npm audit, npm outdated, npm view, npm info, npm search, systemctl, service, rc-service, supervisorctl, nginx, apachectl, pm2,
        kubectl apply, kubectl create, kubectl delete, kubectl exec, kubectl patch, kubectl scale, kubectl annotate, kubectl label, venv, virtualenv,
        docker exec, podman exec, docker compose stop, docker compose down, docker compose restart, docker-compose down,
        docker-compose stop, docker-compose restart, git archive, git bundle, terraform validate, gpg, openssl dhparam, openssl genrsa, ansible, latex,
        vagrant status, vagrant halt, jupyter, celery, alembic, flask, rake
    """,  # `npm install`: the guide. systemd waits 90 s for a unit (DefaultTimeoutStartSec), kubectl delete 30 s for each pod (terminationGracePeriodSeconds)
    300: """
        nikola build, git fetch, git pull, git worktree add, ensurepip, wmic product, git remote update, git submodule status, git gc, git fsck, git
        blame, git
        log, git filter-branch,
        apt update, apt-get update, dnf check-update, yum check-update, brew update, pre-commit, twine, flit publish, poetry publish, uv publish,
        npm publish, yarn publish, pnpm publish, pip download, pip uninstall, pip wheel, pdflatex, xelatex, lualatex, latexmk, tectonic, bibtex, soffice,
        libreoffice, unoconv, ebook-convert, jupyter nbconvert, sphinx-build, mkdocs build, mkdocs gh-deploy, hugo, jekyll, helm template, helm lint,
        helm repo, fio, nikto, whatweb, sslscan, amass, subfinder, kubectl drain, kind, k3d, keytool, jar, certbot, acme.sh, gem install, bundle install,
        composer require, vagrant destroy, az login, hg pull, hg push, hg clone, svn update, svn checkout, svn export, svn commit, bzr, npm run lint,
        npm run format, cargo fmt, cargo publish, go fmt, go vet, go mod, yt-dlp --dump-json, youtube-dl --dump-json, scp, sftp, pip-compile, pip-audit,
        safety, docker tag, docker info
    """,  # npm's fetch-timeout and Helm's --timeout are 5 minutes each; a fetch of git has no limit of its own
    600: """
        chmod -R, chattr -R, chflags -R, setfacl -R, hdiutil, git fetch --unshallow, mypy, pyright, pylint, bandit, eslint, curl, wget, copy, move,
        xcopy, rmdir /s, rmdir /S, rmdir /Q, rmdir /q, rd, del, erase, hg incoming,
        hg outgoing, zip, unzip, gzip,
        gunzip, rm, cp, mv, find, chown, chgrp, sha256sum, sha512sum, shasum, b2sum, pip install, pipx, uv, uv pip, uv sync,
        uv add, uv lock, uv tool, uv venv, poetry install, poetry add, poetry update, poetry lock, poetry build, pdm, hatch, rye, pixi, pipenv,
        conda, mamba,
        micromamba, git clone, git submodule, git lfs, git svn, gh repo clone, hf, huggingface-cli, modelscope, gdown, kaggle, dvc, npm ci, npm update,
        npm run, npm exec, npm test, npx, yarn, pnpm, bun, bower, lerna, nx, turbo, apt, apt-get, aptitude, dpkg -i, dpkg --install, dnf, yum, zypper,
        pacman, apk, emerge, snap, flatpak, port, winget, choco, scoop, softwareupdate, msiexec, rpm -i, rpm -U, rpm --install, gem, bundle, composer, cpan,
        cpanm, luarocks, docker push, docker pull, docker save, docker load, docker create, docker export, docker import, podman pull, podman push,
        docker compose pull, docker-compose pull, skopeo, helm, kubectl wait, kubectl rollout, kubectl cp, kubeadm, istioctl, terraform init,
        terraform plan,
        tofu init, tofu plan, terragrunt, pulumi preview, packer validate, cdk synth, sam build, serverless, claude, codex, gemini, ollama, llm, aider,
        cursor-agent, opencode, copilot, sgpt, aichat, gh copilot, tar, zcat, bzip2, xz, zstd, lz4, 7z, 7za, unrar, rar, cpio, bsdtar, robocopy, xcopy,
        mysql_upgrade, mongoimport, mongoexport, sqlmap, gobuster, ffuf, dirb, masscan, hydra, nuclei, tcpdump, tshark, iperf, iperf3, speedtest,
        speedtest-cli, ab, wrk, docker buildx imagetools, R CMD check, swift package, dotnet, nuget, flutter pub, dart pub, mix deps.get, rustup,
        nvm, pyenv,
        asdf, mise, sdk, dbt, alembic upgrade, playwright install, go get, go install, go mod download, cargo fetch, cargo install, aws s3 cp, aws s3 sync,
        aws s3 mv, gsutil, azcopy, rclone, gcloud storage, aws cloudformation, gcloud run, gcloud functions, gcloud app, az deployment, heroku container,
        meson setup, cmake, configure, autoreconf, conan, vcpkg, ctest, soffice --convert-to, spleeter, demucs, whisper, manim, gh run watch, clamscan,
        freshclam, trivy, grype, syft, semgrep, snyk, sonar-scanner, vagrant, multipass, lxc, lxd, virt-install, screencast
    """,  # downloads (pip tries each six times for 15 s, uv waits 300 s for a lock); answers of language models (their clients wait 600 s)
    1800: """
        make, gmake, mingw32-make, nmake, ninja, cmake --build, cmake --install, meson, scons, bazel, buck, pants, cargo, cargo build, cargo test,
        cargo run,
        cargo clippy, go build, go test, go run, go generate, mvn, mvnw, gradle, gradlew, ant, sbt, lein, msbuild, xcodebuild, xcrun, fastlane, swift,
        swift build, swift test, flutter, pod, brew, docker build, docker buildx, docker run, podman build, podman run, buildah, kaniko, docker compose up,
        docker compose build, docker compose run, docker-compose up, docker-compose build, docker-compose run, singularity, apptainer, helm install,
        helm upgrade, pip wheel --no-binary, pyinstaller, nuitka, cx_Freeze, py2exe, briefcase, cibuildwheel, auditwheel, maturin, wasm-pack, emcc,
        setup.py,
        build, npm run build, yarn build, pnpm build, next, vite, webpack, rollup, electron-builder, conda build, conda-build, rpmbuild, dpkg-buildpackage,
        debuild, makensis, iscc, R CMD INSTALL, coverage, nose2, unittest, jest, vitest, mocha, cypress, playwright, behave, phpunit, rspec, vagrant up,
        pulumi up, cdk deploy, sam deploy, gcloud builds, platformio, pio, arduino-cli, idf.py, west, esptool, esptool.py, avrdude, openocd,
        yarn install --network-timeout, spack, nix, nix-build, nixos-rebuild, guix, ios-deploy, dotnet build, dotnet test, dotnet publish
    """,  # builds and test suites; `go test` gives up by itself after 10 minutes
    3600: """
        toil-cwl-runner, toil-wdl-runner, salt-call, bitbake, ffmpeg, avconv, apt upgrade, apt full-upgrade, apt dist-upgrade, apt-get upgrade,
        apt-get dist-upgrade, dnf upgrade, brew upgrade,
        HandBrakeCLI,
        mencoder, sox, x264, x265, mkvmerge, MP4Box, melt, blender, yt-dlp, youtube-dl, gallery-dl, aria2c, rsync, lftp, rdiff-backup, duplicity, borg,
        restic, tarsnap, dd, shred, mksquashfs, genisoimage, xorriso, qemu-img, pg_dump, pg_dumpall, pg_restore, pg_basebackup, pg_upgrade, vacuumdb,
        mysqldump, mariadb-dump, mysqlimport, mongodump, mongorestore, exp, imp, expdp, impdp, sqlplus, sqlcmd, bcp, nmap, tox, nox, terraform, tofu,
        terragrunt apply, ansible-playbook, ansible-pull, packer, salt, puppet, chef-client, airflow, spark-submit, hadoop, hdfs, mapred, hive, pig,
        snakemake, nextflow, cwltool, toil, luigi, R, octave, matlab, sas, stata, script, npx tsx, ts-node, tsx, bwa, bowtie2, bowtie, samtools, bcftools,
        bedtools, blastn, blastp, makeblastdb, STAR, hisat2, salmon, kallisto, fastqc, multiqc, trimmomatic, gatk, picard, minimap2, mafft, muscle,
        clustalo,
        iqtree, raxml, hmmsearch, fasterq-dump, prefetch, cellranger, gmx, vina, obabel, antechamber, gdal_translate, gdalwarp, ogr2ogr, colmap, verilator,
        iverilog, vvp, yosys, nextpnr, vivado, quartus_sh, openscad, freecad, locust, k6, jmeter, lm_eval, hashcat, john, afl-fuzz, clang-tidy, cppcheck,
        infer, codeql, git bisect, git filter-repo, e2fsck, fsck, chkdsk, sfc, dism
    """,  # as long as its input is large, or as the script that an interpreter is given takes
}


def rows() -> dict[str, int]:
    """The seconds of each row."""
    found = dict.fromkeys(_QUICK_PROGRAMS.split(), QUICK)
    for seconds, text in _ROWS.items():
        found.update(dict.fromkeys(_split(text), seconds))
    return found


def _split(text: str) -> Iterator[str]:
    return (" ".join(row.split()) for row in text.split(",") if row.strip())
