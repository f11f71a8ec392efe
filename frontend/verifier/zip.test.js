import { describe, expect, test } from "vitest";
import { ArchiveError, Source, directoryEnd, directoryRecord, isSafePath, localHeader, readDirectory, shown } from "@parts/zip.js";
import { bytes, joined, little, zip, zipHeaders } from "./written.js";

const BIG = 0xffffffff;
const blob = (/** @type {Uint8Array} */ content) => new Source(new Blob([bytes(content)]));
const ends = (/** @type {number} */ count, /** @type {number} */ size, /** @type {number} */ offset) => joined(bytes("PK\u0005\u0006"), bytes([0, 0, 0, 0]), little(count, 2), little(count, 2), little(size, 4), little(offset, 4), bytes([0, 0]));
const files = () => /** @type {[string, Uint8Array][]} */ ([["manifest.json", bytes("{}")], ["manifest.note", bytes("note")], ["a.txt", bytes("a")], ["b/c.txt", bytes("")]]);
const read = (/** @type {Uint8Array} */ content) => readDirectory(blob(content));
const changed = (/** @type {Uint8Array} */ content, /** @type {number} */ at, /** @type {number[]} */ ...values) => {
  const copy = bytes(content);
  copy.set(values, at < 0 ? copy.length + at : at);
  return copy;
};

describe("a window over a file", () => {
  const source = () => blob(bytes([1, 2, 3, 4, 5, 6, 7, 8]));
  test("any piece, forward and back, less at the end", async () => {
    const one = source();
    expect(one.size).toBe(8);
    for (const [start, length, wanted] of /** @type {[number, number, number[]][]} */ ([[4, 2, [5, 6]], [6, 2, [7, 8]], [0, 2, [1, 2]], [7, 5, [8]], [8, 1, []], [20, 4, []], [2, 0, []], [3, 3, [4, 5, 6]]])) {
      expect([start, ...(await one.bytes(start, length))]).toEqual([start, ...wanted]);
    }
  });

  test("what lies in the window is read once, what does not is read again", async () => {
    const content = new Uint8Array(4 * 1024 * 1024 + 10).map((_, i) => i % 251);
    const reads = /** @type {number[][]} */ ([]);
    const kept = /** @type {any} */ ({ size: content.length, slice: (/** @type {number} */ from, /** @type {number} */ to) => (reads.push([from, to]), new Blob([content.slice(from, to)])) });
    const one = new Source(kept);
    const at = async (/** @type {number} */ start, /** @type {number} */ length) => expect(Buffer.compare(await one.bytes(start, length), content.slice(start, start + length))).toBe(0);
    await at(1, 1);
    await at(2, 100);
    await at(1, 4 * 1024 * 1024);
    expect(reads).toEqual([[1, 4 * 1024 * 1024 + 1]]);
    await at(2, 4 * 1024 * 1024);
    expect(reads).toHaveLength(2);
    await at(0, 1);
    expect(reads).toHaveLength(3);
    await at(0, 4 * 1024 * 1024 + 10);
    expect(reads[3]).toEqual([0, 4 * 1024 * 1024 + 10]);
  });

  test("a piece is a copy", async () => {
    const one = source();
    (await one.bytes(0, 8)).fill(0);
    expect(await one.bytes(0, 2)).toEqual(bytes([1, 2]));
  });
});

describe("headers (APPNOTE 4.3.7, 4.3.12, 4.3.16)", () => {
  const member = { path: "b/c", crc: 0x12345678, size: 300, offset: 70_000, start: 0 };
  test("of a small member", () => {
    const [local, record] = zipHeaders("b/c", bytes("content"), 70_000);
    const crc = new DataView(local.buffer).getUint32(14, true);
    expect(localHeader({ ...member, crc, size: 7 })).toEqual(local);
    expect(directoryRecord({ ...member, crc, size: 7 })).toEqual(record);
    expect(directoryEnd(3, 500, 70_000)).toEqual(ends(3, 500, 70_000));
    expect(directoryEnd(0xfffe, 500, BIG - 1)).toEqual(ends(0xfffe, 500, BIG - 1));
  });

  const extra = (/** @type {number[]} */ ...values) => joined(bytes([1, 0]), little(8 * values.length, 2), ...values.map((value) => little(value, 8)));
  test.each([[BIG - 1, false], [BIG, true], [BIG + 5, true]])("of a member of %i bytes", (size, is64) => {
    const told = little(is64 ? BIG : size, 4);
    const more = is64 ? extra(size, size) : bytes([]);
    expect(localHeader({ ...member, size })).toEqual(joined(bytes("PK\u0003\u0004"), bytes([is64 ? 45 : 20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]), little(member.crc, 4), told, told, little(3, 2), little(more.length, 2), bytes("b/c"), more));
  });

  test.each([[300, 70_000], [BIG, 70_000], [300, BIG - 1], [300, BIG], [BIG + 1, BIG + 2]])("in the directory, of %i bytes at %i", (size, offset) => {
    const values = [...(size >= BIG ? [size, size] : []), ...(offset >= BIG ? [offset] : [])];
    const more = values.length ? extra(...values) : bytes([]);
    const version = values.length ? 45 : 20;
    const told = little(Math.min(size, BIG), 4);
    expect(directoryRecord({ ...member, size, offset })).toEqual(joined(
      bytes("PK\u0001\u0002"), bytes([version, 3, version, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]), little(member.crc, 4), told, told, little(3, 2), little(more.length, 2),
      bytes([0, 0, 0, 0, 0, 0, 0, 0]), little(0o100644 * 65_536 % 2 ** 32, 4).slice(2), little(Math.min(offset, BIG), 4), bytes("b/c"), more,
    ));
  });

  test.each([[0xffff, 500, 600], [3, BIG, 600], [3, 500, BIG], [0x10000, BIG + 7, BIG + 9]])("the end of a large archive: %i members, %i bytes at %i", (count, size, offset) => {
    const end64 = joined(bytes("PK\u0006\u0006"), little(44, 8), bytes([45, 0, 45, 0]), little(0, 8), little(count, 8), little(count, 8), little(size, 8), little(offset, 8));
    const locator = joined(bytes("PK\u0006\u0007"), little(0, 4), little(offset + size, 8), little(1, 4));
    expect(directoryEnd(count, size, offset)).toEqual(joined(end64, locator, ends(Math.min(count, 0xffff), Math.min(size, BIG), Math.min(offset, BIG))));
  });
});

describe("the directory", () => {
  test("of a good archive", async () => {
    const { members, faults } = await read(zip(files()));
    expect(faults).toEqual([]);
    expect(members.map(({ path, size }) => [path, size])).toEqual([["manifest.json", 2], ["manifest.note", 4], ["a.txt", 1], ["b/c.txt", 0]]);
    expect(members[0]).toMatchObject({ offset: 0, start: 43 });
    expect(members[2]).toMatchObject({ offset: 92, start: 127 });
  });

  test("a member without a name", async () => expect((await read(zip([["", bytes("")]]))).members).toMatchObject([{ path: "", size: 0 }]));
  test("of an archive of nothing", async () => expect(await read(zip([]))).toEqual({ members: [], faults: [] }));

  test.each(/** @type {[string, (files: [string, Uint8Array][]) => unknown, string[]][]} */ ([
    ["note first", (list) => list.splice(0, 2, /** @type {any} */ (list[1]), /** @type {any} */ (list[0])), ["manifest.note is not in its place in the order", "manifest.json is not in its place in the order"]],
    ["no note", (list) => list.splice(1, 1), ["a.txt is not in its place in the order"]],
    ["others out of order", (list) => list.reverse().unshift(...list.splice(2, 2).reverse()), ["a.txt is not in its place in the order"]],
    ["one twice", (list) => list.push(["b/c.txt", bytes("")]), ["b/c.txt is not in its place in the order"]],
    ["the third before the second by name", (list) => list.push(["a", bytes("")]), ["a is not in its place in the order"]],
  ]))("order: %s", async (_, change, faults) => {
    const list = files();
    change(list);
    expect((await read(zip(list))).faults).toEqual(faults);
  });

  test("gaps", async () => {
    const whole = zip(files());
    const end = new DataView(whole.buffer).getUint32(whole.length - 6, true);
    expect((await read(changed(joined(bytes([0]), whole), -6, ...little(end + 1, 4)))).faults).toEqual(["there is a gap before the directory"]);
    expect((await read(changed(whole, end + 42, 1))).faults).toEqual(["there is a gap before manifest.json", "there is a gap before manifest.note"]);
    expect((await read(zip(files().slice(0, 2)))).faults).toEqual([]);
  });
});

describe("another form", () => {
  const whole = zip(files());
  const start = new DataView(whole.buffer).getUint32(whole.length - 6, true);
  // version made by, system, needed, flags, method, time, date, disk, internal and external attributes
  test.each([4, 5, 6, 8, 10, 12, 14, 34, 36, 38, 41])("byte %i of a directory record", async (at) => {
    const { faults } = await read(changed(whole, start + at, 0x55));
    expect(faults).toContain("the directory record of manifest.json has another form");
  });

  test.each([4, 6, 8, 10, 20, 21])("byte %i of the end", async (at) => {
    expect((await read(changed(whole, at - 22, 0x55))).faults).toEqual(["the end of the archive has another form"]);
  });

  test("something after the end", async () => {
    expect((await read(joined(whole, bytes("x")))).faults).toEqual(["the end of the archive has another form"]);
    expect((await read(joined(whole, new Uint8Array(60_000)))).faults).toEqual(["the end of the archive has another form"]);
  });

  test("a comment of a record", async () => {
    const record = whole.slice(start, -22);
    const one = zipHeaders("manifest.json", bytes("{}"), 0)[1].length;
    const directory = joined(record.slice(0, 32), little(2, 2), record.slice(34, one), bytes("hi"), record.slice(one));
    const { members, faults } = await read(joined(whole.slice(0, start), directory, ends(4, directory.length, start)));
    expect(faults).toEqual(["the directory record of manifest.json has another form"]);
    expect(members.map(({ path }) => path)).toEqual(files().map(([path]) => path));
  });
});

describe("what cannot be read", () => {
  const whole = zip(files());
  const start = new DataView(whole.buffer).getUint32(whole.length - 6, true);
  test.each(/** @type {[string, Uint8Array, string][]} */ ([
    ["nothing", bytes(""), "no directory of a zip archive"], ["text", bytes("x".repeat(200)), "no directory of a zip archive"], ["only a mark", bytes("PK\u0005\u0006"), "no directory of a zip archive"],
    ["a short end", whole.slice(0, -1), "no directory of a zip archive"], ["a directory too long", changed(whole, -10, ...little(5000, 4)), "the directory lies outside the file"],
    ["a directory too far", changed(whole, -6, ...little(whole.length - 10, 4)), "the directory lies outside the file"],
    ["no mark", changed(whole, start, 0), "a directory record has no mark"], ["a cut record", changed(whole, -10, ...little(40, 4)), "a directory record is cut off"],
    ["a cut name", changed(whole, -10, ...little(50, 4)), "a directory record is cut off"], ["a record of 20 bytes", changed(whole, -10, ...little(20, 4)), "a directory record is cut off"], ["a directory up to the end", changed(whole, -10, ...little(whole.length - start, 4)), "a directory record is cut off"], ["a name too long", changed(whole, start + 28, 0xff, 0xff), "a directory record is cut off"],
  ]))("%s", async (_, content, why) => {
    await expect(read(content)).rejects.toThrow(ArchiveError);
    await expect(read(content)).rejects.toThrow(why);
  });
});

describe("sizes over 4 GiB", () => {
  const sized = (/** @type {number} */ size, /** @type {number} */ offset) => directoryRecord({ path: "x", crc: 1, size, offset, start: 0 });
  /** @param {Uint8Array} record @returns {Promise<any>} its member, with an end of zip64 that says where the directory is */
  const first = async (record) => (await read(joined(record, directoryEnd(1, record.length, 0)))).members[0];
  test.each([[BIG, 5], [BIG + 9, 5], [BIG + 9, BIG + 5], [7, BIG + 5], [7, 5], [BIG - 1, BIG - 1]])("%i at %i", async (size, offset) => {
    expect(await first(sized(size, offset))).toEqual({ path: "x", crc: 1, size, offset, start: offset + 31 + (size >= BIG ? 20 : 0) });
  });

  const told = (/** @type {number} */ size, /** @type {number} */ offset, /** @type {number} */ extra) => {
    const record = joined(sized(7, 5), new Uint8Array(extra).fill(9));
    return changed(changed(changed(record, 24, ...little(size, 4)), 42, ...little(offset, 4)), 30, ...little(extra, 2));
  };
  test.each([[7, 5, 20], [7, 5, 12], [BIG, 5, 12], [BIG, 5, 19], [7, BIG, 4], [7, BIG, 11], [BIG, BIG, 11], [7, BIG, 0]])("what the extra field need not say: %i at %i, %i bytes", async (size, offset, extra) => {
    expect(await first(told(size, offset, extra))).toMatchObject({ size, offset });
  });
  test("an offset alone, and after a size", async () => {
    expect((await first(told(7, BIG, 12)))?.offset).toBe(0x0909090909090909);
    expect((await first(told(BIG, BIG, 20)))?.offset).toBe(BIG);
    expect((await first(told(BIG, BIG, 28)))?.offset).toBe(0x0909090909090909);
  });

});

describe("large directories", () => {
  test("an archive of nothing but an end of zip64", async () => {
    const end = changed(directoryEnd(0xffff, 0, 0), 48, 5);
    expect((await read(end)).faults).toEqual(["the end of the archive has another form", "there is a gap before the directory"]);
  });

  test("a directory of 256 MiB is read, a larger one is not", async () => {
    // A stand-in for a file that large: its end is there, the rest comes back short.
    const large = (/** @type {number} */ size) => {
      const tail = new Uint8Array(66_000);
      tail.set(ends(1, size, 0), tail.length - 22);
      return new Source(/** @type {any} */ ({ size: size + 70_000, slice: (/** @type {number} */ from) => new Blob(from ? [tail] : []) }));
    };
    await expect(readDirectory(large(256 * 1024 * 1024))).rejects.toThrow("the directory is cut off");
    await expect(readDirectory(large(256 * 1024 * 1024 + 1))).rejects.toThrow("the directory lies outside the file");
  });

  test("an end of zip64 is followed", async () => {
    const record = directoryRecord({ path: "x", crc: 1, size: 7, offset: 5, start: 0 });
    const end = directoryEnd(1, record.length, BIG);
    const told = changed(end, 48, ...little(3, 8));
    const { members, faults } = await read(joined(bytes("abc"), record, told));
    expect(members).toHaveLength(1);
    expect(faults).toContain("the end of the archive has another form");
  });
});

test.each([["a/b.c", true], ["A-Z_0.9", true], ["...", true], ["a/../b", false], ["..", false], ["./a", false], ["a/.", false], ["a//b", false], ["/a", false], ["a/", false], ["", false], ["a b", false], ["é", false], ["a\\b", false], ["a\n", false], ["a".repeat(200), true], ["a".repeat(201), false]])("path %j", (name, safe) => expect(isSafePath(name)).toBe(safe));
test.each([["a b~", "a b~"], ["a\u0000\u007f\u00e9", "a???"], ["x".repeat(201), "x".repeat(200)]])("%j is shown as %j", (path, text) => expect(shown(path)).toBe(text));
