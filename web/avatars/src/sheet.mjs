// Renders contact sheets of built characters in headless Chromium with software
// WebGL: node src/sheet.mjs [--models FOLDER] [--out FOLDER] [--only SHEET] [NAME…]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { CHARACTERS } from "./characters/index.mjs";
import { LOOPS, ONE_SHOTS } from "./clips.mjs";
import { morphNames, VISEMES } from "./morphs.mjs";

const here = path.join(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  options: {
    models: { type: "string", default: path.join(here, "../public/avatars") },
    out: { type: "string", default: path.join(here, "sheets") },
    only: { type: "string" },
    size: { type: "string", default: "300" },
  },
  allowPositionals: true,
});

/** Where the camera stands for a face, by character. */
const FACES = {
  teacher: { at: 0.875, distance: 1.15 },
  crane: { at: 0.79, distance: 1.2 },
};

/** The moment that shows what a clip is, with the face that the scene gives it. */
const CLIP_MOMENTS = {
  idle1: [1.6, { smile: 0.3 }],
  idle2: [2, { smile: 0.2 }],
  listen: [1.2, { smile: 0.4, browUp: 0.3 }],
  think: [1.3, { browInnerUp: 0.4 }],
  talk: [1.8, { viseme_aa: 0.8 }],
  explain: [1.2, { viseme_E: 0.8, smile: 0.3 }],
  point: [1.2, { smile: 0.6 }],
  nod: [0.25, { smile: 0.4 }],
  shake: [0.25, { browInnerUp: 0.5 }],
  wave: [1.2, { smile: 0.5, jawOpen: 0.3 }],
  celebrate: [0.75, { smile: 0.3 }],
  sorry: [1.4, { sad: 0.9, browInnerUp: 0.6 }],
};

function sheets(name) {
  const face = FACES[name] ?? FACES.teacher;
  const own = name === "crane" ? "angry" : "laugh";
  const faceCell = (label, morphs, more = {}) => ({ label, morphs, above: 3, ...face, ...more });
  const blink = { eyeBlinkLeft: 1, eyeBlinkRight: 1 };
  const moment = (clip) => {
    const [time, morphs] = CLIP_MOMENTS[clip];
    const glad = clip === "celebrate" ? (own === "laugh" ? { laugh: 0.9 } : { jawOpen: 0.7 }) : {};
    return { label: `${clip} ${String(time)} s`, clip, time, morphs: { ...morphs, ...glad } };
  };
  return {
    visemes: {
      columns: 5,
      cells: VISEMES.map((viseme) => faceCell(viseme, { [`viseme_${viseme}`]: 1 })),
    },
    expressions: {
      columns: 5,
      cells: [
        ...morphNames(own)
          .slice(VISEMES.length)
          .map((morph) => faceCell(morph, { [morph]: 1 })),
        faceCell("blink", blink),
        faceCell("blink, smile", { ...blink, smile: 1 }),
        faceCell("half blink", { eyeBlinkLeft: 0.5, eyeBlinkRight: 0.5 }),
        faceCell("smile + aa", { smile: 0.4, viseme_aa: 0.9 }),
        faceCell("blink from the side", blink, { around: 55 }),
        faceCell(`${own} from below`, { [own]: 1 }, { above: -18 }),
        faceCell(`${own} from the side`, { [own]: 1 }, { around: 40 }),
      ],
    },
    clips: { columns: 4, cells: [...Object.keys(LOOPS), ...Object.keys(ONE_SHOTS)].map(moment) },
    angles: {
      columns: 3,
      cells: [
        ...[0, 50, 180].map((around) => ({
          label: `${String(around)}°`,
          around,
          clip: "idle1",
          morphs: { smile: 0.2 },
        })),
        ...[0, 40, 90].map((around) => faceCell(`face ${String(around)}°`, { smile: 0.3 }, { around, clip: "idle1" })),
      ],
    },
    arms: {
      columns: 4,
      cells: [
        { ...moment("celebrate"), around: 0, at: 0.6, distance: 1.3 },
        { ...moment("celebrate"), around: 45, at: 0.6, distance: 1.3 },
        { ...moment("celebrate"), around: 180, at: 0.6, distance: 1.3 },
        { ...moment("wave"), around: -30, at: 0.6, distance: 1.3 },
        { ...moment("explain"), around: 0, at: 0.5, distance: 1.3 },
        { ...moment("point"), around: 20, at: 0.6, distance: 1.5 },
        { ...moment("think"), around: -20, at: 0.6, distance: 1.3 },
        { ...moment("sorry"), around: 20, at: 0.6, distance: 1.3 },
      ],
    },
  };
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".glb": "model/gltf-binary" };

function serve() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = pathname.startsWith("/models/")
      ? path.join(values.models, path.basename(pathname))
      : path.join(here, pathname);
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" });
    response.end(readFileSync(file));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(180_000); // a busy machine is slow, not wrong
  let failed = false;
  page.on("pageerror", (error) => {
    console.error(error.message);
    failed = true;
  });
  page.on("console", (message) => {
    if (message.type() === "error") console.error(message.text());
  });
  await page.goto(`http://127.0.0.1:${String(server.address().port)}/viewer/index.html`);
  await page.waitForFunction(() => window.viewer !== undefined);
  mkdirSync(values.out, { recursive: true });
  for (const name of positionals.length > 0 ? positionals : Object.keys(CHARACTERS)) {
    await page.evaluate((url) => window.viewer.load(url), `/models/${name}.glb`);
    for (const [sheet, { cells, columns }] of Object.entries(sheets(name))) {
      if (values.only && !values.only.split(",").includes(sheet)) continue;
      const size = Number(values.size);
      const { image, calls, triangles } = await page.evaluate((spec) => window.viewer.sheet(spec), {
        cells,
        columns,
        width: size,
        height: size,
      });
      const file = path.join(values.out, `${name}-${sheet}.png`);
      writeFileSync(file, Buffer.from(image.split(",")[1], "base64"));
      console.log(`${file}: ${String(calls)} draw calls, ${String(triangles)} triangles`);
    }
  }
  if (failed) process.exitCode = 1;
} finally {
  await browser.close();
  server.close();
}
