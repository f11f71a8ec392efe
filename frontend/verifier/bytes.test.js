import { describe, expect, test } from "vitest";
import { base64, base64url, concat, fromBase64, fromBase64url, fromHex, fromUtf8, hex, sameBytes, u32, u64, utf8, view } from "@parts/bytes.js";

const of = (/** @type {number[]} */ ...values) => new Uint8Array(values);

describe("hex", () => {
  test("of every byte", () => {
    const all = new Uint8Array(256).map((_, i) => i);
    expect(hex(all)).toBe(Buffer.from(all).toString("hex"));
    expect(fromHex(hex(all))).toEqual(all);
    expect(fromHex("")).toEqual(of());
  });

  test.each(["0", "0g", "AB", "ab ", " ab", "abc", "ab\n", "zzab", "abzz"])("%j is refused", (text) => expect(fromHex(text)).toBeNull());
});

describe("base64 (RFC 4648 section 10)", () => {
  const KNOWN = /** @type {[string, string][]} */ ([["", ""], ["f", "Zg=="], ["fo", "Zm8="], ["foo", "Zm9v"], ["foob", "Zm9vYg=="], ["fooba", "Zm9vYmE="], ["foobar", "Zm9vYmFy"]]);
  test.each(KNOWN)("%j is %s", (plain, text) => {
    expect(base64(utf8(plain))).toBe(text);
    expect(fromBase64(text)).toEqual(utf8(plain));
    expect(base64url(utf8(plain))).toBe(text.replaceAll("=", ""));
    expect(fromBase64url(text.replaceAll("=", ""))).toEqual(utf8(plain));
  });

  test("each alphabet has its own last two characters", () => {
    expect(base64(of(0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff))).toBe("++++////");
    expect(base64url(of(0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff))).toBe("----____");
    expect(fromBase64url("----____")).toEqual(of(0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff));
    expect(fromBase64("++++////")).toEqual(of(0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff));
    expect(fromBase64("----____")).toBeNull();
  });

  test.each(["Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", " Zm9", "Z===", "====", "=Zg=", "Zg==Zg==", "Zm9v====", "Zm 9v", "é==="])("%j has another form", (text) => expect(fromBase64(text)).toBeNull());
  test.each(["Zg==", "Zm9vY", "Zh", "Zm9/", "Zm9+", "A", "éAAA", "AAAé", "Zm\n9", "Zg="])("%j has another form for base64url", (text) => expect(fromBase64url(text)).toBeNull());
});

describe("UTF-8", () => {
  test("what is none is told, a byte order mark is kept", () => {
    expect(fromUtf8(of(0xc3, 0x28))).toBeNull();
    expect(fromUtf8(of(0xed, 0xa0, 0x80))).toBeNull();
    expect(fromUtf8(of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
    expect(fromUtf8(of(0xc5, 0xbd))).toBe("\u017d");
    expect(utf8("\u017d")).toEqual(of(0xc5, 0xbd));
  });
});

describe("bytes side by side", () => {
  test("one after the other", () => {
    expect(concat()).toEqual(of());
    expect(concat(of(1, 2), of(), of(3))).toEqual(of(1, 2, 3));
  });

  test("the same only with every byte and no more", () => {
    expect(sameBytes(of(1, 2), of(1, 2))).toBe(true);
    expect(sameBytes(of(), of())).toBe(true);
    expect(sameBytes(of(1, 2), of(1, 3))).toBe(false);
    expect(sameBytes(of(1, 2), of(3, 2))).toBe(false);
    expect(sameBytes(of(1), of(1, 2))).toBe(false);
    expect(sameBytes(of(1, 2), of(1))).toBe(false);
  });

  test("a view is of these bytes alone", () => {
    const part = of(1, 2, 3, 4, 5).subarray(1, 4);
    expect([view(part).byteLength, view(part).getUint8(0)]).toEqual([3, 2]);
  });

  test("numbers are big-endian", () => {
    expect(u32(0x01020304)).toEqual(of(1, 2, 3, 4));
    expect(u32(0xfffffffe)).toEqual(of(255, 255, 255, 254));
    expect(u64(0x0102030405060708n)).toEqual(of(1, 2, 3, 4, 5, 6, 7, 8));
  });
});
