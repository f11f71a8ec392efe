import { describe, expect, test } from "vitest";
import { LOG_KEY, NoteError, WITNESS_KEY, cosigners, keyId, keyIdBytes, parseCheckpoint, parseKey, parseLogKey, parseNote, signersOf } from "@parts/notes.js";
import { ORG, P1, PUBLIC, STRANGER, WITNESS, base64Of, big, bytes, cosigned, headText, hexOf, keyIdOf, line, note, sha, signature, vkey } from "./written.js";

const ROOT = sha(bytes("root"));
const TEXT = headText(P1, 12, ROOT);
const W = "witness.example/w";
const read = (/** @type {string} */ text) => parseNote(bytes(text));
const key = (/** @type {number} */ index) => /** @type {any} */ (PUBLIC[index]);

describe("notes (C2SP signed-note)", () => {
  test("text and lines", () => {
    const found = read(note(P1, TEXT, 0, STRANGER));
    expect(found.text).toBe(TEXT);
    expect(found.lines).toEqual([0, STRANGER].map((each) => ({ name: P1, id: hexOf(keyIdOf(P1, each)), signature: signature(TEXT, each) })));
  });

  test("an empty line inside the text belongs to it", () => expect(read(note(P1, "a\n\nb\n", 0)).text).toBe("a\n\nb\n"));
  const good = note(P1, TEXT, 0);
  const many = (/** @type {number} */ count) => `a\n\n${line("n", bytes([1, 2, 3, 4, 5])).repeat(count)}`;
  test.each([
    ["", "no text"], ["x\n", "no text"], ["\n\n", "no text"], [`\n\n${line("n", bytes([1, 2, 3, 4, 5]))}`, "no text"], [good.slice(0, -1), "no text"], [`${good}x`, "no text"], ["a\nb\n", "no text"],
    [good.replace("12", "1\u0002"), "control"], [good.replace("12", "1\t"), "control"], [good.replace("12", "1\r"), "control"], [good.replace("12", "1\u007f"), "control"], [good.replace("12", "1\u0085"), "control"],
    [`${good}\n`, "another form"], [good.replace("\u2014", "-"), "another form"], [good.replace("\u2014 ", "\u2014  "), "another form"], [good.replace(`\u2014 ${P1}`, `\u2014 ${P1}+`), "another form"],
    [good.replace(`\u2014 ${P1}`, "\u2014 "), "another form"], [good.replace(/=\n$/, "\n"), "another form"], [good.replace(/=\n$/, " =\n"), "another form"], [good.replace(/\n$/, " \n"), "another form"],
    [good.replace("\n\u2014", "\nx\u2014"), "another form"], [`a\n\n${line("n", bytes([1, 2, 3, 4]))}`, "another form"], ["a\n\n\u2014 n ====\n", "another form"], [many(33), "more than 32"],
  ])("another form: %j", (text, why) => {
    expect(() => read(text)).toThrow(NoteError);
    expect(() => read(text)).toThrow(why);
  });

  test("32 lines, a signature of one byte, a name of letters beyond ASCII", () => {
    expect(read(many(32)).lines).toHaveLength(32);
    expect(read(`a\n\n${line("\u017d", bytes([1, 2, 3, 4, 5]))}`).lines).toEqual([{ name: "\u017d", id: "01020304", signature: bytes([5]) }]);
  });

  test("64 KiB and no more, in UTF-8", () => {
    const padded = (/** @type {number} */ length) => bytes(`${"x".repeat(length - bytes(good).length - 1)}\n${good}`);
    expect(padded(65_536)).toHaveLength(65_536);
    expect(() => parseNote(padded(65_536))).not.toThrow();
    expect(() => parseNote(padded(65_537))).toThrow("longer than 64 KiB");
    expect(() => parseNote(bytes([0xff, ...bytes(good)]))).toThrow("not UTF-8");
  });
});

describe("checkpoints", () => {
  const head = (/** @type {string} */ text) => parseCheckpoint({ text, lines: [] });
  test("origin, size and root", () => expect(head(TEXT)).toEqual({ origin: P1, size: 12, root: ROOT }));
  test.each(["1", "9", "10", "18446744073709551615"])("size %s", (size) => expect(head(TEXT.replace("12", size)).size).toBe(Number(size)));
  test.each(["0", "012", "+1", "-1", "1.0", " 12", "12 ", "0x1", "", "x", "1x", "184467440737095516150"])("no size: %j", (size) => expect(() => head(TEXT.replace("12", size))).toThrow("no size"));
  test.each([["example", "Example"], [P1, "p1"], [P1, ""]])("no origin: %j as %j", (before, after) => expect(() => head(TEXT.replace(before, after))).toThrow("no origin"));
  test.each([base64Of(ROOT.slice(1)), base64Of(bytes([...ROOT, 1])), "", `${base64Of(ROOT)}=`, base64Of(ROOT).replace("=", "")])("no root: %j", (root) => expect(() => head(`${P1}\n12\n${root}\n`)).toThrow("no root"));
  test.each([`${TEXT}more\n`, TEXT.slice(0, -1), `${TEXT}more`, `${P1}\n12\n`, "", `${TEXT}\n`])("not three lines: %j", (text) => {
    expect(() => head(text)).toThrow("not exactly three lines");
    expect(() => head(text)).toThrow(NoteError);
  });
});

describe("verifier keys", () => {
  test("of a log and of a witness", () => {
    expect(parseKey(vkey(ORG, 0))).toEqual({ name: ORG, id: hexOf(keyIdOf(ORG, 0)), kind: 1, publicKey: key(0), text: vkey(ORG, 0) });
    expect(parseKey(vkey(W, WITNESS, 4))).toMatchObject({ name: W, kind: 4, publicKey: key(WITNESS) });
    expect(parseLogKey(vkey(P1, 1)).name).toBe(P1);
    expect([LOG_KEY, WITNESS_KEY]).toEqual([1, 4]);
    expect(keyId(ORG, 1, key(0))).toBe(hexOf(keyIdOf(ORG, 0)));
    expect(keyId(W, 4, key(3))).toBe(hexOf(keyIdOf(W, 3, 4)));
  });

  const good = vkey(ORG, 0);
  test.each([
    "", "a+b+c", good.replace(/\+[0-9a-f]{8}\+/, "+0000000+"), good.slice(0, -4), `${good}A`, `${good}\n`, ` ${good}`, good.replace(ORG, ""), good.replace(ORG, "a b"), good.replace(/\+[0-9a-f]{8}\+/, "+98EB0667+"), vkey(ORG, 0, 2), vkey(ORG, 0, 0), vkey(ORG, 9),
  ])("%j is none", (text) => {
    expect(() => parseKey(text)).toThrow("a key reads");
    expect(() => parseKey(text)).toThrow(NoteError);
  });
  test.each([good.replace("98eb", "98ec"), good.replace(ORG, P1), good.replace(`${ORG}+`, `x${ORG}+`)])("%s has another id", (text) => expect(() => parseKey(text)).toThrow("the id of the key"));
  test.each([vkey(W, WITNESS, 4), vkey("solo", 0), vkey("A/b", 0)])("%s is not that of a log", (text) => {
    expect(() => parseLogKey(text)).toThrow("not the key of a log");
    expect(() => parseLogKey(text)).toThrow(NoteError);
  });

  test("the bytes of an id", () => {
    expect(keyIdBytes("98eb0667")).toEqual(bytes([0x98, 0xeb, 0x06, 0x67]));
    for (const text of ["98eb06", "98eb066700", "98EB0667", ""]) expect(keyIdBytes(text)).toBeNull();
  });
});

describe("who signed", () => {
  const signers = async (/** @type {string} */ text, /** @type {number[]} */ ...known) => {
    const found = await signersOf(read(text), P1, known.map(key));
    return found && [...found];
  };
  test("each known key under the name", async () => {
    expect(await signers(note(P1, TEXT, 0, 1), 0, 1)).toEqual([hexOf(key(0)), hexOf(key(1))]);
    expect(await signers(note(P1, TEXT, 0, 1), 1)).toEqual([hexOf(key(1))]);
    expect(await signers(note(P1, TEXT, STRANGER), 0, 1)).toEqual([]);
    expect(await signers(note(ORG, TEXT, 0), 0)).toEqual([]);
  });

  test("lines under another name are ignored, whatever their id", async () => {
    expect(await signers(`${TEXT}\n${line("other", keyIdOf(P1, 0), bytes([1]))}${note(P1, TEXT, 0).slice(TEXT.length + 1)}`, 0)).toEqual([hexOf(key(0))]);
  });

  test("a line of a known key that fails refuses the whole note", async () => {
    const bad = line(P1, keyIdOf(P1, 0), signature("other\n", 0));
    expect(await signers(`${note(P1, TEXT, 1)}${bad}`, 0, 1)).toBeNull();
    expect(await signers(`${TEXT}\n${line(P1, keyIdOf(P1, 0), signature(TEXT, 0).slice(1))}`, 0)).toBeNull();
  });
});

describe("who cosigned (C2SP tlog-cosignature)", () => {
  const found = (/** @type {string} */ lines) => cosigners(read(`${note(P1, TEXT, 0)}${lines}`), [parseKey(vkey(W, WITNESS, 4))]);
  test("a named witness, with its time", async () => {
    expect(await found(cosigned(W, TEXT, 1_790_000_600))).toEqual([{ name: W, at: 1_790_000_600n }]);
    expect(await found("")).toEqual([]);
    expect(await found(cosigned("other", TEXT, 1))).toEqual([]);
    expect(await found(cosigned(W, TEXT, 1, STRANGER))).toEqual([]);
    expect(await cosigners(read(`${note(P1, TEXT, 0)}${cosigned(W, TEXT, 1)}`), [])).toEqual([]);
    expect(await found(cosigned(W, TEXT, 1) + cosigned(W, TEXT, 2))).toEqual([{ name: W, at: 1n }, { name: W, at: 2n }]);
  });

  test("under another name with its id it is somebody else's", async () => {
    expect(await found(line("other", keyIdOf(W, WITNESS, 4), big(1, 8), signature("x", WITNESS)))).toEqual([]);
  });

  test("a line that fails", async () => {
    expect(await found(cosigned(W, "other\n", 1))).toBeNull();
    expect(await found(line(W, keyIdOf(W, WITNESS, 4), big(2, 8), signature(`cosignature/v1\ntime 1\n${TEXT}`, WITNESS)))).toBeNull();
    expect(await found(line(W, keyIdOf(W, WITNESS, 4), signature(TEXT, WITNESS)))).toBeNull();
    expect(await found(line(W, keyIdOf(W, WITNESS, 4), bytes([1])))).toBeNull();
    expect(await found(line(W, keyIdOf(W, WITNESS, 4), big(1, 8), signature(`cosignature/v1\ntime 1\n${TEXT}`, WITNESS), bytes([0])))).toBeNull();
  });
});
