/**
 * What the tests take of vitest, on mocha: Stryker then runs all mutants in one process that has the
 * parts loaded, which is ten times as fast as a new worker for each.
 */
import { afterEach, describe as suite, it } from "mocha";
import { expect } from "expect";

/** @typedef {(...values: any[]) => any} Body */

const seen = /** @type {Map<string, number>} */ (new Map());
let around = "";

/** Stryker tells tests by their titles, so each has one of its own. @param {string} title @returns {string} */
function unique(title) {
  const whole = `${around}${title}`;
  const count = (seen.get(whole) ?? 0) + 1;
  seen.set(whole, count);
  return count > 1 ? `${title} (${count})` : title;
}

/** @param {string} title @param {Body} body */
export function describe(title, body) {
  const before = around;
  around += `${title} `;
  suite(title, () => body());
  around = before;
}

/** @param {string} title @param {Body} body */
export function test(title, body) {
  it(unique(title), () => body());
}

/**
 * Rows are told by their number: what they hold may be random, and titles are the same in every process.
 *
 * @param {any[]} rows @returns {(title: string, body: Body) => void}
 */
test.each = (rows) => (title, body) => {
  rows.forEach((row, i) => {
    it(unique(`${title} ${i}`), () => body(...(Array.isArray(row) ? row : [row])));
  });
};

export { afterEach, expect };
