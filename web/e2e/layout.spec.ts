import { expect, test, type Browser, type Page } from "@playwright/test";
import { setUpSchool, startBox, type Box } from "./box";
import { faults, go, settled, widths } from "./measure";

// Every screen, for everybody, in every language, at every width: nothing that
// one can press lies outside, under something else, or is too low for a finger.
test.describe.configure({ mode: "serial" });
test.use({ trace: "off" }); // a record of a thousand steps would take longer than they do

const languages = ["en", "fr", "rw", "sw"] as const;
const height = 800;

let box: Box;
let owner: Page;
let pupil: Page;
let nobody: Page;
let sourceId: string;
let classId: string;
let tutorId: string;
let conversation: string;
let code: string;
const complaints: string[] = [];

async function open(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ baseURL: box.url, locale: "en-GB", viewport: { width: 600, height } });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

async function call<T>(page: Page, method: "get" | "post" | "put", url: string, data?: unknown): Promise<T> {
  const reply = await page.request[method](url, { headers: { Origin: box.url }, ...(data !== undefined && { data }) });
  if (!reply.ok()) throw new Error(`${url}: ${await reply.text()}`);
  return (reply.status() === 204 ? undefined : await reply.json()) as T;
}

/** Measures what a page shows now at every width. */
async function measure(page: Page, where: string, problems: string[]): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height });
    for (const fault of await faults(page)) problems.push(`${where} at ${String(width)}: ${fault}`);
  }
}

/** Measures screens in each language; the page is loaded once a language. */
async function measureAll(page: Page, screens: readonly string[], also: (language: string, problems: string[]) => Promise<void> = () => Promise.resolve()) {
  const problems: string[] = [];
  for (const language of languages) {
    await page.evaluate((chosen) => {
      localStorage.setItem("bwenge.language", chosen);
    }, language);
    await page.goto(screens[0] ?? "/");
    await expect(page.locator("html")).toHaveAttribute("lang", language);
    for (const screen of screens) {
      await go(page, screen);
      await measure(page, `${screen} in ${language}`, problems);
    }
    await also(language, problems);
  }
  expect(problems).toEqual([]);
}

test.beforeAll(async ({ browser }) => {
  box = await startBox();
  owner = await open(browser);
  pupil = await open(browser);
  nobody = await open(browser);
});

test.afterAll(async () => {
  await owner.close();
  await pupil.close();
  await nobody.close();
  expect(await box.stop(), "children that outlive the box").toEqual([]);
});

test("the first set-up", async () => {
  await nobody.goto("/");
  await settled(nobody);
  await measureAll(nobody, ["/setup"]);
});

test("what an owner sees", async () => {
  test.setTimeout(900_000); // four hundred looks, of a second each on a busy machine
  await setUpSchool(owner, box.url);
  const room = await call<{ id: string; code: string }>(owner, "post", "/api/v1/orgs/default/classes", { name: "P5 Blue" });
  [classId, code] = [room.id, room.code];
  const { user, secret } = await call<{ user: { id: string }; secret: { pictures: string[] } }>(
    owner,
    "post",
    "/api/v1/orgs/default/members",
    { name: "Uwamahoro Nyirahabimana Marie-Claire", classes: [classId] },
  );
  await call(owner, "post", "/api/v1/orgs/default/invite", { role: "teacher", class_id: classId });
  await owner.goto("/material");
  await owner.locator("input[type=file]").first().setInputFiles({
    name: "a-long-name-of-a-file-about-the-lakes-of-the-country-and-their-depths.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("Lake Kivu lies between Rwanda and Congo. Lake Kivu is 480 metres deep. Its water holds dissolved methane."),
  });
  const listed = () => call<{ items: { id: string; status: string }[] }>(owner, "get", "/api/v1/knowledge");
  await expect.poll(async () => (await listed()).items[0]?.status, { timeout: 120_000 }).toBe("ready");
  sourceId = (await listed()).items[0]?.id ?? "";
  tutorId = (await call<{ items: { id: string }[] }>(owner, "get", "/api/v1/personas")).items[0]?.id ?? "";
  await call(owner, "post", "/api/v1/pins", { question: "How deep is Lake Kivu?", text: "480 metres." });

  // A pupil asks, does not like the answer, and calls for help.
  await pupil.goto(`/join/${code}?u=${user.id}`);
  for (const picture of secret.pictures) await pupil.getByRole("button", { name: picture, exact: true }).click();
  await pupil.getByRole("textbox", { name: /question/i }).fill("What is dissolved in the water of Lake Kivu?");
  await pupil.keyboard.press("Enter");
  await expect(pupil.getByRole("button", { name: "Not a good answer" })).toBeVisible({ timeout: 200_000 });
  await pupil.getByRole("button", { name: "Not a good answer" }).click();
  conversation = new URL(pupil.url()).search;
  await call(pupil, "post", "/api/v1/ai/help", { conversation_id: new URLSearchParams(conversation).get("conversation") });

  await measureAll(
    owner,
    [
      "/",
      "/material",
      `/material/${sourceId}`,
      `/material/${sourceId}/text`,
      "/people",
      `/people/${classId}`,
      "/tutors",
      `/tutors/${tutorId}`,
      "/care",
      "/feedback",
      "/pins",
      "/memory",
      "/models",
      "/school",
      "/audit",
      "/trust",
      "/no-such-screen",
    ],
    async (language, problems) => {
      // By the order of the header: the account, then language and look.
      for (const [name, at] of [["account", 0], ["settings", 1]] as const) {
        await owner.locator("header button").nth(at).click();
        await measure(owner, `${name} in ${language}`, problems);
        await owner.keyboard.press("Escape");
      }
    },
  );
});

test("what a pupil sees", async () => {
  await measureAll(pupil, [`/${conversation}`, "/", "/material", `/material/${sourceId}`, "/memory"]);
});

test("at 360 px the answer is what a pupil sees first", async () => {
  await pupil.setViewportSize({ width: 360, height: 640 });
  await pupil.evaluate(() => {
    localStorage.setItem("bwenge.language", "en");
  });
  await pupil.goto(`/${conversation}`);
  const answer = pupil.getByRole("article").getByText(/methane/).first();
  await expect(answer).toBeInViewport({ ratio: 0.7 }); // all of it, unless a busy box quotes a whole passage
  const { y } = (await answer.boundingBox()) ?? { y: 640 };
  expect(y, "the answer begins in the upper half").toBeLessThan(320);
  // Whom one asks, and reading aloud, are there at every width.
  for (const width of widths) {
    await pupil.setViewportSize({ width, height });
    await expect(pupil.getByRole("combobox", { name: "Tutor" })).toBeInViewport();
    await expect(pupil.getByRole("button", { name: "Read every answer aloud" })).toBeInViewport();
  }
});

test("signing in", async () => {
  await nobody.goto("/");
  await settled(nobody);
  await measureAll(nobody, ["/", `/join/${code}`, "/join/ZZZZZZ", "/trust"], async (language, problems) => {
    await go(nobody, "/");
    await nobody.evaluate(() => {
      localStorage.removeItem("bwenge.class");
    });
    await nobody.goto("/");
    await settled(nobody);
    await nobody.locator("main button").last().click(); // for teachers
    await measure(nobody, `signing in with a password in ${language}`, problems);
  });
});

test("no page complained", () => {
  expect(complaints).toEqual([]);
});
