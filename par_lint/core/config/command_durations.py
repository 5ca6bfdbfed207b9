"""How long commands may take, in seconds: the rows from which PRL201 proposes a limit.

A row is a program with its sub-command, and stands for all that begins with it; the longest row counts. The numbers are generous: a limit that
ends a healthy run does more harm than one that ends a hanging run late. What is in no row gets no number.

Sources: the guide for `git push` 30, `pytest` 60, `npm install` 120 and 10 for quick commands; the tools' own limits, below which ours would
cut them off (named at each row); for work whose length is that of its input (copies, builds, media) an hour, the time after which CI systems
warn of a job that may hang (GitLab ends jobs after 60 minutes).
"""

from __future__ import annotations

from collections.abc import Iterator

from par_lint.core.config.settings import TIMEOUTS

QUICK = 10  # the guide's "default"

_QUICK_PROGRAMS = """
    ls cat head wc echo printf pwd date whoami id groups uname hostname arch nproc free uptime env printenv which where whereis type file stat readlink
    realpath basename dirname touch mkdir rmdir mktemp ln chmod true false test grep egrep fgrep sed awk gawk cut tr uniq tee paste tail
    xargs seq expr bc jq yq ps pgrep pkill pidof kill killall ss ip ifconfig iwconfig route arp hostnamectl localectl timedatectl sysctl lscpu lsblk
    lspci lsmod df blkid dmesg last w who sw_vers vm_stat defaults scutil networksetup launchctl open pbcopy pbpaste xclip xsel wl-copy wl-paste clip
    notify-send taskkill reg sc icacls attrib ver setx powercfg netsh gsettings dconf xrandr xdotool wmctrl amixer pactl setxkbmap stty tput locale
    localedef getconf ldd nm objdump readelf otool strings xxd od hexdump base64 identify pkg-config llvm-config sdl2-config gpgconf iptables nft ufw
    firewall-cmd useradd userdel usermod groupadd groupdel chpasswd crontab at loginctl tmux screen gpg-connect-agent lsb_release qdbus restorecon
    cygpath zonename ipfw pfctl systemd-notify lsid manpath pkgfile chattr chflags setfacl getfacl dir ren rename md vol findstr systemd-detect-virt
    systemd-escape update-alternatives pip-config git getprop adb rfkill hciconfig v4l2-ctl raspi-config vcgencmd i2cdetect wsl cscript wscript reset
    logger oslevel lsattr lsdev lsvg lslpp prtconf isainfo psrinfo zoneadm kstat svcs machinfo swapctl sw_vers ioreg csrutil pmset getcap setcap capsh
    lsns findmnt swapon swapoff modprobe rmmod udevadm busctl wpctl brightnessctl acpi sensors hdparm ipconfig getmac driverquery bcdedit fsutil
    query qwinsta quser schtasks nbtstat dscl dscacheutil spctl mdls plutil PlistBuddy kextstat systemsetup nvram airport hidutil lsappinfo dsconfigad
    dmidecode ethtool iw bridge brctl tc resolvectl hwclock getfattr setfattr mountpoint blockdev lvs vgs pvs dumpe2fs tune2fs alternatives runlevel tty
    logname users finger pmap prlimit numactl xset xprop xwininfo xdpyinfo glxinfo vulkaninfo xinput chronyc cpuid lsmem lsipc lslocks
    lslogins zramctl wdctl numastat cpupower mcelog efibootmgr mokutil bootctl coredumpctl homectl userdbctl domainname dnsdomainname ypdomainname
    nisdomainname hostid sestatus getenforce setenforce getsebool setsebool aa-status auditctl pathchk expand unexpand fold fmt nl rev column numfmt
    factor cal ncal units dircolors tset infocmp
"""
"""Programs that look something up, change one thing, or filter text."""

_ROWS: dict[int, str] = {
    0: "cd, export, set, source, ., :, exit, unset, alias, shopt, umask, trap",  # the shell itself, beside the commands that count
    30: """
        dpkg-parsechangelog, dpkg-architecture, dpkg-deb -f, dpkg-deb --field, apt-cache, apt-mark, dpkg-query, brew --prefix, brew --cellar,
        brew --repository, brew --repo, brew --cache, net, git log -1, git log -n1, git log -n 1, git log --max-count=1, nslookup, dig, host,
        whois, arping, docker, podman, docker-compose, docker compose, kubectl, minikube, oc, nomad, consul, vault, etcdctl, virsh, pip show, pip freeze,
        pip config, pip cache, npm list, npm ls, npm config, npm root, npm prefix, npm bin, npm version, npm pkg, docker tag, docker info, docker version,
        yarn config, conda info, conda config, brew info, cargo metadata, cargo locate-project, go env, go version, go list, svn info, poetry version,
        poetry config, poetry env, poetry show, uv version, uv python find, rpm -q, dpkg -l, dpkg -s, dpkg, systemctl is-active, systemctl status,
        systemctl show, systemctl list-units, systemctl is-enabled, systemctl daemon-reload, code, redis-cli, ldapsearch, snmpget, snmpwalk, ipmitool,
        smartctl, virtualenvwrapper, getent, nvidia-smi, rocm-smi, amd-smi, netstat, tasklist, lsusb, ldconfig, wmic, uv pip list, uv pip freeze,
        uv pip show, uv tool list, brew list, brew config
    """,  # One question to a daemon or a server; "docker" gives up on its daemon after 60 s, which has its own row where it works
    60: """
        rm, chown, chgrp, ansible-doc, salt-key, hg identify, hg id, git apply, git describe, git ls-remote, docker stop, docker rm, docker kill,
        docker restart, docker start, podman stop, podman rm, docker rmi, docker image, docker volume, docker network, docker inspect, docker logs,
        docker cp, docker login, docker system, podman rmi, kubectl get, kubectl describe, kubectl logs, hub, s3cmd, http, traceroute, tracert, mtr, ping,
        gofmt, rustfmt, markdownlint, yamllint, twine check, terraform fmt, terraform output, terraform show, terraform version, terraform workspace,
        python -c, node -e, ruby -e, perl -e, protoc, patch, ssh, rpm, playerctl, scrot, import, screencapture, espeak, fc-cache, pngquant, optipng,
        jpegoptim, gifsicle, pdftotext, pdftoppm, pdfinfo, qpdf, pdfunite, nasm, as, ld, ar, esbuild, sass, lessc, ocamlc, dmypy, lsof, gst-inspect-1.0,
        system_profiler, systeminfo, ffprobe, exiftool, mediainfo, git status, git diff, git show, git ls-files, git grep, git rev-list, git shortlog,
        git tag, git update-index, git write-tree, git read-tree, git count-objects, git for-each-ref, git merge-base, git ls-tree, git cat-file,
        git name-rev, git cherry, git check-ignore, git diff-tree, git diff-index, git diff-files, git format-patch, hg, svn, hg status, svn status,
        hg diff, svn diff, ssh-keygen, ssh-add, squeue, sinfo, scontrol, sacct, scancel, qstat, qdel, bjobs, bkill, ghp-import, openssl, parted, fdisk,
        bluetoothctl, adb shell, osascript, brew outdated, brew services, pip list, pip check, gcloud config, gcloud auth, gcloud info, az account, gh api,
        gh auth, gh pr list, gh pr view, gh issue list, conda list, conda env list
    """,  # A look at a large work tree, a question to a busy server; `docker stop` grants 10 s to each container
    120: """
        npm audit, npm outdated, npm view, npm info, npm search, rc-service, supervisorctl, nginx, apachectl, pm2, kubectl apply,
        kubectl create, kubectl exec, kubectl patch, kubectl scale, kubectl annotate, kubectl label, venv, virtualenv, docker exec, podman exec,
        docker compose stop, docker compose down, docker compose restart, docker-compose down, docker-compose stop, docker-compose restart,
        terraform validate, gpg, openssl dhparam, openssl genrsa, ansible, latex, vagrant status, vagrant halt, mount, umount, sync, nmcli, aws,
        yarn application, yarn applicationattempt, yarn node, yarn queue, mapred job, gsutil stat, gsutil mb, gsutil rb, gsutil hash, gsutil acl,
        gsutil iam, gsutil defacl, gsutil label, gsutil lifecycle, gsutil version, rclone version, rclone listremotes, rclone about, rclone config,
        aws s3 mb, aws s3 rb, aws s3 presign, mc stat, s5cmd head, docker compose ps, docker compose logs, docker-compose ps, docker-compose logs, dmsetup,
        losetup, cryptsetup
    """,  # systemd waits 90 s for a unit (DefaultTimeoutStartSec), kubectl delete 30 s for each pod (terminationGracePeriodSeconds)
    300: """
        hg log, hg annotate, hg blame, hg files, hg manifest, svn log, svn blame, nikola build, ensurepip, wmic product, git submodule status, git blame,
        git log, git filter-branch, apt update, apt-get update, dnf check-update, yum check-update, brew update, twine, flit publish, poetry publish,
        uv publish, npm publish, yarn publish, pnpm publish, pip uninstall, pdflatex, xelatex, lualatex, latexmk, tectonic, bibtex, soffice, libreoffice,
        unoconv, ebook-convert, jupyter nbconvert, mkdocs build, mkdocs gh-deploy, hugo, jekyll, helm template, helm lint, helm repo, fio, nikto, whatweb,
        sslscan, amass, subfinder, kubectl drain, kind, k3d, keytool, jar, certbot, acme.sh, vagrant destroy, bzr, npm run lint, npm run format, cargo fmt,
        cargo publish, go fmt, go vet, go mod, yt-dlp --dump-json, youtube-dl --dump-json, pip-compile, pip-audit, safety, curl, git add, git commit,
        grep -r, grep -R, rg, tree, convert, inkscape, magick, mogrify, montage, composite, gs, wkhtmltopdf, wkhtmltoimage, tesseract, rsvg-convert, mmdc,
        plantuml, pandoc, dot, ruff, black, isort, flake8, pyflakes, autopep8, yapf, clang-format, prettier, shellcheck, rustc, gcc, g++, cc, c++, clang,
        clang++, javac, nvcc, ghc, tsc, adb install, say, kubectl delete, gcloud, az, gh, glab, heroku, vercel, netlify, flyctl, fly, firebase, supabase,
        doctl, jupyter, rake, systemctl, service, ssh-copy-id
    """,  # npm's fetch-timeout and Helm's --timeout are 5 minutes each; commits run hooks; one file that is compiled or converted
    600: """
        chmod -R, chattr -R, chflags -R, setfacl -R, mypy, pyright, pylint, bandit, eslint, copy, move, xcopy, rmdir /s, rmdir /S, rmdir /Q, rmdir /q, rd,
        del, erase, hg incoming, hg outgoing, hg grep, hg archive, hg verify, hg import, hg rebase, hg strip, hg histedit, hg merge, hg revert, hg purge,
        gsutil ls, aws s3 ls, gcloud storage ls, rclone ls, rclone lsf, rclone lsd, rclone size, gsutil du, cp, mv, find, sha256sum, sha512sum, shasum,
        b2sum, pipx, uv, uv tool, uv venv, poetry build, hatch, rye, npm ci, npm update, npx, bower, dpkg -i, dpkg --install, apk, scoop, rpm -i, rpm -U,
        rpm --install, gem, bundle, composer, cpan, cpanm, luarocks, docker create, skopeo, helm, kubectl wait, kubectl rollout, kubectl cp, kubeadm,
        istioctl, terraform init, terraform plan, tofu init, tofu plan, terragrunt, pulumi preview, packer validate, cdk synth, sam build, serverless, llm,
        sgpt, aichat, gh copilot, robocopy, tcpdump, tshark, iperf, iperf3, speedtest, speedtest-cli, ab, wrk, docker buildx imagetools, swift package,
        dotnet, nuget, flutter pub, dart pub, mix deps.get, mise, sdk, go get, go install, go mod download, cargo fetch, aws cloudformation, gcloud run,
        gcloud functions, gcloud app, az deployment, heroku container, meson setup, cmake, configure, autoreconf, conan, vcpkg, ctest, soffice --convert-to,
        gh run watch, freshclam, grype, syft, semgrep, snyk, sonar-scanner, vagrant, multipass, lxc, lxd, virt-install, screencast, git checkout,
        git switch, git reset, git stash, git rm, git mv, git merge, git rebase, git cherry-pick, git revert, git am, git clean, git restore, git worktree,
        git worktree add, git sparse-checkout, git fetch, git pull, git remote update, git gc, git fsck, git archive, git bundle, du, md5sum, md5, sha1sum,
        sha224sum, sha384sum, cksum, sum, crc32, xxhsum, certutil -hashfile, openssl dgst, openssl md5, openssl sha1, openssl sha256, openssl enc,
        openssl smime, openssl cms, cmp, diff, comm, fc, shuf, split, csplit, iconv, dos2unix, unix2dos, sort,
        psql, mysql, sqlite3, mongo, mongosh, adb push, adb pull, fastboot, pre-commit, gem install, bundle install, composer require, hg pull, hg push,
        hg clone, hg checkout, hg update, hg up, hg co, hg merge, hg rebase, hg import, hg archive, hg bundle, hg verify, hg purge, hg revert, hg graft,
        hg commit, hg addremove, svn up, svn co, svn switch, svn merge, svn import, svn revert, svn cleanup, bzr branch, bzr pull, svn update, svn checkout,
        svn export, svn commit, docker image prune, docker system prune, docker volume prune, docker builder prune,
        alembic, celery, gh release download, gh release upload, gh repo clone, az login, flask
    """,  # work on the files of a large folder or repository, which a kill may leave half done; answers of language models (their clients wait 600 s)
    1800: """
        tar, zip, unzip, gzip, gunzip, pigz, zcat, bzip2, bunzip2, xz, zstd, lz4, 7z, 7za, unrar, rar, cpio, bsdtar, make, gmake, mingw32-make, nmake,
        ninja, cmake --build, cmake --install, meson, scons, bazel, buck, pants, cargo, cargo build, cargo test, cargo run, cargo clippy, go build, go test,
        go run, go generate, mvn, mvnw, gradle, gradlew, ant, sbt, lein, msbuild, xcodebuild, xcrun, fastlane, swift, swift build, swift test, flutter, pod,
        brew, docker build, docker buildx, podman build, buildah, kaniko, docker compose up, docker compose build, docker-compose up, docker-compose build,
        helm install, helm upgrade, pip wheel, pip download, pyinstaller, nuitka, cx_Freeze, py2exe, briefcase, cibuildwheel, auditwheel, maturin,
        wasm-pack, emcc, setup.py, build, npm run build, yarn build, pnpm build, next, vite, webpack, rollup, electron-builder, conda build, conda-build,
        rpmbuild, dpkg-buildpackage, debuild, makensis, iscc, R CMD INSTALL, llvm-cov, llvm-cov show, llvm-cov export, llvm-cov report, llvm-profdata, lcov,
        genhtml, coverage, nose2, unittest, jest, vitest, mocha, cypress, playwright, behave, phpunit, rspec, vagrant up, pulumi up, cdk deploy, sam deploy,
        gcloud builds, platformio, pio, arduino-cli, idf.py, west, esptool, esptool.py, avrdude, openocd, yarn install --network-timeout, spack, nix,
        nix-build, nixos-rebuild, guix, ios-deploy, dotnet build, dotnet test, dotnet publish, pip install, uv pip, uv sync, uv add, uv lock,
        uv tool install, pipx install, poetry install, poetry add, poetry update, poetry lock, pipenv, pdm, pixi, conda, mamba, micromamba, git clone,
        git submodule, git lfs, git svn, git fetch --unshallow, docker pull, docker push, docker save, docker load, docker export, docker import,
        podman pull, podman push, docker compose pull, docker-compose pull, apt, apt-get, aptitude, dnf, yum, zypper, pacman, emerge, snap, flatpak, port,
        winget, choco, softwareupdate, msiexec, npm run, npm test, npm exec, yarn, pnpm, bun, lerna, nx, turbo, scp, sftp, claude, codex, gemini, ollama,
        aider, cursor-agent, opencode, copilot, playwright install, cargo install, docker run -d, docker run --detach, podman run -d, sphinx-build, dbt,
        rustup, nvm, pyenv, asdf, R CMD check, cypress install, hdiutil
    """,  # builds and test suites (`go test` gives up by itself after 10 minutes); installs, which may download gigabytes and build from source
    3600: """
        toil-cwl-runner, toil-wdl-runner, salt-call, bitbake, ffmpeg, avconv, apt upgrade, apt full-upgrade, apt dist-upgrade, apt-get upgrade,
        apt-get dist-upgrade, dnf upgrade, brew upgrade, HandBrakeCLI, mencoder, sox, x264, x265, mkvmerge, MP4Box, melt, blender, yt-dlp, youtube-dl,
        gallery-dl, aria2c, rsync, lftp, pv, tqdm, rdiff-backup, duplicity, borg, restic, tarsnap, dd, shred, mksquashfs, genisoimage, xorriso, qemu-img,
        pg_dump, pg_dumpall, pg_restore, pg_basebackup, pg_upgrade, vacuumdb, mysqldump, mariadb-dump, mysqlimport, mongodump, mongorestore, exp, imp,
        expdp, impdp, sqlplus, sqlcmd, bcp, nmap, tox, nox, terraform, tofu, terragrunt apply, ansible-playbook, ansible-pull, packer, salt, puppet,
        chef-client, airflow, spark-submit, hadoop, hdfs, mapred, hive, pig, snakemake, nextflow, cwltool, toil, luigi, R, octave, matlab, sas, stata,
        script, npx tsx, ts-node, tsx, bwa, bowtie2, bowtie, samtools, bcftools, bedtools, blastn, blastp, makeblastdb, STAR, hisat2, salmon, kallisto,
        fastqc, multiqc, trimmomatic, gatk, picard, minimap2, mafft, muscle, clustalo, iqtree, raxml, hmmsearch, fasterq-dump, prefetch, cellranger, gmx,
        vina, obabel, antechamber, gdal_translate, gdalwarp, ogr2ogr, colmap, verilator, iverilog, vvp, yosys, nextpnr, vivado, quartus_sh, openscad,
        freecad, locust, k6, jmeter, lm_eval, hashcat, john, afl-fuzz, clang-tidy, cppcheck, infer, codeql, git bisect, git filter-repo, mkfs, e2fsck, fsck,
        chkdsk, sfc, dism, wget, hf, huggingface-cli, modelscope, gdown, kaggle, dvc, aws s3 cp, aws s3 sync, aws s3 mv, gsutil, azcopy, rclone,
        gcloud storage, mongoimport, mongoexport, mysql_upgrade, alembic upgrade, alembic downgrade, clamscan, trivy, sqlmap, gobuster, ffuf, dirb, nuclei,
        hydra, masscan, whisper, demucs, spleeter, manim
    """,  # as long as its input is large, or as the script that an interpreter is given takes; downloads of any file
}


def rows() -> dict[str, int]:
    """The seconds of each row, those that the guide gives included (`TIMEOUTS`)."""
    found = dict.fromkeys(_QUICK_PROGRAMS.split(), QUICK)
    for seconds, text in _ROWS.items():
        found.update(dict.fromkeys(_split(text), seconds))
    return found | dict(TIMEOUTS)


def _split(text: str) -> Iterator[str]:
    return (" ".join(row.split()) for row in text.split(",") if row.strip())
