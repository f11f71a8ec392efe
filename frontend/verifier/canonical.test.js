import { describe, expect, test } from "vitest";
import { BODY_LIMIT, CanonicalError, parseCanonical } from "@parts/canonical.js";

const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
const read = (/** @type {string} */ text) => JSON.parse(JSON.stringify(parseCanonical(bytes(text))));
const why = (/** @type {string} */ text) => {
  try {
    parseCanonical(bytes(text));
    return "read";
  } catch (error) {
    expect(error).toBeInstanceOf(CanonicalError);
    return /** @type {Error} */ (error).message;
  }
};

describe("what is read", () => {
  test.each([
    "{}", '{"a":{}}', '{"a":[]}', '{"a":[1,2,[3]]}', '{"a":1,"b":2,"c":{"d":null,"e":[true,false]}}', '{"A":1,"a":2}', '{"a":1,"aa":2}',
    '{"a":0}', '{"a":-1}', '{"a":10}', '{"a":9007199254740991}', '{"a":-9007199254740991}', '{"!":1,"#":2,"[":3,"]":4,"~":5}',
    '{"a":""}', '{"a":"b"}', '{"a":"\\"\\\\/"}', '{"a":"\\b\\f\\n\\r\\t"}', '{"a":"\\u0001\\u000b\\u000e\\u001f"}', '{"a":"\u007f\u2028\u{1f600}e\u0301"}',
    `{"${"k".repeat(64)}":1}`, '{"a":["x",{"b":"y"}]}',
  ])("%s", (text) => expect(read(text)).toEqual(JSON.parse(text)));

  test("is without a prototype", () => {
    expect(Object.getPrototypeOf(parseCanonical(bytes("{}")))).toBeNull();
    expect(Object.keys(parseCanonical(bytes('{"__proto__":{"a":1}}')))).toEqual(["__proto__"]);
  });
});

describe("what is refused, and why", () => {
  const CASES = /** @type {[string, string][]} */ ([
    ["[1]", "not an object at character 0"], ['"a"', "not an object at character 0"], ["", "not an object at character 0"], [" {}", "not an object at character 0"],
    ["{}\n", "something after the object at character 2"], ["{}{}", "something after the object at character 2"], ['\ufeff{}', "not an object at character 0"],
    ['{"a": 1}', "no value at character 5"], ['{ "a":1}', "no key at character 1"], ["{a:1}", "no key at character 1"], ['{"":1}', "no key at character 1"],
    ['{"a" :1}', "no key at character 1"], ['{"a"}', "no key at character 1"], ['{"a\\u0062":1}', "no key at character 1"], ['{"é":1}', "no key at character 1"],
    ['{"a b":1}', "no key at character 1"], [`{"${"k".repeat(65)}":1}`, "no key at character 1"], ['{"a\u007f":1}', "no key at character 1"],
    ['{"a":1,}', "no key at character 7"], ['{"a":1 ,"b":2}', "no comma at character 6"], ['{"a":1', "no comma at character 6"], ['{"a":1]', "no comma at character 6"],
    ['{"b":1,"a":2}', "a key twice or out of order at character 11"], ['{"a":1,"a":2}', "a key twice or out of order at character 11"],
    ['{"a":[1 ]}', "no comma at character 7"], ['{"a":[1,]}', "no value at character 8"], ['{"a":[1}', "no comma at character 7"], ['{"a":[', "no value at character 6"],
    ['{"a":tru}', "no value at character 5"], ['{"a":}', "no value at character 5"], ['{"a":+1}', "no value at character 5"], ['{"a":.5}', "no value at character 5"], ['{"a":NaN}', "no value at character 5"],
    ['{"a":01}', "no comma at character 6"], ['{"a":1.0}', "no comma at character 6"], ['{"a":1e3}', "no comma at character 6"], ['{"a":-01}', "a number out of range at character 7"],
    ['{"a":-0}', "a number out of range at character 7"], ['{"a":9007199254740992}', "a number out of range at character 21"], ['{"a":-9007199254740992}', "a number out of range at character 22"],
    ['{"a":12345678901234567}', "no comma at character 21"], ['{"a":9999999999999999}', "a number out of range at character 21"],
    ['{"a":"', "a string that does not end or holds a control character at character 6"], ['{"a":"b\nc"}', "a string that does not end or holds a control character at character 7"],
    ['{"a":"\u0000"}', "a string that does not end or holds a control character at character 6"], ['{"a":"\u001f"}', "a string that does not end or holds a control character at character 6"],
  ]);
  test.each(CASES)("%j", (text, message) => expect(why(text)).toBe(message));

  test.each(["\\/", "\\a", "\\u0000", "\\u0008", "\\u0009", "\\u000a", "\\u000c", "\\u000d", "\\u0020", "\\u0041", "\\u001F", "\\u001g", "\\ud800", "\\u1", "\\u002f", "\\u0101", "\\x01", "\\U0001"])("the escape %s", (text) => {
    expect(why(`{"a":"${text}"}`)).toContain("an escape that is not canonical");
  });

  test("an escape that ends with the text", () => expect(why('{"a":"\\')).toContain("an escape that is not canonical"));

  test("bytes that are no UTF-8", () => {
    expect(() => parseCanonical(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow("not UTF-8");
  });
});

describe("limits", () => {
  test.each([["[", "]"], ['{"b":', "}"]])("depth 32 with %s", (open, close) => {
    const text = (/** @type {number} */ depth) => `{"a":${open.repeat(depth - 1)}1${close.repeat(depth - 1)}}`;
    expect(why(text(32))).toBe("read");
    expect(why(text(33))).toContain("nested too deep");
  });

  test("siblings do not count as depth", () => expect(why(`{"a":[${Array(40).fill("[]").join()}],"b":[${Array(40).fill("{}").join()}]}`)).toBe("read"));

  test("bytes, 1 MiB where nothing else is said", () => {
    expect(BODY_LIMIT).toBe(1024 * 1024);
    expect(() => parseCanonical(bytes('{"a":1}'), 7)).not.toThrow();
    expect(() => parseCanonical(bytes('{"a":1}'), 6)).toThrow("more than 6 bytes");
    const text = (/** @type {number} */ length) => bytes(`{"a":"${"x".repeat(length - 8)}"}`);
    expect(() => parseCanonical(text(1024 * 1024))).not.toThrow();
    expect(() => parseCanonical(text(1024 * 1024 + 1))).toThrow("more than 1048576 bytes");
  });
});
