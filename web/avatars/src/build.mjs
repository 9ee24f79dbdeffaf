// Writes the characters' GLBs: node src/build.mjs [--coarse N] [--out FOLDER] [NAME…]
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { CHARACTERS } from "./characters/index.mjs";
import { toGLB } from "./gltf.mjs";

const { values, positionals } = parseArgs({
  options: {
    coarse: { type: "string", default: "1" },
    out: { type: "string", default: path.join(import.meta.dirname, "../../public/avatars") },
  },
  allowPositionals: true,
});
mkdirSync(values.out, { recursive: true });
for (const name of positionals.length > 0 ? positionals : Object.keys(CHARACTERS)) {
  const { character, clips } = CHARACTERS[name]({ coarseness: Number(values.coarse) });
  const bytes = await toGLB(character, clips);
  writeFileSync(path.join(values.out, `${name}.glb`), bytes);
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  console.log(`${name}.glb: ${String(bytes.length)} bytes, sha256 ${digest}…`);
}
