/** Stryker changes files inside its own folder only: copy the parts and their tests here. */
import { cpSync, rmSync } from "node:fs";

const here = new URL("work/", import.meta.url);
rmSync(here, { recursive: true, force: true });
cpSync(new URL("../../ledger/verifier/page/", import.meta.url), new URL("parts/", here), { recursive: true });
cpSync(new URL("../verifier/", import.meta.url), new URL("frontend/verifier/", here), { recursive: true });
cpSync(new URL("../../tests/data/ledger/", import.meta.url), new URL("tests/data/ledger/", here), { recursive: true });
