// The extension starts `par-lint lsp` and connects VS Code to it. Findings, fixes and rules come from the server.
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient, State } = require("vscode-languageclient/node");

const SECTION = "par-lint";
const FIX_ALL = "source.fixAll.par-lint";
const SERVER_COMMANDS = { vendor: "par-lint.vendor", rules: "par-lint.rules" };
const DOCUMENTS = ["file", "untitled", "vscode-notebook-cell"].map((scheme) => ({ scheme, language: "python" }));

let client;
let output;
let starting = Promise.resolve();

exports.activate = async function (context) {
  output = vscode.window.createOutputChannel(SECTION);
  const commands = { fixAll, vendorRuntime, showRule, restart };
  for (const [name, command] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(`${SECTION}.${name}`, command));
  }
  context.subscriptions.push(output, vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(`${SECTION}.path`) && restart()));
  await restart();
};

exports.deactivate = stop;

/** Start the server again, after the starts and stops that are under way. */
function restart() {
  starting = starting.then(stop).then(start);
  return starting;
}

async function stop() {
  const running = client;
  client = undefined;
  if (running?.state === State.Running) await running.stop().catch(() => {});
}

async function start() {
  const program = programPath();
  const server = new Server(program);
  client = new Client(SECTION, SECTION, () => server.start(), {
    documentSelector: DOCUMENTS,
    outputChannel: output,
    diagnosticCollectionName: SECTION,
    initializationFailedHandler: () => false,
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    await explain(program, server.problem ?? error.message);
  }
}

/** A client that leaves it to us to say why the server did not start: its own words name no remedy. */
class Client extends LanguageClient {
  error(message, data, showNotification) {
    super.error(message, data, this.state === State.Running ? showNotification : false);
  }
}

/** The process of the server. `problem` is why it could not be started or ended at once. */
class Server {
  constructor(program) {
    this.program = program;
  }

  start() {
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, ["lsp"], { cwd: openFolder() });
      child.once("error", (error) => {
        this.problem = error.code === "ENOENT" ? "there is no such program" : error.code === "EACCES" ? "it is not an executable file" : error.message;
        reject(error);
      });
      child.stderr.on("data", (data) => (this.problem = String(data).trim().split("\n").pop() || this.problem));
      child.once("spawn", () => resolve(child));
    });
  }
}

/** The program of the setting; else that of the environment in an open folder; else the one on the PATH. */
function programPath() {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const set = vscode.workspace.getConfiguration(SECTION).get("path").trim();
  if (set) {
    const named = set.replace("${workspaceFolder}", folders[0] ?? "").replace(/^~(?=[/\\])/, require("node:os").homedir());
    return /[/\\]/.test(named) ? path.resolve(folders[0] ?? "", named) : named;
  }
  const inside = process.platform === "win32" ? ["Scripts", "par-lint.exe"] : ["bin", "par-lint"];
  const installed = folders.flatMap((folder) => [".venv", "venv"].map((environment) => path.join(folder, environment, ...inside)));
  return installed.find((candidate) => fs.existsSync(candidate)) ?? SECTION;
}

function openFolder() {
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
}

async function explain(program, problem) {
  const text = `par-lint: cannot start ${program}: ${problem.replace(/^par-lint: /, "")}. Install it with pip install "par-lint[lsp]", or set par-lint.path.`;
  output.appendLine(text);
  const [settings, again] = ["Open Settings", "Try Again"];
  vscode.window.showErrorMessage(text, settings, again).then((chosen) => {
    if (chosen === settings) vscode.commands.executeCommand("workbench.action.openSettings", `${SECTION}.path`);
    if (chosen === again) restart();
  });
}

/** The result of a command of the server; a message if the server does not run. */
async function ask(command, ...parameters) {
  await starting;
  if (client?.state !== State.Running) {
    vscode.window.showErrorMessage(`par-lint: the server is not running; see par-lint.path, then "par-lint: Restart Server".`);
    return undefined;
  }
  return client.sendRequest("workspace/executeCommand", { command, arguments: parameters });
}

function fixAll() {
  return vscode.commands.executeCommand("editor.action.codeAction", { kind: FIX_ALL, apply: "first" });
}

async function vendorRuntime() {
  const document = vscode.window.activeTextEditor?.document;
  if (document) await ask(SERVER_COMMANDS.vendor, client?.code2ProtocolConverter.asUri(document.uri) ?? String(document.uri));
}

/** Show the page of a rule: that of the finding at the cursor, else one to be chosen. */
async function showRule() {
  const rules = await ask(SERVER_COMMANDS.rules);
  if (!rules) return;
  const code = codeAtCursor();
  const items = rules.map((rule) => ({ label: `${rule.code} ${rule.name}`, detail: rule.summary, rule }));
  const chosen = items.find((item) => item.rule.code === code) ?? (await vscode.window.showQuickPick(items, { placeHolder: "Rule", matchOnDetail: true }));
  if (!chosen?.rule.page) return;
  const page = vscode.Uri.parse(chosen.rule.page);
  await vscode.commands.executeCommand(page.scheme === "file" ? "markdown.showPreview" : "vscode.open", page);
}

function codeAtCursor() {
  const editor = vscode.window.activeTextEditor;
  const found = editor && vscode.languages.getDiagnostics(editor.document.uri).filter((one) => one.source === SECTION);
  const here = found?.find((one) => one.range.start.line <= editor.selection.active.line && editor.selection.active.line <= one.range.end.line);
  return here && String(here.code?.value ?? here.code);
}
