import { createHash } from 'node:crypto'
import type { ToolFunction } from '@weft/protocol'
import { LRUCache } from 'lru-cache'
import { grammarLeftRecursive, grammarTooLarge, inFunction } from '../../errors.ts'
import { leftRecursion } from '../automaton/left-recursion.ts'
import { shortestTexts } from '../automaton/shortest-text.ts'
import { Terms } from '../automaton/terms.ts'
import { JsonText } from '../json-text.ts'
import { argumentsOf } from './tool-calls.ts'

/** Functions that were found to be well, so that a conversation's are not looked at with each of its turns. */
const well = new LRUCache<string, true>({ max: 1024 })

/**
 * Whether the arguments of each function can be had, called or not: a fault of one is said as that function's, whichever may be called.
 * @throws WeftError `unsupported_schema`, `grammar_too_large`, with the function's name in `details.function`
 */
export function checkFunctions(functions: readonly ToolFunction[]): void {
  for (const each of functions) {
    if (each.parameters == null) continue
    const key = createHash('sha256').update(JSON.stringify(each)).digest('base64')
    if (well.get(key)) continue
    checkFunction(each)
    well.set(key, true)
  }
}

function checkFunction(each: ToolFunction): void {
  const terms = new Terms()
  try {
    argumentsOf(new JsonText(terms), each)
    const recursive = leftRecursion(terms.rules, shortestTexts(terms))
    if (recursive) throw inFunction(each.name, grammarLeftRecursive(recursive.name))
  } catch (error) {
    // Terms are walked by recursion: one that is deeper than the stack.
    throw error instanceof RangeError ? inFunction(each.name, grammarTooLarge()) : error
  }
}
