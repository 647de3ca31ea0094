#!/usr/bin/env node
// Built by `npm run package`, which `npm pack` does by itself: what it writes into a project is built as well.
import { existsSync } from "node:fs";

const built = new URL("../dist/supabase-amocrm.js", import.meta.url);
if (existsSync(built)) {
  await import(built);
} else {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const isRussian = /^ru([_.@-]|$)/i.test(LC_ALL || LC_MESSAGES || LANG || "");
  const says = isRussian
    ? "Это репозиторий, и здесь ещё ничего не собрано: npm run package"
    : "This is the repository, and nothing is built yet: npm run package";
  process.stderr.write(`✗ ${says}\n`);
  process.exitCode = 1;
}
