import { expect, test, type Browser, type Page } from "@playwright/test";
import { setUpSchool, startBox, type Box } from "./box";

// A pupil says that an answer is wrong; their teacher sees it and pins the right
// one, which the next pupil gets; and the passage that was wrong is used no more.
test.describe.configure({ mode: "serial" });

interface Pupil {
  readonly id: string;
  readonly pictures: readonly string[];
  readonly code: string;
}

let box: Box;
let owner: Page;
let teacher: Page;
let pupil: Page;
let keza: Pupil;
let mugabo: Pupil;
const foreign: string[] = [];
const complaints: string[] = [];

async function open(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ baseURL: box.url, locale: "en-GB", viewport: { width: 600, height: 1024 } });
  const page = await context.newPage();
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["blob:", "data:"].includes(url.protocol) && url.host !== new URL(box.url).host) foreign.push(request.url());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

async function call<T>(page: Page, url: string, data: unknown): Promise<T> {
  const reply = await page.request.post(url, { headers: { Origin: box.url }, data });
  if (!reply.ok()) throw new Error(`${url}: ${await reply.text()}`);
  return (await reply.json()) as T;
}

async function signIn(page: Page, who: Pupil): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`/join/${who.code}?u=${who.id}`);
  for (const picture of who.pictures) await page.getByRole("button", { name: picture, exact: true }).click();
  await expect(page.getByRole("textbox", { name: /question/i })).toBeVisible();
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByRole("textbox", { name: /question/i }).fill(question);
  await page.keyboard.press("Enter");
}

test.beforeAll(async ({ browser }) => {
  box = await startBox();
  owner = await open(browser);
  teacher = await open(browser);
  pupil = await open(browser);
  await setUpSchool(owner, box.url);
  const room = await call<{ id: string; code: string }>(owner, "/api/v1/orgs/default/classes", { name: "P5 Blue" });
  const member = async (name: string): Promise<Pupil> => {
    const { user, secret } = await call<{ user: { id: string }; secret: { pictures: string[] } }>(
      owner,
      "/api/v1/orgs/default/members",
      { name, classes: [room.id] },
    );
    return { id: user.id, pictures: secret.pictures, code: room.code };
  };
  keza = await member("Keza");
  mugabo = await member("Mugabo");
  const { code } = await call<{ code: string }>(owner, "/api/v1/orgs/default/invite", { role: "teacher", class_id: room.id });
  await call(teacher, "/api/v1/auth/register", {
    invitation: code,
    name: "Aline Uwera",
    login: "aline",
    password: "eight blue lakes",
    cookies: true,
  });
});

test.afterAll(async () => {
  await owner.close();
  await teacher.close();
  await pupil.close();
  expect(await box.stop(), "children that outlive the box").toEqual([]);
});

test("a pupil says that an answer is wrong, and finds that again", async () => {
  await teacher.goto("/material");
  await teacher.locator("input[type=file]").setInputFiles({
    name: "kivu.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("Lake Kivu lies between Rwanda and Congo. The lake is 48 metres deep. Its water holds dissolved methane."),
  });
  const row = teacher.getByRole("region", { name: "Material on this box" }).getByRole("listitem");
  await expect(row.filter({ hasText: "kivu.txt" })).toContainText("Ready", { timeout: 120_000 });

  await signIn(pupil, keza);
  await ask(pupil, "How deep is Lake Kivu?");
  await expect(pupil.getByRole("article").getByText(/48 met/).first()).toBeVisible({ timeout: 120_000 });
  // By the keyboard.
  await pupil.getByRole("button", { name: "Not a good answer" }).focus();
  await pupil.keyboard.press("Enter");
  await pupil.getByLabel("It is wrong").focus();
  await pupil.keyboard.press("Space");
  await expect(pupil.getByText("Thank you. Your teacher will see it.").first()).toBeVisible();
  await pupil.reload();
  await expect(pupil.getByRole("button", { name: "Not a good answer" })).toHaveAttribute("aria-pressed", "true");
  await expect(pupil.getByRole("button", { name: "It is wrong" })).toBeVisible();
});

test("it reaches the teacher, whose pinned answer the next pupil gets", async () => {
  await teacher.goto("/tutors");
  await expect(teacher.getByRole("link", { name: /Tutors.*1 answer to look at/ })).toBeVisible();
  await teacher.getByRole("link", { name: /What pupils think of answers/ }).click();
  const card = teacher.getByRole("article");
  await expect(card).toContainText("Keza");
  await expect(card).toContainText("P5 Blue");
  await expect(card).toContainText("It is wrong");
  await expect(card).toContainText("How deep is Lake Kivu?");
  await card.getByRole("button", { name: "Write the right answer" }).click();
  await teacher.getByLabel(/^Answer/).fill("Lake Kivu is 480 metres deep. The book has lost a nought.");
  await expect(teacher.getByLabel("P5 Blue")).toBeChecked();
  await teacher.getByRole("button", { name: "Pin this answer" }).click();
  await expect(card.getByText("Dealt with.")).toBeVisible();
  await expect(teacher.getByRole("link", { name: /1 answer to look at/ })).toHaveCount(0);

  await signIn(pupil, mugabo);
  await ask(pupil, "Lake Kivu is how deep?");
  await expect(pupil.getByText("Your teacher's answer")).toBeVisible();
  await expect(pupil.getByText("From Aline Uwera")).toBeVisible();
  await expect(pupil.getByRole("article").getByText(/480 metres deep/).first()).toBeVisible();
  await expect(pupil.getByRole("link", { name: /kivu\.txt/ }).first()).toBeVisible();
  await expect(pupil.getByRole("button", { name: "Good answer", exact: true })).toHaveAttribute("aria-pressed", "false");
});

test("a passage that is marked as wrong is used no more, and shown struck out", async () => {
  await teacher.getByRole("article").getByRole("button", { name: "Mark this passage as wrong" }).first().click();
  await expect(teacher.getByText(/it is in no search and no answer/).first()).toBeVisible();
  await ask(pupil, "What is dissolved in the water of Lake Kivu?");
  await expect(pupil.getByText(/I could not find this in your material/).first()).toBeVisible({ timeout: 120_000 });
  await expect(pupil.getByRole("article").last().getByText(/methane/)).toHaveCount(0); // the turn before keeps its source

  await teacher.goto("/material");
  const { items } = (await (await teacher.request.get("/api/v1/knowledge")).json()) as { items: { id: string; title: string }[] };
  const id = items.find(({ title }) => title === "kivu.txt")?.id ?? "";
  await teacher.goto(`/material/${id}/text`);
  await expect(teacher.getByText(/Marked wrong by Aline Uwera on/)).toBeVisible();
  await expect(teacher.locator("s", { hasText: "48 metres deep" }).first()).toBeVisible();
  await teacher.getByRole("button", { name: "Take that back" }).click();
  await expect(teacher.getByText(/Marked wrong by/)).toHaveCount(0);
});

test("a pin is removed and brought back", async () => {
  await teacher.goto("/pins");
  await expect(teacher.getByText("How deep is Lake Kivu?")).toBeVisible();
  await teacher.getByRole("button", { name: "Remove" }).click();
  await teacher.getByRole("button", { name: "Undo" }).click();
  await expect(teacher.getByRole("button", { name: "Remove" })).toBeVisible();
});

test("no request left the box, no page complained, and no question is in the log", () => {
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
  expect(box.log()).not.toMatch(/how deep|lost a nought/i);
});
