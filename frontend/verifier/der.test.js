import { describe, expect, test } from "vitest";
import { DerError, Parts, children, integerBytes, objectId, readDer, smallInteger, timeOf } from "@parts/der.js";
import { bytes } from "./written.js";

const der = (/** @type {number[]} */ ...values) => bytes(values);
const refused = (/** @type {() => unknown} */ read, /** @type {string} */ why) => {
  expect(read).toThrow(DerError);
  expect(read).toThrow(why);
};

describe("values (X.690 sections 8.1 and 10.1)", () => {
  test("in the short form of a length and in the long one", () => {
    expect(readDer(der(4, 0), 4)).toEqual({ tag: 4, content: der(), whole: der(4, 0) });
    expect(readDer(der(4, 2, 7, 8), 4)).toEqual({ tag: 4, content: der(7, 8), whole: der(4, 2, 7, 8) });
    for (const [length, head] of /** @type {[number, number[]][]} */ ([[127, [127]], [128, [0x81, 128]], [255, [0x81, 255]], [256, [0x82, 1, 0]], [65_536, [0x83, 1, 0, 0]], [16_777_216, [0x84, 1, 0, 0, 0]]])) {
      const whole = new Uint8Array(1 + head.length + length);
      whole.set([4, ...head]);
      expect(readDer(whole, 4).content.length).toBe(length);
    }
  });

  test.each([[[]], [[4]], [[4, 0x81]]])("%j ends too early", (value) => expect(() => readDer(der(...value), 4)).toThrow(DerError));
  test("each with its reason", () => {
    refused(() => readDer(der(), 4), "it ends too early");
    refused(() => readDer(der(4), 4), "it ends too early");
    refused(() => readDer(der(0x1f, 1, 0), 0x1f), "a tag of more than one byte");
    refused(() => readDer(der(0xbf, 1, 0), 0xbf), "a tag of more than one byte");
    refused(() => readDer(der(4, 0x80), 4), "an indefinite or enormous length");
    refused(() => readDer(der(4, 0x85, 0, 0, 0, 0, 1, 7), 4), "an indefinite or enormous length");
    refused(() => readDer(der(4, 0x81, 1, 0), 4), "a length not in its shortest form");
    refused(() => readDer(der(4, 0x81, 127, ...Array(127).fill(0)), 4), "a length not in its shortest form");
    refused(() => readDer(der(4, 0x82, 0, 200, ...Array(200).fill(0)), 4), "a length not in its shortest form");
    refused(() => readDer(der(4, 2, 1), 4), "a value longer than what holds it");
    refused(() => readDer(der(4, 0x81, 200, 1), 4), "a value longer than what holds it");
    refused(() => readDer(der(4, 1, 0, 0), 4), "something after the value");
    refused(() => readDer(der(4, 1, 0), 2), "a value of another type");
  });
});

describe("parts", () => {
  const list = der(0x30, 6, 2, 1, 5, 4, 1, 9);
  test("one after the other", () => {
    expect(children(readDer(list, 0x30)).map((each) => each.whole)).toEqual([der(2, 1, 5), der(4, 1, 9)]);
    expect(children(readDer(der(0xa0, 0), 0xa0))).toEqual([]);
    refused(() => children(readDer(der(4, 0), 4)), "a value without parts");
    refused(() => children(readDer(der(0x30, 3, 2, 2, 5), 0x30)), "a value longer than what holds it");
  });

  test("taken by their tags, optional ones left", () => {
    const parts = new Parts(readDer(list, 0x30));
    expect(parts.maybe(4)).toBeNull();
    expect(parts.maybe(0x30, 2)?.content).toEqual(der(5));
    refused(() => parts.take(2), "a part is missing");
    refused(() => parts.end(), "a part too many");
    expect(parts.take(4).content).toEqual(der(9));
    parts.end();
    expect(parts.maybe(4)).toBeNull();
    refused(() => parts.any(), "a part is missing");
    refused(() => parts.take(4), "a part is missing");
    const any = new Parts(readDer(list, 0x30));
    expect([any.any().tag, any.any().tag]).toEqual([2, 4]);
  });
});

describe("numbers", () => {
  const number = (/** @type {number[]} */ ...content) => readDer(der(2, content.length, ...content), 2);
  test.each([[[0], []], [[1], [1]], [[0x7f], [0x7f]], [[0, 0x80], [0x80]], [[0, 0xff, 1], [0xff, 1]], [[1, 0], [1, 0]]])("%j", (content, wanted) => expect(integerBytes(number(...content))).toEqual(der(...wanted)));
  test.each([[[]], [[0x80]], [[0xff, 1]]])("%j is not positive", (content) => refused(() => integerBytes(number(...content)), "not a positive number"));
  test.each([[[0, 0]], [[0, 1]], [[0, 0x7f]], [[0, 0x7f, 1]]])("%j is longer than need be", (content) => refused(() => integerBytes(number(...content)), "a number not in its shortest form"));
  test("of another type", () => refused(() => integerBytes(readDer(der(4, 1, 1), 4)), "not a positive number"));
  test("small ones", () => {
    expect([number(0), number(5), number(1, 2), number(0x7f, 0xff, 0xff, 0xff)].map(smallInteger)).toEqual([0, 5, 258, 0x7fffffff]);
    refused(() => smallInteger(number(1, 0, 0, 0, 0)), "a number too large");
  });
});

describe("object identifiers (X.690 section 8.19)", () => {
  const id = (/** @type {number[]} */ ...content) => objectId(readDer(der(6, content.length, ...content), 6));
  test.each([[[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d], "1.2.840.113549"], [[0], "0.0"], [[39], "0.39"], [[40], "1.0"], [[79], "1.39"], [[80], "2.0"], [[0x88, 0x37], "2.999"], [[0x55, 0x1d, 0x0e], "2.5.29.14"], [[0x2a, 0x7f], "1.2.127"], [[0x2a, 0x81, 0x00], "1.2.128"], [[0x81, 0x80, 0x00], "2.16304"]])("%j", (content, wanted) => expect(id(...content)).toBe(wanted));
  test("none", () => {
    refused(() => id(), "an empty object identifier");
    refused(() => objectId(readDer(der(4, 1, 0x2a), 4)), "not an object identifier");
  });
});

describe("times (RFC 5280 section 4.1.2.5)", () => {
  const time = (/** @type {number} */ tag, /** @type {string} */ text) => timeOf({ tag, content: bytes(text), whole: der() });
  test.each([
    [0x18, "20260921141332Z", Date.UTC(2026, 8, 21, 14, 13, 32)], [0x18, "20260921141332.5Z", Date.UTC(2026, 8, 21, 14, 13, 32, 500)], [0x18, "20260921141332.123456789Z", Date.UTC(2026, 8, 21, 14, 13, 32) + 123.456789],
    [0x17, "490101000000Z", Date.UTC(2049, 0, 1)], [0x17, "500101000000Z", Date.UTC(1950, 0, 1)], [0x17, "991231235959Z", Date.UTC(1999, 11, 31, 23, 59, 59)], [0x17, "000101000000Z", Date.UTC(2000, 0, 1)],
    [0x18, "19490101000000Z", Date.UTC(1949, 0, 1)], [0x18, "00010101000000Z", -62135596800000],
  ])("%i %s", (tag, text, wanted) => expect(time(tag, text)).toBe(wanted));
  test.each([
    [0x18, "490101000000Z"], [0x17, "20260921141332Z"], [0x04, "20260921141332Z"], [0x18, "20260921141332"], [0x18, "2026092114133Z"], [0x18, "20260921141332.Z"], [0x18, "20260921141332.1234567890Z"],
    [0x18, "20261321141332Z"], [0x18, "20260921251332Z"], [0x18, " 20260921141332Z"], [0x18, "20260921141332Z "], [0x18, "2026092114133xZ"], [0x18, "20260921141332+0000"], [0x18, "20260021141332Z"], [0x17, ""],
    [0x18, "1120260921141332Z"], [0x18, "20260921141332.1x"], [0x18, "20260921146032Z"], [0x18, "20260921141399Z"],
  ])("%i %j is none", (tag, text) => refused(() => time(tag, text), "not a time"));
  test("of bytes that are no text", () => refused(() => timeOf({ tag: 0x18, content: der(0xff), whole: der() }), "not a time"));
});
