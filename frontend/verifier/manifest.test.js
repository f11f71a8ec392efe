import { describe, expect, test } from "vitest";
import { originId, readManifest, sitePrefix } from "@parts/manifest.js";
import { ORG, P1, bytes, idOf, json } from "./written.js";

const D = "ab".repeat(32);
const row = (/** @type {any} */ more = {}) => ({ checkpoints: [1, 3], id: idOf(ORG), included: true, origin: ORG, root: D, size: 3, ...more });
const out = (/** @type {any} */ more = {}) => ({ id: idOf(P1), included: false, origin: P1, reason: "why", root: D, size: 2, ...more });
const file = (/** @type {any} */ more = {}) => ({ path: "keys.json", sha256: D, size: 0, ...more });
const anchor = (/** @type {any} */ more = {}) => ({ kind: "rfc3161", origin: ORG, path: "anchors/a", size: 1, ...more });
const blob = (/** @type {any} */ more = {}) => ({ included: true, sha256: D, size: 0, ...more });
const withheld = (/** @type {any} */ more = {}) => ({ commitment: D, origin: ORG, reason: "", seq: 0, ...more });
const manifest = (/** @type {any} */ more = {}) => ({
  anchors: [], blobs: [], created_at: "2026-09-21T14:13:32.345670Z", files: [file()], generator: { name: "g", version: "1" }, org: ORG, schema: "ledger.bundle/1", scope: { kind: "project", project: "p1" }, streams: [row()], withheld: [], ...more,
});
const read = (/** @type {any} */ more = {}) => readManifest(bytes(json(manifest(more))));
const faultsOf = (/** @type {any} */ more) => read(more).faults;

describe("what a bundle says it holds", () => {
  test("every kind of row", () => {
    const found = read({
      streams: [row(), out()], files: [file(), file({ path: "verify.py", size: 7 })], anchors: [anchor(), anchor({ path: "anchors/b", kind: "folder" })], withheld: [withheld(), withheld({ seq: 2, reason: "r" })],
      blobs: [blob(), { included: false, reason: "kept", sha256: "cd".repeat(32), size: 9 }],
    });
    expect(found.faults).toEqual([]);
    const root = bytes(Buffer.from(D, "hex"));
    expect(found.manifest).toEqual({
      anchors: [anchor(), anchor({ path: "anchors/b", kind: "folder" })], created: "2026-09-21T14:13:32.345670Z", files: [file(), file({ path: "verify.py", size: 7 })], generator: "g 1", org: ORG, scope: "project p1",
      blobs: [{ included: true, reason: "", sha256: D, size: 0 }, { included: false, reason: "kept", sha256: "cd".repeat(32), size: 9 }], withheld: [withheld(), withheld({ seq: 2, reason: "r" })],
      streams: [{ ...row(), reason: "", root }, { ...out(), root, checkpoints: [] }],
    });
  });

  test("a scope without a project", () => expect(read({ scope: { kind: "site", project: null } }).manifest?.scope).toBe("site"));
  test("names", () => expect([originId(P1), sitePrefix(ORG), sitePrefix("a/b")]).toEqual([idOf(P1), "example.org/ledger/", "a/"]));
  test("what nobody foresaw is not swallowed", () => expect(() => readManifest(/** @type {any} */ (null))).toThrow(TypeError));
  test("JSON that is not canonical", () => expect(readManifest(bytes("{} "))).toEqual({ manifest: null, faults: ["something after the object at character 2"] }));
});

describe("a manifest that cannot be followed", () => {
  test.each(/** @type {[any, string][]} */ ([
    [{ schema: "ledger.bundle/2" }, "its fields are not those of a bundle"], [{ more: 1 }, "its fields are not those of a bundle"],
    [{ generator: { name: "g" } }, "generator has another form"], [{ generator: { name: "g", version: 1 } }, "generator has another form"], [{ generator: null }, "generator has another form"], [{ generator: { name: null, version: "1" } }, "generator has another form"],
    [{ scope: { kind: "p" } }, "scope has another form"], [{ scope: { kind: 1, project: null } }, "scope has another form"], [{ scope: { kind: "p", project: 1 } }, "scope has another form"], [{ scope: [] }, "scope has another form"],
    [{ org: "Org" }, "org is no origin"], [{ org: null }, "org is no origin"], [{ created_at: "now" }, "created_at is no time"], [{ created_at: null }, "created_at is no time"],
    ...["anchors", "blobs", "files", "streams", "withheld"].flatMap((name) => [{}, null, [null], [7], [[]], [{}]].map((value) => [{ [name]: value }, `${name} has a row of another form`])),
  ]))("%j", (more, why) => expect(read(more)).toEqual({ manifest: null, faults: [why] }));

  const BAD = /** @type {[string, any, any[]][]} */ ([
    ["anchors", anchor, [{ kind: 1 }, { origin: "Org" }, { path: 1 }, { size: 0 }, { size: -1 }, { size: "1" }, { more: 1 }]],
    ["blobs", blob, [{ included: false }, { sha256: "AB" }, { size: -1 }, { reason: "r" }, { included: false, reason: 1 }, { included: true, reason: "r" }, { included: 1 }, { more: 1 }]],
    ["files", file, [{ path: 1 }, { sha256: null }, { size: -1 }, { more: 1 }]],
    ["streams", row, [{ id: 1 }, { origin: "x" }, { root: "x" }, { size: 0 }, { size: "3" }, { checkpoints: null }, { checkpoints: [1, "3"] }, { checkpoints: [-1, 3] }, { included: false }, { included: 1 }, { more: 1 }, { reason: "" }]],
    ["streams", out, [{ included: true }, { reason: 1 }, { size: 0 }, { size: -1 }, { root: null }, { origin: 1 }, { id: null }, { checkpoints: [] }, { included: null }]],
    ["withheld", withheld, [{ commitment: 1 }, { origin: "x" }, { reason: null }, { seq: -1 }, { seq: null }, { more: 1 }]],
  ]);
  test.each(BAD.flatMap(([name, make, changes]) => changes.map((change) => [name, change, make(change)])))("%s: %j", (name, _, bad) => {
    expect(read({ [name]: [bad] })).toEqual({ manifest: null, faults: [`${name} has a row of another form`] });
  });
});

describe("rows that contradict each other", () => {
  test.each(/** @type {[any, string[]][]} */ ([
    [{ files: [file({ path: "b" }), file({ path: "a" })] }, ["files are not sorted by path, each once"]], [{ files: [file(), file()] }, ["files are not sorted by path, each once"]],
    [{ files: [file({ path: "a/../b" })] }, ["files have an unsafe path"]], [{ files: [file({ path: "a" }), file({ path: "b " })] }, ["files have an unsafe path"]],
    [{ streams: [out(), row()] }, ["streams are not sorted by origin, each once"]], [{ streams: [row(), row()] }, ["streams are not sorted by origin, each once"]],
    [{ streams: [row({ id: "00" })] }, [`the id of ${ORG} is not that of its origin`]], [{ streams: [row(), out({ id: "00" })] }, [`the id of ${P1} is not that of its origin`]],
    [{ streams: [row(), out({ origin: "example.org/other/p", id: idOf("example.org/other/p") })] }, ["example.org/other/p is of another site"]],
    [{ streams: [row({ checkpoints: [] })] }, [`the checkpoints of ${ORG} are not in order`]], [{ streams: [row({ checkpoints: [0, 3] })] }, [`the checkpoints of ${ORG} are not in order`]],
    [{ streams: [row({ checkpoints: [3, 1] })] }, [`the checkpoints of ${ORG} are not in order`]], [{ streams: [row({ checkpoints: [3, 3] })] }, [`the checkpoints of ${ORG} are not in order`]],
    [{ blobs: [blob(), blob({ included: false, reason: "r" })] }, ["a blob is listed twice"]], [{ anchors: [anchor(), anchor({ kind: "folder" })] }, ["an anchor is listed twice"]],
    [{ withheld: [withheld(), withheld({ reason: "again" })] }, ["a withheld entry is listed twice"]], [{ withheld: [withheld({ origin: P1 })] }, ["a withheld entry is in no included stream"]],
    [{ streams: [row(), out()], withheld: [withheld({ origin: P1 }), withheld()] }, ["a withheld entry is in no included stream"]], [{ streams: [] }, []], [{ files: [] }, []],
    [{ streams: [row({ checkpoints: [9, 10, 100] })] }, []], [{ withheld: [withheld({ seq: 1 }), withheld({ seq: 11 })] }, []],
  ]))("%j", (more, faults) => {
    expect(faultsOf(more)).toEqual(faults);
    expect(read(more).manifest).not.toBeNull();
  });

  test("64 MiB are read", () => expect(readManifest(bytes(json(manifest({ generator: { name: "g".repeat(2 ** 20), version: "1" } })))).faults).toEqual([]));
  test("and more are not", () => {
    const large = new Uint8Array(64 * 1024 * 1024 + 1);
    expect(readManifest(large).faults).toEqual([`more than ${64 * 1024 * 1024} bytes`]);
    expect(readManifest(large.subarray(1)).faults).toEqual(["not an object at character 0"]);
  });
});
