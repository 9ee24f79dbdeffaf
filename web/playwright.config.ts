import { defineConfig } from "@playwright/test";

/**
 * End-to-end tests run in the machine's own Chromium against a box that is
 * already serving (BWENGE_BOX, by default http://localhost:8080).
 */
export default defineConfig({
  testDir: "e2e",
  fullyParallel: false,
  workers: 1,
  timeout: 300_000, // real engines on slow machines
  expect: { timeout: 60_000 },
  use: {
    baseURL: process.env.BWENGE_BOX ?? "http://localhost:8080",
    viewport: { width: 600, height: 1024 },
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--autoplay-policy=no-user-gesture-required",
      ],
    },
  },
});
