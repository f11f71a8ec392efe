import assert from "node:assert/strict";
import { test } from "node:test";

import { Frames, nearestFirst } from "./frames.ts";

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A server that answers when told to, and counts how much was asked of it at once. */
function makeServer(bytes = 10) {
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const fetch = async (index: number) => {
    order.push(index);
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    running -= 1;
    return new ArrayBuffer(bytes);
  };
  /** Wait until nothing is asked any more. */
  const settled = async () => {
    for (let before = -1; running > 0 || order.length !== before; await pause()) before = order.length;
  };
  return { order, fetch, settled, most: () => most };
}

test("the nearest slices come first, the later neighbour before the earlier", () => {
  assert.deepEqual(nearestFirst(2, 6), [2, 3, 1, 4, 0, 5]);
});

test("prefetch fetches every frame once, from the middle outwards, few at a time", async () => {
  const server = makeServer();
  const frames = new Frames(9, server.fetch, 3);
  await frames.get(4);
  frames.prefetch();
  await server.settled();

  assert.equal(frames.loaded, 9);
  assert.deepEqual(server.order, [4, 5, 3, 6, 2, 7, 1, 8, 0]);
  assert.ok(server.most() <= 3);
});

test("what the eye is on overtakes what was only going to be useful", async () => {
  const server = makeServer();
  const frames = new Frames(50, server.fetch, 2);
  frames.prefetch();
  await frames.get(40);

  assert.ok(server.order.indexOf(40) <= 3);
});

test("nothing is fetched ahead beyond the budget, and far frames give way", async () => {
  const server = makeServer(100);
  const frames = new Frames(20, server.fetch, 2, 500);
  await frames.get(0);
  frames.prefetch();
  await server.settled();
  assert.ok(frames.loaded <= 6);

  await frames.get(19);
  await server.settled();
  assert.ok(frames.loaded <= 6);
});

test("a failed frame is told to who waits for it, and asked for again only on demand", async () => {
  let tries = 0;
  const frames = new Frames(1, () => {
    tries += 1;
    return tries === 1 ? Promise.reject(new Error("away")) : Promise.resolve(new ArrayBuffer(1));
  });
  await assert.rejects(frames.get(0), /away/);
  frames.prefetch();
  await pause();
  assert.equal(tries, 1);

  assert.equal((await frames.get(0)).byteLength, 1);
});

test("clearing forgets every pixel", async () => {
  const frames = new Frames(3, makeServer().fetch);
  await frames.get(1);
  frames.clear();

  assert.equal(frames.loaded, 0);
});
