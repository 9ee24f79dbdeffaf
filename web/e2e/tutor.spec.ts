import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium, expect, test, type Browser, type Page } from "@playwright/test";
import config from "../playwright.config";
import { setUpSchool, startBox, type Box } from "./box";

// A teacher makes a tutor, tries it and shares it with their class; a pupil of the
// class asks it by voice, hears and reads the answer, and opens the source; a
// pupil of another class does not see it. The microphone is a recording.
test.describe.configure({ mode: "serial" });

const folder = mkdtempSync(path.join(tmpdir(), "bwenge-voice-"));
const spoken = path.join(folder, "question.wav");

let box: Box;
let browser: Browser;
let teacher: Page;
let pupil: Page;
const foreign: string[] = [];
const complaints: string[] = [];

async function open(): Promise<Page> {
  const context = await browser.newContext({ baseURL: box.url, locale: "en-GB", viewport: { width: 600, height: 1024 } });
  const page = await context.newPage();
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["blob:", "data:"].includes(url.protocol) && url.host !== new URL(box.url).host) foreign.push(request.url());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

test.beforeAll(async () => {
  box = await startBox();
  const raw = path.join(folder, "raw.wav");
  execFileSync("espeak-ng", ["-v", "en-gb", "-s", "120", "-w", raw, "How many meters deep is the lake?"]);
  // A breath before and after, as people take it.
  const filter = "adelay=700,apad=pad_dur=1.5";
  execFileSync("ffmpeg", ["-loglevel", "error", "-i", raw, "-af", filter, "-ar", "48000", "-ac", "1", spoken]);
  browser = await chromium.launch({
    ...config.use?.launchOptions,
    args: [
      ...(config.use?.launchOptions?.args ?? []),
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-audio-capture=${spoken}%noloop`,
    ],
  });
  teacher = await open();
  pupil = await open();
});

test.afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
  expect(await box.stop(), "children that outlive the box").toEqual([]);
});

interface Pupil {
  readonly id: string;
  readonly pictures: readonly string[];
  readonly code: string;
}

/** Makes a class with one pupil; answers with what they sign in with. */
async function classOf(name: string): Promise<Pupil> {
  const headers = { Origin: box.url };
  const call = async (url: string, data: unknown) => {
    const reply = await teacher.request.post(url, { headers, data });
    if (!reply.ok()) throw new Error(`${url}: ${await reply.text()}`);
    return (await reply.json()) as Record<string, never>;
  };
  const made = (await call("/api/v1/orgs/default/classes", { name })) as unknown as { id: string; code: string };
  const added = (await call("/api/v1/orgs/default/members", { name: `Keza of ${name}`, classes: [made.id] })) as unknown as {
    user: { id: string };
    secret: { pictures: string[] };
  };
  return { id: added.user.id, pictures: added.secret.pictures, code: made.code };
}

async function signIn(page: Page, who: Pupil): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`/join/${who.code}?u=${who.id}`);
  for (const picture of who.pictures) await page.getByRole("button", { name: picture, exact: true }).click();
  await expect(page.getByRole("textbox", { name: /question/i })).toBeVisible();
}

let mine: Pupil;
let other: Pupil;

test("a teacher makes a tutor, tries it, and shares it with a class", async () => {
  await setUpSchool(teacher, box.url);
  mine = await classOf("P5 Blue");
  other = await classOf("P6 Green");
  await teacher.goto("/material");
  await teacher.locator("input[type=file]").setInputFiles({
    name: "kivu.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("Lake Kivu lies between Rwanda and Congo. The lake is 480 metres deep. Its water holds dissolved methane."),
  });
  await expect(teacher.getByRole("region", { name: "Material on this box" }).getByRole("listitem").filter({ hasText: "kivu.txt" })).toContainText("Ready", { timeout: 120_000 });

  await teacher.goto("/tutors");
  await expect(teacher.getByRole("link", { name: /Amina, science/ })).toBeVisible();
  await expect(teacher.getByRole("listitem").filter({ hasText: "Came with the box" })).toHaveCount(4);
  await teacher.getByRole("button", { name: "New tutor" }).click();
  await teacher.getByLabel("Name", { exact: true }).fill("Mutesi, lakes");
  await teacher.getByLabel("Subject").fill("geography");
  await teacher.getByLabel("Greeting").fill("Hello, I am Mutesi. Ask me about lakes.");
  await teacher.getByLabel("Questions to begin with, one on each line").fill("How deep is Lake Kivu?");

  // Tried before it is saved.
  await teacher.getByRole("region", { name: "Try it" }).getByLabel("Question").fill("How deep is Lake Kivu?");
  await teacher.getByRole("region", { name: "Try it" }).getByRole("button", { name: "Ask" }).click();
  await expect(teacher.getByText(/480 metres deep/).first()).toBeVisible({ timeout: 120_000 });
  await teacher.getByRole("button", { name: "Search", exact: true }).click();
  await expect(teacher.getByText("The tutor would answer from these.")).toBeVisible();

  // Too many rules are refused, and nothing typed is lost.
  await teacher.getByLabel("Rules, one on each line").fill(Array.from({ length: 200 }, (_, i) => `Rule ${String(i)}`).join("\n"));
  await teacher.getByRole("button", { name: "Save", exact: true }).click();
  await expect(teacher.getByText(/200 rules/)).toBeVisible();
  await teacher.getByLabel("Rules, one on each line").fill("Say the number with its unit");
  await teacher.getByRole("button", { name: "Save", exact: true }).click();
  await expect(teacher.getByRole("heading", { name: "Mutesi, lakes" })).toBeVisible();
  await teacher.getByText("Earlier versions").click();
  await expect(teacher.getByText(/Version 1/)).toBeVisible();

  await teacher.getByRole("button", { name: "For classes" }).click();
  await teacher.getByLabel("P5 Blue").check();
  await teacher.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(teacher.getByText("P5 Blue")).toBeVisible();

  // As a file, and back.
  const download = teacher.waitForEvent("download");
  await teacher.getByRole("link", { name: "Save as a file" }).click();
  const file = await (await download).path();
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ format: "bwenge-persona/1", content: { name: "Mutesi, lakes" } });
});

test("a pupil of the class asks by voice, hears and reads the answer, and opens the source", async () => {
  await signIn(pupil, mine);
  await pupil.getByLabel("Tutor").selectOption({ label: "Mutesi, lakes" });
  await expect(pupil.getByText("Hello, I am Mutesi. Ask me about lakes.")).toBeVisible();
  await pupil.getByRole("button", { name: "Read every answer aloud" }).click();
  const said = pupil.waitForResponse((r) => r.url().endsWith("/api/v1/ai/speak") && r.ok(), { timeout: 200_000 });
  await pupil.getByRole("button", { name: "Ask by speaking" }).click();
  await expect(pupil.getByRole("button", { name: "I have finished speaking" })).toBeVisible();
  await pupil.waitForTimeout(7000); // the recording is about six seconds long
  await pupil.getByRole("button", { name: "I have finished speaking" }).click();
  // What was heard stands in the box, to be mended, and is not sent unseen.
  const words = pupil.getByRole("textbox", { name: /question/i });
  await expect(words).toHaveValue(/deep is the lake/i, { timeout: 120_000 });
  await expect(pupil.getByRole("article")).toHaveCount(0);
  await words.press("Enter");
  await expect(pupil.getByText(/You asked:.*deep is the lake/i).first()).toBeVisible({ timeout: 120_000 });
  await expect(pupil.getByText(/480 metres deep/).first()).toBeVisible({ timeout: 120_000 });
  const spokenAnswer = (await (await said).json()) as { audio: string; visemes: unknown[]; duration_ms: number };
  expect(spokenAnswer.duration_ms).toBeGreaterThan(300);
  expect(spokenAnswer.visemes.length).toBeGreaterThan(3);
  await pupil.getByRole("link", { name: /1: kivu\.txt|kivu\.txt/ }).first().click();
  await expect(pupil).toHaveURL(/\/material\//);
  await expect(pupil.getByText(/480 metres deep/).first()).toBeVisible();
});

test("a pupil of another class does not see the tutor", async () => {
  await signIn(pupil, other);
  await expect(pupil.getByLabel("Tutor")).toContainText("Amina, science");
  await expect(pupil.getByLabel("Tutor")).not.toContainText("Mutesi");
});

test("what may need an adult gets a kind answer and reaches the teacher", async () => {
  await pupil.getByRole("textbox", { name: /question/i }).fill("I want to die");
  await pupil.keyboard.press("Enter");
  await expect(pupil.getByText(/Thank you for telling me/).first()).toBeVisible();
  await pupil.getByRole("button", { name: "Ask my teacher" }).click();
  await expect(pupil.getByText(/ will see that you asked\./).first()).toBeVisible();
  await teacher.goto("/care");
  await expect(teacher.getByText("I want to die").first()).toBeVisible();
  await expect(teacher.getByText("May need help", { exact: true })).toBeVisible();
  await teacher.getByRole("button", { name: "I have dealt with it" }).first().click();
  await teacher.getByRole("button", { name: "I have dealt with it" }).first().click();
  await expect(teacher.getByText("No pupil is waiting for you.")).toBeVisible();
});

test("no request left the box, and no page complained", () => {
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
});
