import { expect, test } from "vitest";
import { Run, Stopped } from "@parts/run.js";

test("what is counted", async () => {
  const run = new Run();
  run.begin("files", 2);
  await run.step();
  run.count("a");
  run.count("a");
  run.count("b", 5);
  expect(run.progress).toEqual({ phase: "files", done: 1, total: 2, entries: 0, entriesTotal: 0, counts: { a: 2, b: 5 } });
  run.begin("entries", 7);
  expect(run.progress).toMatchObject({ phase: "entries", done: 0, total: 7 });
});

test("a new phase is told with the end of the one before it", () => {
  const told = /** @type {any[]} */ ([]);
  const run = new Run(({ phase, done, total }) => told.push([phase, done, total]));
  run.begin("files", 2);
  run.progress.done = 2;
  run.begin("entries", 7);
  expect(told).toEqual([["", 0, 0], ["files", 0, 2], ["files", 2, 2], ["entries", 0, 7]]);
});

test("the page has a turn every 30 ms and not more often", async () => {
  let told = 0;
  const run = new Run(() => told++);
  run.since = performance.now() + 1e6;
  await run.pause();
  await run.step();
  expect(told).toBe(0);
  run.since = performance.now() - 31;
  let turn = false;
  setImmediate(() => (turn = true));
  await new Promise((resolve) => void setImmediate(resolve));
  await run.pause();
  expect([told, turn]).toEqual([1, true]);
  expect(performance.now() - run.since).toBeLessThan(1e6);
  const after = run.since;
  expect(after).toBeGreaterThan(0);
  run.since = performance.now() - 31;
  await run.step();
  expect(told).toBe(2);
});

test("a turn is given to what waits", async () => {
  const run = new Run();
  run.since = -1e9;
  let turns = 0;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => void turns++;
  port2.postMessage(null);
  await run.pause();
  expect(turns).toBe(1);
  port1.close();
  expect(run.since).toBeGreaterThan(0);
});

test("a run that is stopped stops, at its next turn", async () => {
  const stop = new AbortController();
  const run = new Run(undefined, stop.signal);
  run.since = -1e9;
  await run.pause();
  stop.abort();
  run.since = -1e9;
  await expect(run.pause()).rejects.toThrow(Stopped);
  run.since = -1e9;
  await expect(run.step()).rejects.toThrow("stopped");
});

test("seconds to the millisecond", () => {
  const run = new Run();
  run.started = performance.now() - 2500;
  expect(run.seconds).toBeGreaterThanOrEqual(2.5);
  expect(run.seconds).toBeLessThan(60);
  expect(run.seconds * 1000).toBeCloseTo(Math.round(run.seconds * 1000), 6);
});
