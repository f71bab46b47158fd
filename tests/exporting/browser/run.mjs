// Run TFLite files with LiteRT.js in headless Chromium: node run.mjs FOLDER CHROMIUM
//
// For each NAME.tflite the folder holds a NAME.json with the input of each signature to run:
// {SIGNATURE: {"dtype": "float32", "shape": [1, 2], "values": [0.5, 1]}}. Printed is one JSON of
// the outputs, {NAME: {SIGNATURE: {"dtype", "shape", "values"}}}, where a file does not run
// {NAME: {"error": TEXT}}.
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, parse } from "node:path";
import { chromium } from "playwright-core";

const [folder, executablePath] = process.argv.slice(2);
const mediaTypes = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

const server = createServer(async ({ url }, response) => {
  const path = url.startsWith("/files/")
    ? join(folder, url.slice("/files/".length))
    : join(import.meta.dirname, url);
  try {
    const content = await readFile(path);
    response.writeHead(200, { "Content-Type": mediaTypes[extname(path)] ?? "" }).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const browser = await chromium.launch({ executablePath });
try {
  const page = await browser.newPage();
  const errors = [];
  page.on("console", (message) => {
    if (message.text().startsWith("ERROR:")) errors.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${server.address().port}/page.html`);
  const results = {};
  for (const { ext, name } of (await readdir(folder)).map((file) => parse(file))) {
    if (ext !== ".tflite") continue;
    const inputs = JSON.parse(await readFile(join(folder, `${name}.json`), "utf8"));
    try {
      const file = [`/files/${name}.tflite`, inputs];
      results[name] = await page.evaluate(([url, inputs]) => globalThis.run(url, inputs), file);
    } catch (error) {
      results[name] = { error: [error.message.split("\n")[0], ...errors.splice(0)].join("; ") };
      await page.reload(); // so that no other file suffers
    }
  }
  console.log(JSON.stringify(results));
} finally {
  await browser.close();
  server.close();
}
