import { describe, expect, test } from "vitest";
import { TILE, folderOf, hashTiles, placesIn, tileAt, tileName, tilesOf } from "@parts/places.js";

test.each([[0, "000"], [5, "005"], [67, "067"], [999, "999"], [1000, "x001/000"], [67089, "x067/089"], [1234067, "x001/x234/067"], [1000000, "x001/x000/000"], [999999, "x999/999"]])("tile %i (C2SP tlog-tiles)", (index, name) => expect(tileName(index)).toBe(name));

test.each([[300, 0, "s/000", 256], [300, 256, "s/001.p/44", 44], [512, 256, "s/001", 256], [1, 0, "s/000.p/1", 1], [255, 0, "s/000.p/255", 255], [256, 0, "s/000", 256]])("of %i, the tile from %i on", (count, first, path, width) => {
  expect(tileAt("s", count, first)).toEqual({ path, width, first });
  expect(TILE).toBe(256);
});

test.each([[0, []], [1, ["s/000.p/1"]], [256, ["s/000"]], [257, ["s/000", "s/001.p/1"]], [512, ["s/000", "s/001"]]])("tiles of %i", (count, paths) => expect([...tilesOf("s", count)].map((each) => each.path)).toEqual(paths));

test.each([
  [0, []], [5, ["s/tile/0/000.p/5"]], [255, ["s/tile/0/000.p/255"]], [256, ["s/tile/0/000", "s/tile/1/000.p/1"]], [300, ["s/tile/0/000", "s/tile/0/001.p/44", "s/tile/1/000.p/1"]],
])("hash tiles of a tree of %i", (size, paths) => expect([...hashTiles("s", size)].map((each) => each.path)).toEqual(paths));

test("three levels", () => {
  const tiles = [...hashTiles("s", 256 * 256)];
  expect(tiles).toHaveLength(256 + 1 + 1);
  expect(tiles.slice(-2)).toEqual([{ path: "s/tile/1/000", width: 256, first: 0, level: 1 }, { path: "s/tile/2/000.p/1", width: 1, first: 0, level: 2 }]);
});

describe("places in a bundle", () => {
  const root = new Uint8Array(32);
  const row = (/** @type {any} */ more) => ({ origin: "a/b", id: "00ff", included: true, root, size: 3, checkpoints: [1, 3], reason: "", ...more });
  const manifest = /** @type {any} */ ({
    streams: [row({}), row({ id: "11ee", included: false, checkpoints: [] }), row({ id: "22", size: 300, checkpoints: [300] })],
    blobs: [{ included: true, sha256: "aa" }, { included: false, sha256: "bb" }],
    anchors: [{ path: "anchors/x/1.tsr" }, { path: "human.tsr" }],
  });
  const has = (/** @type {string} */ path) => placesIn(manifest, 3)(path);

  test.each([
    "manifest.json", "manifest.note", "keys.json", "verify.py", "verify.html", "keys/1.note", "keys/2.note", "blobs/aa", "anchors/x/1.tsr", "human/index.html", "human/any/thing.png",
    "streams/00ff/checkpoint", "streams/00ff/checkpoints/1", "streams/00ff/tile/0/000.p/3", "streams/00ff/tile/entries/000.p/3", "streams/00ff/bodies/000.p/3",
    "streams/22/tile/1/000.p/1", "streams/22/tile/entries/001.p/44", "streams/22/bodies/000", "streams/22/tile/0/001.p/44",
  ])("%s", (path) => expect(has(path)).toBe(true));

  test.each([
    "", "keys/0.note", "keys/3.note", "blobs/bb", "human.tsr", "human", "anchors/x/2.tsr", "a/human/index.html", "streams/00ff/checkpoints/3", "streams/00ff/checkpoints/2", "streams/00ff/tile/1/000.p/1",
    "streams/00ff/tile/0/000", "streams/11ee/checkpoint", "streams/11ee/tile/0/000.p/3", "streams/22/checkpoints/300", "streams/22/bodies/002", "Stryker was here!",
  ])("not %j", (path) => expect(has(path)).toBe(false));

  test("a folder is named by the id", () => expect(folderOf("00ff")).toBe("streams/00ff"));
});
