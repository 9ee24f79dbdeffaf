import path from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { setUpSchool, startBox, type Box } from "./box";

// The whole box, with the real engines, from an empty data folder on: material
// in, questions asked, answers streamed, citations opened. The steps build on
// each other.
test.describe.configure({ mode: "serial" });

const fixture = (name: string) => path.join(import.meta.dirname, "fixtures", name);

let box: Box;
let page: Page;
const foreign: string[] = []; // requests that would have left the machine
const complaints: string[] = [];

test.beforeAll(async ({ browser }) => {
  box = await startBox();
  page = await browser.newPage({ baseURL: box.url, locale: "en-GB" });
  await setUpSchool(page, box.url);
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["blob:", "data:"].includes(url.protocol) && url.host !== new URL(box.url).host) foreign.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
});

test.afterAll(async () => {
  await page.close();
  expect(await box.stop(), "children that outlive the box").toEqual([]);
});

test("takes in a PDF, a DOCX and a video", async () => {
  await page.goto("/material");
  await page.locator("input[type=file]").setInputFiles(["volcanoes.pdf", "plants.docx", "speech.mp4"].map(fixture));
  for (const name of ["volcanoes.pdf", "plants.docx", "speech.mp4"]) {
    const row = sourceRow(name);
    await expect(row).toBeVisible();
    await expect(row.getByText("Ready", { exact: true })).toBeVisible({ timeout: 240_000 });
  }
});

test("says that the same bytes are there already", async () => {
  await page.locator("input[type=file]").setInputFiles(fixture("plants.docx"));
  await expect(page.getByText(/already/i).first()).toBeVisible();
  await expect(sourceRow("plants.docx")).toHaveCount(1);
});

test("finds material by its name", async () => {
  await page.getByRole("searchbox").fill("plants");
  await expect(sourceRow("volcanoes.pdf")).toHaveCount(0);
  await expect(sourceRow("plants.docx")).toBeVisible();
  await page.getByRole("searchbox").fill("");
  await expect(sourceRow("volcanoes.pdf")).toBeVisible();
});

test("gives a cited answer and opens the citation at its page", async () => {
  const { sizes, text } = await ask("How high is Mount Karisimbi?");
  expect(text).toMatch(/4[,. ]?507/);
  expect(sizes.at(-1), `what was shown is not taken back: ${sizes.join(", ")}`).toBe(Math.max(...sizes));
  await openCitation("volcanoes.pdf");
  const sheet = page.getByRole("region", { name: /volcanoes\.pdf.*2/ });
  await expect(sheet.locator("canvas")).toBeVisible();
  await expect(sheet.locator("mark").first()).toBeVisible();
  await expect(sheet.locator("mark").filter({ hasText: "Karisimbi" }).first()).toBeVisible();
  await page.goBack();
});

test("plays a recording from the cited minute", async () => {
  const { text } = await ask("What should you ask that you can do for your country, according to the speech?");
  expect(text).not.toBe("");
  await openCitation("speech.mp4");
  const video = page.locator("video");
  await expect(video).toBeVisible();
  // The speech begins after 65 seconds of silence.
  await expect.poll(() => video.evaluate((v: HTMLVideoElement) => v.currentTime)).toBeGreaterThan(60);
  await expect(page.locator("mark").filter({ hasText: /country/i })).toBeVisible();
  await page.goBack();
});

test("marks the cited passage of a Word file", async () => {
  await ask("Which substance gives leaves their green colour?");
  await openCitation("plants.docx");
  await expect(page.locator("mark").filter({ hasText: "chlorophyll" }).first()).toBeVisible();
  await page.goBack();
});

test("says when the material does not hold the answer", async () => {
  const { text } = await ask("Who won the football world cup in Mexico?");
  expect(text).toMatch(/material/i);
});

test("lists what was asked, and finds it after a reload", async () => {
  await page.goto("/");
  await page.getByRole("button", { name: "Conversations" }).click();
  const list = page.getByRole("dialog");
  await list.getByRole("searchbox").fill("karisimbi");
  await list.getByRole("link", { name: /How high is Mount Karisimbi/ }).click();
  const turn = page.getByRole("article").filter({ hasText: "How high is Mount Karisimbi?" });
  await expect(turn).toContainText(/4[,. ]?507/);
  await page.reload();
  await expect(turn).toContainText(/4[,. ]?507/);
});

test("deletes after asking, and forgets", async () => {
  await page.goto("/material");
  await sourceRow("plants.docx").getByRole("button", { name: /delete/i }).click();
  await page.getByRole("dialog").getByRole("button", { name: /delete/i }).click();
  await expect(sourceRow("plants.docx")).toHaveCount(0);
});

test("nothing left the machine and nothing was blocked", () => {
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
});

function sourceRow(name: string) {
  return page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });
}

/** Asks and waits for the end; sizes are the lengths that the growing answer was seen at. */
async function ask(question: string): Promise<{ sizes: number[]; text: string }> {
  await page.goto("/");
  await page.getByRole("textbox").fill(question);
  await page.getByRole("textbox").press("Enter");
  const turn = page.getByRole("article").filter({ hasText: question }).last();
  await expect(turn).toBeVisible();
  const sizes: number[] = [];
  await expect
    .poll(
      async () => {
        const size = (await turn.innerText()).length;
        if (size !== sizes.at(-1)) sizes.push(size);
        return turn.getAttribute("aria-busy");
      },
      { timeout: 180_000, intervals: [50] },
    )
    .toBe("false");
  return { sizes, text: await turn.innerText() };
}

async function openCitation(source: string) {
  const turn = page.getByRole("article").last();
  await turn.getByRole("link", { name: new RegExp(source.replace(".", "\\.")) }).first().click();
  await expect(page).toHaveURL(/\/material\//);
}
