import { createHash } from 'node:crypto'
import { type LoadedModel, noTokenizer, type Tokenizer } from '@weft/model'
import { LRUCache } from 'lru-cache'
import { grammarDeadEnd } from '../errors.ts'
import { Constraint } from './constraint.ts'
import { automatonOf, type TemplateGrammar } from './grammar.ts'
import { TokenMasks } from './token-mask.ts'
import { type TokenTries, tokenTries } from './token-trie.ts'

interface Compiled {
  first: TokenMasks
  later: TokenMasks
}

/** Grammars that are kept with their masks, of each tokenizer. */
const KEPT = 32
/** Bytes that they have together: answers walk further and further into each. Past it, those go that were asked for longest ago. */
const KEPT_BYTES = 256 * 2 ** 20

const known = new WeakMap<Tokenizer, LRUCache<string, Compiled>>()

/**
 * What begins an answer of a model that is kept to a grammar. The tokens' bytes are read once a tokenizer, a grammar is compiled once while it is
 * kept. Only answers that have begun hold what is compiled, as many as a batch has rows: for one that begins after its grammar was forgotten it is compiled anew.
 * @param bytes that all of the tokenizer's grammars may keep
 * @param shown special tokens that write what the grammar has of them
 * @throws WeftError `unsupported_schema`, `unsupported_regex`, `grammar_of_nothing`, `grammar_too_complex`, `grammar_dead_end`
 */
export async function constraintOf(
  { name, tokenizer, spec }: LoadedModel,
  grammar: TemplateGrammar,
  { bytes = KEPT_BYTES, shown }: { bytes?: number; shown?: ReadonlySet<number> } = {},
): Promise<() => Constraint> {
  if (!tokenizer) throw noTokenizer(name)
  // Before anything is compiled: hundreds may wait for these.
  const tries = await tokenTries(tokenizer, spec.vocabSize, shown)
  const kept = known.get(tokenizer) ?? new LRUCache<string, Compiled>({ max: KEPT })
  known.set(tokenizer, kept)
  compiledOf(kept, grammar, tries, bytes) // refuses what cannot be honoured
  return () => {
    const { first, later } = compiledOf(kept, grammar, tries, bytes)
    return new Constraint(first, later, tokenizer)
  }
}

/** Kept, or compiled now. */
function compiledOf(kept: LRUCache<string, Compiled>, grammar: TemplateGrammar, tries: TokenTries, bytes: number): Compiled {
  const key = digestOf(grammar)
  let compiled = kept.get(key)
  if (!compiled) {
    const automaton = automatonOf(grammar)
    const later = new TokenMasks(automaton, tries.later)
    compiled = { later, first: tries.first === tries.later ? later : new TokenMasks(automaton, tries.first) }
    const { start } = automaton
    if (compiled.first.of(start).count === 0 && !automaton.isComplete(start)) throw grammarDeadEnd()
    kept.set(key, compiled)
  }
  forget(kept, compiled, bytes)
  return compiled
}

/** In place of its text, which may be megabytes of descriptions that compile to nothing. */
const digestOf = (grammar: TemplateGrammar): string => createHash('sha256').update(JSON.stringify(grammar)).digest('base64')

const bytesOf = ({ first, later }: Compiled): number => later.bytes + (first === later ? 0 : first.bytes) + later.automaton.bytes

/** Leaves out what was asked for longest ago until the rest has no more than so many bytes; the one that is asked for stays. */
function forget(kept: LRUCache<string, Compiled>, asked: Compiled, bytes: number): void {
  let total = [...kept.values()].reduce((sum, compiled) => sum + bytesOf(compiled), 0)
  for (const key of [...kept.rkeys()]) {
    const compiled = kept.peek(key)!
    if (total <= bytes) return
    if (compiled === asked) continue
    total -= bytesOf(compiled)
    kept.delete(key)
  }
}
