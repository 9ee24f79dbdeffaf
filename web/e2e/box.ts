import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";

const root = path.resolve(import.meta.dirname, "../..");

/** Sets the box up with a school and signs the page's owner in. */
export async function setUpSchool(page: Page, url: string): Promise<void> {
  const reply = await page.request.post("/api/v1/auth/register", {
    headers: { Origin: url },
    data: { school_name: "GS Kibeho", language: "en", name: "Claudine", login: "claudine", password: "seven green hills", cookies: true },
  });
  if (!reply.ok()) throw new Error(`no school: ${await reply.text()}`);
}

/** A real box with real engines on an empty data folder. */
export interface Box {
  readonly url: string;
  readonly log: () => string;
  /** Asks the box to stop, and returns the command lines of children that it left behind. */
  readonly stop: () => Promise<string[]>;
}

export async function startBox(): Promise<Box> {
  const data = mkdtempSync(path.join(tmpdir(), "bwenge-e2e-"));
  const logFile = path.join(data, "box.log");
  const out = openSync(logFile, "w");
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const args = ["serve", "--data", data, "--addr", `127.0.0.1:${String(port)}`, "--tls-addr", "none", "--media", "none"];
  const process_ = spawn(path.join(root, "bin/bwenge"), args, { stdio: ["ignore", out, out] });
  const log = () => readFileSync(logFile, "utf8");
  const deadline = Date.now() + 30_000;
  while (!(await reachable(`${url}/api/v1/health`))) {
    if (Date.now() > deadline || process_.exitCode !== null) throw new Error(`The box did not start:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async () => {
    const children = childrenOf(process_.pid ?? 0);
    const ended = new Promise((resolve) => process_.once("exit", resolve));
    process_.kill("SIGINT");
    await ended;
    rmSync(data, { recursive: true, force: true });
    return children.filter(({ pid, started }) => startTime(pid) === started).map(({ command }) => command);
  };
  return { url, log, stop };
}

async function reachable(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}

interface Child {
  readonly pid: number;
  readonly started: string;
  readonly command: string;
}

function childrenOf(pid: number): Child[] {
  const children: Child[] = [];
  for (const task of readdirSync(`/proc/${String(pid)}/task`)) {
    const list = read(`/proc/${String(pid)}/task/${task}/children`).trim();
    for (const field of list === "" ? [] : list.split(/\s+/)) {
      const child = Number(field);
      children.push({
        pid: child,
        started: startTime(child),
        command: read(`/proc/${field}/cmdline`).replaceAll("\0", " "),
      });
    }
  }
  return children;
}

/** Field 22 of /proc/PID/stat; empty when the process is gone. */
function startTime(pid: ChildProcess["pid"]): string {
  const stat = read(`/proc/${String(pid)}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
