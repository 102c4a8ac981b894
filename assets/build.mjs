// Builds static/dist from assets/: one style sheet, the page scripts and the
// font files, copied as published. Names get their content hash later, from
// Django's manifest storage.
import { build } from "esbuild";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "sass";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "static", "dist");
const modules = join(root, "node_modules");

async function styles() {
  const { css } = compile(join(root, "assets", "scss", "jalon.scss"), {
    style: "compressed",
    loadPaths: [modules],
    quietDeps: true,
  });
  await writeFile(join(dist, "jalon.css"), css);
}

async function scripts() {
  await build({
    entryPoints: [join(root, "assets", "js", "jalon.js"), join(root, "assets", "js", "htmx.js")],
    outdir: dist,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2020",
    legalComments: "none",
  });
}

async function fonts() {
  const source = join(modules, "@ibm", "plex-sans");
  await mkdir(join(dist, "fonts"));
  for (const weight of ["Regular", "Bold"]) {
    for (const part of ["Latin1", "Latin2", "Pi", "Greek"]) {
      const file = `IBMPlexSans-${weight}-${part}.woff2`;
      await cp(join(source, "fonts", "split", "woff2", file), join(dist, "fonts", file));
    }
  }
  await cp(join(source, "LICENSE.txt"), join(dist, "fonts", "LICENSE.txt"));
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([styles(), scripts(), fonts()]);
