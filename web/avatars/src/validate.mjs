// Checks built characters and tells what they weigh: node src/validate.mjs [--models FOLDER] [NAME…]
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import validator from "gltf-validator";
import { CHARACTERS } from "./characters/index.mjs";

const LIMITS = { brotli: 300_000, drawCalls: 6, triangles: 25_000 };
const SCENE_DRAW_CALLS = 2; // the shadow and the background

const { values, positionals } = parseArgs({
  options: { models: { type: "string", default: path.join(import.meta.dirname, "../../public/avatars") } },
  allowPositionals: true,
});

for (const name of positionals.length > 0 ? positionals : Object.keys(CHARACTERS)) {
  const bytes = readFileSync(path.join(values.models, `${name}.glb`));
  const { issues, info } = await validator.validateBytes(new Uint8Array(bytes), { maxIssues: 20 });
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
  const drawCalls = info.drawCallCount + SCENE_DRAW_CALLS;
  const { totalTriangleCount: triangles, totalVertexCount: vertices } = info;
  console.log(
    `${name}: ${String(issues.numErrors)} errors, ${String(issues.numWarnings)} warnings; ` +
      `${String(triangles)} triangles, ${String(vertices)} vertices, ${String(info.animationCount)} clips, ` +
      `${String(drawCalls)} draw calls with shadow and background; ` +
      `${String(bytes.length)} bytes, gzip ${String(gzipSync(bytes, { level: 9 }).length)}, brotli ${String(brotli)}`,
  );
  const faults = issues.messages
    .filter(({ severity }) => severity <= 1)
    .map(({ code, pointer }) => `${code} ${pointer}`);
  if (brotli > LIMITS.brotli) faults.push(`more than ${String(LIMITS.brotli)} bytes by brotli`);
  if (drawCalls > LIMITS.drawCalls) faults.push(`more than ${String(LIMITS.drawCalls)} draw calls`);
  if (triangles > LIMITS.triangles) faults.push(`more than ${String(LIMITS.triangles)} triangles`);
  for (const fault of faults) console.error(`${name}: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
