import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { startBox } from "./box";

// What a stranger gets who makes a client from the API's document: it is
// generated anew, signs in, and uploads.
const folder = path.join(import.meta.dirname, "../test-results/generated-client");

interface Reply<T> {
  readonly data?: T;
  readonly error?: unknown;
}
type Call<T> = (options: object) => Promise<Reply<T>>;
interface Sdk {
  readonly register: Call<{ access_token: string }>;
  readonly login: Call<{ access_token: string; user: { role: string } }>;
  readonly uploadSource: Call<{ source: { id: string; title: string } }>;
  readonly listSources: Call<{ items: { title: string }[] }>;
}

test("a client generated from the document signs in and uploads", async () => {
  rmSync(folder, { recursive: true, force: true });
  const document = path.join(import.meta.dirname, "../src/api/openapi.json");
  execFileSync("npx", ["--no-install", "openapi-ts", "-i", document, "-o", folder], {
    cwd: path.join(import.meta.dirname, ".."),
    stdio: "ignore",
  });
  const sdk = (await import(path.join(folder, "sdk.gen.ts"))) as Sdk;
  const box = await startBox();
  try {
    const at = { baseUrl: box.url };
    const person = { name: "Claudine", login: "claudine", password: "seven green hills" };
    expect((await sdk.register({ ...at, body: { school_name: "GS Kibeho", ...person } })).error).toBeUndefined();
    const wrong = await sdk.login({ ...at, body: { login: "claudine", password: "not her words" } });
    expect(wrong.error).toMatchObject({ status: 401, reason: "wrong_sign_in" });
    const { data } = await sdk.login({ ...at, body: { login: "claudine", password: "seven green hills" } });
    expect(data?.user.role).toBe("owner");
    const signedIn = { ...at, auth: data?.access_token };
    const file = new File(["Lake Kivu is 480 metres deep."], "kivu.txt", { type: "text/plain" });
    const uploaded = await sdk.uploadSource({ ...signedIn, body: { file } });
    expect(uploaded.error).toBeUndefined();
    expect(uploaded.data?.source.title).toBe("kivu.txt");
    const listed = await sdk.listSources({ ...signedIn });
    expect(listed.data?.items.map(({ title }) => title)).toEqual(["kivu.txt"]);
    expect((await sdk.listSources({ ...at })).error).toMatchObject({ status: 401 });
  } finally {
    expect(await box.stop(), "children that outlive the box").toEqual([]);
  }
});
