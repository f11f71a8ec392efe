import { generateKeyPairSync, sign } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { coseScheme, ecdsa, missing, rawEcdsa, rsa, rsaPss, verifyEd25519, verifySignature } from "@parts/algorithms.js";
import { DerError } from "@parts/der.js";
import { integer, seq, tlv } from "./stamping.js";
import { World, receiptOf } from "./world.js";
import { P1, PUBLIC, bytes, signature, vkey } from "./written.js";

const KEY = /** @type {import("./written.js").Bytes} */ (PUBLIC[0]);
const MESSAGE = bytes("message");
const GOOD = signature("message", 0);
const EC = generateKeyPairSync("ec", { namedCurve: "P-256" });
const SPKI = bytes(EC.publicKey.export({ format: "der", type: "spki" }));
const SIGNED = bytes(sign("sha256", MESSAGE, EC.privateKey));

/** Take WebCrypto or a part of it away while `body` runs. @param {any} crypto @param {() => Promise<unknown>} body */
async function without(crypto, body) {
  const before = /** @type {any} */ (Object.getOwnPropertyDescriptor(globalThis, "crypto"));
  Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
  try {
    await body();
  } finally {
    Object.defineProperty(globalThis, "crypto", before);
  }
}
const unsupported = () => Promise.reject(new DOMException("no", "NotSupportedError"));
afterEach(() => missing.clear());

describe("Ed25519 (RFC 8032)", () => {
  test("good and bad", async () => {
    expect(await verifyEd25519(KEY, GOOD, MESSAGE)).toBe(true);
    expect(await verifyEd25519(KEY, GOOD, bytes("other"))).toBe(false);
    expect(await verifyEd25519(/** @type {any} */ (PUBLIC[1]), GOOD, MESSAGE)).toBe(false);
    expect(await verifyEd25519(KEY, bytes([...GOOD.slice(0, 63), 0]), MESSAGE)).toBe(false);
    expect(missing.size).toBe(0);
  });
  test("of another length", async () => {
    expect(await verifyEd25519(KEY.slice(1), GOOD, MESSAGE)).toBe(false);
    expect(await verifyEd25519(KEY, GOOD.slice(1), MESSAGE)).toBe(false);
    expect(await verifyEd25519(KEY, bytes([...GOOD, 0]), MESSAGE)).toBe(false);
    await without(undefined, async () => {
      expect(await verifyEd25519(KEY.slice(1), GOOD, MESSAGE)).toBe(false);
      expect(await verifyEd25519(KEY, GOOD.slice(1), MESSAGE)).toBe(false);
    });
    expect(missing.size).toBe(0);
  });
});

describe("what this browser has not got", () => {
  test("is named, and raises no finding", async () => {
    await without(undefined, async () => {
      expect(await verifyEd25519(KEY, GOOD, MESSAGE)).toBe(true);
      expect(await verifySignature(ecdsa("P-256", "SHA-256"), SPKI, SIGNED, MESSAGE)).toBe(true);
    });
    expect([...missing]).toEqual(["Ed25519", "ECDSA"]);
  });
  test("one algorithm of several", async () => {
    await without({ subtle: { importKey: unsupported } }, async () => {
      expect(await verifyEd25519(/** @type {any} */ (PUBLIC[3]), GOOD, MESSAGE)).toBe(true);
    });
    expect([...missing]).toEqual(["Ed25519"]);
  });
  test("an error of another kind is a bad signature", async () => {
    await without({ subtle: { importKey: () => Promise.reject(new DOMException("no", "DataError")) } }, async () => {
      expect(await verifyEd25519(bytes(new Array(32).fill(1)), GOOD, MESSAGE)).toBe(false);
      expect(await verifySignature(rsa("SHA-256"), bytes([1, 2]), SIGNED, MESSAGE)).toBe(false);
    });
    await without({ subtle: { importKey: () => Promise.reject("NotSupportedError") } }, async () => {
      expect(await verifyEd25519(bytes(new Array(32).fill(2)), GOOD, MESSAGE)).toBe(false);
    });
    expect(missing.size).toBe(0);
  });
  test("no verdict is ok", async () => {
    const world = new World();
    const file = world.pack();
    const single = bytes(receiptOf(world, 1, 3));
    const { judged } = await import("./world.js");
    await without(undefined, async () => {
      const { verdicts, codes, exit, result } = await judged(file, { keys: [vkey()] });
      expect([verdicts[P1], codes[""], result.bundle?.integrity, exit]).toEqual([["unknown", "unknown"], ["N903", "N911", "N911"], "unknown", 3]);
      const alone = await judged(single, { keys: [vkey()] });
      expect([alone.verdicts[P1], alone.codes[P1], alone.exit]).toEqual([["unknown", null], ["N911"], 3]);
    });
    expect((await judged(file, { keys: [vkey()] })).exit).toBe(0);
  });
});

describe("other signatures", () => {
  test("ECDSA in DER", async () => {
    expect(await verifySignature(ecdsa("P-256", "SHA-256"), SPKI, SIGNED, MESSAGE)).toBe(true);
    expect(await verifySignature(ecdsa("P-256", "SHA-256"), SPKI, SIGNED, bytes("other"))).toBe(false);
    expect(await verifySignature(ecdsa("P-256", "SHA-256"), SPKI, bytes("x"), MESSAGE)).toBe(false);
    expect(await verifySignature(ecdsa("P-256", "SHA-384"), SPKI, SIGNED, MESSAGE)).toBe(false);
    expect(await verifySignature(ecdsa("P-384", "SHA-256"), SPKI, SIGNED, MESSAGE)).toBe(false);
    expect(missing.size).toBe(0);
  });
  test("a key is imported once, and anew under another scheme", async () => {
    const subtle = globalThis.crypto.subtle;
    let imports = 0;
    const counting = { subtle: { importKey: (/** @type {any[]} */ ...given) => (imports++, /** @type {any} */ (subtle).importKey(...given)), verify: subtle.verify.bind(subtle) } };
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const spki = bytes(pair.publicKey.export({ format: "der", type: "spki" }));
    const signed = bytes(sign("sha256", MESSAGE, pair.privateKey));
    await without(counting, async () => {
      for (let i = 0; i < 3; i++) expect(await verifySignature(rsa("SHA-256"), spki, signed, MESSAGE)).toBe(true);
      expect(imports).toBe(1);
      expect(await verifySignature(rsa("SHA-512"), spki, signed, MESSAGE)).toBe(false);
      expect(await verifySignature(rsaPss("SHA-256", 32), spki, signed, MESSAGE)).toBe(false);
      expect(imports).toBe(3);
      for (let i = 0; i < 4; i++) await verifySignature(rsa(i % 2 ? "SHA-256" : "SHA-512"), spki, signed, MESSAGE);
      expect(imports).toBe(3);
      for (let i = 0; i < 201; i++) await verifySignature(rsa("SHA-256"), bytes([i, 1]), signed, MESSAGE);
      imports = 0;
      await verifySignature(rsa("SHA-256"), spki, signed, MESSAGE);
      expect(imports).toBe(1);
    });
  });
  test("schemes", () => {
    expect(coseScheme(-7)).toEqual({ import: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" }, size: 32 });
    expect(coseScheme(-8)).toEqual({ import: { name: "Ed25519" }, verify: { name: "Ed25519" }, size: 0 });
    expect(coseScheme(-257)).toEqual({ import: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: { name: "RSASSA-PKCS1-v1_5" }, size: 0 });
    expect([coseScheme(7), coseScheme(-37), coseScheme(NaN)]).toEqual([null, null, null]);
    expect(rsaPss("SHA-384", 48)).toEqual({ import: { name: "RSA-PSS", hash: "SHA-384" }, verify: { name: "RSA-PSS", saltLength: 48 }, size: 0 });
    expect(["P-256", "P-384", "P-521"].map((curve) => ecdsa(curve, "SHA-256").size)).toEqual([32, 48, 66]);
  });
});

describe("r and s of one length", () => {
  test("padded in front", () => {
    expect(rawEcdsa(seq(integer(5), integer(0x81)), 2)).toEqual(bytes([0, 5, 0, 0x81]));
    expect(rawEcdsa(seq(integer(0x1234), integer(0)), 2)).toEqual(bytes([0x12, 0x34, 0, 0]));
  });
  test.each([[seq(integer(5)), "not two"], [seq(integer(5), integer(5), integer(5)), "not two"], [seq(tlv(2, bytes([1, 1, 1])), integer(1)), "too large"], [seq(integer(1), tlv(2, bytes([1, 1, 1]))), "too large"], [seq(tlv(4, bytes([1])), integer(1)), "positive"]])("%j is refused", (value, why) => {
    expect(() => rawEcdsa(value, 2)).toThrow(DerError);
    expect(() => rawEcdsa(value, 2)).toThrow(why);
  });
});
