"""The words of commands, who sits at them, and how long they may take."""

from __future__ import annotations

import ast

import pytest

from par_lint.analysis.semantics.command_parts import command_of, pipelines, shell_words
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.proposed_timeouts import longest_limit, time_limit
from par_lint.analysis.semantics.subprocess_commands import command_words, is_interactive, is_session, limits_own_run_time, possible_commands, program
from par_lint.core.config.command_durations import rows
from par_lint.core.config.settings import TIMEOUTS


def words(text: str) -> list[str]:
    """The words of the argument of the last `run` in a program."""
    site = FileIndex(ast.parse(text)).called("run")[-1]
    return command_words(site.node.args[0], site.scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run(['git', 'push'])", ["git", "push"]),
        ("run('git push')", ["git", "push"]),
        ("run(f'git push {remote}')", ["git", "push", "?"]),
        ("run('git ' + what)", ["git", "?"]),
        ("run('git %s' % what)", ["git", "?"]),
        ("command = ['git', 'push']\nrun(command)", ["git", "push"]),
        ("command = ['git']\ncommand = ['hg']\nrun(command)", ["hg"]),
        ("command = ['git']\nif x:\n    command = ['hg']\nrun(command)", ["?"]),
        ("command = ['git']\ncommand.append('push')\nrun(command)", ["git", "push"]),
        ("command = ['git']\ncommand += ['-C', folder]\ncommand.extend(['push', x])\nrun(command)", ["git", "-C", "?", "push", "?"]),
        ("command = ['git', 'push']\ncommand.insert(0, 'sudo')\nrun(command)", ["sudo", "git", "push"]),
        ("command = ['git']\nrun(command)\ncommand.append('push')", ["git"]),
        ("command = ['push']\ncommand = ['git', *command]\nrun(command)", ["git", "push"]),
        ("run('git push x'.split())", ["git", "push", "x"]),
        ("run(f'git push {x}'.split(' '))", ["git", "push", "?"]),
        ("run(shlex.split('git push \"a b\"'))", ["git", "push", "a b"]),
        ("run('cd x && make 2>&1 | tee log > /dev/null; ls &')", ["cd", "x", "&&", "make", "|", "tee", "log", ";", "ls", "&"]),
        ("run(['bash', '-c', f'cd {x} && make'])", ["bash", "-c", "cd ? && make"]),
        ("run([ffmpeg_path, '-i', x])", ["ffmpeg", "-i", "?"]),
        ("run([file_path, '-i', x])", ["?", "-i", "?"]),
        ("run([_get_uv_path(), 'pip', 'freeze'])", ["uv", "pip", "freeze"]),
        ("run([find_git(x), 'push'])", ["?", "push"]),
        ("run(b'git push %s' % x)", ["git", "push", "?"]),
        ("run(b'git push')", ["git", "push"]),
        ("run(cast(list[str], [sys.executable, '-m', 'pip'] + ['x'] * y))", ["python", "-m", "pip", "?"]),
        ("code = textwrap.dedent('a = 1')\nrun([sys.executable, '-c', code])", ["python", "-c", "a = 1"]),
        ("run(['rm -f a b'])", ["rm", "-f", "a", "b"]),
        ("run([b'git', x])", ["git", "?"]),
        ("run([os.path.join(venv, 'bin', 'pip'), 'list'])", ["pip", "list"]),
        ("run([str(venv / 'bin' / 'pip'), 'list'])", ["pip", "list"]),
        ("run(f'{venv}/bin/pip list')", ["?/bin/pip", "list"]),
        ("run([os.environ.get('GIT', 'git'), 'push'])", ["git", "push"]),
        ("def f(command):\n    run(command)", ["?"]),
        ("base = ['git']\nrun([*base, 'push'])", ["git", "push"]),
        ("base = ['git']\nrun(base + ['push'])", ["git", "push"]),
        ("run([sys.executable, '-m', 'pytest'])", ["python", "-m", "pytest"]),
        ("run([editor, path])", ["<editor>", "?"]),
        ("run([path])", ["?"]),
        ("run(f'{editor} {path}')", ["<editor>", "?"]),
        ("a = b\nb = a\nrun(a)", ["?"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_an_attribute_holds_its_command() -> None:
    text = "class A:\n    def __init__(self):\n        self.command = ['git', 'push']\n    def go(self):\n        run(self.command)"
    assert words(text) == ["git", "push"]


@pytest.mark.parametrize(("text", "expected"), [
    ("if x:\n    c = ['git', 'push']\nelse:\n    c = ['hg']\nrun(c)", {("git", "push"), ("hg",)}),
    ("run(['git'] if x else ['hg'])", {("git",), ("hg",)}),
    ("c = None\nif x:\n    c = ['git']\nrun(c)", {("git",), ("?",)}),
    ("def f(c):\n    if x:\n        c = ['git']\n    run(c)", {("git",), ("?",)}),
])  # fmt: skip
def test_a_name_may_stand_for_several_commands(text: str, expected: set[tuple[str, ...]]) -> None:
    site = FileIndex(ast.parse(text)).called("run")[-1]
    assert set(possible_commands(site.node.args[0], site.scope)) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("", []), ("a 'b c' \"d\"", ["a", "b c", "d"]), ("a>b 2>>c <d e", ["a", "e"]), ("it's", ["its"]), ("a \\\n b", ["a", "b"]), ("a\nb", ["a", "\n", "b"]),
    ("a || b |& c", ["a", "||", "b", "|&", "c"]), ("a &> b", ["a"]),
])  # fmt: skip
def test_words_of_a_shell(text: str, expected: list[str]) -> None:
    assert shell_words(text) == expected


def test_a_shell_is_given_commands_in_one_word() -> None:
    assert list(pipelines(["sudo", "bash", "-lc", "cd x && sh -c 'make all'"])) == [["cd", "x"], ["make", "all"]]


def test_the_program_stands_first() -> None:
    assert program(["sudo", "LANG=C", "/usr/bin/git", "-C", "folder", "--no-pager", "push"]) == ["git", "push"]
    assert program(["python3.11", "-m", "pytest", "-q"]) == ["pytest", "-q"]
    assert program(["sudo"]) == []


@pytest.mark.parametrize(("command", "expected"), [
    ("vim file", True), ("<editor> file", True), ("bash", True), ("bash -c ls", False), ("ssh host", True), ("git commit", True),
    ("git commit -am text", False), ("docker exec -it box sh", True), ("docker build .", False), ("tail -f log", True), ("tail log", False),
    ("npm run dev", True), ("mathmlviewer x", True), ("gnome-terminal", True), ("xterm -e x", True), ("vncviewer --version", False), ("review x", False), ("nextflow view", False),
    ("npm run build", False), ("python", True), ("python file.py", False), ("ls", False), ("", False),
])  # fmt: skip
def test_who_sits_at_it(command: str, expected: bool) -> None:
    assert is_interactive(command.split()) is expected


@pytest.mark.parametrize(("command", "expected"), [
    ("openssl req -new -key ? -out ?", True), ("openssl req -new -key ? -subj ?", False), ("openssl req -new ?", False), ("openssl req -x509 -newkey rsa:4096 -batch", False),
    ("openssl x509 -req -in ?", False), ("openssl req -in ? -noout -text", False), ("openssl genrsa -out ? 2048", False), ("openssl genrsa -aes256 -out ?", True),
    ("openssl pkcs12 -export -in ? -out ?", True), ("openssl pkcs12 -export -passout pass: -in ?", False), ("openssl ca -in ?", True), ("openssl ca -batch -in ?", False),
    ("ssh-keygen", True), ("ssh-keygen -t rsa -f ?", True), ("ssh-keygen -t rsa -N ? -f ?", False), ("ssh-keygen -R host", False), ("ssh-keygen -qy -f ?", False), ("ssh-keygen ?", False),
    ("gpg --full-generate-key", True), ("gpg --batch --gen-key ?", False), ("gpg --import x", False), ("npm init", True), ("npm init -y", False), ("poetry init -n", False),
    ("yarn init", True), ("git revert HEAD", True), ("git revert --no-edit HEAD", False), ("git tag v1", False), ("git tag -a v1", True), ("git tag -s v1 -m x", False), ("git tag", False),
    ("svn commit", True), ("svn commit -m x", False), ("hg ci -m ?", False), ("gh pr create", True), ("gh pr create --fill", False), ("gh pr view", False), ("htpasswd -c x me", True),
    ("htpasswd -bc x me pw", False), ("kinit me", True), ("kinit -kt x me", False), ("sudo visudo", True), ("cryptsetup luksOpen x y", True), ("cryptsetup status x", False), ("fdisk x", True),
    ("fdisk -l", False), ("keytool -genkeypair -alias x", True), ("keytool -genkey -dname CN=x", False), ("keytool -list", False), ("cookiecutter x", True), ("chsh -s x", False),
    ("gcloud compute ssh x", True), ("gcloud compute ssh x --command ls", False), ("vagrant ssh -c ls", False), ("fly ssh console", True), ("systemctl restart ssh", False),
])  # fmt: skip
def test_who_is_asked(command: str, expected: bool) -> None:
    assert is_interactive(command.split()) is expected


@pytest.mark.parametrize(("command", "expected"), [
    ("timeout 5 make", True), ("sudo timeout 5 make", True), ("ping -c 1 -W 1 x", True), ("ping x", False), ("curl --max-time=5 x", True), ("curl -m 5 x", True), ("curl x", False),
    ("make", False), ("", True), ("echo x | timeout 5 nc y 1", True), ("start x.mp3", True), ("start /wait x.exe", False), ("cmd /c start x", True),
    ("stty size", True), ("color && make", False), ("exit 3", True), ("START x.mp3", True), ("open x", True), ("open -W x", False), ("open --wait-apps x", False), ("xdg-open x", True), ("xdg-open x && make", False), ("Title x", True), ("CMD /C START x", True),
])  # fmt: skip
def test_what_ends_by_itself(command: str, expected: bool) -> None:
    assert limits_own_run_time(shell_words(command)) is expected


@pytest.mark.parametrize(("command", "expected"), [
    ("code --wait x", True), ("code x", False), ("notepad x", True), ("docker compose -f x up", True), ("docker compose -f x up -d", False), ("sudo docker exec -it box ls", True),
    ("docker exec box sh -c ls", False), ("scrapy edit x", True), ("kustomize edit add x", False), ("ssh host ls", True), ("nice -n 5 vim x", True),
])  # fmt: skip
def test_who_sits_at_it_behind_options(command: str, expected: bool) -> None:
    assert is_interactive(command.split()) is expected


_GUIDE = "git push origin=30, pytest=60, npm install=120, ls=10, ps aux | grep x | wc -l=10, sudo npm install=120, python -m pytest=60"
_BEHIND = """
    sudo -u bob pip install x=1800, env X=1 pip3.11 install x=1800, /usr/bin/git clone x=1800, git -C y --no-pager clone x=1800, docker --context c build .=1800,
    python -u -m pip install x=1800, nice -n 10 rsync -a x y=3600, C:\\tools\\ffmpeg.exe -i x=3600, npm --loglevel error install=120, cargo +nightly build=1800,
    docker compose -f x up -d=1800, conda run -n env pytest=60, uv run pytest=60, docker exec -u me box pg_dump x=3600, ssh -p 22 host make all=1800,
    kubectl -n prod rollout status x=600, xargs -n 1 wget=3600, npx prettier x=600, bash -c "cd x && make"=1800, X=1 make -j4 2>&1 | tee log=1800,
    cd x && git pull; ls=600, (cd x && make)=1800, timeout-less=None
"""
_KINDS = """
    git clone=1800, git fetch=600, git pull=600, git submodule update=1800, pip install x=1800, pipx install x=1800, uv sync=1800, poetry install=1800, conda install x=1800, apt-get install -y x=1800,
    dnf install x=1800, brew install x=1800, yarn=1800, pnpm install=1800, npm ci=600, cargo build=1800, go build=1800, mvn package=1800, gradle build=1800, ./gradlew build=1800, make=1800,
    cmake --build .=1800, cmake -S . -B b=600, ninja=1800, docker build .=1800, docker pull x=1800, docker run -d x=1800, docker ps=30, kubectl wait x=600, kubectl get pods=60, helm upgrade x=1800,
    terraform apply=3600, ansible-playbook x=3600, ffmpeg -i x=3600, ffmpeg -version=10, rsync a b=3600, scp a b=1800, tar xf x=1800, pip wheel x=1800, make info=1800, git sparse-checkout set x=600, yarn application -kill x=120, yarn install=1800, wl-paste -n=10, clip.exe=10, pg_dump x=3600, mysqldump x=3600, nmap x=3600, tox=3600, nox=3600,
    python script.py=3600, python -m mypackage=3600, node x.js=3600, bash x.sh=3600, ./x.sh=3600, python -c pass=60, powershell Get-Date=60, powershell -Command Get-Date=60, powershell -File x.ps1=3600, apt upgrade=3600, python -sS -c pass=60, claude -p x=1800, ollama run x=1800, git log=300, git status=60, git --version=10,
    sleep 30=40
"""
_MOMENTS = """
    python -m nbgrader db student add x=120, nbgrader-cli.py generate_config=120, python manage.py status=120, helm list=120, tox --list=120, ansible-playbook --list-tasks x=120, python -m qtconsole --generate-config=120, pwsh x.ps1 y=3600, pwsh x=60, oslevel=10,
    terraform state list=120, check_exit.pl status=120, dd if=/dev/zero of=x count=1=120, dd if=x of=y=3600, ffmpeg -i x -frames:v 1 y=120, kubectl rollout status x=600, uv add x=1800,
    git lfs ls-files=1800, gh=60, docker info=30, rm x=60, rm -rf x=600, chown me x=60, chown -R me x=600, sudo rm --recursive x=600, curl -s x=300, curl -fsSLo x y=3600, curl --output=x y=3600, wget x=3600, conda env create=1800
"""
_STORAGE = """
    gsutil ls x=600, aws s3 ls x=600, llvm-cov show x=1800, dpkg-parsechangelog=30,
    gsutil -q stat x=120, gsutil -m cp x y=3600, gsutil -o a=b -m rsync x y=3600, gsutil version=120, rclone listremotes=120, rclone --config x sync a b=3600, mkfs -t ext4 x=3600, mkfs.ext4 -F x=3600,
    sudo mkfs.xfs x=3600, fsck.ext4 x=3600
"""
_MAY_ASK = """
    sudo ls=60, sudo -n ls=10, doas ls=60, sudo -S -k true=60, ssh host ls=60, ssh -A -t host cat x=60, docker exec box cat x=60, kubectl exec pod -- ls=60, ssh -O check host=60, sudo git push=60,
    LANG=C sudo ls=60
"""
_ANY_CASE = """
    TASKKILL /F /IM x.exe=10, Taskkill.exe /F=10, TaskList=30, NETSH wlan show=10, ROBOCOPY a b=600, MSBuild.exe x.sln=1800, RMDIR /S /Q x=600, DEL /F x=600, REG QUERY x=10, WMIC cpu get Name=30,
    CMD /c dir=60, PowerShell.exe -Command Get-Date=60, PowerShell -ExecutionPolicy Bypass -Command Get-Date=60, TASKKILL /IM x 2> nul || TASKKILL /IM y=10, STAR --runMode x=3600, R CMD check x=1800,
    HandBrakeCLI -i x=3600, XCOPY a b=600
"""
_OWN_OPTIONS = """
    python -m grpc_tools.protoc -I x=60, python -m pip._internal install x=1800, python -m package.module=3600, bin/validate-gpg-key.sh x=600, python get_version.py=600, bash tools/print-config.sh=600, python x/version.py=600, python target.py=3600, python versions/build.py=3600, python widget_maker.py=3600,
    python apply_bpe.py -c codes=3600, python -u x.py -e ?=3600, bash x.sh -c y=3600, bash -o pipefail -c ls=10, bash -euo pipefail -c make=1800, node x.js -e y=3600, perl x.pl -e=3600, python -c ? x.py=None, Rscript --vanilla -e ?=None, Rscript x.R -e y=3600
"""
_BY_SIZE = """
    cmp -s a b=600, diff -u a b=600, sha384sum x=600, md5sum x=600, sudo sha1sum x=600, sha256sum x=600, openssl dgst -sha256 x=600, fc /b a b=600, gzip x=1800, sed -i s/a/b/ x=60, sed s/a/b/=10,
    grep x y=60, grep -rn x y=300, egrep --recursive x y=300, sed -r s/a/b/=10, grep -e x=10, grep x /etc/passwd=10, cat x=60, cat /proc/cpuinfo=10, wc -l ?=60, tr a b=10, base64 ?=60, jq .a=10, head x=10, tail -n 3 x=10,
    echo x | sed s/a/b/ | cut -f 2=10
"""
_LOOKS = """
    ipconfig getpacket ?=10, ipconfig /all=10, ifconfig=10, hostname -I=10, uname -a=10, sw_vers=10, lsb_release -a=10, which x=10, id -u=10, whoami=10, locale -a=10, getconf PAGE_SIZE=10,
    sysctl -n hw.ncpu=10, scutil --dns=10, networksetup -getinfo ?=10, defaults read x=10, ip addr=10, netstat -rn=30, ps=10, df -h=10, mount=120, getmac=10, dmidecode -t 1=10, ethtool ?=10
"""
_WORK_TREES = "git checkout x=600, hg checkout x=600, hg update -C=600, svn switch x=600, hg summary=60, git reset --hard=600, git merge x=600, git stash=600, git commit -m x=300, git diff=60, git rev-parse HEAD=10, git ls-tree -r x=60, git merge-base a b=60, hg grep x=600, hg cat x=60, hg id=60, hg log=300, hg --version=10, hg root=60, alembic -c x upgrade head=3600, alembic -c x heads=120, alembic -c x stamp x=600"
_OPEN_ENDED = """
    docker attach x, docker run x, docker run -it x, docker compose run web, docker wait x, kubectl port-forward x, kubectl attach x, ssh host, tmux attach, tail -f x, docker logs -f x,
    kubectl logs --follow x, journalctl -fu x, npm run start-local, npm run dev, yarn serve, make serve, make watch, git rebase -i x, git add -p, adb logcat, adb wait-for-device,
    pytest benchmarks/, pytest -m slow, pytest tests/e2e, uv run python -m pytest x --benchmark-only, pytest tests/integration -q, aws ec2 wait x, celery -A x worker, crontab -e,
    alembic -c ? ?, singularity exec x y, python -m ?, docker login, gh auth login, az login, aws configure, python manage.py shell, manage.py createsuperuser,
    gcloud compute ssh x --command y, gcloud alpha compute tpus tpu-vm ssh x --command y --worker all, vagrant ssh -c ls, python -m pkg.local_external_step_main x, python worker.py,
    python /usr/bin/ray start --block, python run_task.py, openssl req -new -key x -out y, ssh-keygen -t rsa, gpg --gen-key, npm init, git tag -a v1,
    docker compose exec web bash, osascript -e 'display dialog "x"', open -W x, screencapture -i x, poetry shell
"""
_NOT_SHOWN = "?=None, python -c ?=None, node -e=None, =None, git ?=None, docker -H x ?=None, python ?=None, python -m ?=None, python train.py=None, python http_server.py=None, python app.py=None, powershell -NoProfile=None, powershell ?=None, unheard-of=None, ls | ?=None, bash ?=None, ? && ls=None, echo x | ? -v=None"


@pytest.mark.parametrize("case", [one.strip() for table in (_GUIDE, _BEHIND, _KINDS, _MOMENTS, _STORAGE, _MAY_ASK, _ANY_CASE, _OWN_OPTIONS, _BY_SIZE, _LOOKS, _WORK_TREES, _NOT_SHOWN) for one in table.split(",")])
def test_how_long_it_may_take(case: str) -> None:
    command, _, seconds = case.rpartition("=")
    assert str(time_limit(shell_words(command.replace("\\", "/")), TIMEOUTS)) == seconds


@pytest.mark.parametrize("command", [one.strip() for one in _OPEN_ENDED.split(",")])
def test_no_number_fits_it(command: str) -> None:
    assert time_limit(shell_words(command), TIMEOUTS) is None


@pytest.mark.parametrize("command", [
    "docker login -u x --password-stdin", "aws configure set x y", "python manage.py shell -c x", "docker compose exec web ls", "open x", "gh auth status",
    "npm run build", "npm run start:build", "make restart", "make", "docker logs x", "docker exec -i box cat x", "pytest tests", "docker run -d x", "git rebase x", "kubectl logs x",
    "openssl req -in x -noout", "openssl req -new -key x -subj /CN=y", "ssh-keygen -lf x", "gpg --batch --gen-key x", "git tag v1", "git tag -am x v1", "systemctl restart ssh",
    "python start.py stop", "python pipeline.py x",
])  # fmt: skip
def test_some_number_fits_it(command: str) -> None:
    assert time_limit(shell_words(command), TIMEOUTS) is not None


@pytest.mark.parametrize(("command", "seconds"), [
    ("terraform apply x", 5), ("sudo terraform -chdir=x apply", 5), ("terraform plan", 600), ("ls", 20), ("?", 20), ("unheard-of", 20), ("mytool run", 7), ("git push", 30),
])  # fmt: skip
def test_a_project_says_otherwise(command: str, seconds: int) -> None:
    assert time_limit(command.split(), {**TIMEOUTS, "terraform apply": 5, "default": 20, "mytool": 7}) == seconds


def test_the_slowest_of_several_commands_counts() -> None:
    assert longest_limit((("git", "push"), ("make",)), TIMEOUTS) == rows()["make"]
    assert longest_limit((("git", "push"), ("?",)), TIMEOUTS) is None
    assert longest_limit((), TIMEOUTS) is None


def test_every_row_gives_its_number() -> None:
    for row, seconds in rows().items():
        if seconds and row != "ssh" and not is_session(row.split()) and command_of(row.split())[0] == row.split():
            found = time_limit([*row.split(), "x"], {})
            assert found in (seconds, rows()["script"], *([60] if seconds == 10 else [])), row  # 60: what reads the file x


@pytest.mark.parametrize(
    ("row", "command"),
    [("pip3", "pip3 install x"), ("pip", "pip3 install x"), ("python3 manage.py", "python3 manage.py check"), ("/usr/bin/tar", "tar xf a"), ("tar", "/usr/bin/tar xf a")],
)
def test_a_row_of_a_project_is_read_as_a_command_is(row: str, command: str) -> None:
    assert time_limit(command.split(), {row: 7}) == 7


def test_of_two_rows_for_one_command_the_plain_one_counts() -> None:
    assert time_limit(["pip", "install"], {"pip3": 7, "pip": 8}) == 8
