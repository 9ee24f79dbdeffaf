// Writes a .gz beside every file of dist that gets smaller by it, once, so that the box never
// compresses while a class is waiting; then checks what the first page weighs.
// No .br: browsers take brotli over HTTPS only, and tablets reach the box over
// plain HTTP.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

const root = "dist";
const compressible = /\.(html|js|mjs|css|svg|json|txt|bcmap|pfb|ttf|glb)$/;
const firstPageLimit = 200_000; // bytes over the wire before the Ask screen shows (design.md)

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(folder, entry.name);
    return entry.isDirectory() ? files(name) : [name];
  });
}

const weight = new Map();
for (const name of files(root)) {
  if (name.endsWith(".gz")) continue;
  const size = statSync(name).size;
  weight.set(name, size);
  if (size < 512 || !compressible.test(name)) continue;
  const content = readFileSync(name);
  const gz = gzipSync(content, { level: 9 });
  if (gz.length < size * 0.9) {
    writeFileSync(name + ".gz", gz);
    weight.set(name, gz.length);
  }
}

// The first page is index.html with all that it names, and what that imports.
const first = new Set();
const queue = [path.join(root, "index.html")];
for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
  if (first.has(name) || !weight.has(name)) continue;
  first.add(name);
  if (!/\.(html|js|css)$/.test(name)) continue;
  const text = readFileSync(name, "utf8");
  const named = name.endsWith(".js")
    ? /(?:from|^import|[;}]import)\s*"(\.[^"]+)"/g // static imports; the others load later
    : /(?:src|href)="(\/[^"]+)"|url\((\/[^)]+)\)/g;
  for (const match of text.matchAll(named)) {
    const target = match[1] ?? match[2];
    queue.push(target.startsWith("/") ? path.join(root, target) : path.join(path.dirname(name), target));
  }
}
const total = [...first].reduce((sum, name) => sum + (weight.get(name) ?? 0), 0);
console.log(`first page: ${String(first.size)} files, ${(total / 1000).toFixed(1)} kB compressed`);
if (total > firstPageLimit) {
  console.error(`the first page weighs more than ${String(firstPageLimit / 1000)} kB`);
  process.exit(1);
}
