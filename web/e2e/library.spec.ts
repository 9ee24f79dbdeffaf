import { expect, test, type Page } from "@playwright/test";
import { setUpSchool, startBox, type Box } from "./box";

// A library that a teacher keeps in order: a scan that lies on its head is
// turned, a word of it is mended and asked for, a file is replaced by a newer
// one, and what was deleted comes back. The steps build on each other.
test.describe.configure({ mode: "serial" });

let box: Box;
let page: Page;

test.beforeAll(async ({ browser }) => {
  box = await startBox();
  page = await browser.newPage({ baseURL: box.url, locale: "en-GB" });
  await setUpSchool(page, box.url);
});

test.afterAll(async () => {
  await page.close();
  await box.stop();
});

const row = (name: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });

/** A picture of a page that was laid on the scanner upside down. */
async function scan(text: string): Promise<Buffer> {
  await page.goto("/material");
  const picture = await page.evaluate((said) => {
    const paper = document.createElement("canvas");
    [paper.width, paper.height] = [1400, 900];
    const pen = paper.getContext("2d");
    if (!pen) throw new Error("no canvas");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, paper.width, paper.height);
    pen.translate(paper.width, paper.height);
    pen.rotate(Math.PI);
    pen.fillStyle = "#000";
    pen.font = "40px serif";
    said.match(/.{1,60}(\s|$)/g)?.forEach((line, i) => {
      pen.fillText(line, 80, 120 + 64 * i);
    });
    return paper.toDataURL("image/png").split(",")[1] ?? "";
  }, text);
  return Buffer.from(picture, "base64");
}

async function upload(name: string, mimeType: string, buffer: Buffer) {
  await page.goto("/material");
  await page.locator("input[type=file]").setInputFiles({ name, mimeType, buffer });
}

async function ask(question: string): Promise<string> {
  await page.goto("/");
  await page.getByRole("textbox").fill(question);
  await page.getByRole("textbox").press("Enter");
  const turn = page.getByRole("article").filter({ hasText: question }).last();
  await expect.poll(() => turn.getAttribute("aria-busy"), { timeout: 180_000 }).toBe("false");
  return turn.innerText();
}

test("a scan is turned, a word is mended, and asked for", async () => {
  const words =
    "The well of Rukara school was dug in the dry season. The well of Rukara is eleven metres deep. Pupils carry the water to the kitchen every morning.";
  await upload("well.png", "image/png", await scan(words));
  await expect(row("well.png").getByText("Ready", { exact: true })).toBeVisible({ timeout: 240_000 });
  await row("well.png").getByRole("link", { name: "See the text that was read" }).click();
  const text = page.getByRole("region", { name: "The text that was read" });
  await expect(text.getByRole("heading").first()).toBeVisible();
  await page.getByRole("button", { name: "Turn right" }).click();
  await page.getByRole("button", { name: "Turn right" }).click();
  await page.getByRole("button", { name: "Read it again this way up" }).click();
  await expect(text.getByText("Turned by 180°").first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/Being made anew/)).toHaveCount(0, { timeout: 240_000 });
  await expect(text.getByText(/eleven metres deep/).first()).toBeVisible({ timeout: 60_000 });

  await page.getByRole("button", { name: "Mend this page" }).click();
  const draft = text.getByLabel("Text", { exact: true }).first();
  await draft.fill((await draft.inputValue()).replace("eleven", "twelve"));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(text.getByText("Mended").first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/Being made anew/)).toHaveCount(0, { timeout: 240_000 });
  expect(await ask("How deep is the well of Rukara?")).toMatch(/twelve/i);
});

test("a newer file takes the place of the older one", async () => {
  const exam = (day: string) =>
    Buffer.from(
      `Exams\n\nThe mathematics exam takes place on ${day} in the big hall of the school. Bring a ruler and a pencil.`,
    );
  await upload("exam.txt", "text/plain", exam("Monday"));
  await expect(row("exam.txt").getByText("Ready", { exact: true })).toBeVisible({ timeout: 120_000 });
  await upload("exam.txt", "text/plain", exam("Friday"));
  await page.getByRole("button", { name: "Replace it" }).click();
  await expect(page.getByText(/A newer file is being read/)).toHaveCount(0, { timeout: 120_000 });
  await expect(row("exam.txt")).toHaveCount(1);
  await expect
    .poll(() => ask("On which day does the mathematics exam take place?"), { timeout: 240_000, intervals: [2000] })
    .toMatch(/Friday/);
});

test("it is put in order, deleted, and brought back", async () => {
  await page.goto("/material");
  await row("exam.txt").getByRole("button", { name: "Rename and sort exam.txt" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Exams of term 1");
  await dialog.getByLabel("Subject").fill("Mathematics");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(row("Exams of term 1").getByText("Mathematics")).toBeVisible();
  await page.goto("/material?subject=Mathematics");
  await expect(row("Exams of term 1")).toBeVisible();
  await expect(row("well.png")).toHaveCount(0);
  await row("Exams of term 1")
    .getByRole("button", { name: /Delete/ })
    .click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(row("Exams of term 1")).toHaveCount(0);
  await page.getByRole("button", { name: "Recently deleted" }).click();
  await page.getByRole("button", { name: "Bring Exams of term 1 back" }).click();
  await page.keyboard.press("Escape");
  await page.goto("/material");
  await expect(row("Exams of term 1")).toBeVisible();
});

