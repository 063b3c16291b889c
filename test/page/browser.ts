// A real browser for the tests of the live page: where it is, and pages that keep a record of what goes wrong.

import { existsSync } from "node:fs";
import type { Browser, Page } from "puppeteer-core";
import puppeteer from "puppeteer-core";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const browserPath: string | undefined =
  process.env.ZEROMQ_TS_BROWSER ?? PATHS.find((path) => existsSync(path));

/** Why the tests of the page cannot run, or `false`. */
export const skip: string | false =
  browserPath === undefined
    ? "there is no Chromium: `npm run setup` as root installs it, or ZEROMQ_TS_BROWSER says where it is"
    : false;

export function launchBrowser(): Promise<Browser> {
  return puppeteer.launch({
    executablePath: browserPath as string,
    // Chromium's own sandbox refuses to run as root.
    args: ["--disable-gpu", "--disable-dev-shm-usage", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
    headless: true,
  });
}

/** A page, and what its browser complained of or asked others for. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
  readonly foreignRequests: string[];
}

export async function openPage(browser: Browser, address: string): Promise<WatchedPage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const foreignRequests: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warn")
      complaints.push(`${message.type()}: ${message.text()} ${message.location().url ?? ""}`);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) foreignRequests.push(request.url());
  });
  await page.setViewport({ width: 1280, height: 800 });
  await page.goto(address);
  return { page, complaints, foreignRequests };
}
