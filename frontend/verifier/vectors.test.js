import { describe, expect, test } from "vitest";
import { parseCanonical } from "@parts/canonical.js";
import { verifyConsistency, verifyInclusion } from "@parts/merkle.js";
import { cosigners, parseKey, parseNote } from "@parts/notes.js";
import { utf8 } from "@parts/bytes.js";
import { verifyFile } from "@parts/verify.js";
import { bytesOf, fromHexText, givenBy, jsonOf, membersOf, zipped } from "./vectors.js";

describe("every vector gets its verdict, codes and first bad entry", () => {
  test.each(jsonOf("expected.json").cases)("$file: $why", async (/** @type {any[]} */ ...[wanted]) => {
    const { result, exit } = await verifyFile(new Blob([bytesOf(wanted.file)]), givenBy(wanted.args));

    expect(exit).toBe(wanted.exit);
    if (wanted.bundle) expect(result.bundle?.integrity).toBe(wanted.bundle);
    for (const [origin, stream] of Object.entries(/** @type {any} */ (wanted.streams))) {
      const found = origin ? result.streams.find((each) => each.origin === origin) : result.bundle;
      const { codes, ...verdicts } = /** @type {any} */ (stream);
      const L = found?.findings.map((each) => each.code).filter((code) => code.startsWith("L"));
      expect(found).toMatchObject(verdicts);
      if (codes.length) expect(L).toEqual(expect.arrayContaining(codes));
      else expect(L).toEqual([]);
    }
  });
});

test("a bundle written again by the form is byte for byte the same", async () => {
  expect(zipped(await membersOf("bundle-ok.zip"))).toEqual(bytesOf("bundle-ok.zip"));
});

test.each(jsonOf("canonical.json").accept_hex)("canonical JSON is read: %s", (/** @type {any[]} */ ...[text]) => {
  expect(() => parseCanonical(fromHexText(text))).not.toThrow();
});

test.each(jsonOf("canonical.json").refuse_hex)("other JSON is refused: %s", (/** @type {any[]} */ ...[text]) => {
  expect(() => parseCanonical(fromHexText(text))).toThrow();
});

test.each(jsonOf("inclusion.json"))("an inclusion proof: $why", (/** @type {any[]} */ ...[row]) => {
  const proof = row.proof.map(fromHexText);
  expect(verifyInclusion(row.index, row.size, fromHexText(row.leaf_hash), proof, fromHexText(row.root))).toBe(row.ok);
});

test.each(jsonOf("consistency.json"))("a consistency proof: $why", (/** @type {any[]} */ ...[row]) => {
  const proof = row.proof.map(fromHexText);
  expect(verifyConsistency(row.size1, row.size2, fromHexText(row.root1), fromHexText(row.root2), proof)).toBe(row.ok);
});

test("a witness's cosignature is read with its time, and refused where a byte differs", async () => {
  const { note, time, witness_vkey: vkey } = jsonOf("cosignature.json");
  const witness = parseKey(vkey);

  expect(await cosigners(parseNote(utf8(note)), [witness])).toEqual([{ name: witness.name, at: BigInt(time) }]);
  const changed = parseNote(utf8(note));
  const line = changed.lines[1];
  if (line) line.signature[3] = 1 ^ (line.signature[3] ?? 0);
  expect(await cosigners(changed, [witness])).toBeNull();
});
