import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { assertionFault, readAssertion } from "@parts/webauthn.js";
import { PASSKEY_ID, PASSKEY_PUBLIC, World, applied, assertion, enrolled, entry, event, manifestOf, timeAt } from "./world.js";
import { ORG, P1, bytes, joined, json, sha, urlOf } from "./written.js";

/** @param {(world: World) => unknown} change @param {string} [origin] @returns {Promise<string[]>} codes of a stream */
async function found(change, origin = P1) {
  const world = new World();
  change(world);
  world.recorded();
  return (await world.judged()).codes[origin] ?? [];
}
const put = (/** @type {number} */ seq, /** @type {string} */ body, /** @type {any} */ more = {}) => (/** @type {World} */ world) => (world.p1.entries[seq] = entry(body, more));
const signing = (/** @type {any} */ manifest = {}, /** @type {any} */ payload = {}, /** @type {any} */ more = {}) => found(put(2, applied(manifest, payload, more)));
const revoked = (/** @type {any} */ change = {}) => event("credential.mfa_revoked", { credential_id: PASSKEY_ID, ...change });

describe("the manifest (L601)", () => {
  test("in order", async () => expect(await signing()).toEqual([]));
  test.each(["authorship", "review", "approval", "responsibility", "disapproval"])("meaning %s", async (meaning) => expect(await signing({ meaning })).toEqual([]));
  test.each(["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "Etc/GMT-14"])("time zone %s", async (time_zone) => expect(await signing({ time_zone })).toEqual([]));

  const item = { content_hash: "ab".repeat(32), displayed_hash: "ab".repeat(32), record_id: "r", version: 1 };
  test.each([
    { schema: "signature.manifest/2" }, { more: 1 }, { stream: ORG }, { items: [] }, { items: {} }, { items: [{ ...item, more: 1 }] }, { items: [item, { ...item, content_hash: "x" }] }, { items: [{ ...item, displayed_hash: 1 }] },
    { items: [{ ...item, record_id: 1 }] }, { items: [{ ...item, version: "1" }] }, { items: [{ ...item, version: -1 }] }, { items: [null] }, { meaning: "other" }, { meaning: null }, { nonce: urlOf(bytes(Array(31).fill(5))) }, { nonce: urlOf(bytes(Array(33).fill(5))) },
    { nonce: "%" }, { nonce: 7 }, { signer: "x" }, { signer: null }, { printed_name: null }, { rp_id: 1 }, { statement: null }, { time_zone: "" }, { time_zone: "+1" }, { time_zone: "Europe/" }, { time_zone: "Europe//Vienna" }, { time_zone: " UTC" }, { time_zone: "UTC " }, { time_zone: null, more: 1 },
    { issued_at: "now" }, { expires_at: null }, { time_zone: "9/Vienna" }, { time_zone: "Europe/é" },
  ])("%j", async (change) => expect(await signing(change)).toEqual(["L601@2"]));

  test.each([{ manifest: 7 }, { manifest: "{} " }, { manifest: "x" }, { manifest: undefined }, { components: "passkey" }, { components: [1] }, { components: undefined }, { webauthn: undefined }, { webauthn: "x" }, { webauthn: [] }, { webauthn: 7 }])("an event with %j", async (payload) => {
    expect(await signing({}, payload)).toEqual(["L601@2"]);
  });
});

describe("what was signed (L602)", () => {
  const item = (/** @type {any} */ more = {}) => ({ ...manifestOf().items[0], ...more });
  test.each([{ content_hash: "cd".repeat(32) }, { record_id: "r2" }, { version: 2 }])("another %j", async (change) => expect(await signing({ items: [item(), item(change)] })).toEqual(["L602@2"]));
  test("a version that is sealed later", async () => {
    expect(await found((world) => {
      world.p1.entries = [entry(enrolled()), entry(applied()), entry(event("annotation.created", { content_hash: "ab".repeat(32), record_id: "r", version: 1 })), entry(event("image.viewed", {}))];
    })).toEqual(["L602@1"]);
  });
  test("a version sealed twice, once so", async () => {
    expect(await found((world) => {
      world.p1.entries.unshift(entry(event("annotation.created", { content_hash: "cd".repeat(32), record_id: "r", version: 1 })));
      world.p1.sizes = [2, 5];
    })).toEqual([]);
    expect(await found(put(3, event("annotation.created", { content_hash: "cd".repeat(32), record_id: "r", version: 1 })))).toEqual([]);
    expect(await found((world) => {
      world.p1.entries.splice(1, 0, entry(event("annotation.created", { content_hash: "cd".repeat(32), record_id: "r", version: 1 })));
      world.p1.sizes = [2, 5];
    })).toEqual([]);
  });
  test("a version that the signature itself seals", async () => {
    expect(await found((world) => {
      world.p1.entries[0] = entry(event("image.viewed", {}));
      world.p1.entries[2] = entry(applied({}, { content_hash: "ab".repeat(32), record_id: "r", version: 1 }));
    })).toEqual(["L602@2"]);
  });
  test.each([{ record_id: 7 }, { version: "1" }, { content_hash: "x" }])("a version is not sealed by an event with %j", async (change) => {
    expect(await found(put(0, event("annotation.created", { content_hash: "ab".repeat(32), record_id: "r", version: 1, ...change })))).toEqual(["L602@2"]);
  });
  test("another stream's", async () => expect(await found((world) => {
    world.p1.entries[0] = entry(event("image.viewed", {}));
    world.org.entries.push(entry(event("annotation.created", { content_hash: "ab".repeat(32), record_id: "r", version: 1 })));
    world.org.sizes = [1, 3];
  })).toEqual(["L602@2"]));
});

describe("who signed, once, in time (L603, L604, L607)", () => {
  test("the nonce again", async () => expect(await found(put(3, applied()))).toEqual(["L603@3"]));
  test("the nonce again, by the order of sealing over all streams", async () => {
    const both = (/** @type {number} */ at) => async (/** @type {string} */ origin) => found((world) => {
      world.org.entries.push(entry(applied({ stream: ORG, items: manifestOf().items })), entry(event("image.viewed", {})));
      const signed = /** @type {any} */ (world.org.entries[2]);
      signed.at += at;
      /** @type {any} */ (world.org.entries[3]).at += 5;
      for (const each of world.p1.entries.slice(2)) each.at += 1;
      world.org.sizes = [1, 4];
    }, origin);
    expect([await both(2)(ORG), await both(2)(P1)]).toEqual([["L602@2", "L603@2"], []]);
    // Sealed before the passkey's owner enrolled it only where time says so: entry 1 of the project has the time 0.
    expect([await both(1)(ORG), await both(1)(P1)]).toEqual([["L602@2"], ["L603@2"]]);
    expect([await both(0)(ORG), await both(0)(P1)]).toEqual([["L602@2", "L606@2"], ["L603@2"]]);
  });
  test("the nonce again, at the same time: the stream that comes first by name", async () => {
    const change = (/** @type {World} */ world) => {
      world.org.entries.push(entry(applied({ stream: ORG })), entry(event("image.viewed", {})));
      world.org.sizes = [1, 4];
      world.streams = [world.p1, world.org]; // out of order, which is a finding of its own
      for (const each of [...world.org.entries.slice(2), ...world.p1.entries.slice(2)]) each.at += 1;
    };
    expect([await found(change, ORG), await found(change, P1)]).toEqual([["L602@2"], ["L603@2"]]);
  });
  test("somebody else acted", async () => expect(await signing({}, {}, { actor: "accounts.user:2" })).toEqual(["L604@2"]));
  test.each([
    [{ issued_at: timeAt(0), expires_at: timeAt(0) }, []], [{ issued_at: timeAt(1) }, ["L607@2"]], [{ expires_at: timeAt(-1) }, ["L607@2"]], [{ issued_at: timeAt(-60_000_000), expires_at: timeAt(60_000_000) }, []],
    [{ issued_at: timeAt(-60_000_000), expires_at: timeAt(60_000_001) }, ["L607@2"]], [{ issued_at: timeAt(-120_000_000), expires_at: timeAt(0) }, []],
  ])("%j", async (change, codes) => expect(await signing(change)).toEqual(codes));
});

describe("passkeys (L605, L606, N907)", () => {
  test("none, and none is said to be", async () => expect(await signing({}, { components: ["password"], webauthn: null })).toEqual(["N907@2"]));
  test("none, and one is said to be", async () => expect(await signing({}, { components: ["password", "passkey"], webauthn: null })).toEqual(["L605@2"]));
  test("one, and none is said to be", async () => expect(await signing({}, { components: [] })).toEqual([]));
  test.each([{ kind: "totp" }, { credential_id: urlOf(bytes("other")) }])("enrolled with %j", async (change) => expect(await found(put(1, enrolled(change)))).toEqual(["L606@2"]));
  test.each([{ credential_id: "%" }, { credential_id: 7 }, { public_key: "%" }, { public_key: 7 }, { alg: -9 }, { alg: "x" }, { alg: undefined }])("an enrolment of another form: %j", async (change) => expect(await found(put(1, enrolled(change)))).toEqual(["L304@1", "L606@2"]));
  test.each([{ credential_id: "%" }, { credential_id: null }])("a revocation of another form: %j", async (change) => expect(await found(put(3, revoked(change)))).toEqual(["L304@3"]));
  test("enrolled by somebody else", async () => expect(await found(put(1, event("credential.mfa_enrolled", JSON.parse(enrolled()).payload, { subject: "accounts.user:2" })))).toEqual(["L606@2"]));
  test("enrolled before, where time goes back", async () => {
    expect(await found((world) => {
      /** @type {any} */ (world.p1.entries[1]).at += 5;
    })).toEqual(["L204@2"]);
  });
  test("enrolled later", async () => expect(await found((world) => world.p1.entries.splice(1, 2, /** @type {any} */ (world.p1.entries[2]), /** @type {any} */ (world.p1.entries[1])))).toEqual(["L606@1"]));
  test("revoked later", async () => expect(await found(put(3, revoked()))).toEqual([]));

  /** @param {string[]} bodies between enrolment and signature @returns {Promise<string[]>} */
  const after = (...bodies) => found((world) => {
    world.p1.entries.splice(2, 0, ...bodies.map((body) => entry(body)));
    world.p1.sizes = [2, world.p1.entries.length];
  });
  test("revoked before", async () => expect(await after(revoked())).toEqual(["L606@3"]));
  test("revoked and enrolled again", async () => expect(await after(revoked(), enrolled())).toEqual([]));
  test("another one revoked, one never enrolled", async () => expect(await after(revoked({ credential_id: urlOf(bytes("other")) }))).toEqual([]));
  test("enrolled twice alike", async () => expect(await after(enrolled())).toEqual([]));
  const other = urlOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" }));
  test.each([{ public_key: other }, { alg: -8 }])("exchanged for one with %j", async (change) => expect(await after(enrolled(change))).toEqual(["L606@3"]));
  test("exchanged and changed back", async () => expect(await after(enrolled({ public_key: other }), enrolled())).toEqual(["L606@4"]));
  test("exchanged for somebody else's", async () => {
    const elses = event("credential.mfa_enrolled", JSON.parse(enrolled()).payload, { subject: "accounts.user:2" });
    expect(await after(elses, enrolled())).toEqual(["L606@4"]);
  });
  test("revoked under another spelling of nothing", async () => expect(await after(event("credential.mfa_revoked", { credential_id: "" }))).toEqual([]));
});

describe("assertions (WebAuthn section 7.2; L605)", () => {
  const text = json(manifestOf());
  /** @param {any} change of what the event holds @returns {Promise<string[]>} */
  const asserted = (change) => signing({}, { webauthn: { ...assertion(text), ...change } });
  test.each([{ more: 1 }, { signature: undefined }, { authenticator_data: "%" }, { client_data: 7 }, { signature: "%" }, { client_data: "" }])("of another form: %j", async (change) => expect(await asserted(change)).toEqual(["L605@2"]));
  test.each([{ credential_id: "%" }, { credential_id: null }, { credential_id: undefined }])("of no passkey: %j", async (change) => expect(await asserted(change)).toEqual(["L606@2"]));

  const key = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const enrolledKey = urlOf(key.publicKey.export({ format: "der", type: "spki" }));
  /** @param {{client?: any, rp?: string, flags?: number, length?: number, raw?: Uint8Array, manifest?: any}} change @returns {Promise<string[]>} signed again with the change */
  const made = ({ client = {}, rp = "example.org", flags = 1, length = 37, raw, manifest = {} }) => found((world) => {
    const message = json(manifestOf(manifest));
    const data = { type: "webauthn.get", challenge: urlOf(sha(bytes(message))), origin: "https://example.org", crossOrigin: false, ...client };
    const clientData = raw ?? bytes(JSON.stringify(data));
    const authenticator = joined(sha(bytes(rp)), bytes([flags, 0, 0, 0, 9, 1, 2])).slice(0, length);
    const signature = sign("sha256", joined(authenticator, sha(clientData)), key.privateKey);
    const webauthn = { authenticator_data: urlOf(authenticator), client_data: urlOf(clientData), credential_id: PASSKEY_ID, signature: urlOf(signature) };
    world.p1.entries[1] = entry(enrolled({ public_key: enrolledKey }));
    world.p1.entries[2] = entry(applied(manifest, { webauthn }));
  });
  test.each([{}, { flags: 5 }, { flags: 0xff }, { length: 39 }, { client: { crossOrigin: undefined } }, { client: { origin: "https://sub.example.org" } }, { client: { origin: "https://example.org:8443" } }, { client: { more: [1] } }])("that holds: %j", async (change) => expect(await made(change)).toEqual([]));
  test.each([
    { client: { type: "webauthn.create" } }, { client: { challenge: urlOf(sha(bytes("other"))) } }, { client: { crossOrigin: true } }, { client: { origin: "https://example.com" } }, { client: { origin: "https://notexample.org" } }, { client: { origin: "https://example.org.evil.net" } },
    { client: { origin: "example.org" } }, { client: { origin: 7 } }, { rp: "example.com" }, { flags: 0 }, { flags: 0xfe }, { length: 36 }, { raw: bytes("[]") }, { raw: bytes("null") }, { raw: bytes("x") }, { raw: bytes([0xff]) }, { manifest: { rp_id: "example.com" } },
  ])("that does not: %j", async (change) => expect(await made(change)).toEqual(["L605@2"]));
  test("of another key", async () => expect(await found(put(1, enrolled({ public_key: enrolledKey })))).toEqual(["L605@2"]));
  test("with a changed signature", async () => expect(await asserted({ signature: assertion("other").signature })).toEqual(["L605@2"]));
  test("of a key that is none", async () => expect(await found(put(1, enrolled({ public_key: urlOf(bytes("key")) })))).toEqual(["L605@2"]));

});

describe("an assertion by itself", () => {
  const text = json(manifestOf());
  test.each(/** @type {[any, string | null][]} */ ([[{ alg: -7, public_key: PASSKEY_PUBLIC }, null], [{ alg: -9, public_key: PASSKEY_PUBLIC }, "the enrolled key"], [{ alg: -7, public_key: "%" }, "the enrolled key"], [{ alg: -7, public_key: 7 }, "the enrolled key"], [{ alg: -8, public_key: PASSKEY_PUBLIC }, "its signature"]]))("under %j", async (enrolment, why) => {
    const read = /** @type {any} */ (readAssertion(assertion(text)));
    const fault = await assertionFault(read, text, "example.org", enrolment);
    if (why) expect(fault).toContain(why);
    else expect(fault).toBeNull();
    expect(read.credentialId).toBe(PASSKEY_ID);
  });
});

describe("assertions by other keys", () => {
  const text = json(manifestOf());
  test.each([["ed25519", -8], ["rsa", -257]])("by %s", async (kind, alg) => {
    const pair = kind === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
    const made_ = assertion(text);
    const message = joined(Buffer.from(made_.authenticator_data, "base64url"), sha(Buffer.from(made_.client_data, "base64url")));
    const good = urlOf(sign(kind === "rsa" ? "sha256" : null, message, pair.privateKey));
    for (const [signature, wanted] of /** @type {[string, string[]][]} */ ([[good, []], [assertion("x").signature, ["L605@2"]]])) {
      expect(await found((world) => {
        world.p1.entries[1] = entry(enrolled({ alg, public_key: urlOf(pair.publicKey.export({ format: "der", type: "spki" })) }));
        world.p1.entries[2] = entry(applied({}, { webauthn: { ...made_, signature } }));
      })).toEqual(wanted);
    }
  });
});
