import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { missing } from "@parts/algorithms.js";
import { hashName, isTrusted, readCertificate, readPem, schemeFor } from "@parts/certificates.js";
import { DerError } from "@parts/der.js";
import { readTimeStamp, stampFault } from "@parts/time_stamps.js";
import { AT, NULL, STAMPING, algorithm, byKey, certificate, context, integer, name, octets, oid, pem, pinned, seq, stamp, tlv } from "./stamping.js";
import { base64Of, bytes, joined, sha } from "./written.js";

const pairs = /** @type {{[name: string]: any}} */ ({ rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }), other: generateKeyPairSync("rsa", { modulusLength: 2048 }) });
for (const curve of ["P-256", "P-384", "P-521"]) pairs[curve] = generateKeyPairSync("ec", { namedCurve: curve });
const P = (/** @type {string} */ kind) => pairs[kind];
const own = (/** @type {string} */ kind = "rsa", /** @type {any} */ how = {}) => certificate("stamps", P(kind), "stamps", P(kind), how);
const TEXT = "what is stamped";
const YEAR = 365 * 24 * 3600e3;

/** @param {Uint8Array} token @param {Uint8Array[]} given @returns {Promise<string | null>} */
const fault = (token, ...given) => stampFault(readTimeStamp(bytes(token)), given.map((each) => readCertificate(bytes(each))));

describe("tokens (RFC 3161)", () => {
  test("what they say", () => {
    const found = readTimeStamp(stamp(TEXT, P("rsa"), own()));
    expect(found.imprint).toEqual(sha(bytes(TEXT)));
    expect(found.at).toBe(AT);
    expect(found.carried).toHaveLength(1);
    expect(readTimeStamp(stamp(TEXT, P("rsa"), own(), { status: 1 })).at).toBe(AT);
    expect(readTimeStamp(stamp(TEXT, P("rsa"), own(), { certs: false })).carried).toEqual([]);
    expect(readTimeStamp(stamp(TEXT, P("rsa"), own(), { carried: [own(), tlv(0xa1, NULL)] })).carried).toHaveLength(1);
    expect(readTimeStamp(stamp(TEXT, P("rsa"), own(), { crls: [context(1, seq())] })).at).toBe(AT);
  });

  test.each(/** @type {[any, string][]} */ ([
    [{ status: 2 }, "the authority refused it"], [{ extra: [NULL] }, "a part too many"], [{ contentType: "1.2.840.113549.1.7.1" }, "not signed data"], [{ infoType: "1.2.840.113549.1.7.1" }, "not a time stamp"], [{ version: 2 }, "another version"],
    [{ imprint: "sha512" }, "not over SHA-256"], [{ signers: 0 }, "not signed by one authority"], [{ signers: 2 }, "not signed by one authority"], [{ content: (/** @type {any} */ info) => tlv(0x24, info) }, "no time stamp in it"], [{ content: () => bytes([]) }, "no time stamp in it"], [{ twice: true }, "an attribute twice"],
  ]))("refused: %j", (how, why) => {
    expect(() => readTimeStamp(stamp(TEXT, P("rsa"), own(), how))).toThrow(DerError);
    expect(() => readTimeStamp(stamp(TEXT, P("rsa"), own(), how))).toThrow(why);
  });
  test("no token at all", () => {
    expect(() => readTimeStamp(seq(seq(integer(0))))).toThrow("a part is missing");
    expect(() => readTimeStamp(seq(seq(integer(0)), seq(oid("1.2.840.113549.1.7.2"), context(0))))).toThrow("a part is missing");
    expect(() => readTimeStamp(bytes("x"))).toThrow(DerError);
  });
});

describe("a stamp that holds", () => {
  test.each(["rsa", "P-256", "P-384", "P-521"])("by %s", async (kind) => expect(await fault(stamp(TEXT, P(kind), own(kind)), own(kind))).toBeNull());
  test.each(["sha256", "sha384", "sha512"])("with %s", async (digest) => {
    for (const kind of ["rsa", "P-256"]) expect(await fault(stamp(TEXT, P(kind), own(kind), { digest }), own(kind))).toBeNull();
    expect(await fault(stamp(TEXT, P("rsa"), own(), { digest, plain: true }), own())).toBeNull();
    expect(await fault(stamp(TEXT, P("rsa"), own(), { digest, pss: {} }), own())).toBeNull();
    expect(await fault(stamp(TEXT, P("rsa"), own(), { pin: pinned(own(), digest) }), own())).toBeNull();
  });
  test("named by its key, pinned by SHA-1 as RFC 2634 has it, its certificate given alone", async () => {
    expect(await fault(stamp(TEXT, P("rsa"), own(), { sid: byKey(P("rsa")) }), own())).toBeNull();
    const { createHash } = await import("node:crypto");
    const pin = seq(seq(seq(octets(bytes(createHash("sha1").update(own()).digest())))));
    expect(await fault(stamp(TEXT, P("rsa"), own(), { attribute: "1.2.840.113549.1.9.16.2.12", pin }), own())).toBeNull();
    expect(await fault(stamp(TEXT, P("rsa"), own(), { certs: false }), own())).toBeNull();
    expect(await fault(stamp(TEXT, P("rsa"), own(), { pss: { salt: 20 } }), own())).toBeNull();
  });
});

describe("a stamp that does not", () => {
  test.each(/** @type {[any, string][]} */ ([
    [{ skip: "type" }, "another form"], [{ skip: "digest" }, "another form"], [{ told: "1.2.840.113549.1.7.1" }, "another form"], [{ digest: "sha1" }, "another form"], [{ hashed: sha() }, "of other content"],
    [{ serial: 8 }, "is not there"], [{ by: "others" }, "is not there"], [{ sid: byKey({ publicKey: P("other").publicKey }) }, "is not there"], [{ sid: tlv(0x81, bytes([1])) }, "is not there"], [{ sid: joined(bytes([0x81]), byKey(P("rsa")).slice(1)) }, "is not there"], [{ sid: seq() }, "is not there"], [{ sid: seq(name("stamps")) }, "is not there"],
    [{ skip: "pin" }, "another certificate"], [{ pin: seq() }, "another certificate"], [{ pin: seq(seq()) }, "another certificate"], [{ pin: pinned(bytes("other")) }, "another certificate"], [{ pin: pinned(own(), "sha1") }, "another certificate"], [{ attribute: "1.2.840.113549.1.9.16.2.12" }, "another certificate"], [{ attribute: "1.2.3" }, "another certificate"],
    [{ signature: bytes("x") }, "signature is not valid"], [{ signing: "sha512" }, "signature is not valid"], [{ pss: { none: true } }, "signature is not valid"], [{ pss: { mask: "sha512" } }, "signature is not valid"], [{ pss: { hash: "sha1", mask: "sha1" } }, "signature is not valid"], [{ pss: { maskParameters: bytes([]) } }, "signature is not valid"],
  ]))("%j", async (how, why) => expect(await fault(stamp(TEXT, P("rsa"), own(), how), own())).toContain(why));
  test("by another key", async () => {
    expect(await fault(stamp(TEXT, P("other"), own()), own())).toContain("signature is not valid");
    expect(await fault(stamp(TEXT, P("P-384"), own("P-256")), own("P-256"))).toContain("signature is not valid");
    expect(await fault(stamp(TEXT, P("P-256"), own(), { sid: undefined }), own())).toContain("signature is not valid");
  });
  test("without an identifier of its key", async () => expect(await fault(stamp(TEXT, P("rsa"), own("rsa", { ids: false }), { sid: byKey(P("rsa")) }), own("rsa", { ids: false }))).toContain("is not there"));
  test("in a browser without WebCrypto it is neither", async () => {
    const token = readTimeStamp(stamp(TEXT, P("rsa"), own(), { signature: bytes("x") }));
    const before = /** @type {any} */ (Object.getOwnPropertyDescriptor(globalThis, "crypto"));
    missing.clear();
    for (const crypto of [undefined, {}]) {
      Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
      try {
        expect([await stampFault(token, [readCertificate(own())]), [...missing]]).toEqual([null, ["time-stamp"]]);
      } finally {
        Object.defineProperty(globalThis, "crypto", before);
        missing.clear();
      }
    }
  });
  test("by a certificate nobody gave", async () => {
    expect(await fault(stamp(TEXT, P("rsa"), own()), certificate("else", P("other"), "else", P("other")))).toContain("does not lead to an authority");
    expect(await fault(stamp(TEXT, P("rsa"), own()))).toContain("does not lead to an authority");
  });
});

describe("trust in a certificate (RFC 5280, RFC 3161 section 2.3)", () => {
  const root = (/** @type {any} */ how = {}) => certificate("root", P("other"), "root", P("other"), { usage: null, ca: true, ...how });
  const middle = (/** @type {any} */ how = {}) => certificate("middle", P("P-256"), "root", P("other"), { usage: null, ca: true, ...how });
  const leaf = (/** @type {any} */ how = {}, /** @type {string} */ by = "middle", /** @type {any} */ signer = P("P-256")) => certificate("stamps", P("rsa"), by, signer, how);
  const trusted = (/** @type {any} */ signer, /** @type {any[]} */ given, /** @type {any[]} */ carried = [], at = AT) => isTrusted(readCertificate(signer), given.map(readCertificate), carried.map(readCertificate), at);

  test("given itself, by its root, by one between", async () => {
    expect(await trusted(leaf(), [leaf()])).toBe(true);
    expect(await trusted(leaf(), [root()], [middle()])).toBe(true);
    expect(await trusted(leaf(), [middle()])).toBe(true);
    expect(await trusted(leaf({}, "root", P("other")), [root()])).toBe(true);
    expect(await trusted(leaf(), [root()], [certificate("middle", P("rsa"), "root", P("other"), { usage: null, ca: true }), middle()])).toBe(true);
  });
  test("not", async () => {
    expect(await trusted(leaf(), [root()])).toBe(false);
    expect(await trusted(leaf(), [], [middle(), root()])).toBe(false);
    expect(await trusted(leaf(), [root()], [middle({ ca: false })])).toBe(false);
    expect(await trusted(leaf(), [root()], [middle({ ca: undefined })])).toBe(false);
    expect(await trusted(leaf(), [root()], [certificate("other", P("P-256"), "root", P("other"), { usage: null, ca: true })])).toBe(false);
    expect(await trusted(leaf({}, "middle", P("P-384")), [root()], [middle()])).toBe(false);
    expect(await trusted(leaf({ digest: "sha1" }), [root()], [middle()])).toBe(false);
  });
  test.each([{ usage: null }, { usage: ["1.3.6.1.5.5.7.3.3"] }, { usage: [STAMPING, "1.3.6.1.5.5.7.3.3"] }, { usage: [] }, { critical: false }])("not for time stamps alone: %j", async (how) => expect(await trusted(leaf(how), [leaf(how)])).toBe(false));
  test("valid when the stamp was made, each of them", async () => {
    for (const [at, good] of /** @type {[number, boolean][]} */ ([[AT - YEAR, true], [AT - YEAR - 1, false], [AT + YEAR, true], [AT + YEAR + 1, false]])) expect(await trusted(leaf(), [leaf()], [], at)).toBe(good);
    expect(await trusted(leaf(), [root()], [middle({ until: AT - 1000 })])).toBe(false);
    expect(await trusted(leaf(), [root({ from: AT + 1000 })], [middle()])).toBe(false);
  });
  test("six of them, not seven", async () => {
    const chain = (/** @type {number} */ length) => Array.from({ length }, (_, i) => certificate(`c${i}`, P("P-256"), `c${i + 1}`, P("P-256"), i ? { usage: null, ca: true } : {}));
    for (const [length, good] of /** @type {[number, boolean][]} */ ([[6, true], [7, false]])) {
      const [signer, ...rest] = chain(length);
      expect(await trusted(signer, [rest.at(-1)], rest)).toBe(good);
    }
    const loop = certificate("stamps", P("P-256"), "stamps", P("P-256"), { ca: true });
    expect(await trusted(loop, [], [loop])).toBe(false);
  });
});

describe("certificates (RFC 5280)", () => {
  test("their fields", () => {
    const found = readCertificate(own("rsa", { ca: true, serial: 200 }));
    expect([found.from, found.until, found.serial, found.issuer, found.subject]).toEqual([AT - YEAR, AT + YEAR, integer(200), name("stamps"), name("stamps")]);
    expect([...found.extensions].map(([id, { critical }]) => [id, critical])).toEqual([["2.5.29.14", false], ["2.5.29.37", true], ["2.5.29.19", true]]);
    expect(found.algorithm.oid).toBe("1.2.840.113549.1.1.11");
  });
  test("old ones without version or extensions, ones with unique names", () => {
    expect(readCertificate(own("rsa", { version: bytes([]), usage: null, ids: false })).extensions.size).toBe(0);
    for (const tag of [0x81, 0xa1, 0x82, 0xa2]) expect(readCertificate(own("rsa", { unique: [tlv(tag, NULL)] })).extensions.size).toBe(2);
    expect(readCertificate(own("rsa", { more: [seq(oid("1.2.3"), tlv(1, bytes([0])), octets(bytes([])))] })).extensions.get("1.2.3")?.critical).toBe(false);
  });
  test("broken ones", () => {
    expect(() => readCertificate(seq())).toThrow(DerError);
    expect(() => readCertificate(own().slice(1))).toThrow(DerError);
    for (const validity of [seq(), seq(tlv(0x18, bytes("20260921141332Z")))]) expect(() => readCertificate(own("rsa", { validity }))).toThrow("no validity");
    const spare = own();
    spare[spare.length - 257] = 1;
    expect(() => readCertificate(spare)).toThrow("spare bits");
  });

  test("in PEM, one or more", () => {
    const text = `words\n${pem(own())}${pem(own("P-256"))}`;
    expect(readPem(text).map((each) => each.whole)).toEqual([own(), expect.anything()]);
    expect(readPem(text.replaceAll("\n", "\r\n"))).toHaveLength(2);
    expect(() => readPem("nothing")).toThrow("no certificate in PEM");
    expect(() => readPem(pem(own()).replace("M", "M="))).toThrow(DerError);
    expect(() => readPem("-----BEGIN CERTIFICATE-----\nZh==\n-----END CERTIFICATE-----")).toThrow("not base64");
    expect(() => readPem(`-----BEGIN CERTIFICATE-----\n${base64Of(bytes("x"))}\n-----END CERTIFICATE-----`)).toThrow(DerError);
  });
});

describe("algorithms", () => {
  const scheme = (/** @type {any} */ kind, /** @type {string | null} */ digest, /** @type {string} */ key) => schemeFor(kind, digest, bytes(P(key).publicKey.export({ format: "der", type: "spki" })));
  test("digests", () => expect(["1", "2", "3", "4"].map((end) => hashName(`2.16.840.1.101.3.4.2.${end}`))).toEqual(["SHA-256", "SHA-384", "SHA-512", null]));
  test("of RSA and of curves", () => {
    expect(scheme({ oid: "1.2.840.113549.1.1.12", parameters: null }, null, "rsa")).toMatchObject({ import: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384" } });
    expect(scheme({ oid: "1.2.840.113549.1.1.1", parameters: null }, "SHA-512", "rsa")).toMatchObject({ import: { hash: "SHA-512" } });
    expect(scheme({ oid: "1.2.840.113549.1.1.1", parameters: null }, null, "rsa")).toBeNull();
    expect(scheme({ oid: "1.2.840.10045.4.3.3", parameters: null }, null, "P-521")).toEqual({ import: { name: "ECDSA", namedCurve: "P-521" }, verify: { name: "ECDSA", hash: "SHA-384" }, size: 66 });
    expect(scheme({ oid: "1.2.840.10045.2.1", parameters: null }, "SHA-256", "P-384")).toMatchObject({ import: { namedCurve: "P-384" } });
    expect(scheme({ oid: "1.2.3", parameters: null }, "SHA-256", "P-384")).toBeNull();
    expect(scheme({ oid: "1.2.840.10045.4.3.3", parameters: null }, null, "rsa")).toBeNull();
    const ed = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" });
    expect(schemeFor({ oid: "1.2.840.10045.4.3.3", parameters: null }, null, bytes(ed))).toBeNull();
    expect(algorithm(P("rsa").privateKey, "sha256")).toEqual(seq(joined(oid("1.2.840.113549.1.1.11"), NULL)));
  });
});
