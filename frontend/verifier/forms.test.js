import { describe, expect, test } from "vitest";
import { envelopeFault, hasExactly, isCount, isDigest, isObject, isOrigin, isReference, isText, microseconds } from "@parts/forms.js";

const utc = (/** @type {[number, number, number, number, number, number]} */ ...parts) => BigInt(Date.UTC(...parts)) * 1000n;

describe("times", () => {
  test.each([
    ["2026-09-21T14:13:32.345670Z", utc(2026, 8, 21, 14, 13, 32) + 345670n], ["1970-01-01T00:00:00.000001Z", 1n], ["1969-12-31T23:59:59.999999Z", -1n],
    ["2024-02-29T00:00:00.000000Z", utc(2024, 1, 29, 0, 0, 0)], ["9999-12-31T23:59:59.000000Z", utc(9999, 11, 31, 23, 59, 59)], ["0001-01-01T00:00:00.000000Z", -62135596800000000n],
  ])("%s", (text, wanted) => expect(microseconds(text)).toBe(wanted));

  test.each([
    "2026-02-29T00:00:00.000000Z", "2026-09-21T24:00:00.000000Z", "2026-09-21T14:60:00.000000Z", "2026-09-21T14:13:60.000000Z", "0000-01-01T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z",
    "2026-00-01T00:00:00.000000Z", "2026-01-00T00:00:00.000000Z", "2026-09-21T14:13:32.34567Z", "2026-09-21T14:13:32.3456700Z", "2026-09-21 14:13:32.345670Z", "2026-09-21T14:13:32.345670",
    "2026-09-21T14:13:32,345670Z", "2026-09-21T14:13:32.345670z", "026-09-21T14:13:32.345670Z", " 2026-09-21T14:13:32.345670Z", "2026-09-21T14:13:32.345670Z\n", "2026-9-21T14:13:32.345670Z",
    "12026-09-21T14:13:32.345670Z", "2026-09-21T1:13:32.345670Z", "2026-09-21T14:1:32.345670Z", "2026-09-21T14:13:3.345670Z", "2026-09-2T14:13:32.345670Z", "x026-09-21T14:13:32.345670Z",
    "2026-xx-21T14:13:32.345670Z", "2026-09-xxT14:13:32.345670Z", "2026-09-21Txx:13:32.345670Z", "2026-09-21T14:xx:32.345670Z", "2026-09-21T14:13:xx.345670Z", "2026-09-21T14:13:32.xxxxxxZ",
    "", null, undefined, 1, {},
  ])("no time: %j", (value) => expect(microseconds(value)).toBeNull());
});

describe("names", () => {
  test.each([["example.org/ledger/org", true], ["a/b", true], ["0/9", true], ["a.b-c_d/e", true], ["a", false], ["a/", false], ["/a", false], ["A/b", false], ["a/B", false], ["a/-b", false], ["-a/b", false], ["a//b", false], ["a/b\n", false], ["a/é", false], ["", false], [`a/${"b".repeat(126)}`, true], [`a/${"b".repeat(127)}`, false], [null, false], [["a/b"], false]])("origin %j", (value, good) => expect(isOrigin(value)).toBe(good));

  test.each([["a:b", true], ["a1_.b:!~", true], ["accounts.user:9c2e", true], [`a:${"x".repeat(255)}`, true], [`a:${"x".repeat(256)}`, false], ["a:", false], [":b", false], ["1:b", false], ["A:b", false], ["a:b c", false], ["a-b:c", false], ["a:é", false], [" a:b", false], ["a:b\n", false], ["Aa:b", false], ["ab", false], [7, false], [["a:b"], false]])("reference %j", (value, good) => expect(isReference(value)).toBe(good));

  test.each([["ab".repeat(32), true], ["09".repeat(32), true], ["AB".repeat(32), false], ["ab".repeat(31), false], [`${"ab".repeat(32)}c`, false], [`x${"ab".repeat(32)}`, false], [["ab".repeat(32)], false], [null, false]])("digest %j", (value, good) => expect(isDigest(value)).toBe(good));
});

describe("kinds of JSON", () => {
  test("text, counts and objects", () => {
    expect(["", "a", 1, null, undefined, [], {}].map(isText)).toEqual([true, true, false, false, false, false, false]);
    expect([0, 1, -1, "1", null, true, [1]].map(isCount)).toEqual([true, true, false, false, false, false, false]);
    expect([{}, { a: 1 }, [], null, undefined, "a", 1].map((value) => isObject(value))).toEqual([true, true, false, false, false, false, false]);
  });

  test("exactly these keys", () => {
    expect(hasExactly({ a: 1, b: null }, ["a", "b"])).toBe(true);
    expect(hasExactly({}, [])).toBe(true);
    for (const other of [{ a: 1 }, { a: 1, b: 1, c: 1 }, { a: 1, c: 1 }, null, [], "ab", undefined]) expect(hasExactly(other, ["a", "b"])).toBe(false);
  });
});

describe("envelopes", () => {
  const event = () => ({ actor: "a.b:c", at: "2026-09-21T14:13:32.345670Z", event: "noun.verbed", origin: { device: null, network: null, session: "s" }, payload: {}, schema: "ledger.event/1", subject: "a:b" });
  const whole = { device: "d", network: "ab".repeat(32), session: null };

  test.each([{}, { clock: {} }, { reason: "r" }, { role: "r" }, { clock: { a: 1 }, reason: "", role: "" }, { origin: whole }, { event: "a.b_1.c" }, { event: "a1.b2" }, { payload: { a: 1 } }])("whole with %j", (change) => {
    expect(envelopeFault(/** @type {any} */ ({ ...event(), ...change }))).toBeNull();
  });

  const FAULTS = /** @type {[any, string][]} */ ([
    [{ schema: "ledger.event/2" }, "its fields"], [{ more: 1 }, "its fields"], [{ event: "noun" }, "its event name"], [{ event: "Noun.verbed" }, "its event name"], [{ event: "noun." }, "its event name"],
    [{ event: "noun.Verbed" }, "its event name"], [{ event: ".verbed" }, "its event name"], [{ event: "noun..verbed" }, "its event name"], [{ event: "noun.verbed\n" }, "its event name"], [{ event: "xX.verbed" }, "its event name"],
    [{ event: "1noun.verbed" }, "its event name"], [{ event: "noun.1verbed" }, "its event name"], [{ event: "noun.ver-bed" }, "its event name"], [{ event: ["a.b"] }, "its event name"], [{ event: 7 }, "its event name"],
    [{ actor: "A:b" }, "its actor"], [{ actor: null }, "its actor"], [{ subject: "a" }, "its actor"], [{ subject: null }, "its actor"], [{ at: "now" }, "its time"], [{ at: null }, "its time"],
    [{ payload: [] }, "its payload"], [{ payload: null }, "its payload"], [{ clock: 1 }, "its payload"], [{ clock: null }, "its payload"], [{ clock: [] }, "its payload"],
    [{ reason: null }, "its reason"], [{ reason: 1 }, "its reason"], [{ role: 2 }, "its reason"], [{ role: null }, "its reason"],
    [{ origin: null }, "its origin has"], [{ origin: { device: null, network: null } }, "its origin has"], [{ origin: { ...whole, more: null } }, "its origin has"], [{ origin: [] }, "its origin has"],
    [{ origin: { ...whole, device: 1 } }, "its origin holds"], [{ origin: { ...whole, session: {} } }, "its origin holds"], [{ origin: { ...whole, network: 7 } }, "its origin holds"],
    [{ origin: { ...whole, network: "00" } }, "its network"], [{ origin: { ...whole, network: "" } }, "its network"],
  ]);
  test.each(FAULTS)("a fault: %j", (change, why) => expect(envelopeFault({ ...event(), ...change })).toContain(why));

  test.each(["actor", "at", "event", "origin", "payload", "schema", "subject"])("%s is required", (name) => {
    const { [name]: _, ...rest } = /** @type {any} */ (event());
    expect(envelopeFault(rest)).toContain("its fields");
    expect(envelopeFault({ ...rest, [`${name}2`]: 1 })).toContain("its fields");
  });
});
