/**
 * What Stryker leaves alone: words for people. What a finding says may change without a verdict
 * changing; its code, a key, the name of an algorithm or a byte that is hashed may not.
 *
 * Prose is a literal of one line in which two words stand side by side, or one between two values.
 */
import { PluginKind, declareValuePlugin } from "@stryker-mutator/api/plugin";

const PROSE = /[A-Za-z0-9,;:.()-] +[A-Za-z0-9(]|\s[a-z]+\s/;

/** @param {any} path of the syntax tree @returns {string | undefined} the text of a literal */
function textOf(path) {
  if (path.isStringLiteral()) return path.node.value;
  if (path.isTemplateLiteral()) return path.node.quasis.map((/** @type {any} */ part) => part.value.cooked).join("");
  return undefined;
}

const ignorer = {
  /** @param {any} path */
  shouldIgnore(path) {
    const text = textOf(path);
    return text !== undefined && PROSE.test(text) && !text.includes("\n") ? "words for people" : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "prose", ignorer)];
